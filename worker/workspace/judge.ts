/** Which changed paths may leave the agent's folder. Pure: names, modes and link targets in, classes out. */
import type { ResultFile } from '../../protocol/records.ts';

export type FileClass = ResultFile['class'];
export interface Verdict {
  readonly class: FileClass;
  /** For people; null for ordinary files. */
  readonly reason: string | null;
}
export interface ChangedEntry {
  readonly path: string;
  /** Modes as git writes them; `000000` is absence. */
  readonly oldMode: string;
  readonly newMode: string;
  /** Where a new symbolic link points. */
  readonly linkTarget: string | null;
}

const ordinary: Verdict = { class: 'ordinary', reason: null };
const control = (reason: string): Verdict => ({ class: 'control', reason });
const hostExecuted = (reason: string): Verdict => ({ class: 'host_executed', reason });

/** Characters that some file systems ignore in names (HFS+), and bidirectional controls that hide what a name is. */
const invisible = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu;

/** A name as a file system that folds case and Unicode sees it; trailing dots and spaces as Windows drops them. */
export function foldName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(invisible, '')
    .toLowerCase()
    .normalize('NFC')
    .replace(/[. ]+$/u, '');
}
export function foldPath(path: string): string {
  return path.split('/').map(foldName).join('/');
}

const gitNames = new Set(['.git', 'git~1', '.gitmodules', '.gitconfig']);
const controlFolders = new Map([
  ['.vscode', 'editor settings and tasks'],
  ['.idea', 'editor settings'],
  ['.fleet', 'editor settings'],
  ['.zed', 'editor settings and tasks'],
  ['.devcontainer', 'container definition that editors run'],
  ['.cursor', 'agent settings'],
  ['.claude', 'agent settings'],
  ['.codex', 'agent settings'],
  ['.gemini', 'agent settings'],
  ['.opencode', 'agent settings'],
  ['.windsurf', 'agent settings'],
  ['.kilocode', 'agent settings'],
  ['.roo', 'agent settings'],
  ['.cline', 'agent settings'],
  ['.continue', 'agent settings'],
  ['.aider', 'agent settings'],
  ['.kiro', 'agent settings'],
  ['.belay', 'Belay settings'],
]);
const controlFiles = new Map([
  ['.mcp.json', 'tool server definitions that agents start'],
  ['mcp.json', 'tool server definitions that agents start'],
  ['.devcontainer.json', 'container definition that editors run'],
  ['opencode.json', 'agent settings'],
  ['opencode.jsonc', 'agent settings'],
  ['.aider.conf.yml', 'agent settings'],
  ['.lldbinit', 'debugger start file'],
  ['.gdbinit', 'debugger start file'],
]);

