/** Planted faults: patches of the real sources, each applied to a copy of its own. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inLanes } from './lanes.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** `found`: something noticed the fault. `missed`: nothing did. `broken`: the patch does not apply, or what it leaves does not start. */
export type Outcome = 'found' | 'missed' | 'broken';
export interface Finding {
  readonly outcome: Outcome;
  readonly what: string;
}

export const patchesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => path.resolve(folder, file));

export const nameOf = (patch: string): string => path.basename(patch, '.patch');

/** Copies that no patch is in at the moment; one after the other is tried in each. */
const spare: string[] = [];
process.once('exit', () => {
  for (const copy of spare) rmSync(copy, { recursive: true, force: true });
});

function copyOf(sources: readonly string[]): string {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'belay-mutant-'));
  for (const part of sources) {
    mkdirSync(path.dirname(path.join(copy, part)), { recursive: true });
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  return copy;
}

/** Applies the patch in a copy of `sources` of the repository, and lets `search` look for the fault there. `sources` is one in a process. */
export async function inPatchedCopy(
  patch: string,
  sources: readonly string[],
  search: (copy: string) => Promise<Finding>,
): Promise<Finding> {
  const copy = spare.pop() ?? copyOf(sources);
  const apply = async (...how: string[]): Promise<void> => {
    // Inside a repository git would leave out what is not part of it.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(copy) };
    await promisify(execFile)('git', ['apply', ...how, patch], { cwd: copy, env });
  };
  try {
    await apply();
  } catch (error) {
    spare.push(copy);
    return { outcome: 'broken', what: `it does not apply: ${(error as { stderr?: string }).stderr?.trim() ?? ''}` };
  }
  const finding = await search(copy);
  await apply('--reverse');
  spare.push(copy);
  return finding;
}

/** Tries every patch, so many at a time, and tells of each. Prints one JSON object as the last line; false unless all were found. */
export async function tryAll(patches: readonly string[], atOnce: number, attempt: (patch: string) => Promise<Finding>): Promise<boolean> {
  const started = performance.now();
  const names: Record<Outcome, string[]> = { found: [], missed: [], broken: [] };
  await inLanes(patches, atOnce, async (patch) => {
    const { outcome, what } = await attempt(patch);
    names[outcome].push(nameOf(patch));
    console.log(`${nameOf(patch)}: ${outcome}: ${what}`);
  });
  const { found, missed, broken } = names;
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(JSON.stringify({ planted: patches.length, found: found.length, missed, broken, seconds }));
  return patches.length > 0 && found.length === patches.length;
}
