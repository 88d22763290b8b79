/** Parts of the home folder that tool chains need to work and that hold no login. */
import { existsSync, realpathSync } from 'node:fs';
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
