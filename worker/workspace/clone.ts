/** Makes the private clone a line of work lives in. */
import { copyFile, cp, lstat, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { borrowedObjects, borrowObjects } from './baseObjects.ts';
import { parentsAreFolders } from './fileState.ts';
import { submoduleMode, treeEntries } from './diff.ts';
import { personGit, safeGit } from './git.ts';
import { copyIdentity } from './identity.ts';
import { copyIncluded } from './included.ts';
import { copyFolder, refuseProtected } from './plainFolder.ts';
import { takeOverIgnores } from './personalIgnores.ts';
import { headCommit, openCheckout, type Checkout } from './repository.ts';
import { fetchFolders, keepSkipped, lendForCheckout, partialRemote, takeOverSparse } from './sparse.ts';
import type { CloneRequest, LineClone } from './types.ts';
import { keepBytes, keepStartIndex } from './workingTree.ts';

/** Host-owned facts of a line, written once the clone is complete; the agent cannot reach this file. */
const LineRecord = z.object({ kind: z.enum(['clone', 'copy']), baseCommit: z.string(), repositoryPath: z.string() });

export function clonePath(lineDir: string): string {
  return path.join(lineDir, 'clone');
}
/** The bare repository that the host reads the agent's folder with. */
export function gateDir(lineDir: string): string {
  return path.join(lineDir, 'gate.git');
}

/**
 * Makes `<lineDir>/clone` from the base, or returns the one an earlier session of the line made.
 * The main repository gets `refs/belay/base/<session>` so that its objects stay; nothing else changes there.
 */
export async function createClone(request: CloneRequest): Promise<LineClone> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const target = clonePath(request.lineDir);
  const earlier = await readLine(request.lineDir);
  if (earlier) {
    await renewBorrowed(request, earlier);
    return { path: target, kind: earlier.kind, baseCommit: earlier.baseCommit, reused: true, ...nothingToSay, ms: elapsed() };
  }
  const checkout = await openCheckout(request.repositoryPath);
  await mkdir(request.lineDir, { recursive: true, mode: 0o700 });
  // A clone without its record is one that was cut short.
  await rm(target, { recursive: true, force: true });
  await rm(gateDir(request.lineDir), { recursive: true, force: true });
  const kind = checkout.git ? 'clone' : 'copy';
  const made = checkout.git ? await cloneShared(checkout, target, request) : await copyPlain(checkout, target, request);
  await createGate(request.lineDir, checkout, kind, target);
  await keepStartIndex(path.join(target, '.git'), gateDir(request.lineDir));
  await writeLine(request.lineDir, { kind, baseCommit: made.baseCommit, repositoryPath: checkout.path });
  return { path: target, kind, ...made, reused: false, ms: elapsed() };
}

/** A line that borrowed from the whole repository, as lines once did, borrows what its base reaches. */
async function renewBorrowed({ lineDir, repositoryPath, signal }: CloneRequest, line: z.infer<typeof LineRecord>): Promise<void> {
  if (line.kind === 'copy' || (await exists(borrowedObjects(lineDir)))) return;
  const { git } = await openCheckout(repositoryPath);
  if (!git) return;
  const isPartial = (await partialRemote(git.gitDir)) !== null;
  await borrowObjects({ ...git, lineDir, base: line.baseCommit, isPartial, ...(signal && { signal }) });
  const alternates = '.git/objects/info/alternates';
  if (await parentsAreFolders(clonePath(lineDir), alternates)) await writeAlternates(path.join(clonePath(lineDir), '.git'), lineDir);
  await writeAlternates(gateDir(lineDir), lineDir);
}

/** In place of whatever stands there, a link too. */
async function writeAlternates(gitDir: string, lineDir: string): Promise<void> {
  const file = path.join(gitDir, 'objects', 'info', 'alternates');
  await mkdir(path.dirname(file), { recursive: true });
  await rm(file, { force: true });
  await writeFile(file, `${borrowedObjects(lineDir)}\n`, { flag: 'wx' });
}

/** The commit an earlier session of the line began with; null for a new line. */
export async function lineBase(lineDir: string): Promise<string | null> {
  return (await readLine(lineDir))?.baseCommit ?? null;
}

async function readLine(lineDir: string): Promise<z.infer<typeof LineRecord> | null> {
  const text = await readFile(path.join(lineDir, 'line.json'), 'utf8').catch(() => null);
  return text === null ? null : LineRecord.parse(JSON.parse(text));
}

