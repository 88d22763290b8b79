/** Planted faults: patches of the real sources, each tried in a copy of its own until a seed breaks a rule. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
export const ourPatches = path.join(import.meta.dirname, 'mutants');
/** What the simulation is made of. */
const sources = ['protocol', 'platform', 'test/simulation', 'test/support/random.ts', 'package.json'];
/** Without a seed being finished for so long, the one that is played does not end: an unharmed build needs far less. */
const stuckMs = 60_000;

/** `found`: a seed broke a rule. `missed`: none did. `broken`: the patch does not apply, or the patched sources do not start. */
export interface Trial {
  readonly name: string;
  readonly outcome: 'found' | 'missed' | 'broken';
  readonly seed: number | null;
  readonly what: string;
}

export const patchesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => path.resolve(folder, file));

/** Tries one patch on at most `seeds` seeds from `base` on. */
export async function tryPatch(patch: string, base: number, seeds: number): Promise<Trial> {
  const name = path.basename(patch, '.patch');
  const copy = mkdtempSync(path.join(os.tmpdir(), 'belay-mutant-'));
  try {
    for (const part of sources) {
      mkdirSync(path.dirname(path.join(copy, part)), { recursive: true });
      cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
    try {
      // Inside a repository git would leave out what is not part of it.
      const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(copy) };
      await promisify(execFile)('git', ['apply', patch], { cwd: copy, env });
    } catch (error) {
      return { name, outcome: 'broken', seed: null, what: `it does not apply: ${(error as { stderr?: string }).stderr?.trim() ?? ''}` };
    }
    return { name, ...(await search(copy, base, seeds)) };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Plays seeds in the copy, in a process of its own, until one breaks a rule. */
function search(copy: string, base: number, seeds: number): Promise<Omit<Trial, 'name'>> {
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
      if (finding) resolve({ outcome: 'found', seed: Number(finding[1]), what: finding[2] ?? '' });
      else if (stuck && played > 0) resolve({ outcome: 'found', seed: base + played, what: 'it does not end' });
      else if (played === seeds) resolve({ outcome: 'missed', seed: null, what: `none of ${seeds} seeds broke a rule` });
      else resolve({ outcome: 'broken', seed: null, what: `it does not run: ${problem.trim().slice(-500)}` });
    });
  });
}
