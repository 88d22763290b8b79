/** Runs the commands of a package in a process with a clean environment and a home of its own. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { benchFolder } from './bench.ts';
import type { DrawnPackage } from './drawn.ts';
import type { Attempt } from './onePackage.ts';

export async function attempt(drawn: DrawnPackage, how: 'outside' | 'compare'): Promise<Attempt[]> {
  const { folder, home } = benchFolder();
  try {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, 'onePackage.ts'), folder, how],
      {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', TMPDIR: folder },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    child.stdin.end(JSON.stringify(drawn));
    const [said, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const attempts = said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Attempt] : []));
    if (attempts.length !== drawn.commands.length)
      throw new Error(`${drawn.name}: ${attempts.length} of ${drawn.commands.length} commands were run. ${errors.slice(-2000)}`);
    return attempts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
