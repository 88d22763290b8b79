import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Workbench, shape } from '../../../fakes/workbench.ts';

describe('a run with the practice agent', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  it('goes from the queue to a reviewed change, with every phase, its question, its commit and its sandbox step', async () => {
    bench = await Workbench.open();
    await bench.worker.start();
    const queued = await bench.queue();
    await bench.answer(queued.id);
    const session = await bench.ended(queued.id);
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.equal(session.result?.outcome, 'changes');
    assert.deepEqual(
      session.result.files.map((file) => [file.path, file.status]),
      [[`belay-practice/${session.itemKey}.md`, 'added']],
    );
    assert.equal(session.result.agentCommits, 1);
    assert.match(session.result.summary, /practice agent/);
    assert.equal(session.sandboxStep, 'ours');
    assert.equal(session.plan.length, 4);
    assert.ok(session.plan.every((step) => step.status === 'completed'));
    const activities = await bench.activities(session.id);
    const phases = activities.flatMap((entry) => (entry.kind === 'progress' && entry.body.type === 'phase' ? [entry.body.phase] : []));
    assert.deepEqual(phases, ['bind', 'clone', 'bootstrap', 'sandbox', 'prompt', 'agent', 'gate', 'result']);
    const kinds = shape(activities);
    for (const kind of ['plan', 'message', 'input_asked', 'input_answered', 'command', 'file_change', 'commit', 'completion'])
      assert.ok(kinds.includes(kind), `${kind} is among ${kinds.join(' ')}`);
    assert.ok(!existsSync(path.join(bench.repository, 'belay-practice')), 'the checkout is unchanged');
  });
});
