/** Brings a package and what it takes to work on it into `.cache/benign`, by the npm of this machine and without running any of it. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const cache = path.join(import.meta.dirname, '../../../.cache/benign');

const folderOf = (name: string, version: string): string => path.join(cache, `${name.replace('/', '+')}@${version}`);

async function npm(cwd: string, ...args: string[]): Promise<void> {
  await promisify(execFile)('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: { ...process.env, npm_config_engine_strict: 'false' },
  });
}

/** The folder with the package's files as published. */
export async function fetchPackage(name: string, version: string): Promise<{ files: string; integrity: string }> {
  const folder = folderOf(name, version);
  const files = path.join(folder, 'package');
  const stamp = path.join(folder, 'integrity');
  if (!existsSync(stamp)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(files, { recursive: true });
    await npm(folder, 'pack', `${name}@${version}`);
    const tarball = path.join(folder, readdirSync(folder).find((entry) => entry.endsWith('.tgz')) ?? '');
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '--no-same-owner', '-C', files], { stdio: 'ignore' });
    writeFileSync(stamp, `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`);
    rmSync(tarball);
  }
  return { files, integrity: readFileSync(stamp, 'utf8') };
}

const wantedBy = (needs: Readonly<Record<string, string>>): string => JSON.stringify({ private: true, dependencies: needs });

function needsFolder(name: string, version: string, needs: Readonly<Record<string, string>>): string {
  const key = createHash('sha256').update(wantedBy(needs)).digest('hex').slice(0, 12);
  return path.join(folderOf(name, version), `needs-${key}`);
}

/** What was installed for `ranges` is what `needs` names, and goes by that from now on. */
export function renameInstalled(
  name: string,
  version: string,
  ranges: Readonly<Record<string, string>>,
  needs: Readonly<Record<string, string>>,
): void {
  const folder = needsFolder(name, version, needs);
  if (!existsSync(folder)) renameSync(needsFolder(name, version, ranges), folder);
}

/** A `node_modules` with these dependencies; `needs` maps names to versions or ranges. */
export async function install(name: string, version: string, needs: Readonly<Record<string, string>>): Promise<string> {
  const wanted = wantedBy(needs);
  const folder = needsFolder(name, version, needs);
  if (!existsSync(folder)) {
    const making = `${folder}.new`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(path.join(making, 'node_modules'), { recursive: true });
    writeFileSync(path.join(making, 'package.json'), wanted);
    await npm(making, 'install', '--legacy-peer-deps', '--no-package-lock', '--omit=optional');
    renameSync(making, folder);
  }
  return path.join(folder, 'node_modules');
}

/** A copy that nobody else writes to. */
export function copyTree(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
