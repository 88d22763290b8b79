import assert from 'node:assert/strict';
import { judge, type FileClass, type Links } from '../../../../worker/workspace/judge.ts';

const file = (path: string) => judge({ path, oldMode: '000000', newMode: '100644', linkTarget: null }).class;
const link = (path: string, target: string, others: Record<string, string[]> = {}) =>
  judge({ path, oldMode: '000000', newMode: '120000', linkTarget: target }, new Map(Object.entries(others)) satisfies Links).class;

const names: Record<FileClass, string> = {
  control: `
    .git/config .vscode/tasks.json .VSCode/x .vscode::$INDEX_ALLOCATION/tasks.json VSCODE~1/tasks.json a/GIT~1/config notes.txt:stream
    .vs/tasks.vs.json .theia/tasks.json .nova/Tasks/x.json app.sublime-project .settings/x.prefs .hg/hgrc .jj/repo/config
    .agents/x .qwen/settings.json .amp/settings.json .goose/config.yaml .junie/x .trae/rules/x.md .augment/x crush.json .mcp.json`,
  host_executed: `
    .github/workflows/ci.yml .github/prompts/x.prompt.md .github/hooks/x.json .github/chatmodes/x.md .gitea/workflows/x.yml
    .forgejo/workflows/x.yml .woodpecker.yml .drone.yml appveyor.yml .gitlab-ci.yml azure-pipelines.yml
    .exrc .vimrc .nvim.lua .dir-locals.el AGENTS.md AGENTS.override.md CLAUDE.local.md .rules .cursorrules
    package.json binding.gyp package-lock.json pnpm-lock.yaml yarn.lock bun.lockb Cargo.lock uv.lock flake.lock go.sum npm-shrinkwrap.json
    gradle.lockfile .prettierrc .prettierrc.yaml .eslintrc .eslintrc.json .eslintrc.yml .eslintrc.cjs .babelrc .babelrc.json .swcrc
    .mocharc.yml .mocharc.json .nycrc jest.config.json vite.config.ts .lintstagedrc.json .npmrc .yarnrc.yml .envrc .nvmrc
    lefthook.yaml .lefthook.yml .overcommit.yml .pre-commit-config.yaml .node-version .ruby-version .python-version
    Cargo.toml rust-toolchain rust-toolchain.toml go.mod setup.cfg pytest.ini sitecustomize.py a/b.pth tasks.py Vagrantfile Tiltfile
    default.nix .bazelrc BUILD.bazel WORKSPACE SConstruct meson.build magefile.go nuget.config global.json mise.toml mise.local.toml
    .env .env.local Makefile Dockerfile Dockerfile.dev docker-compose.yml compose.override.yaml Taskfile.yml build.gradle.kts app.csproj
    .cargo/config.toml node_modules/.bin/tsc`,
  ordinary: `
    src/a.ts src/lock.ts src/locker.py src/config.ts docs/agents-and-people.md README.md src/rules.md src/arc.json data/x.json
    docs/builder.md src/workspace.ts index.html a/github/workflows/x.yml src/environment.ts src/search.ts notes~.txt`,
};

describe('judging a changed path', () => {
  for (const [wanted, list] of Object.entries(names)) {
    it(`finds ${wanted} names`, () => {
      const wrong = list
        .trim()
        .split(/\s+/u)
        .filter((name) => file(name) !== wanted);
      assert.deepEqual(wrong, []);
    });
  }

  it('holds back a name that is no Unicode', () => {
    assert.equal(file(Buffer.from('caf\xe9.txt', 'latin1').toString('utf8')), 'control');
    assert.equal(file('café.txt'), 'ordinary');
  });

  it('lets links stay inside that lead from name to name', () => {
    assert.equal(link('a/b/inside', '../c/file.txt'), 'host_executed');
    assert.equal(link('lib.so', 'lib.so.1', { 'lib.so.1': ['lib.so.1.2'] }), 'host_executed');
  });

  it('holds back links that lead out, also through other links', () => {
    for (const target of ['/etc/passwd', '../../../x', 'C:/x', 'a\\b', '']) assert.equal(link('a/b/out', target), 'control', target);
    assert.equal(link('a/b/up', '../..'), 'host_executed');
    assert.equal(link('a/b/out', 'up/../etc', { 'a/b/up': ['../..'] }), 'control');
    assert.equal(link('out', 'base/passwd', { base: ['/etc'] }), 'control');
    assert.equal(link('out', 'one/x', { one: ['two'], two: ['../outside'] }), 'control');
    assert.equal(link('out', 'Base/passwd', { base: ['inside', '../..'] }), 'control');
  });

  it('holds back links to control files, also through other links, and links in a circle', () => {
    assert.equal(link('x', '.vscode/tasks.json'), 'control');
    assert.equal(link('x', '.git/hooks'), 'control');
    assert.equal(link('x', 'docs/hooks', { docs: ['.git'] }), 'control');
    assert.equal(link('x', 'y', { x: ['y'], y: ['x'] }), 'control');
  });
});
