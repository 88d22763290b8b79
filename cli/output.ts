import { isBelayError, messageOf } from '../protocol/errors.ts';

/** Text for people, or one JSON value for programs. Item and agent text never steers the terminal. */
export class Output {
  readonly json: boolean;
  constructor(json: boolean) {
    this.json = json;
  }

  /** The command's answer. */
  answer(value: unknown, text: string): void {
    console.log(this.json ? JSON.stringify(value) : plain(text));
  }

  /** What happens meanwhile: standard error, so that it never mixes with a JSON answer. */
  progress(text: string): void {
    if (this.json) console.error(plain(text));
    else console.log(plain(text));
  }

  failure(error: unknown): void {
    if (this.json)
      console.log(JSON.stringify({ error: isBelayError(error) ? error.toProblem() : { code: 'internal', detail: messageOf(error) } }));
    else console.error(plain(isBelayError(error) && error.hint ? `${error.message}\n${error.hint}` : messageOf(error)));
  }
}

function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '');
}

export function table(rows: readonly (readonly string[])[]): string {
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
