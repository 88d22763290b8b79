import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { Policy } from '../../../../worker/policy/decide.ts';
import { stateNames } from '../../../../worker/base/stateFolder.ts';
import { machineSituation } from '../../../../worker/run/runPolicy.ts';
import { practice, scripted, Workbench } from '../../../fakes/workbench.ts';

describe('the state folder', function () {
  this.timeout(90_000);
  let bench: Workbench | null = null;
  afterEach(() => bench?.close());

  /** Runs a session of its own and returns the folder of its line. */
  async function lineOf(open: Workbench, agent: string): Promise<string> {
    const { id } = await open.queue({ mode: 'plan', agent });
    const { lineId } = await open.ended(id);
    return path.join(open.stateDir, 'lines', lineId);
  }

  it('holds nothing that worker/base/stateFolder.ts does not name, and all of it but its own places is closed to an agent by rule', async () => {
    bench = await Workbench.open({ agents: [practice] });
    await bench.worker.start();
    const [own, other] = [await lineOf(bench, 'practice'), await lineOf(bench, 'practice')];
    const { stateDir } = bench;
    assert.deepEqual(
      readdirSync(stateDir).filter((name) => !stateNames.includes(name)),
      [],
      'worker/base/stateFolder.ts',
    );

    const places = ['clone', 'tmp', 'home/practice'];
    const run = { step: 'none', mode: 'code', unattended: false, home: bench.folder, stateDir, writable: [] } as const;
    const clone = path.join(own, 'clone');
    const situation = machineSituation({ ...run, clone, own: places.map((place) => path.join(own, place)) });
    const rules = (['read', 'write', 'run'] as const).map((name) => ({ class: name, decision: 'allow' as const }));
    const policy = new Policy([{ name: 'worker', rules }], situation);
    const decide = (kind: 'read' | 'write', resource: string) => policy.decide({ class: kind, resource }).decision;
    symlinkSync(path.join(other, 'clone'), path.join(clone, 'link'));
    const lines = path.join(stateDir, 'lines');
    const closed = [
      ...[stateDir, lines, own, path.join(lines, '.objects/x'), path.join(lines, 'a-line-to-come/clone/a'), path.join(stateDir, 'new')],
      ...[...readdirSync(stateDir), 'lines/x'].map((name) => path.join(stateDir, name)),
      ...readdirSync(own)
        .filter((name) => !['clone', 'tmp', 'home'].includes(name))
        .map((name) => path.join(own, name)),
      ...[path.join(own, 'home/claude/key'), `${clone}-of-another/a`, ...['', ...places].map((place) => path.join(other, place, 'a'))],
      ...['link/README.md', '..', '../line.json', `../../${path.basename(other)}/clone/README.md`, `${clone}/../thread.json`],
    ];
    for (const kind of ['read', 'write'] as const) {
      for (const name of closed) assert.equal(decide(kind, name), 'deny', `${kind} ${name}`);
      for (const place of places) assert.equal(decide(kind, path.join(own, place, 'a')), 'allow', `${kind} ${place}`);
    }
    assert.equal(decide('read', 'README.md'), 'allow');
    assert.equal(policy.decide({ class: 'run', resource: `cat < ${other}/clone/README.md` }).decision, 'deny');
    // Who checks rules for a folder that holds the state folder opens nothing of it.
    const above = new Policy([{ name: 'worker', rules }], machineSituation({ ...run, clone: bench.folder, own: [bench.folder] }));
    assert.equal(above.decide({ class: 'read', resource: path.join(clone, 'README.md') }).decision, 'deny');
  });

  it('shows a program inside the sandbox its own clone, whose git reads what it borrows, and no other line', async () => {
    const env: Record<string, string> = { ELECTRON_RUN_AS_NODE: '1' };
    bench = await Workbench.open({ agents: [practice, scripted('probe', { env })] });
    await bench.worker.start();
    const other = await lineOf(bench, 'practice');
    const tries = {
      ownFile: 'cat README.md',
      ownHistory: 'git log -p HEAD -- README.md',
      otherFile: `cat ${other}/clone/README.md`,
      otherFolder: `ls ${other}/clone/src`,
      otherHistory: `git -C ${other}/clone log -p HEAD`,
      otherLine: `ls -d ${other}`,
    };
    env['PROBE'] = Object.entries(tries)
      .map(([name, command]) => `(${command}) >/dev/null 2>&1 && echo ${name}; true`)
      .join('\n');
    const { id } = await bench.queue({ agent: 'probe' });
    const { result, sandboxStep } = await bench.ended(id);
    assert.deepEqual([sandboxStep, result?.summary.trim().split('\n')], ['ours', ['ownFile', 'ownHistory']]);
  });
});
