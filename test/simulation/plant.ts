/** Planted faults of the platform: each is played in its copy until a seed breaks a rule. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { inPatchedCopy, type Finding } from '../support/planted.ts';

export const ourPatches = path.join(import.meta.dirname, 'mutants');
/** What the simulation is made of. */
const sources = [
  'protocol',
  'prompt',
  'platform',
  'test/simulation',
  'test/support/random.ts',
  'test/support/asHolders.ts',
  'package.json',
];
/** Without a seed being finished for so long, the one that is played does not end: an unharmed build needs far less. */
const stuckMs = 60_000;

/** Tries one patch on at most `seeds` seeds from `base` on. */
export async function tryPatch(patch: string, base: number, seeds: number): Promise<Finding> {
  return await inPatchedCopy(patch, sources, (copy) => search(copy, base, seeds));
}

/** Plays seeds in the copy, in a process of its own, until one breaks a rule. */
function search(copy: string, base: number, seeds: number): Promise<Finding> {
  const main = path.join(copy, 'test/simulation/main.ts');
  const child = spawn(process.execPath, [main, '--first', '--seed-base', String(base), '--seeds', String(seeds)], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let problem = '';
  let stuck = false;
  let timer: NodeJS.Timeout | undefined;
  const progress = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stuck = true;
      child.kill('SIGKILL');
    }, stuckMs);
  };
  progress();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    progress();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problem += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const lines = said.trim().split('\n');
      const played = lines.filter((line) => line.startsWith('played ')).length;
      const finding = /^seed (\d+): (.*)$/m.exec(said);
      if (finding) resolve({ outcome: 'found', what: `by seed ${finding[1] ?? ''}: ${finding[2] ?? ''}` });
      else if (stuck && played > 0) resolve({ outcome: 'found', what: `by seed ${base + played}: it does not end` });
      else if (played === seeds) resolve({ outcome: 'missed', what: `none of ${seeds} seeds broke a rule` });
      else resolve({ outcome: 'broken', what: `it does not run: ${problem.trim().slice(-500)}` });
    });
  });
}
