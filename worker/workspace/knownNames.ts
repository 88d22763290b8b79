/** Names that give a changed path its class. All are given folded: lower case, nothing invisible, no dot or space at the end. */

export const gitNames: ReadonlySet<string> = new Set(['.git', 'git~1', '.gitmodules', '.gitconfig']);
const controlFolders: ReadonlyMap<string, string> = new Map([
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
  ['.agents', 'agent settings'],
  ['.qwen', 'agent settings'],
  ['.amp', 'agent settings'],
  ['.goose', 'agent settings'],
  ['.junie', 'agent settings'],
  ['.trae', 'agent settings'],
  ['.augment', 'agent settings'],
  ['.crush', 'agent settings'],
  ['.vs', 'editor settings'],
  ['.theia', 'editor settings and tasks'],
  ['.nova', 'editor settings and tasks'],
  ['.settings', 'editor settings'],
  ['.hg', 'plumbing of another version control'],
  ['.jj', 'plumbing of another version control'],
  ['.svn', 'plumbing of another version control'],
  ['.belay', 'Belay settings'],
]);
const controlFiles = new Map([
  ['.mcp.json', 'tool server definitions that agents start'],
  ['mcp.json', 'tool server definitions that agents start'],
  ['.devcontainer.json', 'container definition that editors run'],
  ['opencode.json', 'agent settings'],
  ['opencode.jsonc', 'agent settings'],
  ['crush.json', 'agent settings'],
  ['.crush.json', 'agent settings'],
  ['.aider.conf.yml', 'agent settings'],
  ['.lldbinit', 'debugger start file'],
  ['.gdbinit', 'debugger start file'],
]);
const controlEndings = /\.(?:code-workspace|sublime-project|sublime-workspace)$/u;

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
  ['.mise', 'run when a shell enters the folder'],
  ['.vim', 'run when an editor opens the folder'],
  ['.woodpecker', 'CI configuration'],
  ['.config', 'settings that tools obey'],
]);
const hostFiles = new Map([
  ['npm-shrinkwrap.json', 'picks the packages that get installed'],
  ['go.sum', 'picks the packages that get installed'],
  ['package.resolved', 'picks the packages that get installed'],
  ['requirements.txt', 'picks the packages that get installed'],
  ['nuget.config', 'package manager settings'],
  ['global.json', 'picks the programs that run'],
  ['rust-toolchain', 'picks the programs that run'],
  ['rust-toolchain.toml', 'picks the programs that run'],
  ['.nvim.lua', 'run when an editor opens the folder'],
  ['.dir-locals.el', 'run when an editor opens the folder'],
  ['.dir-locals-2.el', 'run when an editor opens the folder'],
  ['cargo.toml', 'build commands'],
  ['go.mod', 'build commands'],
  ['go.work', 'build commands'],
  ['setup.cfg', 'build and tool commands'],
  ['pytest.ini', 'build and tool commands'],
  ['sitecustomize.py', 'run by every Python program'],
  ['usercustomize.py', 'run by every Python program'],
  ['tasks.py', 'build commands'],
  ['fabfile.py', 'build commands'],
  ['dodo.py', 'build commands'],
  ['vagrantfile', 'build commands'],
  ['tiltfile', 'build commands'],
  ['earthfile', 'build commands'],
  ['guardfile', 'build commands'],
  ['brewfile', 'run by the package manager'],
  ['fastfile', 'build commands'],
  ['build', 'build commands'],
  ['build.bazel', 'build commands'],
  ['workspace', 'build commands'],
  ['workspace.bazel', 'build commands'],
  ['module.bazel', 'build commands'],
  ['sconstruct', 'build commands'],
  ['sconscript', 'build commands'],
  ['meson.build', 'build commands'],
  ['magefile.go', 'build commands'],
  ['mix.exs', 'build commands'],
  ['package.swift', 'build commands'],
  ['package.json', 'package scripts'],
  ['.pnpmfile.cjs', 'package manager hook'],
  ['pnpm-workspace.yaml', 'package manager settings'],
  ['bunfig.toml', 'package manager settings'],
  ['.tool-versions', 'picks the programs that run'],
  ['makefile', 'build commands'],
  ['gnumakefile', 'build commands'],
  ['justfile', 'build commands'],
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
  ['gradlew', 'build program'],
  ['gradlew.bat', 'build program'],
  ['mvnw', 'build program'],
  ['mvnw.cmd', 'build program'],
  ['pom.xml', 'build commands'],
  ['composer.json', 'package scripts'],
  ['gemfile', 'run by the package manager'],
  ['podfile', 'run by the package manager'],
  ['procfile', 'services that get started'],
  ['jenkinsfile', 'CI configuration'],
  ['.gitattributes', 'names programs that git runs on files'],
  ['.worktreeinclude', 'picks files that agents get'],
  ['workflow.md', 'instructions and policy of the next run'],
]);
/** Whole families of names, so that a tool's next spelling is not ordinary. */
const hostFamilies: readonly (readonly [RegExp, string])[] = [
  [/^\..+rc(?:\.(?:json[c5]?|ya?ml|toml))?$/u, 'settings that its tool obeys'],
  [/^(?:\..+rc|.+\.config|.+\.conf|\..+)\.[cm]?[jt]sx?$/u, 'configuration that its tool runs as a program'],
  [/^(?:.+\.config|deno|nx|turbo|lerna)\.(?:json[c5]?|ya?ml|toml)$/u, 'settings that its tool obeys'],
  [/.[.-]lock(?:file|b)?(?:\.(?:json|ya?ml|hcl))?$/u, 'picks the packages that get installed'],
  [/^\.env(?:\..+)?$/u, 'environment of the next run'],
  [/^\..+-version$/u, 'picks the programs that run'],
  [/^\.?mise(?:\..+)?\.toml$/u, 'run when a shell enters the folder'],
  [/^\.?(?:lefthook(?:-local)?|overcommit|pre-commit-config|lintstaged)\.(?:ya?ml|json|toml)$/u, 'git hook scripts'],
  [/^\.?(?:woodpecker|drone|appveyor|travis|gitlab-ci|azure-pipelines|bitbucket-pipelines|cirrus|cloudbuild)\.ya?ml$/u, 'CI configuration'],
  [/^(?:agents?|claude|gemini|qwen|crush|codex|copilot-instructions|skill)(?:\..+)?\.md$/u, 'instructions for the next agent'],
  [/^\.[a-z]*rules$/u, 'instructions for the next agent'],
  [/^(?:docker-)?compose(?:\..+)?\.ya?ml$/u, 'services that get started'],
  [/^(?:dockerfile|containerfile)(?:\..+)?$|^.+\.dockerfile$/u, 'image build commands'],
  [/^taskfile(?:\..+)?\.ya?ml$/u, 'build commands'],
  [/\.(?:mk|gradle|gradle\.kts|sbt|csproj|fsproj|vbproj|sln|slnx|targets|props|gemspec|nix|gypi?|bzl|cmake)$/u, 'build commands'],
  [/\.pth$/u, 'run by every Python program'],
];
const forgeFolders = new Set(['.github', '.gitea', '.forgejo']);
const forgeParts = new Map([
  ['workflows', 'CI configuration'],
  ['actions', 'CI configuration'],
  ['agents', 'instructions for the next agent'],
  ['instructions', 'instructions for the next agent'],
  ['prompts', 'instructions for the next agent'],
  ['chatmodes', 'instructions for the next agent'],
  ['skills', 'instructions for the next agent'],
  ['hooks', 'commands that agents run'],
]);

/** Why a path is a control file by its folded names, or null. */
export function controlReason(names: readonly string[]): string | null {
  for (const name of names) {
    const why = controlFolders.get(name);
    if (why) return why;
  }
  const last = names.at(-1) ?? '';
  return controlFiles.get(last) ?? (controlEndings.test(last) ? 'editor workspace with settings and tasks' : null);
}

/** Why a person's machine would run or obey a path by its folded names, or null. */
export function hostReason(names: readonly string[]): string | null {
  const forge = forgeFolders.has(names[0] ?? '') ? forgeParts.get(names[1] ?? '') : undefined;
  if (forge) return forge;
  for (const name of names.slice(0, -1)) {
    const why = hostFolders.get(name);
    if (why) return why;
  }
  const last = names.at(-1) ?? '';
  return hostFiles.get(last) ?? hostFamilies.find(([family]) => family.test(last))?.[1] ?? null;
}
