/** The runs of this machine that live, whoever started them: each is followed by its control socket until its host is gone. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readPrivate } from '../base/privateFiles.ts';
import { watchRun, type RunStatus, type RunWatch } from '../run/control.ts';
import { HostRecord, runFiles } from '../run/spec.ts';
import type { AttachedRun } from './types.ts';

interface Attached {
  readonly runDir: string;
  status: RunStatus | null;
  watch: RunWatch | null;
}
export interface AttachedRunsOptions {
  readonly onChange: () => void;
  /** A host ended: well, or killed. */
  readonly onGone: () => void;
  /** The worker was stopped: hosts that end are nobody's business any more. */
  readonly stopped: () => boolean;
}

/** A host has so long to say where it is found. */
const foundMs = 15_000;
/** Runs that are given back have so long to end. */
const giveBackMs = 4000;

export class AttachedRuns {
  readonly #options: AttachedRunsOptions;
  readonly #runs = new Map<string, Attached>();

  constructor(options: AttachedRunsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#runs.size;
  }
  has(sessionId: string): boolean {
    return this.#runs.has(sessionId);
  }
  list(): readonly AttachedRun[] {
    return [...this.#runs].map(([sessionId, { runDir, status }]) => ({ sessionId, runDir, status }));
  }

  end(sessionId: string, how: 'give_back' | 'cancel'): void {
    this.#runs.get(sessionId)?.watch?.stop(how);
  }

  /** Gives all sessions back to the queue and waits a moment for the runs to end. */
  async giveBack(): Promise<void> {
    for (const run of this.#runs.values()) run.watch?.stop('give_back');
    const until = performance.now() + giveBackMs;
    while (this.#runs.size > 0 && performance.now() < until) await delay(50);
  }

  /** Follows none of them any more; they go on. */
  detach(): void {
    for (const run of this.#runs.values()) run.watch?.close();
    this.#runs.clear();
  }

  async follow(sessionId: string, runDir: string): Promise<void> {
    const { onChange } = this.#options;
    const attached: Attached = { runDir, status: null, watch: null };
    this.#runs.set(sessionId, attached);
    onChange();
    const record = await this.#recordOf(runDir);
    const gone = () => {
      attached.watch = null;
      this.#gone(sessionId, attached);
    };
    if (!record) {
      gone();
      return;
    }
    try {
      attached.watch = await watchRun(
        record.controlSocket,
        (status) => {
          attached.status = status;
          onChange();
        },
        gone,
      );
    } catch {
      gone();
    }
  }

  async #recordOf(runDir: string): Promise<HostRecord | null> {
    const file = path.join(runDir, runFiles.host);
    const until = performance.now() + foundMs;
    while (performance.now() < until && !this.#options.stopped()) {
      const record = readPrivate(file, HostRecord);
      if (record) return record;
      await delay(20);
    }
    return null;
  }

  #gone(sessionId: string, attached: Attached): void {
    if (this.#runs.get(sessionId) !== attached) return;
    this.#runs.delete(sessionId);
    this.#options.onChange();
    if (!this.#options.stopped()) this.#options.onGone();
  }
}
