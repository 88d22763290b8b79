import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import * as records from '../../protocol/records.ts';
import type { Belay } from '../support/belay.ts';
import { ready } from '../support/programs.ts';
import { git, makeRepository, removeTempFolders, tempFolder } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { ownMachine } from './places.ts';

describe('work that goes on in a terminal', function () {
  const place = ownMachine();
  this.timeout(180_000);
  let belay: Belay;
  let repository: string;
  before(() => ready('belay', 'platform', 'runHost', 'practiceAgent'));
  beforeEach(async () => {
    repository = makeRepository({ 'a.txt': 'a\n' }, 'mein Projekt – ü');
    belay = await place.open(repository);
    // What was lost is known to be after seconds.
    belay.extra['BELAY_LEASE_PROFILE'] = 'fast';
  });
  afterEach(async () => {
    await place.close(belay);
    removeTempFolders();
  });
  after(() => place.end());

  const text = (...args: string[]) => belay.text(...args);
  const data = <T extends z.ZodType>(shape: T, ...args: string[]) => belay.data(shape, ...args);
  const inPlace = /^In .*mein Projekt – ü, branch main\.$/mu;
  const nobody = /^No worker is on that could run it/mu;

  it('a session that was stopped is tried again in its folder, which is named', async () => {
    await text('add', 'Fix it', '--kind', 'bug', '--description', '- [ ] say hello');
    await text('queue', 'BUG-1');
    await text('stop', 'BUG-1/1');
    const said = await text('retry', 'BUG-1/1');
    assert.match(said, /^Queued the follow-up ses_\w+\.$/mu);
    assert.match(said, inPlace);
    assert.match(said, nobody);
    await belay.withWorker(async () => {
      await text('watch', 'BUG-1/2', '--yes');
    });
    assert.match(await text('show', 'BUG-1/2'), /complete/u);
    const back = await text('back', 'BUG-1/2', 'Once', 'more.');
    assert.match(back, /^Queued the follow-up ses_\w+\.$/mu);
    assert.match(back, inPlace);
    await text('add', 'Thrown away', '--kind', 'bug', '--description', '- [ ] say hello');
    await text('queue', 'BUG-2');
    await text('stop', 'BUG-2/1');
    assert.match(await text('discard', 'BUG-2/1', '--yes'), /working folder is gone, and .*mein Projekt – ü is as it was\.$/mu);
    git(repository, 'checkout', '-q', '--detach');
    await text('stop', 'BUG-1/3');
    assert.match(await text('retry', 'BUG-1/3'), /^In .*mein Projekt – ü\.$/mu);
  });

  it('a session that went stale goes back to the queue as it is', async () => {
    await text('add', 'Fix it', '--kind', 'bug', '--description', '- [ ] say hello');
    const run = belay.begin(['run', 'BUG-1']);
    await until('its question', () => (run.said().includes('belay answer') ? true : null));
    const runs = path.join(belay.stateDir, 'runs');
    const [folder = ''] = readdirSync(runs);
    const { host } = z
      .object({ host: z.object({ pid: z.int() }) })
      .parse(JSON.parse(readFileSync(path.join(runs, folder, 'host.json'), 'utf8')));
    // First whoever would take it up again, then its host.
    run.child.kill('SIGKILL');
    await run.ended;
    process.kill(host.pid, 'SIGKILL');
    const stale = await until('the end of its lease', async () => {
      const session = await data(records.Session, 'show', 'BUG-1/1');
      return session.state === 'stale' ? session : null;
    });
    const said = await text('retry', 'BUG-1/1');
    assert.match(said, new RegExp(`^Queued again: ${stale.id}\\.$`, 'mu'));
    assert.match(said, inPlace);
    assert.equal((await data(records.Session, 'show', 'BUG-1/1')).state, 'queued');
  });

  it('what is said now reaches a session that waits for an answer', async () => {
    await text('add', 'Fix it', '--kind', 'bug', '--description', '- [ ] say hello');
    await text('queue', 'BUG-1');
    await belay.withWorker(async () => {
      const watch = belay.begin(['watch', 'BUG-1/1']);
      await until('its question', () => (watch.said().includes('belay answer') ? true : null));
      const sent = await data(records.Message, 'message', 'BUG-1/1', '--now', 'Leave the tests alone.');
      assert.deepEqual([sent.kind, sent.body], ['steer', 'Leave the tests alone.']);
      assert.match(await text('message', 'BUG-1/1', '--now', 'Please.'), /^Sent to ses_/u);
      await text('answer', 'BUG-1/1', '1');
      assert.equal((await watch.ended).code, 0, watch.said());
    });
  });

  it('a folder is bound by its path, and what comes of a session goes there from then on', async () => {
    const clone = path.join(tempFolder('c-'), 'another clone');
    git(repository, 'clone', '-q', repository, clone);
    const bound = z.array(z.object({ name: z.string(), folder: z.string() }));
    assert.match(await text('folders', '--bind', '.'), /mein Projekt – ü/u);
    assert.deepEqual(
      (await data(bound, 'folders')).map(({ folder }) => folder),
      [repository],
    );
    assert.deepEqual(
      (await data(bound, 'folders', '--bind', clone)).map(({ folder }) => folder),
      [clone],
    );
    const missing = await belay.run('folders', '--bind', path.join(clone, 'none'));
    assert.ok(missing.code === 1 || missing.code === 2, missing.out);
    assert.match(missing.err, /none/u);
    assert.deepEqual(
      (await data(bound, 'folders')).map(({ folder }) => folder),
      [clone],
    );
  });

  it('a title comes as words, from a file or from standard input, and further lines describe it', async () => {
    writeFileSync(path.join(repository, 'title.md'), 'From a file\n\nWith more.\n');
    assert.equal(await text('add', '@title.md'), 'TODO-1 From a file\n');
    const { out } = await belay.begin(['add', '-'], 'From a pipe\r\n\r\nWith - more.\r\n').ended;
    assert.equal(out, 'TODO-2 From a pipe\n');
    assert.equal(await text('add', '@@home comes later'), 'TODO-3 @home comes later\n');
    const item = z.object({ item: records.WorkItem });
    assert.equal((await data(item, 'show', 'TODO-1')).item.description, 'With more.');
    assert.equal((await data(item, 'show', 'TODO-2')).item.description, 'With - more.');
    writeFileSync(path.join(repository, 'short.md'), 'Another one\n');
    assert.match(await text('edit', 'TODO-1', '--title', '@short.md'), /^TODO-1 Another one,/u);
    const { out: renamed } = await belay.begin(['edit', 'TODO-1', '--title', '-'], '- One by a pipe\n').ended;
    assert.match(renamed, /^TODO-1 - One by a pipe,/u);
    const long = await belay.run('edit', 'TODO-1', '--title', '@title.md');
    assert.deepEqual([long.code, /title is one line/u.test(long.err)], [2, true]);
    for (const [args, input, words] of [
      [['add', '@none.md'], undefined, /none\.md cannot be read/u],
      [['add', '-'], ' \n', /needs a title/u],
      [['add', '-', '--description', 'x'], 'One\nTwo\n', /title is one line/u],
    ] as const) {
      const { code, err } = await belay.begin(args, input).ended;
      assert.equal(code, 2, err);
      assert.match(err, words);
    }
  });
});
