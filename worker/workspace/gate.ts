/**
 * The hand-over gate: reads the agent's folder with a repository the agent never reached, judges every
 * changed path as data, and writes what may leave as one commit under refs/belay in the main repository.
 */
import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResultFile } from '../../protocol/records.ts';
import { gateDir } from './clone.ts';
import { absent, lineCounts, lineSum, linksOf, rawChanges, resultFile, treeEntries, type RawChange } from './diff.ts';
import { safeGit, type GitOptions } from './git.ts';
import { bareRepositoryParts, foldClashes, judge, type Links, type Verdict } from './judge.ts';
import { openCheckout } from './repository.ts';
import type { GateOutcome, GateRequest } from './types.ts';

const gateLimits = { files: 5000, fileBytes: 20 * 1024 * 1024, totalBytes: 200 * 1024 * 1024 } as const;

/** The ref in the main repository that keeps a result; session and fence name it, so an outdated run cannot move another's. */
function resultRef(sessionId: string, fence: number): string {
  return `refs/belay/sessions/${sessionId}-${fence}`;
}

/** Judges what the agent left and hands over what may leave. Throws when the agent's folder cannot be read. */
export async function runGate(request: GateRequest): Promise<GateOutcome> {
  const git: GitOptions = { gitDir: gateDir(request.lineDir), ...(request.signal && { signal: request.signal }) };
  const base = request.clone.baseCommit;
  const nested = await nestedRepositories(request.clone.path);
  const tree = await treeOf(request, nested, git);
  const changes = await rawChanges(base, tree, git);
  const all = await treeEntries(tree, git);
  const hasLinks = changes.some((change) => change.linkTarget !== null);
  const links = hasLinks ? await linksOf([...(await treeEntries(base, git)), ...all], git) : new Map<string, string[]>();
  const verdicts = await judgeAll(
    changes,
    all.map((entry) => entry.path),
    links,
    git,
  );

  const leaving = changes.filter((change) => verdicts.get(change.path)?.class !== 'control');
  const heldBack = [
    ...changes
      .filter((change) => verdicts.get(change.path)?.class === 'control')
      .map((change) => ({ path: change.path, reason: verdicts.get(change.path)?.reason ?? 'control file' })),
    ...nested
      .filter((folder) => !changes.some((change) => change.path === folder))
      .map((folder) => ({ path: folder, reason: 'a nested repository or submodule' })),
  ];
  const agentCommits = await countCommits(request, git);
  const empty = { baseCommit: base, headCommit: null, ref: null, agentCommits, files: [], heldBack, added: 0, deleted: 0 };
  if (leaving.length === 0) return empty;

  const head = await commitOf(leaving, request, git);
  const ref = resultRef(request.sessionId, request.fence);
  await handOver(head, ref, request, git);
  const lines = await lineCounts(base, head, git);
  const files = leaving.map((change): ResultFile => {
    const verdict = verdicts.get(change.path) ?? { class: 'control', reason: null };
    return { ...resultFile(change, lines.get(change.path)), ...verdict };
  });
  return { ...empty, headCommit: head, ref, files, ...lineSum(files) };
}

/** The agent's folder as a tree object in the gate's own repository. */
async function treeOf(request: GateRequest, nested: readonly string[], git: GitOptions): Promise<string> {
  const at = { ...git, workTree: request.clone.path };
  await safeGit(['read-tree', request.clone.baseCommit], at);
  // Git refuses the whole folder for one repository in it that has no commit yet.
  const without = nested.map((folder) => `:(exclude,top,literal)${folder}`);
  await safeGit(['add', '-A', '--', '.', ...without], {
    ...at,
    config: { 'advice.addEmbeddedRepo': 'false', 'core.bigFileThreshold': '1m' },
  });
  return (await safeGit(['write-tree'], at)).text;
}

async function judgeAll(
  changes: readonly RawChange[],
  all: readonly string[],
  links: Links,
  git: GitOptions,
): Promise<Map<string, Verdict>> {
  const paths = changes.filter((change) => change.newMode !== absent).map((change) => change.path);
  const clashes = foldClashes(paths, all);
  const bare = bareRepositoryParts(paths, all);
  const sizes = await blobSizes(changes, git);
  const verdicts = new Map<string, Verdict>();
  let total = 0;
  changes.forEach((change, index) => {
    const size = sizes.get(change.newId) ?? 0;
    total += size;
    const held = clashes.has(change.path)
      ? 'the same name as another file where case or Unicode is folded'
      : bare.has(change.path)
        ? 'part of a bare repository'
        : size > gateLimits.fileBytes
          ? `larger than ${gateLimits.fileBytes / 1024 / 1024} MB`
          : index >= gateLimits.files
            ? `more than ${gateLimits.files} files`
            : total > gateLimits.totalBytes
              ? `more than ${gateLimits.totalBytes / 1024 / 1024} MB in all`
              : null;
    verdicts.set(change.path, held ? { class: 'control', reason: held } : judge(change, links));
  });
  return verdicts;
}

