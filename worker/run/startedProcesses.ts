import type { ChildProcess } from 'node:child_process';
import { endSandboxed, endTree } from './processes.ts';

/** Everything that was started for the agent of a run: ended together, with what it left behind. */
export class StartedProcesses {
  /** Leaders of process groups. */
  readonly #leaders = new Set<number>();
  /** Clones that sandboxes of ours have mounted: what is left behind in one is found by it. */
  readonly #clones = new Set<string>();

  /** From now on they are started in a sandbox of ours around this clone. */
  within(clone: string): void {
    this.#clones.add(clone);
  }

  add(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#leaders.add(pid);
    // Its number may be another's later. What it left behind in our sandbox is found without it.
    if (this.#clones.size > 0) child.once('exit', () => this.#leaders.delete(pid));
  }

  /** False when something still lives. */
  async end(graceMs: number): Promise<boolean> {
    const ended = await Promise.all([...this.#leaders].map((leader) => endTree(leader, graceMs)));
    const left = await Promise.all([...this.#clones].map(endSandboxed));
    return [...ended, ...left].every(Boolean);
  }
}
