import { isBelayError, messageOf } from '../../protocol/errors.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { terminalJson, terminalText } from '../../worker/base/encode.ts';
import { safe, type Shown } from './shown.ts';

/** After so long a person wants to know what is going on. */
const patienceMs = 800;

/** Text for people, or one JSON value for programs. Item and agent text never steers the terminal. */
export class Output {
  readonly json: boolean;
  constructor(json: boolean) {
    this.json = json;
  }

  /** The command's answer. */
  answer(value: unknown, text: string | Shown): void {
    console.log(this.json ? terminalJson(value) : safe(text));
  }

  /**
   * An answer that may be longer than the screen: on a terminal it is shown page by page. `more` says what it leaves out; where
   * the answer goes elsewhere, that does not go along.
   */
  async pages(value: unknown, text: string | Shown, more: string | null = null): Promise<void> {
    if (this.json || !process.stdout.isTTY) {
      this.answer(value, text);
      if (more !== null) console.error(terminalText(more));
      return;
    }
    const { showInPager } = await import('./pager.ts');
    await showInPager(`${safe(text)}\n${more === null ? '' : `${terminalText(more)}\n`}`);
  }

  /** What happens meanwhile: standard error, so that it never mixes with a JSON answer. */
  progress(text: string | Shown): void {
    if (this.json) console.error(safe(text));
    else console.log(safe(text));
  }

  /** Says on the terminal what is being waited for, once it takes long; the line is gone when it is done. */
  async during<T>(doing: string, work: Promise<T>): Promise<T> {
    if (this.json || !process.stderr.isTTY) return await work;
    let isSaid = false;
    const timer = setTimeout(() => {
      isSaid = true;
      process.stderr.write(`${terminalText(doing)} …`);
    }, patienceMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      if (isSaid) process.stderr.write('\r\u001b[K');
    }
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

/** "1 file", "3 files". */
export function fileCount(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
