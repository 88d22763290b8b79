import assert from 'node:assert/strict';
import { limitOf, listed } from '../../cli/base/listed.ts';
import { connectEmbedded } from '../../client/embedded.ts';
import manifest from '../../package.json' with { type: 'json' };
import { Belay } from '../support/belay.ts';
import { fileOf, ready } from '../support/programs.ts';
import { makeRepository, removeTempFolders, tempFolder } from '../support/repository.ts';
import { Screen } from '../support/screen.ts';
import { until } from '../support/until.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('a long list', () => {
  /** Pages of `size`, and how many of them were asked for. */
  const pages = (count: number, size: number) => {
    let asked = 0;
    const read = ({ limit, cursor = '0' }: { limit: number; cursor?: string }) => {
      asked += 1;
      const from = Number(cursor);
      const to = Math.min(from + Math.min(limit, size), count);
      return Promise.resolve({ entries: numbers(count).slice(from, to), next: to < count ? String(to) : null, total: count });
    };
    return { read, asked: () => asked };
  };

  it('is cut where it is told to be, and says how much is left', async () => {
    for (const [count, limit, size] of [
      [10, 4, 500],
      [10, 4, 3],
      [10, 1, 1],
      [9, 8, 4],
    ] as const) {
      const { found, more } = await listed(limit, pages(count, size).read);
      assert.deepEqual(found, numbers(limit));
      assert.match(more ?? '', new RegExp(`^… ${count - limit} more: --limit`, 'u'));
    }
  });

  it('says nothing where nothing is left, and is read no further than it is shown', async () => {
    for (const [count, limit, size, asked] of [
      [10, 10, 500, 1],
      [10, 10, 5, 2],
      [10, 12, 500, 1],
      [10, Infinity, 3, 4],
      [0, 5, 500, 1],
    ] as const) {
      const source = pages(count, size);
      assert.deepEqual(await listed(limit, source.read), { found: numbers(count), more: null });
      assert.equal(source.asked(), asked);
    }
    const long = pages(10_000, 500);
    await listed(200, long.read);
    assert.equal(long.asked(), 1);
  });

  it('whose entries are chosen here is read until there are enough', async () => {
    const even = (n: number) => n % 2 === 0;
    assert.deepEqual(await listed(6, pages(10, 3).read, even), { found: [0, 2, 4, 6, 8], more: null });
    const { found, more } = await listed(4, pages(10, 3).read, even);
    assert.deepEqual(found, [0, 2, 4, 6]);
    assert.match(more ?? '', /there may be more/u);
  });

  it('takes a limit by its number or "all", and is whole for programs', () => {
    assert.deepEqual(
      [limitOf('7', false), limitOf('all', false), limitOf('ALL', true), limitOf(undefined, true)],
      [7, ...numbers(3).map(() => Infinity)],
    );
    assert.ok(Number.isFinite(limitOf(undefined, false)));
    for (const wrong of ['0', '-1', '1.5', '', ' ', '1e3', 'many', '0x10'])
      assert.throws(() => limitOf(wrong, false), /whole number above 0, or "all"/u);
  });
});

describe('belay with more items than a person reads', function () {
  this.timeout(120_000);
  const count = 230;
  let belay: Belay;
  before(async () => {
    await ready('belay', 'platform');
    belay = new Belay(tempFolder('b-'), makeRepository({ 'a.txt': 'a\n' }));
    const connection = await connectEmbedded({
      stateDir: belay.stateDir,
      program: 'test',
      version: manifest.version,
      platformBundle: fileOf('platform'),
    });
    const { api, about } = connection;
    for (const n of numbers(count))
      await api.createItem({
        body: { kind: 'bug', title: `Number ${n}`, assigneeIds: [about.memberId], labels: n % 2 ? [{ group: 'goal', name: 'odd' }] : [] },
      });
    connection.close();
  });
  after(async () => {
    await belay.end();
    removeTempFolders();
  });
  const lineCount = (text: string): number => text.trimEnd().split('\n').length;

  it('shows those that changed last, and says beside the list what it leaves out', async () => {
    const { out, err } = await belay.run('items');
    assert.deepEqual([lineCount(out), err], [200, '… 30 more: --limit N shows more, --limit all everything.\n']);
    assert.match(out, /^BUG-230 /u);
    const all = await belay.run('items', '--limit', 'all');
    assert.deepEqual([lineCount(all.out), all.err], [count, '']);
    const some = await belay.run('items', '--limit', '229');
    assert.deepEqual([lineCount(some.out), some.err.startsWith('… 1 more')], [229, true]);
    const labelled = await belay.run('items', '--label', 'goal:odd', '--limit', '10');
    assert.deepEqual([lineCount(labelled.out), /may be more/u.test(labelled.err)], [10, true]);
    assert.deepEqual([lineCount((await belay.run('items', '--label', 'goal:odd')).out)], [115]);
  });

  it('gives all of them to a program, unless that says how many', async () => {
    const { out, err } = await belay.run('items', '--json');
    assert.deepEqual([(JSON.parse(out) as unknown[]).length, err], [count, '']);
    assert.equal((JSON.parse((await belay.run('items', '--json', '--limit', '3')).out) as unknown[]).length, 3);
  });

  it('says it below the list on a terminal', async () => {
    const screen = new Screen(belay.folder, belay.environment);
    try {
      screen.type('PAGER=cat belay items');
      await until('the end of the list', () => (/^BUG-31 .*\n… 30 more: --limit/mu.test(screen.text()) ? true : null));
    } finally {
      screen.close();
    }
  });
});
