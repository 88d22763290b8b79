/** What only this machine knows: its own name, and which folder each repository is. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';
import { inState } from './stateFolder.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { tryLock } from './lock.ts';

const MachineFile = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  /** Repository id → folder. */
  bindings: z.record(z.string(), z.string()),
});
export type Machine = z.infer<typeof MachineFile>;

/** Another window writes for a moment only. */
const lockWaitMs = 5000;
const fileOf = (stateDir: string) => inState(stateDir, 'machine');

/** Reads `machine.json` of the state folder, or makes it. Throws `conflict` naming the file when it cannot be read; it is never replaced then. */
export function openMachine(stateDir: string): Machine {
  return readMachine(stateDir) ?? change(stateDir, (machine) => machine);
}

/** Binds a repository to a folder of this machine; another editor's bindings are kept. Throws as `openMachine`. */
export function bindRepository(stateDir: string, repositoryId: string, folder: string): Machine {
  return change(stateDir, (machine) => ({ ...machine, bindings: { ...machine.bindings, [repositoryId]: folder } }));
}

/** Reads, changes and writes while no other window does, so that nobody's binding is lost. */
function change(stateDir: string, next: (machine: Machine) => Machine): Machine {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const lock = tryLock(inState(stateDir, 'machineLock'), lockWaitMs);
  if (!lock) throw new BelayError('conflict', `Another program keeps ${fileOf(stateDir)} to itself.`, { hint: 'Try again in a moment.' });
  try {
    const known = readMachine(stateDir);
    const machine = next(known ?? { id: randomUUID(), name: hostname() || 'this machine', bindings: {} });
    if (machine !== known) writeMachine(stateDir, machine);
    return machine;
  } finally {
    lock.release();
  }
}

function writeMachine(stateDir: string, machine: Machine): void {
  const staged = `${fileOf(stateDir)}.${randomUUID()}`;
  try {
    writeFileSync(staged, `${JSON.stringify(machine)}\n`, { mode: 0o600 });
    renameSync(staged, fileOf(stateDir));
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  }
}

/** Null when there is no file. */
function readMachine(stateDir: string): Machine | null {
  try {
    return MachineFile.parse(JSON.parse(readFileSync(fileOf(stateDir), 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new BelayError(
      'conflict',
      `${fileOf(stateDir)} cannot be read: ${cause instanceof z.ZodError ? 'it is damaged' : messageOf(cause)}`,
      {
        hint: 'Repair the file. Or move it away: this machine then gets a new name, and its folders are bound again.',
        cause,
      },
    );
  }
}
