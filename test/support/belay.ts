/** `belay` as a person or a program starts it: in a folder, with a home and a state folder of its own. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type * as z from 'zod';
import { fileOf } from './programs.ts';
import { until } from './until.ts';

export interface Reply {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Reply>;
  /** All that it wrote so far. */
  readonly said: () => string;
}

export class Belay {
  readonly stateDir: string;
  readonly folder: string;
  constructor(stateDir: string, folder: string) {
    this.stateDir = stateDir;
    this.folder = folder;
    mkdirSync(this.home, { recursive: true });
    mkdirSync(this.bin, { recursive: true });
    this.tool('belay', `#!/bin/sh\nexec "${process.execPath}" "${fileOf('belay')}" "$@"\n`);
  }

  private get home(): string {
    return path.join(this.stateDir, 'home');
  }
  private get bin(): string {
    return path.join(this.stateDir, 'bin');
  }
  /** Beside what every call gets. */
  readonly extra: Record<string, string> = {};
  get environment(): Record<string, string> {
    return {
      ...this.extra,
      PATH: `${this.bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: this.home,
      BELAY_STATE_DIR: this.stateDir,
    };
  }

  /** Puts a program in front of the PATH. */
  tool(name: string, text: string): void {
    writeFileSync(path.join(this.bin, name), text, { mode: 0o755 });
  }

  /** `input` comes through a pipe; without it there is none. */
  begin(args: readonly string[], input?: string): Running {
    const child = spawn(process.execPath, [fileOf('belay'), ...args], {
      cwd: this.folder,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: this.environment,
    });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.stdin?.end(input);
    const ended = new Promise<Reply>((resolve) => {
      child.on('close', (code) => {
        resolve({ code: code ?? 1, out, err });
      });
    });
    return { child, ended, said: () => out + err };
  }

  run(...args: string[]): Promise<Reply> {
    return this.begin(args).ended;
  }

  /** What a person reads of a command that is done. */
  async text(...args: string[]): Promise<string> {
    const { code, out, err } = await this.run(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
    return out;
  }

  /** What a program reads of it, in the shape that the docs name. */
  async data<T extends z.ZodType>(shape: T, ...args: string[]): Promise<z.output<T>> {
    return shape.parse(JSON.parse(await this.text(...args, '--json')));
  }

  /** With a worker of this machine beside it, which is stopped as a person would. */
  async withWorker(work: () => Promise<void>): Promise<void> {
    const worker = this.begin(['worker']);
    try {
      await until('the worker', () => (worker.said().includes('Worker on') ? true : null));
      await work();
    } finally {
      worker.child.kill('SIGINT');
      assert.equal((await worker.ended).code, 0, worker.said());
    }
  }

  /** Ends the platform that this state folder has. */
  async end(): Promise<void> {
    const { pid } = JSON.parse((await this.run('platform', '--json')).out) as { pid: number };
    process.kill(pid, 'SIGTERM');
  }
}
