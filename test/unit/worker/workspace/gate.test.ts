import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { commitsBetween } from '../../../../worker/run/commits.ts';
import { describeClone } from '../../../../worker/run/describeClone.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { cloneHead } from '../../../../worker/workspace/agentObjects.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import type { GateOutcome, LineClone } from '../../../../worker/workspace/types.ts';
import { moveOut, ownGit, settleIn } from '../../../support/personHome.ts';
import { fingerprint, git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

interface Line {
  readonly repo: string;
  readonly lineDir: string;
  readonly clone: LineClone;
}
const startLine = (files: Record<string, string>, name?: string): Promise<Line> => startFrom(makeRepository(files, name));
async function startFrom(repo: string): Promise<Line> {
  const lineDir = path.join(tempFolder(), 'lines', 'ses_a');
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  return { repo, lineDir, clone };
}
const gate = (line: Line, fence = 1): Promise<GateOutcome> =>
  runGate({ repositoryPath: line.repo, lineDir: line.lineDir, clone: line.clone, sessionId: 'ses_a', fence, subject: 'BUG-1: result' });
const classOf = (outcome: GateOutcome, file: string) =>
  outcome.files.find((entry) => entry.path === file)?.class ?? (outcome.heldBack.some((entry) => entry.path === file) ? 'held' : 'absent');

describe('the hand-over gate', () => {
  afterEach(removeTempFolders);

  it('hands ordinary changes over as one commit on the base and leaves the checkout as it was', async () => {
    const line = await startLine({ 'src/a.ts': 'one\n', 'old.txt': 'gone\n' });
    const before = fingerprint(line.repo);
    writeFiles(line.clone.path, { 'src/a.ts': 'one\ntwo\n', 'src/b.ts': 'new\n' });
    git(line.clone.path, 'rm', '--quiet', 'old.txt');
    git(line.clone.path, 'add', '-A');
    git(line.clone.path, 'commit', '--quiet', '-m', 'Work');
    const outcome = await gate(line);
    assert.deepEqual(
      outcome.files.map((file) => [file.path, file.status, file.added, file.deleted, file.class]),
      [
        ['old.txt', 'deleted', 0, 1, 'ordinary'],
        ['src/a.ts', 'modified', 1, 0, 'ordinary'],
        ['src/b.ts', 'added', 1, 0, 'ordinary'],
      ],
    );
    assert.equal(outcome.agentCommits, 1);
    assert.equal(git(line.repo, 'rev-parse', 'refs/belay/sessions/ses_a-1'), outcome.headCommit);
    assert.equal(git(line.repo, 'rev-parse', `${outcome.headCommit ?? ''}^`), outcome.baseCommit);
    assert.deepEqual(fingerprint(line.repo), before);
  });

  it('takes a folder that became a file or a link for what it is now, and does not look behind the link', async () => {
    const outside = tempFolder();
    execFileSync('mkfifo', [path.join(outside, 'b.txt')]);
    const line = await startLine({ 'file/a.txt': 'a\n', 'link/b.txt': 'b\n' });
    for (const name of ['file', 'link']) rmSync(path.join(line.clone.path, name), { recursive: true });
    writeFiles(line.clone.path, { file: 'a file\n' });
    symlinkSync(outside, path.join(line.clone.path, 'link'));
    const outcome = await gate(line);
    assert.deepEqual(
      outcome.files.map((file) => [file.path, file.status]),
      [
        ['file', 'added'],
        ['file/a.txt', 'deleted'],
      ],
    );
    assert.deepEqual(
      outcome.heldBack.map((entry) => entry.path),
      ['link', 'link/b.txt'],
    );
  });

  it('says that nothing changed when nothing did, whatever the agent committed and took back', async () => {
    const line = await startLine({ 'a.txt': 'same\n' });
    for (const text of ['other\n', 'same\n']) {
      writeFiles(line.clone.path, { 'a.txt': text });
      git(line.clone.path, 'commit', '--quiet', '-am', 'Work');
    }
    const outcome = await gate(line);
    assert.equal(outcome.agentCommits, 2);
    assert.equal(outcome.headCommit, null);
    assert.deepEqual(outcome.files, []);
  });

  it('holds control files back however their names are spelled, and lets the rest of the work leave', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const planted = [
      '.vscode/tasks.json',
      '.VSCODE/settings.json',
      'sub/.vscode/launch.json',
      '.idea/workspace.xml',
      'x.code-workspace',
      '.devcontainer/devcontainer.json',
      '.mcp.json',
      '.cursor/mcp.json',
      '.claude/settings.json',
      '.codex/config.toml',
      'sub/.Git\u200b/config',
      '.gitmodules',
      'inner/HEAD',
      'inner/config',
      '.v\u200bscode/tasks.json',
    ];
    writeFiles(line.clone.path, Object.fromEntries([...planted, 'inner/readme.md', 'kept.txt'].map((name) => [name, 'x\n'])));
    mkdirSync(path.join(line.clone.path, 'inner/objects'));
    const outcome = await gate(line);
    for (const name of planted) assert.equal(classOf(outcome, name), 'held', name);
    assert.equal(classOf(outcome, 'kept.txt'), 'ordinary');
    assert.equal(classOf(outcome, 'inner/readme.md'), 'ordinary');
    const left = git(line.repo, 'ls-tree', '-r', '--name-only', outcome.headCommit ?? '').split('\n');
    assert.deepEqual(left, ['a.txt', 'inner/readme.md', 'kept.txt']);
  });

  it("shows what a person's machine would run apart from ordinary files", async () => {
    const line = await startLine({ 'package.json': '{}\n', 'run.sh': 'echo\n' });
    const files = [
      'package.json',
      '.npmrc',
      '.envrc',
      '.husky/pre-commit',
      '.github/workflows/ci.yml',
      'Makefile',
      'AGENTS.md',
      'sub/CLAUDE.md',
      'WORKFLOW.md',
      'vite.config.ts',
      '.eslintrc.cjs',
      'node_modules/.bin/tsc',
      '.venv/bin/python',
      '.gitattributes',
    ];
    writeFiles(line.clone.path, Object.fromEntries([...files, 'src/page.ts'].map((name) => [name, 'y\n'])));
    chmodSync(path.join(line.clone.path, 'run.sh'), 0o755);
    symlinkSync('src/page.ts', path.join(line.clone.path, 'inside-link'));
    const outcome = await gate(line);
    for (const name of [...files, 'run.sh', 'inside-link']) assert.equal(classOf(outcome, name), 'host_executed', name);
    assert.equal(classOf(outcome, 'src/page.ts'), 'ordinary');
  });

  it('hands the rest over where a nested repository has no commit yet', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    writeFiles(line.clone.path, { 'a.txt': 'b\n', 'new/file.txt': 'n\n' });
    git(path.join(line.clone.path, 'new'), 'init', '--quiet');
    const outcome = await gate(line);
    assert.deepEqual(
      outcome.files.map((file) => file.path),
      ['a.txt'],
    );
    assert.deepEqual(outcome.heldBack, [{ path: 'new', reason: 'a nested repository or submodule' }]);
  });

  it('names files below the folder of a submodule, which git passes over', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'moved.txt': 'm\n'.repeat(20) });
    const inner = makeRepository({ 'x.txt': 'x\n' });
    for (const name of ['vendor/one', 'two', 'three', 'four'])
      git(repo, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, name);
    git(repo, 'commit', '--quiet', '-m', 'Submodules');
    const line = await startFrom(repo);
    assert.deepEqual((await gate(line)).heldBack, []);
    writeFiles(line.clone.path, { 'a.txt': 'A\n', 'vendor/one/x.txt': 'x\n', 'vendor/one/deep/new.txt': 'n\n', 'three/y.txt': 'y\n' });
    renameSync(path.join(line.clone.path, 'moved.txt'), path.join(line.clone.path, 'two/moved.txt'));
    git(path.join(line.clone.path, 'three'), 'init', '--quiet');
    rmSync(path.join(line.clone.path, 'four'), { recursive: true });
    symlinkSync('vendor', path.join(line.clone.path, 'four'));
    const outcome = await gate(line);
    assert.deepEqual(
      outcome.files.map((file) => file.path),
      ['a.txt'],
    );
    const held = Object.fromEntries(outcome.heldBack.map(({ path: name, reason }) => [name, reason]));
    assert.deepEqual(Object.keys(held).sort(), [
      'four',
      'moved.txt',
      'three',
      'two/moved.txt',
      'vendor/one/deep/new.txt',
      'vendor/one/x.txt',
    ]);
    assert.match(held['vendor/one/x.txt'] ?? '', /^below the submodule vendor\/one/u);
    assert.match(held['moved.txt'] ?? '', /^moved to two\/moved\.txt/u);
  });

  it('holds back links that lead out, nested repositories and names that fold to another', async () => {
    const line = await startLine({ 'Read.me': 'r\n', 'dir/x': 'x\n' });
    symlinkSync('/etc/passwd', path.join(line.clone.path, 'absolute'));
    symlinkSync('../../secret', path.join(line.clone.path, 'dir/climbs'));
    symlinkSync('.git/config', path.join(line.clone.path, 'plumbing'));
    writeFiles(line.clone.path, { 'read.me': 'other\n', 'Dir/y': 'y\n', 'nested/file.txt': 'n\n' });
    git(path.join(line.clone.path, 'nested'), 'init', '--quiet');
    git(path.join(line.clone.path, 'nested'), 'add', '-A');
    git(path.join(line.clone.path, 'nested'), 'commit', '--quiet', '-m', 'n');
    const outcome = await gate(line);
    for (const name of ['absolute', 'dir/climbs', 'plumbing', 'read.me', 'Dir/y', 'nested'])
      assert.equal(classOf(outcome, name), 'held', name);
    assert.equal(outcome.headCommit, null);
  });

  it('lets nothing of a git directory leave that was given another name', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const made = path.join(tempFolder(), 'made');
    writeFiles(made, { 'one.txt': '1\n' });
    git(made, 'init', '--quiet');
    git(made, 'add', '-A');
    git(made, 'commit', '--quiet', '-m', 'one');
    git(made, 'commit', '--quiet', '--allow-empty', '-m', 'two');
    git(made, 'reset', '--quiet', 'HEAD~1');
    git(made, 'fetch', '--quiet', '.');
    git(made, 'worktree', 'add', '--quiet', '-b', 'other', path.join(tempFolder(), 'other'));
    writeFiles(path.join(made, '.git'), { shallow: 's\n', 'modules/m/HEAD': 'ref: refs/heads/main\n', 'branches/b': 'b\n' });
    renameSync(path.join(made, '.git'), path.join(line.clone.path, 'plain'));
    writeFiles(line.clone.path, { 'plain/notes.md': 'n\n' });
    const outcome = await gate(line);
    const inside = outcome.heldBack.map(({ path: name }) => name.split('/')[1]);
    for (const name of ['HEAD', 'ORIG_HEAD', 'FETCH_HEAD', 'COMMIT_EDITMSG', 'config', 'description', 'index', 'shallow'])
      assert.ok(inside.includes(name), name);
    for (const name of ['hooks', 'info', 'logs', 'objects', 'refs', 'worktrees', 'modules', 'branches'])
      assert.ok(inside.includes(name), name);
    assert.deepEqual(git(line.repo, 'ls-tree', '-r', '--name-only', outcome.headCommit ?? '').split('\n'), ['a.txt', 'plain/notes.md']);
  });

  it('follows links through the links of the base and of the result', async () => {
    const repo = makeRepository({ 'deep/a/b/x.txt': 'x\n' });
    symlinkSync('/etc', path.join(repo, 'system'));
    git(repo, 'add', '-A');
    git(repo, 'commit', '--quiet', '-m', 'A link of the person');
    const lineDir = path.join(tempFolder(), 'line');
    const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    symlinkSync('../..', path.join(clone.path, 'deep/a/up'));
    symlinkSync('up/../etc', path.join(clone.path, 'deep/a/out'));
    symlinkSync('system/passwd', path.join(clone.path, 'passwd'));
    symlinkSync('up/deep', path.join(clone.path, 'deep/a/round'));
    const outcome = await gate({ repo, lineDir, clone });
    assert.equal(classOf(outcome, 'deep/a/out'), 'held');
    assert.equal(classOf(outcome, 'passwd'), 'held');
    assert.equal(classOf(outcome, 'deep/a/up'), 'host_executed');
    assert.equal(classOf(outcome, 'deep/a/round'), 'host_executed');
  });

  it('runs nothing the agent planted in its own git directory', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const marks = tempFolder();
    const mark = (name: string) => path.join(marks, name);
    git(line.clone.path, 'config', 'core.fsmonitor', `touch ${mark('fsmonitor')};false`);
    git(line.clone.path, 'config', 'filter.evil.clean', `touch ${mark('clean')}; cat`);
    git(line.clone.path, 'config', 'diff.external', `touch ${mark('external')}`);
    writeFiles(line.clone.path, { '.gitattributes': '* filter=evil\n', 'a.txt': 'changed\n' });
    for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction']) {
      mkdirSync(path.join(line.clone.path, '.git/hooks'), { recursive: true });
      writeFileSync(path.join(line.clone.path, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark(hook)}\n`, { mode: 0o755 });
    }
    const outcome = await gate(line);
    assert.equal(classOf(outcome, 'a.txt'), 'ordinary');
    assert.deepEqual(fingerprint(marks), {});
    assert.equal(git(line.repo, 'show', `${outcome.headCommit ?? ''}:a.txt`), 'changed');
  });

  it('works on paths with spaces and Unicode, and on a repository without a commit', async () => {
    const line = await startLine({ 'über uns/naïve file.txt': 'x\n' }, 'mein Projekt – ü');
    writeFiles(line.clone.path, { 'über uns/naïve file.txt': 'y\n', '新しい.md': 'z\n' });
    assert.deepEqual((await gate(line)).files.map((file) => file.path).sort(), ['über uns/naïve file.txt', '新しい.md'].sort());

    const empty = await startLine({});
    writeFiles(empty.clone.path, { 'first.txt': '1\n' });
    assert.deepEqual(
      (await gate(empty)).files.map((file) => [file.path, file.status]),
      [['first.txt', 'added']],
    );
  });

  it('works on a folder without git by a copy', async () => {
    const folder = tempFolder();
    writeFiles(folder, { 'notes.txt': 'n\n' });
    const lineDir = path.join(tempFolder(), 'line');
    const clone = await createClone({ repositoryPath: folder, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    writeFiles(clone.path, { 'notes.txt': 'm\n' });
    const outcome = await gate({ repo: folder, lineDir, clone });
    assert.equal(clone.kind, 'copy');
    assert.deepEqual(
      outcome.files.map((file) => file.path),
      ['notes.txt'],
    );
    assert.equal(readFileSync(path.join(folder, 'notes.txt'), 'utf8'), 'n\n');
  });
});

describe('the commit a clone stands on', () => {
  afterEach(removeTempFolders);
  const clone = (files: Record<string, string>) => {
    const folder = tempFolder();
    writeFiles(folder, files);
    return folder;
  };
  const id = 'a'.repeat(40);

  it('is read from HEAD, a loose ref or packed refs', async () => {
    assert.equal(await cloneHead(clone({ HEAD: `${id}\n` })), id);
    assert.equal(await cloneHead(clone({ HEAD: 'ref: refs/heads/x\n', 'refs/heads/x': `${id}\n` })), id);
    assert.equal(await cloneHead(clone({ HEAD: 'ref: refs/heads/x\n', 'packed-refs': `${id} refs/heads/x\n` })), id);
  });

  it('is unknown where a name leads out, is no commit name, or is not a plain file', async function () {
    const refused: Record<string, string>[] = [
      { HEAD: '--all\n' },
      { HEAD: 'ref: refs/../../x\n', x: id },
      { HEAD: 'ref: refs/heads/x\n', 'packed-refs': '--all refs/heads/x\n' },
    ];
    for (const files of refused) assert.equal(await cloneHead(clone(files)), null);
    if (process.platform === 'win32') this.skip();
    const linked = clone({ elsewhere: id });
    symlinkSync('elsewhere', path.join(linked, 'HEAD'));
    assert.equal(await cloneHead(linked), null);
    const pipe = clone({});
    execFileSync('mkfifo', [path.join(pipe, 'HEAD')]);
    assert.equal(await cloneHead(pipe), null);
  });

  it('names the commits since the base, and takes no name for an option', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const { lineDir, clone: made } = line;
    writeFiles(made.path, { 'a.txt': 'b\n' });
    git(made.path, 'commit', '--quiet', '-am', 'Work');
    // A ref of the gate's own, which "--all" would name.
    await gate(line);
    const head = git(made.path, 'rev-parse', 'HEAD');
    assert.deepEqual(await commitsBetween(lineDir, made.baseCommit, head), [{ commit: head, subject: 'Work' }]);
    assert.deepEqual(await commitsBetween(lineDir, made.baseCommit, '--all'), []);
  });
});

describe('a private clone', () => {
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });
  const cloneOf = (repo: string) =>
    createClone({ repositoryPath: repo, lineDir: path.join(tempFolder(), 'l'), sessionId: 'ses_a', base: { kind: 'head' } });

  it('brings along what .worktreeinclude names and git ignores, and nothing else', async () => {
    const repo = makeRepository({ '.gitignore': '.env\nsecret/\n*.log\n', '.worktreeinclude': '.env\nsecret/\na.txt\n', 'a.txt': 'a\n' });
    writeFiles(repo, { '.env': 'K=1\n', 'secret/key': 'k\n', 'x.log': 'l\n', 'loose.txt': 'untracked\n' });
    const clone = await createClone({
      repositoryPath: repo,
      lineDir: path.join(tempFolder(), 'l'),
      sessionId: 'ses_a',
      base: { kind: 'head' },
    });
    assert.deepEqual(
      Object.keys(fingerprint(clone.path))
        .filter((name) => !name.startsWith('.git/'))
        .sort(),
      ['.env', '.gitignore', '.worktreeinclude', 'a.txt', 'secret/key'],
    );
  });

  it('makes links again that stay inside, and names those that lead out', async () => {
    const repo = makeRepository({ '.gitignore': 'node_modules/\n.venv/\n', '.worktreeinclude': 'node_modules/\n.venv/\n', 'a.txt': 'a\n' });
    writeFiles(repo, {
      'node_modules/.pnpm/x@1/node_modules/x/bin.js': '#!\n',
      'node_modules/.bin/keep': 'k\n',
      '.venv/pyvenv.cfg': 'v\n',
    });
    const links: Record<string, string> = {
      'node_modules/x': '.pnpm/x@1/node_modules/x',
      'node_modules/.bin/x': '../x/bin.js',
      'node_modules/to-top': '../a.txt',
      'node_modules/absolute': path.join(repo, 'node_modules/.pnpm'),
      'node_modules/dangling': 'not-there',
      '.venv/python': '/usr/bin/env',
      'node_modules/outside': '../../../elsewhere',
      'node_modules/through': 'outside-again/hostname',
      'node_modules/outside-again': '/etc',
      'node_modules/plumbing': '../.git/config',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, path.join(repo, name));
    const clone = await cloneOf(repo);
    const made = Object.entries(fingerprint(clone.path)).filter(([, what]) => what.startsWith('link '));
    assert.deepEqual(Object.fromEntries(made), {
      'node_modules/.bin/x': 'link ../x/bin.js',
      'node_modules/absolute': 'link .pnpm',
      'node_modules/dangling': 'link not-there',
      'node_modules/to-top': 'link ../a.txt',
      'node_modules/x': 'link .pnpm/x@1/node_modules/x',
    });
    assert.equal(readFileSync(path.join(clone.path, 'node_modules/.bin/x'), 'utf8'), '#!\n');
    const left = ['.venv/python', ...['outside', 'outside-again', 'plumbing', 'through'].map((name) => `node_modules/${name}`)];
    assert.deepEqual([...clone.leftOut].sort(), left);
    assert.match(describeClone(clone), /Without links that lead out of the checkout: .*node_modules\/outside/u);
  });

  for (const [where, files, exclude] of [
    ['in this repository', {}, 'venv/\nkeep.log\n'],
    ['everywhere, by the usual file', { '.config/git/ignore': 'venv/\n*.log\n' }, ''],
    ['everywhere, by a named file', { '.gitconfig': '[core]\n\texcludesFile = ~/mine\n', mine: '\ufeffvenv/\n*.log' }, '!keep.txt\n'],
  ] as const)
    it(`ignores what the person's git ignores ${where}, as the gate does`, async () => {
      settleIn(files);
      const repo = makeRepository({ 'a.txt': 'a\n' });
      const other = path.join(tempFolder(), 'other');
      ownGit(repo, 'worktree', 'add', '--quiet', '-b', 'other', other);
      writeFileSync(path.join(repo, '.git/info/exclude'), exclude);
      for (const checkout of [repo, other]) {
        const line = await startFrom(checkout);
        writeFiles(line.clone.path, { 'a.txt': 'A\n', 'venv/lib/x.py': 'x\n', 'keep.log': 'l\n', 'new.txt': 'n\n' });
        assert.deepEqual(git(line.clone.path, 'status', '--porcelain').split('\n'), ['M a.txt', '?? new.txt']);
        assert.deepEqual(
          (await gate(line)).files.map((file) => file.path),
          ['a.txt', 'new.txt'],
        );
      }
    });

  it('says before the run what it has not: submodules, and which remotes would publish its refs', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const inner = makeRepository({ 'x.txt': 'x\n' });
    for (const name of ['vendor/one', 'two']) git(repo, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, name);
    git(repo, 'commit', '--quiet', '-m', 'Submodules');
    git(repo, 'remote', 'add', '--mirror=push', 'backup', '/nowhere');
    git(repo, 'remote', 'add', 'origin', '/nowhere');
    const clone = await cloneOf(repo);
    assert.match(describeClone(clone), /Submodules are empty folders in it, and nothing below them is handed over: two, vendor\/one\./u);
    assert.match(describeClone(clone), /publishes refs\/belay, .*: backup$/u);
    assert.doesNotMatch(describeClone(await cloneOf(makeRepository({ 'a.txt': 'a\n' }))), /Submodule|mirror/u);
  });

  it('brings along what only a rule of the person for all repositories ignores', async () => {
    settleIn({ '.config/git/ignore': '.env\n' });
    const repo = makeRepository({ '.worktreeinclude': '.env\n' });
    writeFiles(repo, { '.env': 'K=1\n' });
    assert.equal(readFileSync(path.join((await cloneOf(repo)).path, '.env'), 'utf8'), 'K=1\n');
  });

  for (const [where, config] of [
    ['global', { '.gitconfig': '[user]\n\tname = Ada\n\temail = ada@x.test\n' }],
    ['usual', { '.config/git/config': '[user]\n\tname = Ada\n\temail = ada@x.test\n' }],
    ['included', { '.gitconfig': '[include]\n\tpath = more\n', more: '[user]\n\tname = Ada\n\temail = ada@x.test\n' }],
    [
      'conditional',
      {
        '.gitconfig': '[user]\n\tname = Other\n[includeIf "gitdir:**/mine/"]\n\tpath = work\n',
        work: '[user]\n\tname = Ada\n\temail = ada@x.test\n',
      },
    ],
    ['author', { '.gitconfig': '[user]\n\tname = Other\n\temail = o@x.test\n[author]\n\tname = Ada\n\temail = ada@x.test\n' }],
  ] as const)
    it(`has the person as author from their ${where} configuration`, async () => {
      settleIn(config);
      const repo = makeRepository({ 'a.txt': 'a\n' }, 'mine');
      for (const key of ['name', 'email']) ownGit(repo, 'config', '--unset', `user.${key}`);
      const clone = await cloneOf(repo);
      const env = { PATH: process.env['PATH'] ?? '', HOME: tempFolder() };
      execFileSync('git', ['commit', '--quiet', '--allow-empty', '-m', 'Work'], { cwd: clone.path, env });
      assert.equal(git(clone.path, 'log', '-1', '--format=%an <%ae>'), 'Ada <ada@x.test>');
    });

  it('brings nothing along through a link of the base, nor over a file of it', async () => {
    const outside = tempFolder();
    writeFiles(outside, { bashrc: 'mine\n' });
    const repo = makeRepository({ '.gitignore': '.env\nsecret/\nown\n', '.worktreeinclude': '.env\nsecret/\nown\n' });
    git(repo, 'checkout', '-q', '-b', 'other');
    symlinkSync(path.join(outside, 'bashrc'), path.join(repo, '.env'));
    symlinkSync(outside, path.join(repo, 'secret'));
    writeFiles(repo, { own: 'of the base\n' });
    git(repo, 'add', '-f', '.env', 'secret', 'own');
    git(repo, 'commit', '-q', '-m', 'links');
    const commit = git(repo, 'rev-parse', 'HEAD');
    git(repo, 'checkout', '-q', '-');
    writeFiles(repo, { '.env': 'K=1\n', 'secret/key': 'k\n', own: 'of the person\n' });
    const clone = await createClone({
      repositoryPath: repo,
      lineDir: path.join(tempFolder(), 'l'),
      sessionId: 'ses_a',
      base: { kind: 'commit', commit },
    });
    assert.equal(readFileSync(path.join(outside, 'bashrc'), 'utf8'), 'mine\n');
    assert.deepEqual(readdirSync(outside), ['bashrc']);
    assert.equal(readFileSync(path.join(clone.path, 'own'), 'utf8'), 'of the base\n');
  });

  it('has no remote, its own branch, and the person as author', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    git(repo, 'remote', 'add', 'origin', 'https://user:token@example.test/x.git');
    const clone = await createClone({
      repositoryPath: repo,
      lineDir: path.join(tempFolder(), 'l'),
      sessionId: 'ses_a',
      base: { kind: 'head' },
    });
    assert.equal(git(clone.path, 'remote'), '');
    assert.equal(git(clone.path, 'branch', '--show-current'), 'belay/ses_a');
    assert.equal(git(clone.path, 'config', 'user.name'), 'Test Person');
    assert.equal(git(clone.path, 'status', '--porcelain'), '');
    assert.doesNotMatch(readFileSync(path.join(clone.path, '.git/config'), 'utf8'), /token/);
  });

  it('is kept for the follow-up of the line, with the first base', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const lineDir = path.join(tempFolder(), 'l');
    const first = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    writeFiles(first.path, { 'b.txt': 'b\n' });
    writeFiles(repo, { 'a.txt': 'later\n' });
    git(repo, 'commit', '--quiet', '-am', 'Later');
    const second = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_b', base: { kind: 'head' } });
    assert.equal(second.reused, true);
    assert.equal(second.baseCommit, first.baseCommit);
    assert.equal(readFileSync(path.join(second.path, 'b.txt'), 'utf8'), 'b\n');
  });

  it('says what to do when the folder is gone', async () => {
    await assert.rejects(
      createClone({ repositoryPath: path.join(tempFolder(), 'gone'), lineDir: tempFolder(), sessionId: 's', base: { kind: 'head' } }),
      /is not there/,
    );
  });
});
