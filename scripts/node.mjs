#!/usr/bin/env node
/**
 * Runs a script under a Node that has node:sqlite and reads TypeScript: this one if it is new
 * enough, else the one `prepare` put into .cache. Usage: node scripts/node.mjs FILE [ARG…]
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** TypeScript files run as they are from 22.18 on; node:sqlite needs no flag from 22.13 on. */
export const newEnough = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};

export const cachedNode = () =>
  path.join(root, '.cache', 'node', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');

/** The Node to run the project's scripts with. Throws when there is none. */
export const projectNode = () => {
  if (newEnough()) return process.execPath;
  const cached = cachedNode();
  if (existsSync(cached)) return cached;
  throw new Error('Node 22.18 or newer is needed here. Run "node scripts/prepare.mjs" once: it fetches one from the npm registry.');
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = projectNode();
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(node, process.argv.slice(2), { stdio: 'inherit', cwd: process.cwd(), env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 127;
  });
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