const hostFolders = new Map([
  ['.husky', 'git hook scripts'],
  ['.githooks', 'git hook scripts'],
  ['.circleci', 'CI configuration'],
  ['.buildkite', 'CI configuration'],
  ['.venv', 'programs that a shell picks up'],
  ['venv', 'programs that a shell picks up'],
  ['node_modules', 'code that the next command runs'],
  ['.yarn', 'package manager programs'],
  ['.bundle', 'package manager settings'],
  ['.cargo', 'build settings that name programs'],
  ['.mvn', 'build settings that name programs'],
]);
const hostFiles = new Map([
  ['package.json', 'package scripts'],
  ['.npmrc', 'package manager settings'],
  ['.yarnrc', 'package manager settings'],
  ['.yarnrc.yml', 'package manager settings'],
  ['.pnpmfile.cjs', 'package manager hook'],
  ['pnpm-workspace.yaml', 'package manager settings'],
  ['bunfig.toml', 'package manager settings'],
  ['deno.json', 'task definitions'],
  ['deno.jsonc', 'task definitions'],
  ['.envrc', 'run when a shell enters the folder'],
  ['.env', 'environment of the next run'],
  ['.tool-versions', 'picks the programs that run'],
  ['mise.toml', 'run when a shell enters the folder'],
  ['.mise.toml', 'run when a shell enters the folder'],
  ['.python-version', 'picks the programs that run'],
  ['.nvmrc', 'picks the programs that run'],
  ['makefile', 'build commands'],
  ['gnumakefile', 'build commands'],
  ['justfile', 'build commands'],
  ['taskfile.yml', 'build commands'],
  ['taskfile.yaml', 'build commands'],
  ['rakefile', 'build commands'],
  ['gulpfile.js', 'build commands'],
  ['gruntfile.js', 'build commands'],
  ['cmakelists.txt', 'build commands'],
  ['build.rs', 'run at build time'],
  ['setup.py', 'run at install time'],
  ['conftest.py', 'run by the test runner'],
  ['noxfile.py', 'build commands'],
  ['tox.ini', 'build commands'],
  ['pyproject.toml', 'build and tool commands'],
  ['build.gradle', 'build commands'],
  ['build.gradle.kts', 'build commands'],
  ['settings.gradle', 'build commands'],
  ['settings.gradle.kts', 'build commands'],
  ['gradlew', 'build program'],
  ['gradlew.bat', 'build program'],
  ['mvnw', 'build program'],
  ['mvnw.cmd', 'build program'],
  ['pom.xml', 'build commands'],
  ['composer.json', 'package scripts'],
  ['gemfile', 'run by the package manager'],
  ['podfile', 'run by the package manager'],
  ['dockerfile', 'image build commands'],
  ['docker-compose.yml', 'services that get started'],
  ['docker-compose.yaml', 'services that get started'],
  ['compose.yml', 'services that get started'],
  ['compose.yaml', 'services that get started'],
  ['procfile', 'services that get started'],
  ['jenkinsfile', 'CI configuration'],
  ['.gitlab-ci.yml', 'CI configuration'],
  ['.travis.yml', 'CI configuration'],
  ['azure-pipelines.yml', 'CI configuration'],
  ['bitbucket-pipelines.yml', 'CI configuration'],
  ['.pre-commit-config.yaml', 'git hook scripts'],
  ['lefthook.yml', 'git hook scripts'],
  ['.lintstagedrc', 'commands of a git hook'],
  ['.gitattributes', 'names programs that git runs on files'],
  ['.worktreeinclude', 'picks files that agents get'],
  ['workflow.md', 'instructions and policy of the next run'],
  ['agents.md', 'instructions for the next agent'],
  ['agent.md', 'instructions for the next agent'],
  ['claude.md', 'instructions for the next agent'],
  ['claude.local.md', 'instructions for the next agent'],
  ['gemini.md', 'instructions for the next agent'],
  ['copilot-instructions.md', 'instructions for the next agent'],
  ['.cursorrules', 'instructions for the next agent'],
  ['.windsurfrules', 'instructions for the next agent'],
  ['.clinerules', 'instructions for the next agent'],
  ['.roorules', 'instructions for the next agent'],
  ['skill.md', 'instructions for the next agent'],
]);
/** Configuration that its tool loads as a program: `vite.config.ts`, `.eslintrc.cjs`, … */
const programConfig = /^(?:\..+rc|.+\.config|.+\.conf|\..+)\.(?:[cm]?[jt]s)$/u;

/** Decides on one changed path by its name, modes and link target. */
export function judge(entry: ChangedEntry): Verdict {
  const names = entry.path.split('/').map(foldName);
  const last = names.at(-1) ?? '';
  const unsafe = unsafeName(entry.path, names);
  if (unsafe) return control(unsafe);
  if (entry.newMode === '160000' || entry.oldMode === '160000') return control('a nested repository or submodule');
  for (const name of names.slice(0, -1)) {
    const why = controlFolders.get(name);
    if (why) return control(why);
  }
  const named =
    controlFiles.get(last) ??
    (last.endsWith('.code-workspace') ? 'editor workspace with settings and tasks' : undefined) ??
    controlFolders.get(last);
  if (named) return control(named);
  if (entry.newMode === '120000') return judgeLink(entry);
  if (names[0] === '.github' && names[1] === 'workflows') return hostExecuted('CI configuration');
  if (names[0] === '.github' && (names[1] === 'actions' || names[1] === 'agents' || names[1] === 'instructions'))
    return hostExecuted('CI or agent configuration');
  for (const name of names.slice(0, -1)) {
    const why = hostFolders.get(name);
    if (why) return hostExecuted(why);
  }
  const host = hostFiles.get(last);
  if (host) return hostExecuted(host);
  if (last.startsWith('.env.')) return hostExecuted('environment of the next run');
  if (/\.(?:mk|gradle|csproj|fsproj|vbproj|sln|targets|props|gemspec)$/u.test(last) || last.startsWith('dockerfile.'))
    return hostExecuted('build commands');
  if (programConfig.test(last)) return hostExecuted('configuration that its tool runs as a program');
  if (entry.newMode === '100755') return hostExecuted(entry.oldMode === '100755' ? 'an executable file' : 'made executable');
  return ordinary;
}

