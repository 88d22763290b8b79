/** Rows in aligned columns that fit the terminal. A cell never breaks its line. */
import { oneLine } from '../../protocol/shownText.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { painted, Shown, type Style } from './shown.ts';

export interface Cell {
  readonly text: string;
  readonly style: Style;
}

const gap = '  ';
/** No column is cut to less. */
const least = 4;
const plain = /^[\u0020-\u007e]*$/u;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const narrowless = /[\p{M}\ufe0f\u200d]/u;

/** How many columns a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += narrowless.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return width;
}

/** The text within `width`, with an ellipsis where something is missing. */
export function clipped(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let [kept, used] = ['', 0];
  for (const char of text) {
    const next = displayWidth(char);
    if (used + next > width - 1) break;
    kept += char;
    used += next;
  }
  return `${kept.trimEnd()}…`;
}

/** How wide the terminal is; null where the output goes elsewhere, and nothing is to be cut. */
export const screenWidth = (): number | null => (process.stdout.isTTY ? process.stdout.columns || 80 : null);

export function table(given: readonly (readonly (string | Cell)[])[], width: number | null = screenWidth()): Shown {
  const rows = given.map((row) => row.map((cell) => (typeof cell === 'string' ? line(cell) : { ...cell, text: line(cell.text) })));
  const textOf = (cell: string | Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''));
  const columns = Math.max(0, ...rows.slice(0, 1).map((row) => row.length));
  const natural = Array.from({ length: columns }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(textOf(row[column]))), 0),
  );
  const widths = width === null ? natural : fitted(natural, width);
  return new Shown(
    rows
      .map((row) =>
        row
          .map((cell, column) => {
            const room = widths[column] ?? 0;
            const text = width === null ? textOf(cell) : clipped(textOf(cell), room);
            const pad = column === columns - 1 ? '' : ' '.repeat(Math.max(0, room - displayWidth(text)));
            return (typeof cell === 'object' ? painted(cell.style, text).text : text) + pad;
          })
          .join(gap)
          .trimEnd(),
      )
      .join('\n'),
  );
}

/** Most text has nothing to mend, and in long lists it pays to see that at once. */
const harmless = /^[!-~]+(?: [!-~]+)*$/u;
const line = (text: string): string => (harmless.test(text) ? text : terminalLine(oneLine(text)));

/** The widest columns give first: what is short, such as a key, stays whole. */
function fitted(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (let over = sum(widths) + gap.length * (widths.length - 1) - width; over > 0;) {
    const widest = Math.max(...widths);
    if (widest <= least) break;
    const second = Math.max(least, ...widths.filter((each) => each < widest));
    const at = widths.lastIndexOf(widest);
    const less = Math.max(1, Math.min(over, widest - second));
    widths[at] = widest - less;
    over -= less;
  }
  return widths;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
