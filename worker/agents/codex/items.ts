/** What an item of a Codex thread is for people: entries of the session's report. */
import type { ProgressBody } from '../../../protocol/activities.ts';
import type { CodexItem } from './protocol.ts';
import { countUnified } from '../base/diff.ts';
import { shownCommand } from '../base/shellCommand.ts';

/** `over`: the item has ended. `relative`: a path of the agent's as people know it. */
export function progressOf(item: CodexItem, over: boolean, relative: (file: string) => string): ProgressBody[] {
  switch (item.type) {
    case 'agentMessage':
      return over && item.text.trim() !== '' ? [{ type: 'message', text: item.text }] : [];
    case 'reasoning':
      return over && item.summary.length > 0 ? [{ type: 'thought', text: item.summary.join('\n\n') }] : [];
    case 'commandExecution':
      return [
        {
          type: 'command',
          callId: item.id,
          command: shownCommand(item.command),
          status: !over ? 'running' : item.status === 'completed' ? 'done' : 'failed',
          exitCode: item.exitCode ?? null,
          output: over ? (item.aggregatedOutput ?? null) : null,
          ms: over && typeof item.durationMs === 'number' ? Math.round(item.durationMs) : null,
        },
      ];
    case 'fileChange':
      return over ? fileChanges(item, relative) : [];
    case 'mcpToolCall':
      return [
        {
          type: 'tool_call',
          callId: item.id,
          title: `${item.server}: ${item.tool}`,
          tool: item.tool,
          status: !over ? 'running' : item.status === 'failed' ? 'failed' : 'done',
          detail: null,
        },
      ];
    case 'webSearch':
      return over
        ? [{ type: 'tool_call', callId: item.id, title: `Search the web: ${item.query}`, tool: 'search', status: 'done', detail: null }]
        : [];
  }
}

function fileChanges(item: Extract<CodexItem, { type: 'fileChange' }>, relative: (file: string) => string): ProgressBody[] {
  if (item.status !== 'completed') {
    const title = `Change ${item.changes.map((change) => relative(change.path)).join(', ')}`;
    return [{ type: 'tool_call', callId: item.id, title, tool: 'edit', status: 'failed', detail: null }];
  }
  return item.changes.map((change) => {
    const whole = change.diff.replace(/\n$/, '').split('\n').length;
    const lines =
      change.kind.type === 'update'
        ? countUnified(change.diff)
        : change.kind.type === 'add'
          ? { added: whole, deleted: 0 }
          : { added: 0, deleted: whole };
    return {
      type: 'file_change',
      path: relative(change.path),
      change: change.kind.type === 'add' ? 'added' : change.kind.type === 'delete' ? 'deleted' : 'modified',
      ...lines,
    };
  });
}