async function blobSizes(changes: readonly RawChange[], git: GitOptions): Promise<Map<string, number>> {
  const ids = [...new Set(changes.filter((change) => change.newMode.startsWith('100')).map((change) => change.newId))];
  if (ids.length === 0) return new Map();
  const reply = await safeGit(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { ...git, input: `${ids.join('\n')}\n` });
  return new Map(
    reply.text.split('\n').map((line) => {
      const [id = '', size = '0'] = line.split(' ');
      return [id, Number(size)];
    }),
  );
}

/** One commit on the base with only what may leave. */
async function commitOf(leaving: readonly RawChange[], request: GateRequest, git: GitOptions): Promise<string> {
  const indexFile = path.join(gateDir(request.lineDir), 'handover.index');
  await rm(indexFile, { force: true });
  const at = { ...git, indexFile };
  await safeGit(['read-tree', request.clone.baseCommit], at);
  const zero = '0'.repeat(request.clone.baseCommit.length);
  // Removals first, so that a file may take the place of a folder and the other way round.
  const ordered = [...leaving].sort((a, b) => Number(a.newMode !== absent) - Number(b.newMode !== absent));
  const lines = ordered.map((change) =>
    change.newMode === absent ? `0 ${zero}\t${change.path}\0` : `${change.newMode} ${change.newId}\t${change.path}\0`,
  );
  await safeGit(['update-index', '-z', '--index-info'], { ...at, input: lines.join('') });
  const tree = (await safeGit(['write-tree'], at)).text;
  await rm(indexFile, { force: true });
  return (
    await safeGit(['commit-tree', tree, '-p', request.clone.baseCommit, '-F', '-'], {
      ...git,
      input: `${request.subject}\n\nBelay-Session: ${request.sessionId}\n`,
    })
  ).text;
}

/** Moves the commit's objects into the main repository, checked on the way. A plain folder's result stays in the gate. */
async function handOver(head: string, ref: string, request: GateRequest, git: GitOptions): Promise<void> {
  await safeGit(['update-ref', ref, head], git);
  const checkout = await openCheckout(request.repositoryPath);
  if (!checkout.git || request.clone.kind === 'copy') return;
  await safeGit(
    [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-gc',
      '--no-recurse-submodules',
      gateDir(request.lineDir),
      `+${ref}:${ref}`,
    ],
    {
      gitDir: checkout.git.gitDir,
      config: { 'safe.bareRepository': 'all' },
      ...(request.signal && { signal: request.signal }),
    },
  );
}

/** Folders below the clone with a `.git` of their own: git records them as links and hides their files. */
async function nestedRepositories(top: string): Promise<string[]> {
  const found: string[] = [];
  const skip = new Set(['node_modules']);
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > 12 || found.length >= 100) return;
    for (const entry of await readdir(path.join(top, folder), { withFileTypes: true }).catch(() => [])) {
      const at = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.name === '.git' && folder) found.push(folder);
      else if (entry.isDirectory() && entry.name !== '.git' && !skip.has(entry.name)) await walk(at, depth + 1);
    }
  };
  await walk('', 0);
  return found;
}

/** How many commits the agent made on the base. The clone's own git directory is only read as files. */
async function countCommits(request: GateRequest, git: GitOptions): Promise<number> {
  const head = await cloneHead(path.join(request.clone.path, '.git'));
  if (!head) return 0;
  const objects = path.join(request.clone.path, '.git', 'objects');
  const reply = await safeGit(['rev-list', '--count', '--end-of-options', `${request.clone.baseCommit}..${head}`], {
    ...git,
    alternates: [objects],
    okCodes: [0, 1, 128],
  });
  return reply.code === 0 ? Number(reply.text) || 0 : 0;
}

/** The commit the clone's HEAD names, read without git and without following links. Null when it cannot be told. */
export async function cloneHead(gitDir: string): Promise<string | null> {
  const isId = (text: string | null | undefined): text is string => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text ?? '');
  const head = await readPlain(path.join(gitDir, 'HEAD'));
  const name = /^ref: (refs\/[^\0\n]+)$/u.exec(head ?? '')?.[1];
  if (!name) return isId(head) ? head : null;
  if (name.split('/').includes('..')) return null;
  const loose = await readPlain(path.join(gitDir, ...name.split('/')));
  if (isId(loose)) return loose;
  const packed = await readPlain(path.join(gitDir, 'packed-refs'));
  const line = packed?.split('\n').find((entry) => entry.endsWith(` ${name}`));
  return isId(line?.split(' ')[0]) ? (line?.split(' ')[0] ?? null) : null;
}

/** Windows has neither flag. */
const noFollow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function readPlain(file: string): Promise<string | null> {
  const handle = await open(file, constants.O_RDONLY | noFollow).catch(() => null);
  if (!handle) return null;
  try {
    const info = await handle.stat();
    if (!info.isFile() || info.size > 4 * 1024 * 1024) return null;
    return (await handle.readFile('utf8')).trim();
  } finally {
    await handle.close();
  }
}
