/**
 * Host-side git that runs nothing the repository or the agent configured: no hooks, no fsmonitor,
 * no system or global configuration, an environment made from scratch, a git directory named outright.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { BelayError } from '../../protocol/errors.ts';
import { certificateVariables, proxyVariables, setVariables } from './networkVariables.ts';
import { inReadingRoom, type ReadingRoom } from '../sandbox/readingRoom.ts';

export interface GitOptions {
  /** The git directory. Without it git looks for one from `cwd`, which is only right for a person's own checkout. */
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly indexFile?: string;
  /** Further object directories to read from. */
  readonly alternates?: readonly string[];
  /** Extra configuration for this call, `key` → `value`. */
  readonly config?: Readonly<Record<string, string>>;
  /** The person's own ssh may be used: their agent, their keys, their known hosts. */
  readonly ssh?: boolean;
  /** It sees these folders only: for every call that reads what an agent may have written. */
  readonly room?: ReadingRoom;
  readonly signal?: AbortSignal;
  /** Exit codes that are answers, not errors. Default only 0. */
  readonly okCodes?: readonly number[];
}
export interface GitReply {
  readonly code: number;
  readonly stdout: Buffer;
  readonly text: string;
}

const guards: Readonly<Record<string, string>> = {
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.quotePath': 'false',
  'core.untrackedCache': 'false',
  'core.pager': 'cat',
  'diff.external': '',
  'diff.ignoreSubmodules': 'all',
  'safe.bareRepository': 'explicit',
  'protocol.allow': 'never',
  'protocol.file.allow': 'always',
  'submodule.recurse': 'false',
  'fetch.fsckObjects': 'true',
  'transfer.fsckObjects': 'true',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'commit.gpgSign': 'false',
  'tag.gpgSign': 'false',
  'log.showSignature': 'false',
};

const identity = {
  GIT_AUTHOR_NAME: 'Belay',
  GIT_AUTHOR_EMAIL: 'belay@localhost',
  GIT_COMMITTER_NAME: 'Belay',
  GIT_COMMITTER_EMAIL: 'belay@localhost',
};

function environment(options: GitOptions): Record<string, string> {
  const config = { ...guards, ...options.config };
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    ...identity,
    ...configVariables(config),
    ...placeVariables(options),
  };
  if (process.platform === 'win32') env['SYSTEMROOT'] = process.env['SYSTEMROOT'] ?? '';
  if (options.ssh) {
    env['GIT_SSH_COMMAND'] = 'ssh -oBatchMode=yes -oForwardAgent=no';
    for (const name of ['HOME', 'SSH_AUTH_SOCK', 'USERPROFILE']) if (process.env[name] !== undefined) env[name] = process.env[name];
  }
  return env;
}

function configVariables(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(config);
  const named = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length), ...(Object.fromEntries(named) as Record<string, string>) };
}

function placeVariables({ gitDir, workTree, indexFile, alternates }: GitOptions): Record<string, string> {
  return {
    ...(gitDir && { GIT_DIR: gitDir }),
    ...(workTree && { GIT_WORK_TREE: workTree }),
    ...(indexFile && { GIT_INDEX_FILE: indexFile }),
    ...(alternates?.length && { GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates.join(process.platform === 'win32' ? ';' : ':') }),
  };
}

/** Where git finds the person's own configuration, and what a filter driver of theirs needs to do its work. */
const personalVariables = [
  ...['HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM', 'USER', 'LOGNAME', 'TMPDIR'],
  ...['USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'SYSTEMROOT', 'TEMP', 'TMP'],
  ...['SSH_AUTH_SOCK', ...proxyVariables, ...certificateVariables],
];

function personalEnvironment(config: Readonly<Record<string, string>>, options: GitOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    ...setVariables(personalVariables),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...configVariables(config),
    ...placeVariables(options),
  };
}

/** Programs that the person's configuration names for other occasions than reading and writing a file. */
const personalGuards = {
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'core.pager': 'cat',
  'core.quotePath': 'false',
  'core.splitIndex': 'false',
  'core.untrackedCache': 'false',
  'submodule.recurse': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
};

/**
 * Git as the person runs it in their own checkout: their whole configuration and their filter drivers, but no hook and no
 * file monitor. For their own files, and for content they accept; never for what lies in an agent's folder.
 */
