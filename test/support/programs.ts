/** Belay's own programs as they ship: those in the folder that `BELAY_PROGRAMS` names, else built once for all tests of a process. */
import { build } from 'esbuild';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copySandboxHelpers, programBundle, programFile, type Program } from '../../scripts/bundles.ts';

const given = process.env['BELAY_PROGRAMS'];
const folder = given ?? ownFolder();

function ownFolder(): string {
  const own = mkdtempSync(path.join(tmpdir(), 'belay-programs-'));
  // Another user has to be able to start them, too.
  chmodSync(own, 0o755);
  process.once('exit', () => {
    rmSync(own, { recursive: true, force: true });
  });
  return own;
}

const built = new Map<Program, Promise<unknown>>();
let helped = false;

/** Where this program is, once `ready` has built it. */
export const fileOf = (name: Program): string => programFile(name, folder);

/** Builds those that are not there yet. */
export async function ready(...names: readonly Program[]): Promise<void> {
  if (given !== undefined) return;
  if (!helped) copySandboxHelpers(folder);
  helped = true;
  await Promise.all(
    // A run host starts nothing without the agent's end of its broker beside it.
    names
      .flatMap((name) => (name === 'runHost' ? [name, 'brokerRelay' as const] : [name]))
      .map((name) => {
        const running = built.get(name) ?? build(programBundle(name, folder));
        built.set(name, running);
        return running;
      }),
  );
}
