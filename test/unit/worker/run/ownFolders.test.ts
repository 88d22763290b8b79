import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../../../worker/run/ownFolders.ts';
import { practice, Workbench } from '../../../fakes/workbench.ts';
import { fileOf, ready } from '../../../support/programs.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

describe('a run under a temp folder of the person', function () {
  this.timeout(90_000);
  const before = process.env['TMPDIR'];
  let bench: Workbench | null = null;
  afterEach(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await bench?.close();
    bench = null;
  });
  after(removeTempFolders);

  for (const [what, name] of [
    ['whose path is long', 'x'.repeat(65)],
    ['with a quote in its name', "it's"],
    ['with a comma in its name', 'a,b'],
    ['with a colon in its name', 'a:b'],
    ['with a space and a bracket in its name', 'a (b'],
    ['that does not exist', 'absent'],
  ] as const)
    it(`${what} is proved and comes to its result`, async () => {
      bench = await Workbench.open({ agents: [practice] });
      const folder = path.join(bench.folder, name);
      mkdirSync(folder);
      await bench.worker.start();
      if (name === 'absent') rmSync(folder, { recursive: true });
      process.env['TMPDIR'] = folder;
      const { id } = await bench.queue({ mode: 'plan' });
      const session = await bench.ended(id, 60_000);
      assert.equal(session.state, 'complete', JSON.stringify(session.error));
      assert.equal(session.sandboxStep, 'ours');
    });
});

describe('a run host that cannot begin', function () {
  this.timeout(60_000);
  after(removeTempFolders);

  it('is told with its reason, and not claimed again and again', async () => {
    await ready('runHost');
    const host = path.join(tempFolder(), 'runHost.mjs');
    writeFileSync(
      host,
      `import { rmSync, writeFileSync } from 'node:fs';
const cwd = process.argv[2] + '/cwd';
rmSync(cwd, { recursive: true });
writeFileSync(cwd, '');
await import(${JSON.stringify(fileOf('runHost'))});
`,
    );
    const bench = await Workbench.open({ agents: [practice], runHost: host });
    try {
      await bench.worker.start();
      const { id } = await bench.queue();
      const { state, error, fence } = await bench.ended(id);
      assert.deepEqual([state, error?.code, fence], ['error', 'not_started', 1]);
      assert.match(error?.message ?? '', /EEXIST/u);
    } finally {
      await bench.close();
    }
  });
});

describe('the folder for temporary files', () => {
  after(removeTempFolders);

  it("is the person's own where sockets can be made in it, else the first that can be used", () => {
    const own = tempFolder('t-');
    const other = tempFolder('o-');
    assert.equal(temporaryFolder(own, [other]), own);
    for (const bad of [path.join(own, 'absent'), path.join(own, 'a,b'), path.join(own, 'x'.repeat(60))]) {
      if (!bad.endsWith('absent')) mkdirSync(bad);
      assert.equal(temporaryFolder(bad, [path.join(other, 'absent'), other]), other, bad);
    }
  });

  it('is asked for with what it must be where there is none', () => {
    assert.throws(() => temporaryFolder('/absent', []), /No folder for temporary files can be used: \/absent/u);
  });
});