export async function personGit(args: readonly string[], options: GitOptions & { readonly gitDir: string }): Promise<GitReply> {
  return runGit(args, options, guardedEnvironment(options));
}

/** The same for a process that answers more than once: its input and output are left to the caller. */
export function startPersonGit(args: readonly string[], options: GitOptions & { readonly gitDir: string }): ChildProcessWithoutNullStreams {
  return spawnGit(args, options, guardedEnvironment(options));
}

const guardedEnvironment = (options: GitOptions): Record<string, string> =>
  personalEnvironment({ ...personalGuards, ...options.config }, options);

/**
 * Reads the person's configuration for one of their checkouts, system and global files included: key in lower
 * case → last value. Reading configuration runs nothing. `keys` is a regular expression of git.
 */
export async function personalConfig(gitDir: string, keys: string): Promise<Map<string, string>> {
  const at = { gitDir, okCodes: [0, 1] };
  const reply = await runGit(['config', '--null', '--get-regexp', keys], at, personalEnvironment({}, at));
  return new Map(
    fields(reply.stdout).map((entry) => {
      const [key = '', ...value] = entry.split('\n');
      // A key without a value means true.
      return [key, value.length === 0 ? 'true' : value.join('\n')];
    }),
  );
}

/** Starts git and leaves its input and output to the caller, for a process that answers more than once. */
export function startGit(args: readonly string[], options: GitOptions): ChildProcessWithoutNullStreams {
  return spawnGit(args, options, environment(options));
}

/** Runs git. Throws a BelayError with git's own words when it fails, and one of its own when git is not there. */
export async function safeGit(args: readonly string[], options: GitOptions): Promise<GitReply> {
  return runGit(args, options, environment(options));
}

function spawnGit(args: readonly string[], options: GitOptions, env: Record<string, string>): ChildProcessWithoutNullStreams {
  const cwd = options.workTree ?? options.cwd ?? options.gitDir;
  const command = ['git', ...args];
  const [program = 'git', ...rest] = options.room ? inReadingRoom(options.room, command, cwd ?? '/') : command;
  return spawn(program, rest, {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal && { signal: options.signal }),
    windowsHide: true,
  });
}

async function runGit(args: readonly string[], options: GitOptions, env: Record<string, string>): Promise<GitReply> {
  const child = spawnGit(args, options, env);
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return await replyOf(child, args, options);
}

/** Gives what the first git writes to the second, whose reply it returns; throws the words of whichever failed. */
export async function pipeGit(
  from: { readonly args: readonly string[]; readonly options: GitOptions },
  to: { readonly args: readonly string[]; readonly options: GitOptions },
): Promise<GitReply> {
  const [writer, reader] = [startGit(from.args, from.options), startGit(to.args, to.options)];
  for (const { stdin } of [writer, reader]) stdin.on('error', () => undefined);
  writer.stdin.end(from.options.input ?? '');
  writer.stdout.pipe(reader.stdin);
  const [wrote, read] = await Promise.allSettled([replyOf(writer, from.args, from.options, false), replyOf(reader, to.args, to.options)]);
  if (wrote.status === 'rejected') throw wrote.reason;
  if (read.status === 'rejected') throw read.reason;
  return read.value;
}

async function replyOf(
  child: ChildProcessWithoutNullStreams,
  args: readonly string[],
  options: GitOptions,
  collects = true,
): Promise<GitReply> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  if (collects) child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'ENOENT' ? gitMissing(cause) : cause);
    });
    child.on('close', (exit, signal) => {
      resolve(exit ?? (signal ? 128 : 1));
    });
  });
  const out = Buffer.concat(stdout);
  if (!(options.okCodes ?? [0]).includes(code)) {
    const words = Buffer.concat(stderr).toString('utf8').trim().slice(0, 2000);
    throw new BelayError('conflict', `git ${args[0] ?? ''} failed (${code}): ${words || 'no message'}`);
  }
  return { code, stdout: out, text: out.toString('utf8').trimEnd() };
}

function gitMissing(cause: unknown): BelayError {
  return new BelayError('bad_request', 'git was not found, or its working folder is gone.', {
    hint: 'Install git so that it is on the PATH, check that the repository folder exists, and try again.',
    cause,
  });
}

/** Splits NUL-separated output. */
export function fields(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
