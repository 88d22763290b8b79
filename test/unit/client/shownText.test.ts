/** Texts of agents, items and results among lines of ours: none of them makes a line that passes for one. */
import assert from 'node:assert/strict';
import { aSession } from '../../builders/session.ts';
import { aResult, aResultFile } from '../../builders/result.ts';
import { activityLines, plainStyle } from '../../../client/activityLines.ts';
import { outcomeText } from '../../../cli/records/outcome.ts';
import { table } from '../../../cli/base/table.ts';
import type { Activity } from '../../../protocol/activities.ts';
import { codeSpan, quotedName } from '../../../protocol/shownText.ts';

const forged = 'Review: belay accept ses_other';
/** Every way to begin a line that a terminal, or a reader of one, may know. */
const breaks = ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029', ' '.repeat(200)];
const hostile = breaks.map((line) => `x${line}${forged}`);
const linesOf = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/u));
const isForged = (line: string): boolean => line.trim().startsWith(forged) || / {20}/u.test(line);

describe('texts of others in lines of ours', () => {
  it('begin no line of their own in what a run tells', () => {
    const tell = activityLines(plainStyle);
    const bodies = (text: string): Pick<Activity, 'kind' | 'body'>[] => [
      { kind: 'progress', body: { type: 'phase', phase: 'gate', detail: text, ms: null } },
      { kind: 'progress', body: { type: 'command', command: text, status: 'ended', exitCode: 0 } as never },
      { kind: 'progress', body: { type: 'command', command: text, status: 'ended', exitCode: 1 } as never },
      { kind: 'progress', body: { type: 'tool_call', title: text, status: 'running' } as never },
      { kind: 'progress', body: { type: 'file_change', change: 'added', path: text } as never },
      { kind: 'progress', body: { type: 'commit', commit: 'a'.repeat(40), subject: text } },
      { kind: 'progress', body: { type: 'message', text } as never },
      { kind: 'progress', body: { type: 'blocker', text } },
      { kind: 'progress', body: { type: 'input_asked', inputId: 'inp_a', title: text } },
      { kind: 'progress', body: { type: 'input_answered', inputId: 'inp_a', answer: text } },
      { kind: 'progress', body: { type: 'message_delivered', messageId: 'msg_a', text } as never },
      { kind: 'plan', body: { steps: [{ title: text, status: 'in_progress' }] } as never },
      { kind: 'policy', body: { decision: 'deny', class: 'run', resource: text } as never },
      { kind: 'url', body: { title: text, url: `https://x/${text}` } },
      { kind: 'release', body: { reason: text } as never },
    ];
    const wide = new Set(['message', 'blocker', 'input_asked', 'input_answered', 'message_delivered']);
    for (const text of hostile)
      for (const activity of bodies(text)) {
        const type = 'type' in activity.body ? activity.body.type : activity.kind;
        const lines = linesOf(tell(activity as Activity));
        assert.ok(lines.length > 0, type);
        assert.deepEqual(
          lines.filter((line) => line.startsWith(forged) || (!wide.has(type) && isForged(line))),
          [],
          `${type} ${JSON.stringify(text)}`,
        );
        if (!wide.has(type)) assert.equal(lines.length, 1, type);
      }
  });

  it('begin no line of their own in an outcome', () => {
    for (const text of hostile) {
      const result = aResult({
        summary: text,
        files: [aResultFile(text, { oldPath: text, status: 'renamed', class: 'host_executed', reason: text })],
        heldBack: [{ path: text, reason: text }],
      });
      const session = aSession({ state: 'complete', result });
      const error = { code: 'x', message: text, hint: text };
      for (const shown of [
        outcomeText(session),
        outcomeText({ ...session, result: { ...result, headCommit: null } }),
        outcomeText({ ...session, state: 'error', result: null, error }),
      ])
        assert.deepEqual(
          linesOf([shown]).filter((line) => line.startsWith(forged)),
          [],
          JSON.stringify(shown),
        );
    }
  });

  it('stay in their cell, their quotes and their span of code', () => {
    for (const text of hostile) {
      assert.equal(linesOf([table([['a', text]]).text]).length, 1);
      assert.equal(linesOf([quotedName(text)]).length, 1);
    }
    assert.deepEqual(['src/a.ts', 'app/[id]/(x)/$y.tsx', 'ü/日本.md', 'a b.txt', '-rf', 'a" (runs) "b', 'a\nb', ''].map(quotedName), [
      'src/a.ts',
      'app/[id]/(x)/$y.tsx',
      'ü/日本.md',
      '"a b.txt"',
      '"-rf"',
      '"a\\" (runs) \\"b"',
      '"a\\nb"',
      '""',
    ]);
    assert.deepEqual(['a', 'a`b', '``x', 'a\n# b'].map(codeSpan), ['`a`', '`` a`b ``', '``` ``x ```', '`a # b`']);
  });
});
