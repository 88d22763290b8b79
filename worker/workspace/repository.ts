import { copyFile, lstat, readdir, realpath, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { BelayError, isBelayError, messageOf } from '../../protocol/errors.ts';
import { personGit, safeGit } from './git.ts';

/** A person's checkout, looked at without changing it. */
export interface Checkout {
  /** Top folder, links resolved. */
  readonly path: string;
  /** Null for a folder without git. */
  readonly git: {
    readonly gitDir: string;
    readonly commonDir: string;
    readonly objectsDir: string;
    readonly format: 'sha1' | 'sha256';
  } | null;
}

/** Finds the checkout a folder belongs to. Throws when the folder is not there, when git is missing, or when git finds a repository that it cannot open. */
export async function openCheckout(folder: string): Promise<Checkout> {
  const real = await realpath(folder).catch((cause: unknown) => {
    throw new BelayError('not_found', `The folder ${folder} is not there.`, { hint: 'Bind the repository to its folder again.', cause });
  });
  const what = ['--show-toplevel', '--git-dir', '--git-common-dir', '--git-path', 'objects', '--show-object-format'];
  const git = await safeGit(['rev-parse', '--path-format=absolute', ...what], { cwd: real, config: { 'safe.directory': '*' } }).catch(
    async (error: unknown) => {
      await refuseBroken(real, error);
      return null;
    },
  );
  if (git === null) return { path: real, git: null };
  const [top = '', gitDir = '', commonDir = '', objectsDir = '', format] = git.text.split('\n');
  return { path: top, git: { gitDir, commonDir, objectsDir, format: format === 'sha256' ? 'sha256' : 'sha1' } };
}

/** Returns for a folder that lies in no repository, by git's own words and by what stands there; throws for every other. */
async function refuseBroken(folder: string, error: unknown): Promise<void> {
  const words = messageOf(error);
  if (/must be run in a work tree|cannot use bare repository/u.test(words))
    throw new BelayError('conflict', `${folder} lies inside a git directory or a bare repository, where no files are worked on.`, {
      hint: 'Open a checkout: the folder with the files. "git clone" or "git worktree add" makes one.',
      cause: error,
    });
  const broken = /not a git repository \(or any/u.test(words) ? await repositoryOver(folder) : folder;
  if (broken === null) return;
  if (!isBelayError(error, 'conflict')) throw error;
  throw new BelayError('conflict', `git cannot open the repository in ${broken}: ${words}`, {
    hint: 'Run "git status" there to see why, or remove the ".git" that is none.',
    cause: error,
  });
}

/** The nearest folder with a `.git` that git passed over: one that cannot be read, or is damaged. Git looks on one disk only, and so does this. */
async function repositoryOver(folder: string): Promise<string | null> {
  const { dev } = await stat(folder);
  for (let at = folder; ; at = path.dirname(at)) {
    const info = await stat(at);
    if (info.dev !== dev) return null;
    const git = path.join(at, '.git');
    const isThere = (await lstat(git).catch((cause: NodeJS.ErrnoException) => (cause.code === 'ENOENT' ? null : cause))) !== null;
    const names = isThere ? await readdir(git).catch(() => ['?']) : [];
    // An empty folder of that name, as sandboxes leave behind, holds no repository.
    if (names.length > 0 || (isThere && at === folder)) return at;
    if (at === path.dirname(at)) return null;
  }
}

/** The commit HEAD names, or null on a branch without a commit. */
export async function headCommit(checkout: Checkout): Promise<string | null> {
  if (!checkout.git) return null;
  const reply = await safeGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { gitDir: checkout.git.gitDir, okCodes: [0, 1, 128] });
  return reply.code === 0 ? reply.text : null;
}

/** Short branch name, or null when HEAD is detached. */
async function currentBranch(checkout: Checkout): Promise<string | null> {
  if (!checkout.git) return null;
  const reply = await safeGit(['symbolic-ref', '--quiet', '--short', 'HEAD'], { gitDir: checkout.git.gitDir, okCodes: [0, 1, 128] });
  return reply.code === 0 ? reply.text : null;
}

/** Paths that differ from HEAD: changed, staged or untracked. Never touches the index. */
export async function uncommittedPaths(checkout: Checkout): Promise<string[]> {
  if (!checkout.git) return [];
  const reply = await personGit(['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=normal'], {
    gitDir: checkout.git.gitDir,
    workTree: checkout.path,
  });
  return reply.stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice(3));
}

/** The person's own index knows what is unchanged and what a sparse checkout leaves out. False where there is none yet. */
async function copyIndex(from: string, to: string): Promise<boolean> {
  const info = await stat(from).catch(() => null);
  if (!info) return false;
  await copyFile(from, to);
  // By its age git tells which files may have changed unseen since: a copy must not look younger.
  const seconds = Math.floor(info.mtimeMs / 1000);
  await utimes(to, seconds, seconds);
  return true;
}

/**
 * Records the working tree, uncommitted and untracked files included, as a commit under
 * `refs/belay/snapshots/<name>`. The index and the files stay as they are.
 */
export async function snapshotCommit(checkout: Checkout, name: string, indexFile: string): Promise<string> {
  if (!checkout.git) throw new BelayError('bad_request', 'A folder without git has no snapshots.');
  const at = { gitDir: checkout.git.gitDir, workTree: checkout.path, indexFile };
  const head = await headCommit(checkout);
  if (!(await copyIndex(path.join(checkout.git.gitDir, 'index'), indexFile))) await personGit(['read-tree', '--empty'], at);
  await personGit(['add', '-A', '--sparse', '--', '.'], at);
  const tree = (await personGit(['write-tree'], at)).text;
  const commit = await safeGit(['commit-tree', tree, ...(head ? ['-p', head] : []), '-m', 'Snapshot of uncommitted work'], at);
  await safeGit(['update-ref', `refs/belay/snapshots/${name}`, commit.text], at);
  return commit.text;
}

export interface RepositoryIdentity {
  readonly name: string;
  readonly remote: string | null;
  readonly rootCommit: string | null;
  readonly defaultBranch: string;
}

/** What the platform may know of a repository: never its folder, never a credential in its remote. */
export async function repositoryIdentity(checkout: Checkout): Promise<RepositoryIdentity> {
  const name = path.basename(checkout.path);
  if (!checkout.git) return { name, remote: null, rootCommit: null, defaultBranch: '' };
  const at = { gitDir: checkout.git.gitDir };
  const remote = await safeGit(['config', '--get', 'remote.origin.url'], { ...at, okCodes: [0, 1, 128] });
  const head = await headCommit(checkout);
  const roots = head ? (await safeGit(['rev-list', '--max-parents=0', head], at)).text.split('\n') : [];
  return {
    name,
    remote: remote.code === 0 ? canonicalRemote(remote.text) : null,
    rootCommit: roots.at(-1) || null,
    defaultBranch: (await currentBranch(checkout)) ?? '',
  };
}

/** `host/path` without scheme, user, password, port or `.git`, so that ssh and https name one repository. */
function canonicalRemote(remote: string): string | null {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(remote);
  const parts = scp ? { host: scp[1] ?? '', path: scp[2] ?? '' } : fromUrl(remote);
  if (!parts?.host) return null;
  return `${parts.host.toLowerCase()}/${parts.path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')}`;
}

function fromUrl(remote: string): { host: string; path: string } | null {
  if (!URL.canParse(remote)) return null;
  const url = new URL(remote);
  return { host: url.hostname, path: url.pathname };
}