async function writeLine(lineDir: string, record: z.infer<typeof LineRecord>): Promise<void> {
  const file = path.join(lineDir, 'line.json');
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

type Said = Pick<LineClone, 'leftOut' | 'notCopied' | 'submodules' | 'mirrors'>;
type Made = Said & Pick<LineClone, 'baseCommit'>;
const nothingToSay: Said = { leftOut: [], notCopied: [], submodules: [], mirrors: [] };

async function cloneShared(checkout: Checkout, target: string, request: CloneRequest): Promise<Made> {
  const git = checkout.git;
  if (!git) throw new BelayError('internal', 'A shared clone needs a repository.');
  const signal = request.signal && { signal: request.signal };
  const main = { gitDir: git.gitDir, ...signal };
  const base = await resolveBase(checkout, request);
  await safeGit(['update-ref', `refs/belay/base/${request.sessionId}`, base], main);
  const remote = await partialRemote(git.gitDir);
  if (remote !== null) await fetchFolders(git.gitDir, base, signal ?? {});
  await borrowObjects({ ...git, lineDir: request.lineDir, base, isPartial: remote !== null, ...signal });

  const dir = path.join(target, '.git');
  await safeGit(
    ['init', '--quiet', '--template=', `--object-format=${git.format}`, `--initial-branch=belay/${request.sessionId}`, target],
    { cwd: request.lineDir, ...signal },
  );
  await writeAlternates(dir, request.lineDir);
  const shallow = path.join(git.commonDir, 'shallow');
  if (await exists(shallow)) await copyFile(shallow, path.join(dir, 'shallow'));
  await copyIdentity(git.gitDir, dir);
  await safeGit(['config', 'gc.auto', '0'], { gitDir: dir });
  await takeOverIgnores(checkout, dir);

  const own = { gitDir: dir, workTree: target, ...signal };
  await safeGit(['update-ref', `refs/heads/belay/${request.sessionId}`, base], own);
  const isSparse = await takeOverSparse(checkout, dir);
  const lending = { gitDir: git.gitDir, lineDir: request.lineDir, base, signal: signal ?? {} };
  if (remote !== null) await lendForCheckout({ ...lending, remote }, own, isSparse);
  await safeGit(['read-tree', '--reset', '-u', base], own);
  const leftOut = await copyIncluded(checkout, base, target, signal ?? {});
  const submodules = (await treeEntries(base, own)).filter((entry) => entry.mode === submoduleMode).map((entry) => entry.path);
  return { ...nothingToSay, baseCommit: base, leftOut, submodules, mirrors: await mirrorsOf(git.gitDir) };
}

/** Remotes that are set up as mirrors: git pushes every ref there, and knows no way to keep some back. */
async function mirrorsOf(gitDir: string): Promise<string[]> {
  const found = await personGit(['config', '--type=bool', '--get-regexp', '^remote\\..*\\.mirror$'], { gitDir, okCodes: [0, 1] });
  const on = found.text.split('\n').filter((line) => line.endsWith(' true'));
  return on.map((line) => line.slice('remote.'.length, line.lastIndexOf('.mirror')));
}

async function resolveBase(checkout: Checkout, request: CloneRequest): Promise<string> {
  const gitDir = checkout.git?.gitDir ?? '';
  if (request.base.kind === 'commit') {
    const commit = request.base.commit;
    const reply = await safeGit(['rev-parse', '--verify', '--quiet', `${commit}^{commit}`], { gitDir, okCodes: [0, 1, 128] });
    if (reply.code !== 0)
      throw new BelayError('not_found', `The base commit ${commit.slice(0, 12)} is not in this repository.`, {
        hint: 'Fetch it, or start from HEAD.',
      });
    return reply.text;
  }
  const head = await headCommit(checkout);
  if (head) return head;
  // A branch without a commit: start from the empty tree, so that results have something to differ from.
  const tree = await safeGit(['hash-object', '-t', 'tree', '-w', '--stdin'], { gitDir, input: '' });
  return (await safeGit(['commit-tree', tree.text, '-m', 'Empty base'], { gitDir })).text;
}

async function copyPlain(checkout: Checkout, target: string, request: CloneRequest): Promise<Made> {
  await refuseProtected(checkout.path, await realpath(request.lineDir));
  const signal = request.signal && { signal: request.signal };
  const notCopied = await copyFolder(checkout.path, target);
  await safeGit(['init', '--quiet', '--template=', `--initial-branch=belay/${request.sessionId}`, target], {
    cwd: request.lineDir,
    ...signal,
  });
  const own = { gitDir: path.join(target, '.git'), workTree: target, ...signal };
  await copyIdentity(own.gitDir, own.gitDir);
  await keepBytes(own.gitDir);
  await safeGit(['add', '-A', '--', '.'], own);
  const tree = await safeGit(['write-tree'], own);
  const base = (await safeGit(['commit-tree', tree.text, '-m', 'The folder as it was'], own)).text;
  await safeGit(['update-ref', `refs/heads/belay/${request.sessionId}`, base], own);
  return { baseCommit: base, ...nothingToSay, notCopied };
}

/** The gate reads the agent's folder with this repository only. For a plain copy it also keeps the base. */
async function createGate(lineDir: string, checkout: Checkout, kind: 'clone' | 'copy', clone: string): Promise<void> {
  const dir = gateDir(lineDir);
  const format = checkout.git?.format ?? 'sha1';
  await safeGit(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, dir], { cwd: lineDir });
  if (checkout.git) await writeAlternates(dir, lineDir);
  await takeOverIgnores(checkout, dir);
  if (kind === 'clone') await keepSkipped({ gitDir: path.join(clone, '.git'), workTree: clone }, dir);
  // Before the agent's first step the clone's objects are the host's own.
  if (kind === 'copy') await cp(path.join(clone, '.git', 'objects'), path.join(dir, 'objects'), { recursive: true });
}

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => null)) !== null;
}
