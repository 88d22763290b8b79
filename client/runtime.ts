/** Which program runs the platform: one that has node:sqlite. */
import { execFile } from 'node:child_process';
import { isBuiltin } from 'node:module';
import { promisify } from 'node:util';
import { BelayError } from '../protocol/errors.ts';

const run = promisify(execFile);
const lookMs = 5_000;
const needed = [22, 13] as const;

const newEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.trim().replace(/^v/, '').split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
};

/** `node` as the login shell finds it: an editor started from the desktop has a shorter PATH than a terminal. */
async function nodeOnLoginPath(): Promise<string | null> {
  try {
    if (process.platform === 'win32') return (await run('where', ['node'], { timeout: lookMs })).stdout.split(/\r?\n/)[0] ?? null;
    const shell = process.env.SHELL ?? '/bin/sh';
    const { stdout } = await run(shell, ['-lc', 'command -v node'], { timeout: lookMs });
    return stdout.trim().split('\n').at(-1) ?? null;
  } catch {
    return null;
  }
}

/** This very program when it has node:sqlite, else a newer `node`. Throws with what to install when there is none. */
export async function findRuntime(preferred?: string): Promise<string> {
  if (preferred) return preferred;
  if (isBuiltin('node:sqlite')) return process.execPath;
  const node = await nodeOnLoginPath();
  if (node) {
    const version = await run(node, ['--version'], { timeout: lookMs }).then(
      ({ stdout }) => stdout,
      () => '',
    );
    if (newEnough(version)) return node;
  }
  throw new BelayError(
    'unavailable',
    `Belay's platform needs Node.js ${needed.join('.')} or newer, and this editor has an older one inside.`,
    {
      hint: 'Install a current Node.js so that "node" is found in a new terminal, then try again.',
    },
  );
}

const kept = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'USERPROFILE',
  'LOCALAPPDATA',
  'APPDATA',
];

/** What a background process of ours needs of our environment: nothing that is secret, nothing an editor adds. */
export function cleanEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const clean: NodeJS.ProcessEnv = { ELECTRON_RUN_AS_NODE: '1' };
  for (const name of kept) if (env[name] !== undefined) clean[name] = env[name];
  return clean;
}
