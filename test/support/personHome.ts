/** A person's home folder with their own settings of git, and git as they would run it. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { tempFolder, writeFiles } from './repository.ts';

const names = ['HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL'] as const;
const known = names.map((name) => process.env[name]);

/** From here on this process's home is a new folder with these files. */
export function settleIn(files: Record<string, string>): string {
  const home = tempFolder();
  writeFiles(home, files);
  process.env['HOME'] = home;
  process.env['XDG_CONFIG_HOME'] = path.join(home, '.config');
  delete process.env['GIT_CONFIG_GLOBAL'];
  return home;
}
export function moveOut(): void {
  names.forEach((name, index) => {
    if (known[index] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = known[index];
  });
}
export function ownGit(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C.UTF-8' };
  return execFileSync('git', ['-c', 'user.name=Test Person', '-c', 'user.email=test@localhost', ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).replace(/\n$/u, '');
}
