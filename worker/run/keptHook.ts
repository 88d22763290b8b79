/** What a run keeps beside its clone, where no agent writes, for the hook at the removal of that clone. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { RunSpec } from './spec.ts';

const recordFile = (lineDir: string): string => path.join(lineDir, 'before-remove.json');

/** What came of it, as the process says it on its output. `busy`: a run or another window has the folder. */
export const Removal = z.object({ end: z.enum(['ran', 'failed', 'not_run', 'busy']), text: z.string() });
export type Removal = z.infer<typeof Removal>;

/** Keeps the hook of the version this run works under, without any value that belongs to the run alone. */
export function keepBeforeRemove(spec: RunSpec): void {
  const { workflow, grant, agent } = spec;
  if (workflow?.config.hooks.before_remove === undefined) {
    forgetBeforeRemove(spec.lineDir);
    return;
  }
  writePrivate(recordFile(spec.lineDir), {
    ...spec,
    grant: { ...grant, claimToken: '' },
    // The agent is not started again: what it may reach and read is none of the hook's.
    agent: { slug: agent.slug, driver: 'command', argv: ['/bin/sh'] },
    workflow: { ...workflow, secretNames: [], masked: [] },
  });
}

/** The run whose hook waits for the removal of this folder, or null. Where the folder lies is not taken from the file. */
export function keptBeforeRemove(lineDir: string): RunSpec | null {
  const kept = readPrivate(recordFile(lineDir), RunSpec);
  return kept && { ...kept, lineDir, stateDir: path.dirname(path.dirname(lineDir)) };
}

export function forgetBeforeRemove(lineDir: string): void {
  rmSync(recordFile(lineDir), { force: true });
}