function unsafeName(path: string, names: readonly string[]): string | null {
  if (path.startsWith('/') || names.some((name) => name === '' || name === '..' || name === '.'))
    return 'a name that leads out of its folder';
  if (/[\u0000-\u001f\u007f]/u.test(path) || path.includes('\\')) return 'a name with control characters or backslashes';
  if (names.some((name) => gitNames.has(name) || /^git~\d+$/u.test(name) || name.startsWith('.git::'))) return 'git plumbing';
  if (path.split('/').some((part) => /[:]/u.test(part) && /^\.git/iu.test(part))) return 'git plumbing';
  return null;
}

function judgeLink(entry: ChangedEntry): Verdict {
  const target = entry.linkTarget ?? '';
  if (target === '' || target.startsWith('/') || /^[a-z]:/iu.test(target) || target.includes('\\'))
    return control('a link that leads out of the folder');
  const steps = [...entry.path.split('/').slice(0, -1)];
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') steps.push(part);
    else if (steps.pop() === undefined) return control('a link that leads out of the folder');
  }
  if (steps.some((name) => gitNames.has(foldName(name)) || controlFolders.has(foldName(name)))) return control('a link to control files');
  return hostExecuted('a symbolic link');
}

/**
 * Changed paths that would be one file with another path where case and Unicode are folded, or that
 * stand below a path that folds to a file.
 */
export function foldClashes(changed: readonly string[], all: readonly string[]): Set<string> {
  const byFold = new Map<string, Set<string>>();
  const note = (path: string) => {
    // Every folder counts as a name too, so that "A/x" meets "a/y".
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const spelled = parts.slice(0, depth).join('/');
      const folded = foldPath(spelled);
      const known = byFold.get(folded);
      if (known) known.add(spelled);
      else byFold.set(folded, new Set([spelled]));
    }
  };
  for (const path of all) note(path);
  return new Set(
    changed.filter((path) => {
      const parts = path.split('/');
      return parts.some((_, index) => (byFold.get(foldPath(parts.slice(0, index + 1).join('/')))?.size ?? 0) > 1);
    }),
  );
}

/** What git keeps in a git directory, names folded: whoever renames the folder back has a repository that obeys it. */
const plumbing =
  /^(?:head|[a-z]+_head|config(?:\.worktree)?|commondir|gitdir|packed-refs|objects|refs|hooks|info|index|logs|worktrees|modules|branches|shallow|description|commit_editmsg)(?:\/|$)/u;

/** Changed paths that make a folder look like a bare repository, which git would then obey. */
export function bareRepositoryParts(changed: readonly string[], all: readonly string[]): Set<string> {
  const folders = new Map<string, Set<string>>();
  for (const path of all) {
    const parts = path.split('/').map(foldName);
    for (let depth = 0; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      const names = folders.get(folder) ?? new Set<string>();
      names.add(parts[depth] ?? '');
      folders.set(folder, names);
    }
  }
  const isBare = (names: Set<string>) =>
    names.has('head') && (names.has('objects') || names.has('refs') || names.has('config') || names.has('commondir'));
  const bare = [...folders].filter(([, names]) => isBare(names)).map(([folder]) => (folder === '' ? '' : `${folder}/`));
  return new Set(
    changed.filter((path) =>
      bare.some((prefix) => foldPath(path).startsWith(prefix) && plumbing.test(foldPath(path).slice(prefix.length))),
    ),
  );
}
