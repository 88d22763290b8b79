/** What an agent asks, in a terminal: how it is shown, and which line answers it. */
import type { Input } from '../../protocol/records.ts';
import { terminalLine, terminalText } from '../base/encode.ts';

export interface Reply {
  readonly optionId: string | null;
  readonly text: string | null;
}

/** What stands below a question's title. What an agent wrote cannot steer the terminal, and no line of it can pass for an option. */
export function questionLines(input: Input): string[] {
  const detail = input.detail === '' ? [] : terminalText(input.detail).split('\n');
  return [...detail.map((line) => `  | ${line}`), ...input.options.map((option, index) => `${index + 1} ${terminalLine(option.label)}`)];
}

/** The answer that a line is; null when it is none. */
export function replyOf(input: Input, typed: string): Reply | null {
  const picked = input.options[Number(typed) - 1];
  if (picked) return { optionId: picked.id, text: null };
  return input.acceptsText && typed.trim() !== '' ? { optionId: null, text: typed } : null;
}
