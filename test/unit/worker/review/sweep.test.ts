import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BelayError } from '../../../../protocol/errors.ts';
import type { Review, Session } from '../../../../protocol/records.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { keepMs, sweepLines } from '../../../../worker/review/sweep.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

const now = 2_000_000_000_000;
const old = now - keepMs - 1;
type Facts = Pick<Session, 'createdAt' | 'state' | 'review'> & { readonly reviewedAt: number };
const settled: Facts = { createdAt: 1, state: 'complete', review: 'accepted', reviewedAt: old };

/** Sweeps one folder per line; a line without sessions is one the platform refuses to tell about. */
async function sweep(
  lines: Record<string, { readonly sessions?: Facts[]; readonly made?: number }>,
): Promise<{ left: string[]; problems: number }> {
  const folder = tempFolder();
  for (const [name, { made = old }] of Object.entries(lines)) {
    mkdirSync(path.join(folder, name, 'clone'), { recursive: true });
    writeFileSync(path.join(folder, name, 'clone', 'a.txt'), 'a');
    utimesSync(path.join(folder, name), made / 1000, made / 1000);
  }
  const api = {
    listSessions: ({ query }: { query: { line: string } }) => {
      const sessions = lines[query.line]?.sessions;
      if (!sessions) return Promise.reject(new BelayError('unavailable', 'Away.'));
      return Promise.resolve({ entries: sessions.map((facts, index) => ({ id: `${query.line}/${index}`, ...facts })) });
    },
    listReviews: ({ params }: { params: { id: string } }) => {
      const [line = '', index = ''] = params.id.split('/');
      const facts = lines[line]?.sessions?.[Number(index)];
      return Promise.resolve({ entries: [{ decision: facts?.review, at: facts?.reviewedAt } as Review] });
    },
  } as unknown as BelayApi;
  let problems = 0;
  await sweepLines(api, folder, now, () => (problems += 1));
  return {
    left: readdirSync(folder)
      .filter((name) => name !== '.trash')
      .sort(),
    problems,
  };
}

describe('sweeping working folders', () => {
  afterEach(removeTempFolders);

  it('removes what was accepted or discarded long ago, and nothing else', async () => {
    const { left, problems } = await sweep({
      accepted: { sessions: [settled] },
      discarded: { sessions: [{ ...settled, review: 'discarded' }] },
      followed: {
        sessions: [
          { ...settled, review: 'sent_back' },
          { ...settled, createdAt: 2 },
        ],
      },
      running: { sessions: [settled, { ...settled, createdAt: 0, state: 'active' }] },
      unreviewed: { sessions: [settled, { ...settled, createdAt: 2, review: null }] },
      undone: { sessions: [{ ...settled, review: 'undone' }] },
      recent: { sessions: [{ ...settled, reviewedAt: now - 1000 }] },
      young: { sessions: [settled], made: now - 1000 },
      unknown: { sessions: [] },
      away: {},
    });
    assert.deepEqual(left, ['away', 'recent', 'running', 'undone', 'unknown', 'unreviewed', 'young']);
    assert.equal(problems, 1);
  });
});
