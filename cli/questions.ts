/** Asks a person at the terminal what a session wants to know: one question at a time. */
import { createInterface } from 'node:readline/promises';
import type { Input } from '../protocol/records.ts';
import { terminalLine } from '../worker/base/encode.ts';
import { questionLines, replyOf, type Reply } from '../worker/targets/question.ts';

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
      for (let question = questionText(input); ; question = '> ') {
        const typed = await lines.question(question, { signal: over.signal });
        const reply = replyOf(input, typed);
        if (reply) return reply;
      }
    } catch (error) {
      if (over.signal.aborted) return left ? 'left' : 'withdrawn';
      throw error;
    } finally {
      lines.close();
    }
  }
}

const questionText = (input: Input): string => [terminalLine(input.title), ...questionLines(input), '> '].join('\n');
