/** Parts of the home folder that tool chains need to work and that hold no login. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

interface ToolFolder {
  /** Folders and files to open, from the home folder. */
  readonly open: readonly string[];
  /** How the tools find it, since the agent's HOME is another folder. Without: by the PATH, and by links from there. */
  readonly variables?: (at: (name: string) => string) => Readonly<Record<string, string>>;
  /** Hosts it is filled from. Where one is open the tool gets a place of its own instead, since it wants to write. */
  readonly from?: RegExp;
}

const named = (variable: string, folder: string, open: readonly string[] = [folder]): ToolFolder => ({
  open,
  variables: (at) => ({ [variable]: at(folder) }),
});
const playwrightHosts = /^(?:cdn\.playwright\.dev|playwright\.download\.prss\.microsoft\.com):443$/u;
const programs = (...open: string[]): ToolFolder => ({ open });

/**
 * What is opened, and the variable that points there. Nothing of it can be written, so a cache stands here only where its
 * tool takes one that it may only read; the others are made anew in the run home. docs/inside.md lists them.
 */
const toolFolders: readonly ToolFolder[] = [
  programs('.local/bin', '.local/lib', '.local/pipx/venvs', '.local/share/pnpm', 'Library/pnpm'),
  programs('.bun/bin', '.deno/bin', '.rvm/rubies', '.sdkman/candidates', '.ghcup/bin', '.ghcup/ghc', 'go/bin', 'go/sdk'),
  named('NVM_DIR', '.nvm', ['.nvm/versions', '.nvm/alias']),
  named('VOLTA_HOME', '.volta', ['.volta/bin', '.volta/tools']),
  named('FNM_DIR', '.fnm'),
  named('FNM_DIR', '.local/share/fnm'),
  named('ASDF_DATA_DIR', '.asdf'),
  named('MISE_DATA_DIR', '.local/share/mise', ['.local/share/mise/installs', '.local/share/mise/shims']),
  named('N_PREFIX', '.n'),
  { ...named('COREPACK_HOME', '.cache/node/corepack'), from: /^(?:registry\.npmjs\.org|repo\.yarnpkg\.com):443$/u },
  { ...named('PLAYWRIGHT_BROWSERS_PATH', '.cache/ms-playwright'), from: playwrightHosts },
  { ...named('PLAYWRIGHT_BROWSERS_PATH', 'Library/Caches/ms-playwright'), from: playwrightHosts },
  { ...named('CARGO_HOME', '.cargo', ['.cargo/bin', '.cargo/registry', '.cargo/git']), from: /^(?:(?:index|static)\.)?crates\.io:443$/u },
  named('RUSTUP_HOME', '.rustup', ['.rustup/toolchains', '.rustup/settings.toml', '.rustup/update-hashes']),
  { open: ['go/pkg'], variables: (at) => ({ GOPROXY: `file://${at('go/pkg/mod/cache/download')},https://proxy.golang.org,direct` }) },
  named('PYENV_ROOT', '.pyenv'),
  named('UV_PYTHON_INSTALL_DIR', '.local/share/uv/python'),
  named('UV_TOOL_DIR', '.local/share/uv/tools'),
  named('RBENV_ROOT', '.rbenv'),
  { open: ['.gem'], variables: (at) => ({ GEM_PATH: `${gemVersions(at('.gem/ruby')).join(path.delimiter)}${path.delimiter}` }) },
  { open: ['.m2/repository'], variables: (at) => ({ MAVEN_ARGS: `-Dmaven.repo.local.tail=${at('.m2/repository')}` }) },
  named('GRADLE_RO_DEP_CACHE', '.gradle/caches'),
  named('OPAMROOT', '.opam'),
  named('DOTNET_ROOT', '.dotnet'),
  named('NUGET_FALLBACK_PACKAGES', '.nuget/packages'),
];

/** Gems lie in a folder for each version of the language. A separator at the end of the list keeps the usual places. */
const gemVersions = (folder: string): string[] => entriesOf(folder).map(({ name }) => path.join(folder, name));

/** Existing tool-chain folders under `home`. */
export function toolChains(home: string): string[] {
  return toolFolders.flatMap(({ open }) => existing(home, open));
}

/** Variables for those of them that have one. */
export const toolChainVariables = (home: string): Record<string, string> => variablesOf(home, () => true);

/** Those of them that a run with these hosts does without. */
export const fetchedVariables = (home: string, hosts: readonly string[]): Record<string, string> =>
  variablesOf(home, ({ from }) => from !== undefined && hosts.some((host) => from.test(host)));

function variablesOf(home: string, wanted: (folder: ToolFolder) => boolean): Record<string, string> {
  const at = (name: string): string => path.join(home, name);
  const folders = toolFolders.filter((folder) => wanted(folder) && existing(home, folder.open).length > 0);
  return Object.fromEntries(folders.flatMap(({ variables }) => Object.entries(variables?.(at) ?? {})));
}

const existing = (home: string, names: readonly string[]): string[] =>
  names.map((name) => path.join(home, name)).filter((folder) => existsSync(folder));

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
