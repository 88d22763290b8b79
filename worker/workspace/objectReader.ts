/**
 * Files of commits, read through one git process that stays. A process for each file takes milliseconds to start, and
 * a review asks for thousands. One file is read at a time, so that no more than that is held.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { BelayError } from '../../protocol/errors.ts';
import { startGit } from './git.ts';

/** What git says of an object: there is none, it is no file, or how long it is and, if that is not too long, its bytes. */
export interface CommittedFile {
  readonly size: number;
  /** Null when there are more than the reader takes. */
  readonly bytes: Buffer | null;
}

export interface ObjectReaderOptions {
  /** Longer files are passed over. */
  readonly maxBytes: number;
  /** The process ends when nothing was asked for this long. */
  readonly idleMs: number;
}

interface Wish {
  readonly name: string;
  readonly resolve: (file: CommittedFile | null) => void;
  readonly reject: (error: BelayError) => void;
}

/** The part of an answer that comes after its first line. */
interface Body {
  readonly size: number;
  readonly isFile: boolean;
  /** Of the body and the newline that ends it. */
  left: number;
  readonly parts: Buffer[] | null;
}

const newline = 10;
const found = /^[0-9a-f]+ (\w+) (\d+)$/u;

export class ObjectReader {
  readonly #gitDir: string;
  readonly #options: ObjectReaderOptions;
  readonly #wishes: Wish[] = [];
  #git: ChildProcessWithoutNullStreams | null = null;
  #head: Buffer[] = [];
  #body: Body | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(gitDir: string, options: ObjectReaderOptions) {
    this.#gitDir = gitDir;
    this.#options = options;
  }

  /** Null when the commit has no such file. The path has no line break: git's own protocol is of lines. */
  read(commit: string, file: string): Promise<CommittedFile | null> {
    return new Promise((resolve, reject) => {
      this.#wishes.push({ name: `${commit}:${file}`, resolve, reject });
      if (this.#wishes.length === 1) this.#ask();
    });
  }

  dispose(): void {
    this.#end(stopped());
  }

  #ask(): void {
    clearTimeout(this.#idle);
    const [wish] = this.#wishes;
    if (wish) (this.#git ??= this.#start()).stdin.write(`${wish.name}\n`);
    else
      this.#idle = setTimeout(() => {
        this.dispose();
      }, this.#options.idleMs).unref();
  }

  #start(): ChildProcessWithoutNullStreams {
    const git = startGit(['cat-file', '--batch'], { gitDir: this.#gitDir });
    const ended = (cause?: unknown): void => {
      if (this.#git === git) this.#end(stopped(cause));
    };
    git.stdout.on('data', (chunk: Buffer) => {
      if (this.#git === git) this.#take(chunk);
    });
    git.stderr.resume();
    git.stdin.on('error', () => undefined);
    git.on('error', ended);
    git.on('close', () => {
      ended();
    });
    return git;
  }

  /** Whoever waits is told; the next wish starts a process of its own. */
  #end(error: BelayError): void {
    clearTimeout(this.#idle);
    this.#git?.kill();
    this.#git = null;
    this.#head = [];
    this.#body = null;
    for (const wish of this.#wishes.splice(0)) wish.reject(error);
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      const body = this.#body;
      if (body) {
        const part = rest.subarray(0, body.left);
        body.parts?.push(part);
        body.left -= part.length;
        rest = rest.subarray(part.length);
        if (body.left === 0) this.#answer(body);
        continue;
      }
      const end = rest.indexOf(newline);
      this.#head.push(end < 0 ? rest : rest.subarray(0, end));
      if (end < 0) return;
      rest = rest.subarray(end + 1);
      this.#begin(Buffer.concat(this.#head).toString('utf8'));
      this.#head = [];
    }
  }

  #begin(head: string): void {
    const [, type, length] = found.exec(head) ?? [];
    if (type === undefined) {
      this.#settle(null);
      return;
    }
    const size = Number(length);
    const isFile = type === 'blob';
    this.#body = { size, isFile, left: size + 1, parts: isFile && size <= this.#options.maxBytes ? [] : null };
  }

  #answer({ size, isFile, parts }: Body): void {
    this.#body = null;
    this.#settle(isFile ? { size, bytes: parts && Buffer.concat(parts).subarray(0, size) } : null);
  }

  #settle(file: CommittedFile | null): void {
    this.#wishes.shift()?.resolve(file);
    this.#ask();
  }
}

function stopped(cause?: unknown): BelayError {
  return new BelayError('unavailable', 'git ended before it had read this file.', {
    hint: 'Open it again. If that does not help, check that git is on the PATH and that the repository is still there.',
    cause,
  });
}
