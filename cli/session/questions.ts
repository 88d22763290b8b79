/** Asks a person at the terminal what a session wants to know: one question at a time. */
import { clearLine, cursorTo } from 'node:readline';
import { createInterface, type Interface } from 'node:readline/promises';
import type { Input } from '../../protocol/records.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { questionLines, replyOf, type Reply } from '../../worker/targets/question.ts';

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

export class Questions {
  private readonly terminal: Terminal;
  private readonly onInterrupt: () => void;
  /** Aborts what is asked now or waits for its turn, by the input's id. */
  private readonly asked = new Map<string, AbortController>();
  private last: Promise<unknown> = Promise.resolve();
  /** What a person types into now. */
  private reading: Interface | null = null;

  /** `onInterrupt` is told of Ctrl+C, which never reaches the process while a line is read. */
  constructor(terminal: Terminal, onInterrupt: () => void) {
    this.terminal = terminal;
    this.onInterrupt = onInterrupt;
  }

  /** `left`: the person gave no answer. `withdrawn`: none is wanted any more. */
  ask(input: Input): Promise<Reply | 'left' | 'withdrawn'> {
    const over = new AbortController();
    this.asked.set(input.id, over);
    const reply = this.last
      .then(() => (over.signal.aborted ? 'withdrawn' : this.read(input, over)))
      .finally(() => {
        this.asked.delete(input.id);
      });
    this.last = reply.catch(() => undefined);
    return reply;
  }

  /** Tells something else: what is being typed comes below it, as it was. */
  aside(tell: () => void): void {
    if (this.reading) {
      clearLine(this.terminal.output, 0);
      cursorTo(this.terminal.output, 0);
    }
    tell();
    this.reading?.prompt(true);
  }

  /** It was answered elsewhere, or nobody waits for the answer any more. */
  withdraw(inputId: string): void {
    this.asked.get(inputId)?.abort();
  }

  withdrawAll(): void {
    for (const over of this.asked.values()) over.abort();
  }

  private async read(input: Input, over: AbortController): Promise<Reply | 'left' | 'withdrawn'> {
    const lines = createInterface({ ...this.terminal, terminal: true });
    let left = false;
    lines.on('SIGINT', () => {
      this.onInterrupt();
      over.abort();
    });
    lines.on('close', () => {
      left = !over.signal.aborted;
      over.abort();
    });
    try {
      this.terminal.output.write(questionText(input));
      this.reading = lines;
      for (;;) {
        const typed = await lines.question('> ', { signal: over.signal });
        const reply = replyOf(input, typed);
        if (reply) return reply;
      }
    } catch (error) {
      if (over.signal.aborted) return left ? 'left' : 'withdrawn';
      throw error;
    } finally {
      this.reading = null;
      lines.close();
    }
  }
}

const questionText = (input: Input): string => [terminalLine(input.title), ...questionLines(input), ''].join('\n');
