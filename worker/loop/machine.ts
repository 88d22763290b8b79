/** What only this machine knows: its own name, and which folder each repository is. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { readPrivate, writePrivate } from '../run/files.ts';

const MachineFile = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  /** Repository id → folder. */
  bindings: z.record(z.string(), z.string()),
});
export type Machine = z.infer<typeof MachineFile>;

/** Reads `machine.json` of the state folder, or makes it. */
export function openMachine(stateDir: string): Machine {
  const file = path.join(stateDir, 'machine.json');
  const known = readPrivate(file, MachineFile);
  if (known) return known;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const machine = { id: randomUUID(), name: hostname() || 'this machine', bindings: {} };
  writePrivate(file, machine);
  return machine;
}

/** Binds a repository to a folder of this machine; another editor's bindings are kept. */
export function bindRepository(stateDir: string, repositoryId: string, folder: string): Machine {
  const machine = openMachine(stateDir);
  const changed = { ...machine, bindings: { ...machine.bindings, [repositoryId]: folder } };
  writePrivate(path.join(stateDir, 'machine.json'), changed);
  return changed;
}
