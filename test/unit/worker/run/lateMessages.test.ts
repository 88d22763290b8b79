import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../../../protocol/records.ts';
import { WorkflowApprovals } from '../../../../worker/workflowFile/approvals.ts';
import { readSource } from '../../../../worker/workflowFile/source.ts';
import { scripted, shape, Workbench } from '../../../fakes/workbench.ts';
import { git, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

/** Each turn is a run of the program, which says back what it was told. */
const echo = scripted('echo', { driver: 'command', argv: ['/bin/sh', '-c', 'echo told >> told.txt; cat'] });

/** A git in front of the real one: one that looks for new files, as the gate's does, waits while a file lies beside it. */
function slowGate(): { readonly path: string; readonly hold: () => void; readonly letGo: () => void } {
  const folder = tempFolder();
  const held = path.join(folder, 'held');
  const searchPath = process.env['PATH'] ?? '';
  const script = `#!/bin/sh
case "$*" in 'ls-files -z --others '*) while [ -e '${held}' ]; do sleep 0.05; done ;; esac
PATH='${searchPath}' exec git "$@"
`;
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'bin/git'), script);
  chmodSync(path.join(folder, 'bin/git'), 0o755);
  return {
    path: `${path.join(folder, 'bin')}:${searchPath}`,
    hold: () => {
      writeFileSync(held, '');
    },
    letGo: () => {
      rmSync(held);
    },
  };
}

describe('a message that comes while the gate reads', function () {
  this.timeout(120_000);
  let bench: Workbench;
  let gate: ReturnType<typeof slowGate>;
  beforeEach(async () => {
    gate = slowGate();
    bench = await Workbench.open({ agents: [scripted('remember'), scripted('forget'), echo], path: gate.path });
  });
  afterEach(async () => {
    await bench.close();
    removeTempFolders();
  });

  /** Says this to the session while its gate reads, and lets the gate go on once the run has heard it. */
  async function sayAtTheGate(id: string, body: string): Promise<void> {
    await bench.until('the gate', () => bench.worker.runs().some((run) => run.sessionId === id && run.status?.phase === 'gate'));
    await bench.api.sendMessage({ params: { id }, body: { kind: 'follow_up', body } });
    // What is not delivered yet comes with every renewal: the second one after it was sent follows one that had it.
    const leaseEnd = async () => (await bench.session(id)).claim?.leaseEnd ?? 0;
    for (let renewals = 0; renewals < 2; renewals += 1) {
      const before = await leaseEnd();
      await bench.until('a renewal', async () => (await leaseEnd()) > before);
    }
    gate.letGo();
  }
  async function run(agent: string, parentSessionId?: string): Promise<{ session: Session; said: string[]; activities: string[] }> {
    if (bench.worker.state === 'stopped') await bench.worker.start();
    gate.hold();
    const { id } = await bench.queue({ agent, title: 'Mend the button', ...(parentSessionId !== undefined && { parentSessionId }) });
    await sayAtTheGate(id, 'And the footer.');
    const session = await bench.ended(id, 60_000);
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    const entries = await bench.activities(id);
    const said = entries.flatMap((entry) => (entry.kind === 'progress' && entry.body.type === 'message' ? [entry.body.text] : []));
    return { session, said, activities: shape(entries) };
  }
  const isToldAgain = (text: string | undefined): void => {
    assert.match(text ?? '', /Mend the button[^]*your work is in this folder[^]*And the footer\./u);
  };

  it('is a turn more of an agent that goes on with its conversation', async () => {
    const { said, activities } = await run('remember');
    assert.equal(said.length, 2);
    assert.match(said[0] ?? '', /^Began: [^]*Mend the button/u);
    assert.equal(said[1], 'Went on: And the footer.');
    assert.equal(activities.filter((type) => type === 'message_delivered').length, 1);
  });

  it('comes with the task again to an agent that cannot, also where its new conversation has the name of the old one', async () => {
    const { said } = await run('forget');
    assert.equal(said.length, 2);
    isToldAgain(said[1]);
  });

  it('comes with the task again to an agent without conversations, and what it does then is handed over', async () => {
    const { session, said } = await run('echo');
    isToldAgain(said.at(-1));
    assert.deepEqual(
      session.result?.files.map(({ path: file, added }) => [file, added]),
      [['told.txt', 2]],
    );
  });

  it('comes with the task again to an agent on a line where another one had a conversation', async () => {
    const first = await run('remember');
    const { said } = await run('echo', first.session.id);
    isToldAgain(said.at(-1));
  });

  it('finds what the hook before a run prepares, and the hook after it comes after the last turn', async () => {
    writeFiles(bench.repository, {
      'WORKFLOW.md': '---\nversion: 1\nhooks:\n  before_run: touch ready\n  after_run: rm ready; cp told.txt seen.txt\n---\nGo.\n',
    });
    git(bench.repository, 'add', '-A');
    git(bench.repository, 'commit', '-qm', 'workflow');
    const source = await readSource(path.join(bench.repository, '.git'), 'HEAD');
    assert.ok(source);
    new WorkflowApprovals(bench.stateDir, bench.repositoryId).approve(source, false, 1);
    const { session } = await run('echo');
    const clone = path.join(bench.stateDir, 'lines', session.lineId, 'clone');
    assert.equal(readFileSync(path.join(clone, 'seen.txt'), 'utf8'), 'told\ntold\n');
    assert.equal(existsSync(path.join(clone, 'ready')), false);
  });
});
