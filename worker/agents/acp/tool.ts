/** A tool call of an ACP agent: gathered from its updates, read for what it does. */
import type * as acp from '@agentclientprotocol/sdk';
import type { PermissionWish } from '../base/driver.ts';

/** What is known of a call by now. */
export interface ToolState {
  title: string;
  kind: acp.ToolKind;
  status: 'running' | 'done' | 'failed';
  text: string;
  diffs: acp.Diff[];
  locations: string[];
  rawInput: unknown;
  rawOutput: unknown;
  reported: boolean;
  readonly started: number;
}

export function newTool(): ToolState {
  return {
    title: '',
    kind: 'other',
    status: 'running',
    text: '',
    diffs: [],
    locations: [],
    rawInput: undefined,
    rawOutput: undefined,
    reported: false,
    started: performance.now(),
  };
}

export function mergeTool(state: ToolState, update: acp.ToolCall | acp.ToolCallUpdate): void {
  if (update.title) state.title = update.title;
  if (update.kind) state.kind = update.kind;
  if (update.status) state.status = update.status === 'completed' ? 'done' : update.status === 'failed' ? 'failed' : 'running';
  if (update.rawInput !== undefined) state.rawInput = update.rawInput;
  if (update.rawOutput !== undefined) state.rawOutput = update.rawOutput;
  if (update.locations) state.locations = update.locations.map((location) => location.path);
  if (update.content) {
    state.diffs = update.content.filter((content) => content.type === 'diff');
    state.text = update.content
      .map((content) => (content.type === 'content' && content.content.type === 'text' ? content.content.text : ''))
      .join('')
      .slice(-16_000);
  }
}

export function hasEntries(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

export function commandOf(state: ToolState): string {
  const input = state.rawInput as { command?: unknown } | null | undefined;
  const command = input?.command;
  if (typeof command === 'string') return command;
  if (Array.isArray(command)) return command.join(' ');
  return state.title;
}

export function exitCodeOf(state: ToolState): number | null {
  const output = state.rawOutput as Record<string, unknown> | null | undefined;
  const metadata = output?.['metadata'] as Record<string, unknown> | null | undefined;
  const code = [output?.['exitCode'], output?.['exit_code'], output?.['code'], metadata?.['exit']].find((value) =>
    Number.isSafeInteger(value),
  );
  return typeof code === 'number' ? code : null;
}

/** What the wish is about, as exactly as the agent says it. */
export function subjectOf(state: ToolState): Pick<PermissionWish, 'class' | 'resource' | 'resources' | 'cwd'> {
  const files = [...new Set([...state.locations, ...state.diffs.map((diff) => diff.path)])];
  switch (state.kind) {
    case 'read':
    case 'search':
      return { class: 'read', resource: files[0] ?? state.title, ...(files.length > 0 && { resources: files }) };
    case 'edit':
    case 'delete':
    case 'move':
      return { class: 'write', resource: files[0] ?? state.title, ...(files.length > 0 && { resources: files }) };
    case 'execute': {
      const { command, cwd } = (state.rawInput ?? {}) as { command?: unknown; cwd?: unknown };
      const words = Array.isArray(command) && command.every((word) => typeof word === 'string') ? [command] : undefined;
      return { class: 'run', resource: commandOf(state), ...(words && { resources: words }), ...(typeof cwd === 'string' && { cwd }) };
    }
    case 'fetch': {
      const host = hostOf(state);
      return host === null ? { class: 'effect', resource: `fetch:${state.title}` } : { class: 'network', resource: host };
    }
    default:
      return { class: 'effect', resource: state.title };
  }
}

/** `host:port` of the address a fetch names. */
function hostOf(state: ToolState): string | null {
  const { url } = (state.rawInput ?? {}) as { url?: unknown };
  const text = typeof url === 'string' ? url : /https?:\/\/[^\s"'<>]+/u.exec(state.title)?.[0];
  if (text === undefined || !URL.canParse(text)) return null;
  const { hostname, port, protocol } = new URL(text);
  return hostname === '' ? null : `${hostname}:${port || (protocol === 'http:' ? '80' : '443')}`;
}
