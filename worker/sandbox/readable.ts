/** Parts of the home folder that tool chains need to work and that hold no login. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

const inHome = [
  '.nvm/versions',
  '.nvm/alias',
  '.volta/bin',
  '.volta/tools',
  '.fnm',
  '.local/share/fnm',
  '.asdf',
  '.local/share/mise/installs',
  '.local/share/mise/shims',
  '.n',
  '.bun/bin',
  '.bun/install/cache',
  '.deno/bin',
  '.npm/_cacache',
  '.local/share/pnpm',
  '.cache/pnpm',
  '.cache/yarn',
  '.yarn/berry/cache',
  '.cache/node',
  '.cache/ms-playwright',
  '.cargo/bin',
  '.cargo/registry',
  '.cargo/git',
  '.rustup/toolchains',
  '.rustup/settings.toml',
  '.rustup/update-hashes',
  'go/bin',
  'go/pkg',
  'go/sdk',
  '.cache/go-build',
  '.pyenv',
  '.local/share/uv/python',
  '.local/share/uv/tools',
  '.cache/uv',
  '.cache/pip',
  '.local/pipx/venvs',
  '.rbenv',
  '.rvm/rubies',
  '.gem',
  '.sdkman/candidates',
  '.m2/repository',
  '.gradle/wrapper',
  '.gradle/caches',
  '.ghcup/bin',
  '.ghcup/ghc',
  '.opam',
  '.dotnet',
  '.nuget/packages',
  '.local/bin',
  '.local/lib',
  'Library/pnpm',
  'Library/Caches/pip',
  'Library/Caches/Homebrew',
] as const;

/** Variables that tell tool chains where they live, since the agent's HOME is another folder. */
const homeVariables = {
  RUSTUP_HOME: '.rustup',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  VOLTA_HOME: '.volta',
  NVM_DIR: '.nvm',
} as const;

/** Existing tool-chain folders under `home`. */
export function toolChains(home: string): string[] {
  return inHome.map((name) => path.join(home, name)).filter((folder) => existsSync(folder));
}

/** Names under which package managers, registries and forges keep what opens them. */
const credentialNames = new RegExp(
  `^(?:${[
    String.raw`\.?credentials?(?:\.(?:json|toml|ini|ya?ml|xml|txt|db))?`,
    String.raw`\.?npmrc|\.yarnrc(?:\.yml)?|\.pypirc|pip\.(?:conf|ini)|nuget\.config|gradle\.properties|settings(?:-security)?\.xml`,
    String.raw`[._]netrc|\.git-credentials|auth\.(?:json|toml|ini|ya?ml)|hosts\.ya?ml|\.env(?:\..+)?|tokens?(?:\.(?:json|txt))?`,
    String.raw`id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.+\.(?:key|pfx|p12|jks|keystore|kdbx|gpg)`,
    'cryptography',
  ].join('|')})$`,
  'iu',
);
/** Tools keep them near the top; below lie packages, by the hundred thousand. */
const looked = { depth: 3, folders: 400 } as const;
/** Named by what they hold, and many. */
const contentFolders: ReadonlySet<string> = new Set(['_cacache', 'site-packages', 'node_modules']);

/** Files and folders inside opened ones that hold keys, tokens or passwords, by their names; of repositories the settings, which name addresses with them. */
export function credentialsIn(folders: readonly string[]): string[] {
  const found: string[] = [];
  const waiting = folders.map((folder) => ({ folder, depth: 0 }));
  // The list grows while it is walked, so that what lies near the top is looked at first.
  for (const { folder, depth } of waiting) {
    const entries = contentFolders.has(path.basename(folder)) ? [] : entriesOf(folder);
    const isRepository = entries.some(({ name }) => name === 'HEAD');
    for (const entry of entries) {
      const at = path.join(folder, entry.name);
      if (credentialNames.test(entry.name) || (isRepository && entry.name === 'config')) found.push(at);
      else if (entry.isDirectory() && depth < looked.depth && waiting.length < looked.folders)
        waiting.push({ folder: at, depth: depth + 1 });
    }
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A file, or a folder that nobody can look into.
    return [];
  }
}

/** Variables for the tool chains that exist under `home`. */
export function toolChainVariables(home: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(homeVariables)
      .map(([name, folder]) => [name, path.join(home, folder)] as const)
      .filter(([, folder]) => existsSync(folder)),
  );
}

/**
 * What must be readable for a program to start: its file, where links lead from it, the neighbours of a
 * package, and the folder of the runtime itself, whose libraries lie beside it.
 */
export function programFolders(program: string): string[] {
  if (!path.isAbsolute(program) || !existsSync(program)) return [];
  const real = realpathSync(program);
  const at = real.lastIndexOf(`${path.sep}node_modules${path.sep}`);
  const folder = at >= 0 ? [real.slice(0, at + `${path.sep}node_modules`.length)] : [];
  const runtime = real === realpathSync(process.execPath) ? [path.dirname(real)] : [];
  return [...new Set([program, real, ...folder, ...runtime])];
}
