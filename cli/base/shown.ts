/** Text that a terminal may show as it is: ours, and what others wrote after it was made harmless. */
import { styleText } from 'node:util';
import { terminalLine, terminalText } from '../../worker/base/encode.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export class Shown {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Colours are for a terminal, and for who did not decline them. */
export function hasColours(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** One line in a style. */
export function painted(style: Style, text: string, colours = hasColours(process.stdout, process.env)): Shown {
  const line = terminalLine(text);
  return new Shown(colours && line !== '' ? styleText(style, line, { validateStream: false }) : line);
}

export const safe = (text: string | Shown): string => (text instanceof Shown ? text.text : terminalText(text));

/** Lines one below the other. */
export const lines = (parts: readonly (string | Shown)[]): Shown => new Shown(parts.map(safe).join('\n'));
/** Parts beside each other. */
export const beside = (...parts: readonly (string | Shown)[]): Shown => new Shown(parts.map(safe).join(''));
