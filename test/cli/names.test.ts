import assert from 'node:assert/strict';
import { handoffNamed, inputNamed, itemName, sessionNamed, shortNames } from '../../cli/base/names.ts';
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';

/** Newest first, in pages of two, as the platform lists them. */
const ids = ['ses_0193bb', 'ses_0193ba', 'ses_0192cc', 'ses_0191dd', 'ses_0191de'];

function page<T>(all: readonly T[], cursor: string | undefined): { entries: readonly T[]; next: string | null; total: number } {
  const from = Number(cursor ?? 0);
  return { entries: all.slice(from, from + 2), next: from + 2 < all.length ? String(from + 2) : null, total: all.length };
}

const api = {
  getItem: ({ params: { id } }: { params: { id: string } }) =>
    id === 'BUG-1' || id === 'BUG-2'
      ? Promise.resolve({ id: `itm_${id}`, key: id })
      : Promise.reject(new BelayError('not_found', `no ${id}`)),
  getSession: ({ params: { id } }: { params: { id: string } }) =>
    ids.includes(id) ? Promise.resolve({ id }) : Promise.reject(new BelayError('not_found', `no ${id}`)),
  listSessions: ({ query }: { query: { item?: string; cursor?: string } }) =>
    Promise.resolve(
      page(
        ids.filter((_, at) => query.item === undefined || (query.item === 'itm_BUG-1' && at < 3)).map((id) => ({ id, title: 'x\ny' })),
        query.cursor,
      ),
    ),
  listInputs: ({ query }: { query: { session?: string } }) =>
    Promise.resolve({
      entries: [
        { id: 'inp_1', sessionId: 'ses_0193bb', title: 'a' },
        { id: 'inp_2', sessionId: 'ses_0192cc', title: 'b' },
        { id: 'inp_3', sessionId: 'ses_0192cc', title: 'c' },
      ].filter(({ sessionId }) => query.session === undefined || query.session === sessionId),
      next: null,
    }),
  listHandoffs: ({ query }: { query: { item?: string } }) =>
    Promise.resolve({ entries: query.item === 'itm_BUG-2' ? [] : [{ id: 'hnd_1', targetName: 'x' }], next: null }),
} as unknown as BelayApi;

const refused = (code: 'not_found' | 'bad_request', pattern: RegExp) => (error: unknown) =>
  isBelayError(error, code) && pattern.test(`${error.message} ${error.hint ?? ''}`);

describe('what a person calls things', () => {
  it('a key in any case', () => {
    assert.deepEqual(['bug-1', 'Todo-12', 'itm_aB-1', 'x'].map(itemName), ['BUG-1', 'TODO-12', 'itm_aB-1', 'x']);
  });

  it('a session by its id, the beginning of it, or its number on an item', async () => {
    const named = async (word: string) => (await sessionNamed(api, word)).id;
    assert.equal(await named('ses_0192cc'), 'ses_0192cc');
    assert.equal(await named('ses_0192'), 'ses_0192cc');
    assert.equal(await named('0192'), 'ses_0192cc');
    assert.equal(await named('bug-1/1'), 'ses_0192cc', 'the first one made');
    assert.equal(await named('BUG-1/3'), 'ses_0193bb');
    await assert.rejects(named('0193'), refused('bad_request', /any of 2 sessions.*ses_0193bb.*ses_0193ba/u));
    await assert.rejects(named('ses_'), refused('bad_request', /any of 5/u));
    await assert.rejects(named('0199'), refused('not_found', /no session "0199"/u));
    await assert.rejects(named(''), refused('not_found', /no session/u));
    await assert.rejects(named('BUG-1/4'), refused('not_found', /BUG-1 has no session 4.*It has 3/u));
    await assert.rejects(named('BUG-1/0'), refused('not_found', /no session 0/u));
    await assert.rejects(named('BUG-2/1'), refused('not_found', /belay queue BUG-2/u));
    await assert.rejects(named('bug-1'), refused('bad_request', /BUG-1 is an item.*BUG-1\/3/u));
    await assert.rejects(named('BUG-9/1'), refused('not_found', /BUG-9/u));
  });

  it('a question by its id or its session, a hand-off by its id or its item', async () => {
    assert.equal((await inputNamed(api, 'inp_2')).id, 'inp_2');
    assert.equal((await inputNamed(api, 'bug-1/3')).id, 'inp_1');
    await assert.rejects(inputNamed(api, 'bug-1/1'), refused('bad_request', /any of 2 questions/u));
    await assert.rejects(inputNamed(api, 'ses_0191dd'), refused('not_found', /no open question/u));
    await assert.rejects(inputNamed(api, 'zzz'), refused('not_found', /no question or session "zzz"/u));
    assert.equal((await handoffNamed(api, 'bug-1')).id, 'hnd_1');
    assert.equal((await handoffNamed(api, 'hnd')).id, 'hnd_1');
    await assert.rejects(handoffNamed(api, 'bug-2'), refused('not_found', /BUG-2 has no open hand-off/u));
  });

  it('is short where lists show it, and still one thing', () => {
    assert.deepEqual(shortNames([]), []);
    assert.deepEqual(shortNames(['ses_0123456789abcdef', 'ses_0123456789abff00', 'ses_ffffffffffffffff']), [
      'ses_0123456789abc',
      'ses_0123456789abf',
      'ses_ffffffff',
    ]);
  });
});
