import { isBelayError, messageOf } from '../protocol/errors.ts';
import { oneLine } from '../protocol/shownText.ts';
import { terminalJson, terminalLine, terminalText } from '../worker/base/encode.ts';

/** Text for people, or one JSON value for programs. Item and agent text never steers the terminal. */
export class Output {
  readonly json: boolean;
  constructor(json: boolean) {
    this.json = json;
  }

  /** The command's answer. */
  answer(value: unknown, text: string): void {
    console.log(this.json ? terminalJson(value) : terminalText(text));
  }

  /** What happens meanwhile: standard error, so that it never mixes with a JSON answer. */
  progress(text: string): void {
    if (this.json) console.error(terminalText(text));
    else console.log(terminalText(text));
  }

  failure(error: unknown): void {
    if (this.json)
      console.log(terminalJson({ error: isBelayError(error) ? error.toProblem() : { code: 'internal', detail: messageOf(error) } }));
    else {
      const texts = isBelayError(error) && error.hint ? [error.message, error.hint] : [messageOf(error)];
      console.error(terminalText(texts.map(oneLine).join('\n')));
    }
  }
}

/** Rows in aligned columns; a cell never breaks its line. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map((cell) => terminalLine(oneLine(cell))));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** "1 file", "3 files". */
export function fileCount(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
