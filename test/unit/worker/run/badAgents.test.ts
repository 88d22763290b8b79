import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../../../protocol/records.ts';
import type { RunSettings } from '../../../../worker/run/spec.ts';
import { scripted, shape, Workbench } from '../../../fakes/workbench.ts';

const names = [
  'exit',
  'garbage',
  'huge',
  'chatty',
  'silent',
  'idle',
  'stall',
  'stuck',
  'unnamed',
  'forgets',
  'ask',
  'strangers',
  'lost',
  'flood',
  'die',
  'hang',
  'note',
  'fill',
] as const;

describe('agents that misbehave', function () {
  this.timeout(90_000);
  let bench: Workbench;
  before(async () => {
    bench = await Workbench.open({
      agents: names.map((name) => scripted(name)),
      settings: { graceMs: 300 },
      capacity: 2,
    });
    await bench.worker.start();
  });
  after(() => bench.close());

  /** Short limits are for agents that reach them in any case: the others must not be judged by the speed of the machine. */
  async function run(agent: (typeof names)[number], limits: Partial<RunSettings> = {}): Promise<Session> {
    bench.settings = limits;
    const { id } = await bench.queue({ agent });
    const session = await bench.ended(id);
    bench.settings = {};
    return session;
  }

  it('tells of one that exits at once, with its exit code and its last words', async () => {
    const { state, error } = await run('exit');
    assert.equal(state, 'error');
    assert.equal(error?.code, 'agent_exited');
    assert.match(error.message, /exit code 3/);
    assert.match(error.message, /no licence found/);
    assert.ok(error.hint);
  });

  it('gives up one that prints anything but messages', async () => {
    const { error } = await run('garbage');
    assert.equal(error?.code, 'agent_garbage');
    assert.match(error.message, /Welcome to the agent/);
  });

  it('bears one whose libraries print between its messages, however often', async () => {
    const { state, result } = await run('chatty');
    assert.equal(state, 'complete');
    assert.match(result?.summary ?? '', /^Working\. Working\. Working\.$/);
  });

  it('gives up one that prints a line without end', async () => {
    const { error } = await run('huge');
    assert.equal(error?.code, 'agent_garbage');
  });

  it('does not wait for ever for one that never answers', async () => {
    const { error } = await run('silent', { startMs: 500 });
    assert.equal(error?.code, 'agent_no_answer');
    assert.match(error.message, /initialize/);
  });

  it('says "finished without changes" of one that did nothing', async () => {
    const { state, result } = await run('idle');
    assert.equal(state, 'complete');
    assert.equal(result?.outcome, 'no_changes');
    assert.match(result.summary, /nothing to do/);
  });

  it('ends one that stalls', async () => {
    const { error } = await run('stall', { stallMs: 500 });
    assert.equal(error?.code, 'stalled');
  });

  it('asks about one that writes more than its share of the disk, and goes on or ends it as the person says', async () => {
    for (const optionId of ['more', 'stop']) {
      bench.settings = { diskBytes: 10 * 1024 * 1024 };
      const { id, lineId } = await bench.queue({ agent: 'fill' });
      const input = await bench.until(
        'the question',
        async () => (await bench.api.listInputs({ query: { session: id, state: ['open'] } })).entries[0],
      );
      assert.match(input.title, /10 MB is its share of the disk/);
      await bench.api.answerInput({ params: { id: input.id }, body: { optionId, text: null, actionHash: input.actionHash } });
      if (optionId === 'more') writeFileSync(path.join(bench.stateDir, 'lines', lineId, 'clone/go'), '');
      const { state, error, result } = await bench.ended(id);
      bench.settings = {};
      assert.deepEqual([state, error?.code], optionId === 'more' ? ['complete', undefined] : ['error', 'over_quota']);
      // What was written until then is kept.
      assert.deepEqual(
        result?.files.map((file) => file.path),
        ['written.txt'],
      );
    }
  });

  it('ends one whose command does not end only by the limit of calls, and names the command', async () => {
    for (const [agent, what] of [
      ['stuck', /1 s, while it waited for make/],
      ['unnamed', /1 s, while it waited for a call of a tool/],
    ] as const) {
      const { error } = await run(agent, { stallMs: 500, callMs: 1000 });
      assert.equal(error?.code, 'stalled');
      assert.match(error.message, what);
    }
  });

  it('does not count a call that was left open in an earlier turn', async () => {
    bench.settings = { stallMs: 500 };
    const { id } = await bench.queue({ agent: 'forgets' });
    await bench.api.sendMessage({ params: { id }, body: { kind: 'follow_up', body: 'and the second thing too' } });
    const { error } = await bench.ended(id);
    bench.settings = {};
    assert.equal(error?.code, 'stalled');
  });

  it('says no to a question that nobody could answer, instead of waiting with it', async () => {
    const { id, state, result } = await run('ask');
    assert.equal(state, 'complete');
    assert.match(result?.summary ?? '', /The answer was cancelled/);
    const activities = await bench.activities(id);
    assert.ok(!shape(activities).includes('input_asked'));
    const denied = activities.flatMap((entry) => (entry.kind === 'policy' && entry.body.decision === 'deny' ? [entry.body.resource] : []));
    assert.deepEqual(denied, ['make']);
  });

  it('takes no words of another conversation for those of its own', async () => {
    assert.equal((await run('strangers')).result?.summary, 'My words.');
  });

  it('names the host that one waits for in vain', async () => {
    const { id, error } = await run('lost', { stallMs: 1000 });
    assert.equal(error?.code, 'stalled');
    assert.match(error.message, /model\.example\.com:8080/);
    const refusals = (await bench.activities(id)).filter((entry) => entry.kind === 'policy' && entry.body.class === 'network');
    assert.equal(refusals.length, 1);
  });

  it('holds a flood to what can be kept, counts the rest, and still takes the change', async () => {
    const { id, state, result } = await run('flood');
    assert.equal(state, 'complete');
    assert.deepEqual(
      result?.files.map((file) => file.path),
      ['flooded.txt'],
    );
    const activities = await bench.activities(id);
    const blocker = activities.find((entry) => entry.kind === 'progress' && entry.body.type === 'blocker');
    assert.ok(blocker, shape(activities).slice(-10).join(' '));
    const dropped = Number(/(\d+) further/.exec(JSON.stringify(blocker.body))?.[1]);
    const { lastSeq } = await bench.session(id);
    assert.ok(dropped > 10_000 && lastSeq < 6000, `${dropped} dropped, ${lastSeq} kept`);
  });

  it('keeps what there is of one that dies in its turn', async () => {
    const { state, error, result } = await run('die');
    assert.equal(state, 'error');
    assert.equal(error?.code, 'agent_exited');
    assert.deepEqual(
      result?.files.map((file) => file.path),
      ['half.txt'],
    );
  });

  it('ends the whole tree of one that hears no cancel', async () => {
    const { id } = await bench.queue({ agent: 'hang' });
    const children = () => bench.processes().filter(({ args }) => args.includes('while :; do sleep 1'));
    await bench.until('its two children', () => children().length === 2);
    await bench.api.cancelSession({ params: { id }, body: {} });
    const session = await bench.ended(id);
    assert.equal(session.state, 'cancelled');
    await bench.until('the end of every process', () => bench.processes().length === 0);
  });

  it('takes a message as one more turn', async () => {
    const { id } = await bench.queue({ agent: 'note' });
    await bench.api.sendMessage({ params: { id }, body: { kind: 'follow_up', body: 'and the second thing too' } });
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.match(session.result?.summary ?? '', /second thing too/);
    assert.ok(shape(await bench.activities(id)).includes('message_delivered'));
    const messages = await bench.api.listMessages({ params: { id } });
    assert.ok(messages.entries[0]?.deliveredAt);
  });
});
