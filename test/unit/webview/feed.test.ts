import assert from 'node:assert/strict';
import type { ActivityContent, ProgressBody } from '../../../protocol/activities.ts';
import { Feed, policyCount } from '../../../webview/model/feed.ts';
import { activity, floodActivity, sampleActivities } from '../../webview/fixtures.ts';

const now = Date.UTC(2026, 4, 4, 12);
const at = (seq: number, content: ActivityContent) => activity('s', seq, now + seq, content);
const progress = (seq: number, body: ProgressBody) => at(seq, { kind: 'progress', body });
const command = (seq: number, status: 'running' | 'done' | 'failed', output: string | null, exitCode: number | null = null) =>
  progress(seq, { type: 'command', callId: 'c', command: 'npm test', status, exitCode, output, ms: null });
const read = (seq: number, status: 'running' | 'done' = 'done') =>
  progress(seq, { type: 'tool_call', callId: `r${seq}`, title: `file ${seq}`, tool: 'read', status, detail: null });

describe('the activity feed', () => {
  it('joins the updates of one command in its first place', () => {
    const feed = new Feed();
    feed.append([command(1, 'running', null), progress(2, { type: 'message', text: 'meanwhile' }), command(3, 'failed', 'boom', 1)]);
    assert.equal(feed.entries.length, 2);
    const [first] = feed.entries;
    assert.ok(first?.type === 'command');
    assert.deepEqual([first.id, first.body.status, first.body.exitCode, first.body.output], ['a1', 'failed', 1, 'boom']);
  });

  it('keeps the output it had when a later update has none', () => {
    const feed = new Feed();
    feed.append([command(1, 'running', 'so far'), command(2, 'done', null, 0)]);
    const [first] = feed.entries;
    assert.equal(first?.type === 'command' && first.body.output, 'so far');
  });

  it('collapses neighbouring tool calls and starts anew after something else', () => {
    const feed = new Feed();
    feed.append([read(1), read(2), read(3), progress(4, { type: 'message', text: 'hm' }), read(5)]);
    assert.deepEqual(
      feed.entries.map((entry) => (entry.type === 'tools' ? entry.calls.length : entry.type)),
      [3, 'single', 1],
    );
  });

  it('updates a call inside its group', () => {
    const feed = new Feed();
    feed.append([read(1, 'running'), read(2)]);
    feed.append([
      progress(3, { type: 'tool_call', callId: 'r1', title: 'file 1', tool: 'read', status: 'failed', detail: 'no such file' }),
    ]);
    const [group] = feed.entries;
    assert.ok(group?.type === 'tools');
    assert.deepEqual(
      group.calls.map(({ body }) => body.status),
      ['failed', 'done'],
    );
  });

  it('lets the newest of neighbouring phases stand for them', () => {
    const feed = new Feed();
    const phase = (seq: number, name: 'bind' | 'clone' | 'gate') => progress(seq, { type: 'phase', phase: name, detail: '', ms: 1 });
    feed.append([phase(1, 'bind'), phase(2, 'clone'), read(3), phase(4, 'gate')]);
    assert.deepEqual(
      feed.entries.map((entry) => (entry.type === 'phases' ? entry.phases.map(({ body }) => body.phase) : entry.type)),
      [['bind', 'clone'], 'tools', ['gate']],
    );
  });

  it('makes one entry of a decision to ask and its question, and keeps a denial by itself', () => {
    const policy = (seq: number, decision: 'ask' | 'deny') =>
      at(seq, { kind: 'policy', body: { class: 'run', decision, resource: 'rm -r build', rule: 'asks first', detail: '' } });
    const asked = (seq: number) => progress(seq, { type: 'input_asked', inputId: `i${seq}`, title: 'Remove the build?' });
    const feed = new Feed();
    feed.append([policy(1, 'ask'), asked(2), policy(3, 'deny'), asked(4)]);
    assert.deepEqual(
      feed.entries.map((entry) => [entry.id, entry.type]),
      [
        ['a1', 'question'],
        ['a3', 'single'],
        ['a4', 'single'],
      ],
    );
    const [first] = feed.entries;
    assert.ok(first?.type === 'question' && first.policy.resource === 'rm -r build' && first.at === now + 2);
  });

  it('leaves plan and usage to the rest of the page', () => {
    const feed = new Feed();
    feed.append([
      at(1, { kind: 'plan', body: { steps: [] } }),
      progress(2, { type: 'usage', inputTokens: 1, outputTokens: 1, totalTokens: 2, costUsd: null }),
    ]);
    assert.deepEqual([feed.entries.length, feed.lastSeq], [0, 2]);
  });

  it('ignores what it already has, so a repeated snapshot does no harm', () => {
    const feed = new Feed();
    const all = sampleActivities(now, 's');
    feed.append(all);
    const before = feed.entries.length;
    feed.append(all);
    assert.equal(feed.entries.length, before);
  });

  it('is the same whether it grew one by one or came with earlier ones later', () => {
    const all = Array.from({ length: 300 }, (_, i) => floodActivity('s', i + 1, now + i));
    const whole = new Feed();
    whole.append(all);
    const single = new Feed();
    for (const one of all) single.append([one]);
    const later = new Feed();
    later.append(all.slice(123));
    later.prepend(all.slice(0, 123));
    assert.deepEqual(single.entries, whole.entries);
    assert.deepEqual(later.entries, whole.entries);
    assert.deepEqual([later.firstSeq, later.lastSeq], [1, 300]);
  });

  it('counts the policy decisions and the denied ones', () => {
    assert.deepEqual(policyCount(sampleActivities(now, 's')), { decisions: 1, denied: 1 });
  });
});
