/** Real git repositories in temporary folders, for tests. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';

const folders: string[] = [];

/** A new temporary folder, removed by `removeTempFolders`. */
export function tempFolder(name = 'belay-test-'): string {
  const folder = mkdtempSync(path.join(tmpdir(), name));
  folders.push(folder);
  return folder;
}
/** A program that a test ended may still write its last file: the folder goes when that is done. */
export function removeTempFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}

export function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C.UTF-8' };
  return execFileSync('git', ['-c', 'user.name=Test Person', '-c', 'user.email=test@localhost', ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** A repository with one commit of `files`, in a folder called `name`. */
export function makeRepository(files: Record<string, string>, name = 'repo'): string {
  const folder = path.join(tempFolder(), name);
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'config', 'user.name', 'Test Person');
  git(folder, 'config', 'user.email', 'test@localhost');
  writeFiles(folder, files);
  if (Object.keys(files).length > 0) {
    git(folder, 'add', '-A');
    git(folder, 'commit', '--quiet', '-m', 'Start');
  }
  return folder;
}

/** Every file of a checkout with its content hash; `.git` without `objects` and `refs/belay`. */
export function fingerprint(folder: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const entry of readdirSync(path.join(folder, at))) {
      const name = at ? `${at}/${entry}` : entry;
      if (name === '.git/objects' || name === '.git/refs/belay') continue;
      const file = path.join(folder, name);
      const info = lstatSync(file);
      if (info.isSymbolicLink()) seen[name] = `link ${readlinkSync(file)}`;
      else if (info.isDirectory()) walk(name);
      else if (!info.isFile()) seen[name] = 'neither file, folder nor link';
      else seen[name] = `${(statSync(file).mode & 0o777).toString(8)} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
    }
  };
  walk('');
  return seen;
}
