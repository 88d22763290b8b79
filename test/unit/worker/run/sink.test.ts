import assert from 'node:assert/strict';
import type { AgentEvent } from '../../../../worker/agents/base/driver.ts';
import { ActivitySink } from '../../../../worker/run/sink.ts';

describe('the sink of what an agent reports', () => {
  const command = (callId: string, text: string, status: 'running' | 'done' | 'failed'): AgentEvent => ({
    kind: 'progress',
    body: { type: 'command', callId, command: text, status, exitCode: null, output: null, ms: null },
  });
  let sink: ActivitySink;
  beforeEach(() => {
    const journal = { append: () => undefined } as unknown as ConstructorParameters<typeof ActivitySink>[0]['journal'];
    sink = new ActivitySink({ journal, fence: () => 1, onWritten: () => undefined, onStanding: () => undefined });
  });

  it('knows the newest call of a tool that is not over', () => {
    sink.event(command('1', 'make', 'running'));
    sink.event(command('2', 'npm test', 'running'));
    assert.equal(sink.openCall, 'npm test');
    sink.event(command('2', 'npm test', 'failed'));
    assert.equal(sink.openCall, 'make');
    sink.event({ kind: 'alive' });
    sink.event(command('1', 'make', 'done'));
    assert.equal(sink.openCall, null);
  });

  it('counts a call that is not named yet, and keeps the name of one that is', () => {
    sink.event({ kind: 'call', callId: '1', open: true });
    assert.equal(sink.openCall, '');
    sink.event(command('1', 'make', 'running'));
    sink.event({ kind: 'call', callId: '1', open: true });
    assert.equal(sink.openCall, 'make');
    sink.event({ kind: 'call', callId: '1', open: false });
    assert.equal(sink.openCall, null);
  });

  it('forgets calls with their turn', () => {
    sink.event(command('1', 'make', 'running'));
    sink.turnOver();
    assert.equal(sink.openCall, null);
  });
});
