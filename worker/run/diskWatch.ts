/** Keeps what a run writes within its share of the disk: above it the agent stands still until a person says how to go on. */
import { execFile } from 'node:child_process';
import { setPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { messageOf } from '../../protocol/errors.ts';
import type { PermissionAnswer, PermissionWish } from '../agents/base/driver.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';

export interface DiskWatchOptions {
  /** Everything the agent may write to. */
  readonly folders: readonly string[];
  /** How much it may come to, beyond what the clone began with. */
  readonly limitBytes: number;
  /** Host-owned; what the clone began with is kept here for later sessions of the line. */
  readonly lineDir: string;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly ask: (wish: PermissionWish) => Promise<PermissionAnswer>;
  /** The person said no, or there is nobody to say anything. */
  readonly onStop: () => void;
  readonly log: (text: string) => void;
  readonly everyMs?: number;
}

const Began = z.object({ bytes: z.number() });
const usualMs = 5000;
/** The share of one processor that looking may take. */
const share = 1 / 20;
/** What a file costs that holds nothing. */
const fileBytes = 1024;

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #stop = new AbortController();
  #limit: number;
  #over = 0;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#limit = options.limitBytes;
  }

  start(): void {
    this.#watch().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#options.log(`The disk is not watched any more: ${messageOf(error)}`);
    });
  }

  close(): void {
    this.#stop.abort();
  }

  /** What a run is told that was ended for it. */
  get error(): { code: string; message: string; hint: string } {
    return {
      code: 'over_quota',
      message: `The run wrote ${amount(this.#over)} to its folders; ${amount(this.#limit)} is its share of the disk.`,
      hint: 'Retry: the folder is kept. Raise "limits.diskMb" in policy.yaml of this machine, or let the agent clean up first.',
    };
  }

  async #watch(): Promise<void> {
    const { everyMs = usualMs, lineDir } = this.#options;
    const file = path.join(lineDir, 'disk.json');
    const earlier = readPrivate(file, Began);
    const began = earlier?.bytes ?? (await this.#used());
    if (!earlier) writePrivate(file, { bytes: began });
    while (!this.#stop.signal.aborted) {
      const looked = performance.now();
      const over = (await this.#used()) - began;
      const cost = performance.now() - looked;
      if (over > this.#limit) await this.#askToGoOn(over);
      await delay(Math.max(everyMs, cost / share), undefined, { signal: this.#stop.signal });
    }
  }

  /** Blocks on the disk, links not followed; a folder that changes meanwhile counts as far as it was seen. */
  async #used(): Promise<number> {
    const blocks = await this.#du('-skx');
    return blocks * 1024 + (process.platform === 'linux' ? (await this.#du('-sx', '--inodes')) * fileBytes : 0);
  }

  async #du(...args: string[]): Promise<number> {
    return await new Promise((resolve, reject) => {
      const child = execFile(
        'du',
        [...args, '--', ...this.#options.folders],
        { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' }, signal: this.#stop.signal },
        (error, said) => {
          const sizes = said.split('\n').flatMap((line) => /^(\d+)\t/u.exec(line)?.[1] ?? []);
          if (sizes.length === 0 && error) reject(error);
          else resolve(sizes.reduce((sum, size) => sum + Number(size), 0));
        },
      );
      if (child.pid !== undefined) setPriority(child.pid, 10);
    });
  }

  async #askToGoOn(over: number): Promise<void> {
    const { ask, pause, resume, onStop } = this.#options;
    const next = this.#limit * 2;
    this.#over = over;
    pause();
    const answer = await ask({
      class: 'write',
      // The same question after the run was parked: the answer then counts.
      resource: `${this.#limit} bytes of disk`,
      title: `The run wrote ${amount(over)}; ${amount(this.#limit)} is its share of the disk. It stands still. Go on?`,
      detail: 'Its share covers the private clone, the home and the temp folder of the agent.',
      options: [
        { id: 'more', label: `Go on, with up to ${amount(next)}`, effect: 'answer' },
        { id: 'stop', label: 'Stop the run', effect: 'answer' },
      ],
      acceptsText: false,
    });
    if (this.#stop.signal.aborted) return;
    if (answer?.optionId !== 'more') {
      this.close();
      onStop();
      return;
    }
    this.#limit = next;
    resume();
  }
}

function amount(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return mib < 1024 ? `${Math.round(mib)} MB` : `${(mib / 1024).toFixed(1)} GB`;
}
