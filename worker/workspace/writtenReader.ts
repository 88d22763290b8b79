/**
 * Committed files as the person's git writes them into their working tree, line endings and filter drivers included, through
 * one git process that stays: a process for each takes milliseconds to start, and a result may have thousands. Attributes are
 * those of the moment it starts.
 */
import { randomUUID } from 'node:crypto';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { personGit, safeGit, startGit, startPersonGit } from './git.ts';

export interface WrittenReaderOptions {
  readonly gitDir: string;
  readonly workTree: string;
  /** False: the bytes as they are committed. */
  readonly filters: boolean;
}

/** Git's lines begin a name where its spaces end, and take a carriage return for a part of the line's end. */
const fitsInLine = (file: string): boolean => !/^[ \t]|[\r\n]/u.test(file);
const head = /^[0-9a-f]+ blob \d+$/u;

export class WrittenReader {
  readonly #options: WrittenReaderOptions;
  /** No object has this name: git says so where the answer before it ends. What it says of the size is that before filters. */
  readonly #nobody = `belay-${randomUUID()}`;
  readonly #end = Buffer.from(`\n${this.#nobody} missing\n`);
  #git: ChildProcessWithoutNullStreams | null = null;

  constructor(options: WrittenReaderOptions) {
    this.#options = options;
  }

  /** One at a time. Throws git's own words where it cannot. */
  async read(id: string, file: string): Promise<Buffer> {
    const answer = fitsInLine(file) ? await this.#ask(id, file) : null;
    return answer ?? (await this.#alone(id, file));
  }

  dispose(): void {
    this.#git?.stdin.end();
    this.#git?.kill();
    this.#git = null;
  }

  /** Null where the process says nothing of use: it may have ended over this file. */
  async #ask(id: string, file: string): Promise<Buffer | null> {
    const git = (this.#git ??= this.#start());
    const reading = this.#answer(git);
    git.stdin.write(`${this.#options.filters ? `${id} ${file}` : id}\n${this.#nobody}\n`);
    const answer = await reading;
    if (answer === null) this.dispose();
    const lineEnd = answer?.indexOf('\n') ?? -1;
    return answer && head.test(answer.subarray(0, lineEnd).toString('latin1')) ? answer.subarray(lineEnd + 1) : null;
  }

  /** What comes until the name that nobody has; null when the process ends before. */
  #answer(git: ChildProcessWithoutNullStreams): Promise<Buffer | null> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let tail: Buffer = Buffer.alloc(0);
      const settle = (answer: Buffer | null): void => {
        git.stdout.off('data', take);
        git.off('close', fail);
        git.off('error', fail);
        resolve(answer);
      };
      const fail = (): void => {
        settle(null);
      };
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        tail = Buffer.concat([tail, chunk]).subarray(-this.#end.length);
        if (tail.equals(this.#end)) settle(Buffer.concat(chunks).subarray(0, -this.#end.length));
      };
      git.stdout.on('data', take);
      git.once('close', fail);
      git.once('error', fail);
    });
  }

  #start(): ChildProcessWithoutNullStreams {
    const { filters, ...at } = this.#options;
    const git = filters ? startPersonGit(['cat-file', '--batch', '--filters'], at) : startGit(['cat-file', '--batch'], at);
    git.stdin.on('error', () => undefined);
    git.stderr.resume();
    return git;
  }

  async #alone(id: string, file: string): Promise<Buffer> {
    const { filters, ...at } = this.#options;
    const reply = filters ? personGit(['cat-file', '--filters', `--path=${file}`, id], at) : safeGit(['cat-file', 'blob', id], at);
    return (await reply).stdout;
  }
}
