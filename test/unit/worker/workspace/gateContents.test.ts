import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { countAgentCommits } from '../../../../worker/workspace/agentObjects.ts';
import { gateDir } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { countHeldBack } from '../../../../worker/workspace/heldBack.ts';
import { judgeCommits } from '../../../../worker/workspace/judgeCommits.ts';
import type { GateOutcome, LineClone } from '../../../../worker/workspace/types.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';
import { sampleTokens } from '../../../support/sampleTokens.ts';

interface Line {
  readonly repo: string;
  readonly lineDir: string;
  readonly clone: LineClone;
}
async function startLine(files: Record<string, string>): Promise<Line> {
  const repo = makeRepository(files);
  const lineDir = path.join(tempFolder(), 'lines', 'ses_a');
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  return { repo, lineDir, clone };
}
const gate = ({ repo, lineDir, clone }: Line, secrets: string[] = []): Promise<GateOutcome> =>
  runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result', secrets });
const commits = ({ repo, lineDir, clone }: Line, secrets: string[] = []) =>
  judgeCommits({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', secrets });
const reasonOf = (outcome: GateOutcome, file: string) => outcome.heldBack.find((entry) => entry.path === file)?.reason ?? null;
const fileOf = (outcome: GateOutcome, file: string) => outcome.files.find((entry) => entry.path === file);
const commitAll = (folder: string, message: string) => {
  git(folder, 'add', '-A');
  git(folder, 'commit', '--quiet', '-m', message);
};

describe('the hand-over gate, on what files hold', function () {
  this.timeout(120_000);
  afterEach(removeTempFolders);

  it('holds back a file with a secret, says where, never what, and lets the rest leave', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const token = sampleTokens['a GitHub token'] ?? '';
    const bound = 'correct-horse-battery-staple';
    writeFiles(line.clone.path, {
      'src/token.ts': `// one\nconst t = '${token}';\n`,
      'src/bound.ts': `x\n\n${Buffer.from(bound).toString('base64')}\n`,
      'src/wide.txt': Buffer.from(`key ${token}`, 'utf16le').toString('utf8'),
      [`src/${bound}.txt`]: 'name\n',
      'src/fine.ts': 'const t = process.env.TOKEN;\n',
    });
    const outcome = await gate(line, [bound]);
    assert.equal(reasonOf(outcome, 'src/token.ts'), 'holds a GitHub token (line 2)');
    assert.equal(reasonOf(outcome, 'src/bound.ts'), 'holds a secret that is bound on this machine (line 3)');
    assert.match(reasonOf(outcome, 'src/wide.txt') ?? '', /GitHub token/);
    assert.match(reasonOf(outcome, 'src/[secret].txt') ?? '', /its name holds/);
    assert.deepEqual(
      outcome.files.map((file) => file.path),
      ['src/fine.ts'],
    );
    assert.ok(!JSON.stringify(outcome).includes(token) && !JSON.stringify(outcome).includes(bound));
  });

  it('lets a file leave whose secret stood there before', async () => {
    const token = sampleTokens['a Stripe key'] ?? '';
    const line = await startLine({ 'fixture.txt': `${token}\n` });
    writeFiles(line.clone.path, { 'fixture.txt': `${token}\nmore\n` });
    assert.equal(fileOf(await gate(line), 'fixture.txt')?.class, 'ordinary');
  });

  it('shows programs and pointers apart, and binary files without line numbers', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    writeFiles(line.clone.path, { 'model.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' });
    writeFileSync(path.join(line.clone.path, 'lib.dat'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]));
    writeFileSync(path.join(line.clone.path, 'picture.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]));
    const outcome = await gate(line);
    assert.match(fileOf(outcome, 'model.bin')?.reason ?? '', /pointer/);
    assert.equal(fileOf(outcome, 'lib.dat')?.class, 'host_executed');
    assert.deepEqual([fileOf(outcome, 'picture.png')?.class, fileOf(outcome, 'picture.png')?.added], ['ordinary', null]);
  });

  it('holds back a token of a known shape in the name of a file or folder or in the target of a link, in words of any kind', async function () {
    if (process.platform === 'win32') this.skip();
    const line = await startLine({ 'a.txt': 'a\n' });
    const token = sampleTokens['a GitHub token'] ?? '';
    const names = [`${token}.txt`, `backup_${token}_old.txt`, `keys/${token}/readme.md`];
    writeFiles(line.clone.path, Object.fromEntries(names.map((name) => [name, 'x\n'])));
    symlinkSync(`x/${token}`, path.join(line.clone.path, 'link'));
    const outcome = await gate(line);
    assert.deepEqual(outcome.files, []);
    assert.equal(outcome.heldBack.length, 4);
    for (const { reason } of outcome.heldBack) assert.equal(reason, 'its name holds a GitHub token');
    assert.ok(!JSON.stringify(outcome).includes(token));
  });

  it('marks characters that reorder what is shown or are not shown, where they are new', async () => {
    const line = await startLine({ 'old.ts': 'const a = "\u202e";\n', 'x.txt': 'x\n' });
    writeFiles(line.clone.path, {
      'bidi.ts': 'one\nif (a) { /* \u202e } \u2066if (admin)\u2069 \u2066 begin */\n',
      'tags.md': `hello ${[...'obey'].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('')}\n`,
      'selectors.js': `x("\ufe01\ufe02\ufe03\u{e0121}");\n`,
      'filler.js': 'const { a, \u3164 } = query;\n',
      'old.ts': 'const a = "\u202e";\nconst b = 1;\n',
      'fine.md': 'שלום \u200fa\u200e ❤️ 👩‍💻 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}\n',
      'package.json': '{"a":"\u202e"}\n',
    });
    const outcome = await gate(line);
    const said = Object.fromEntries(outcome.files.map((file) => [file.path, file.reason]));
    assert.deepEqual(said, {
      'bidi.ts': 'holds characters that reorder what is shown (line 2)',
      'filler.js': 'holds characters that are not shown (line 1)',
      'fine.md': null,
      'old.ts': null,
      'package.json': 'package scripts; holds characters that reorder what is shown (line 1)',
      'selectors.js': 'holds characters that are not shown (line 1)',
      'tags.md': 'holds characters that are not shown (line 1)',
    });
  });

  it('shows an ignore file apart that brings names of secrets to light, and no other', async () => {
    const line = await startLine({
      '.gitignore': '.env*\n*.pem\ndist/\n',
      'a/.gitignore': '.env\n',
      'b/.gitignore': '.npmrc\n',
      '.npmignore': 'x\n',
    });
    writeFiles(line.clone.path, {
      '.gitignore': '.env*\n!.env.local\n*.pem\n',
      'a/.gitignore': '# nothing secret\n.env*\n',
      'c/.gitignore': '!secrets.json\n',
      'd/.gitignore': '*\n!.gitignore\n',
      '.npmignore': '!**\n',
    });
    rmSync(path.join(line.clone.path, 'b/.gitignore'));
    const outcome = await gate(line);
    const said = Object.fromEntries(outcome.files.map((file) => [file.path, file.reason]));
    assert.deepEqual(said, {
      '.gitignore': 'no longer leaves out files like .env.local',
      '.npmignore': 'no longer leaves out files like .env',
      'a/.gitignore': null,
      'b/.gitignore': 'no longer leaves out files like .npmrc',
      'c/.gitignore': 'no longer leaves out files like secrets.json',
      'd/.gitignore': null,
    });
  });

  it('shows a file apart that keeps its executable bit where it starts as a program, and not a source that somebody once marked', async function () {
    if (process.platform === 'win32') this.skip();
    const line = await startLine({ 'a.txt': 'a\n' });
    const files = { 'index.js': 'one();\n', 'cli.js': '#!/usr/bin/env node\none();\n', 'was.js': '#!/usr/bin/env node\n', tool: 'one\n' };
    const repo = makeRepository(files);
    for (const name of Object.keys(files)) chmodSync(path.join(repo, name), 0o755);
    commitAll(repo, 'Executable');
    const lineDir = path.join(tempFolder(), 'line');
    const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    writeFiles(clone.path, {
      'index.js': 'two();\n',
      'cli.js': '#!/usr/bin/env node\ntwo();\n',
      'was.js': 'rm -rf\n',
      tool: 'two\n',
      'new.js': 'x\n',
    });
    chmodSync(path.join(clone.path, 'new.js'), 0o755);
    const outcome = await gate({ ...line, repo, lineDir, clone });
    const apart = outcome.files.filter((file) => file.class === 'host_executed').map((file) => file.path);
    assert.deepEqual(apart, ['cli.js', 'new.js', 'tool', 'was.js']);
  });

  it('goes on without pipes, huge and endless files, broken nested repositories and names git refuses', async function () {
    if (process.platform === 'win32') this.skip();
    const line = await startLine({ 'a.txt': 'a\n', 'tracked.txt': 't\n', 'grown.txt': 'g\n' });
    const at = (name: string) => path.join(line.clone.path, name);
    rmSync(at('tracked.txt'));
    for (const name of ['tracked.txt', 'pipe']) execFileSync('mkfifo', [at(name)]);
    writeFileSync(at('huge.bin'), '');
    truncateSync(at('huge.bin'), 900 * 1024 * 1024);
    truncateSync(at('grown.txt'), 30 * 1024 * 1024);
    git(line.clone.path, 'init', '--quiet', 'empty');
    writeFiles(line.clone.path, {
      'git~1/config': 'x\n',
      'new\nline': 'x\n',
      'aux.txt': 'x\n',
      'empty/file': 'x\n',
      'a.txt': 'better\n',
      [`${'d/'.repeat(400)}deep.txt`]: 'deep\n',
    });
    const outcome = await gate(line);
    assert.equal(reasonOf(outcome, 'tracked.txt'), 'a pipe, socket or device');
    for (const name of ['huge.bin', 'grown.txt']) assert.equal(reasonOf(outcome, name), 'larger than 20 MB');
    assert.match(reasonOf(outcome, 'empty') ?? '', /nested/);
    assert.match(reasonOf(outcome, 'aux.txt') ?? '', /device/);
    for (const name of ['git~1/config', 'new\nline']) assert.notEqual(reasonOf(outcome, name), null, name);
    assert.deepEqual(
      outcome.files.map((file) => file.path),
      ['a.txt', `${'d/'.repeat(400)}deep.txt`],
    );
  });

  it('goes on where files of rules are none, or a folder or file is closed, and names them', async function () {
    if (process.platform !== 'linux') this.skip();
    const base = { 'a.txt': 'a\n', 'src/a.txt': 'a\n', 'shut/a.txt': 'a\n', 'locked.txt': 'l\n' };
    const line = await startLine({ ...base, 'rules/.gitignore': 'x\n', 'rules/a.txt': 'a\n' });
    const at = (name: string) => path.join(line.clone.path, name);
    writeFiles(line.clone.path, { 'a.txt': 'b\n', 'src/a.txt': 'b\n', 'rules/a.txt': 'b\n', 'rules/new.txt': 'n\n' });
    writeFiles(line.clone.path, { 'new/inner/a.txt': 'n\n', 'new/large/a.txt': 'n\n', 'locked.txt': 'changed\n', 'closed.txt': 'c\n' });
    writeFiles(line.clone.path, { 'shut/a.txt': 'b\n', 'closed/a.txt': 'c\n' });
    rmSync(at('rules/.gitignore'));
    const pipes = ['.gitignore', 'src/.gitattributes', 'rules/.gitignore', 'new/.gitignore', 'new/inner/.gitattributes'];
    for (const name of pipes) execFileSync('mkfifo', [at(name)]);
    writeFileSync(at('new/large/.gitignore'), '');
    truncateSync(at('new/large/.gitignore'), 3 * 1024 * 1024 * 1024);
    for (const name of ['locked.txt', 'closed.txt']) chmodSync(at(name), 0);
    for (const [name, mode] of [['shut', 0o600] as const, ['closed', 0o300] as const]) chmodSync(at(name), mode);
    const outcome = await gate(line);
    for (const name of ['shut', 'closed']) chmodSync(at(name), 0o700);
    assert.deepEqual(
      outcome.files.map((file) => file.path),
      ['a.txt', 'new/inner/a.txt', 'new/large/a.txt', 'rules/a.txt', 'rules/new.txt', 'src/a.txt'],
    );
    assert.deepEqual(
      Object.fromEntries(outcome.heldBack.map((entry) => [entry.path, entry.reason])),
      Object.fromEntries([
        ...pipes.map((name) => [name, 'a pipe, socket or device']),
        ['new/large/.gitignore', 'larger than 20 MB'],
        ...['locked.txt', 'closed.txt'].map((name) => [name, 'a file that cannot be read']),
        ...['shut', 'closed'].map((name) => [name, 'a folder that nobody may look into']),
      ]),
    );
    chmodSync(line.clone.path, 0o300);
    await assert.rejects(gate(line), /nobody may look into/);
    chmodSync(line.clone.path, 0o700);
  });

  it('goes on without attributes that git refuses, under every spelling of the name, and without a folder of it', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const long = `*.txt ${'a'.repeat(3000)}\n`;
    writeFiles(line.clone.path, { 'a.txt': 'b\n', 'one/.GITATTRIBUTES': long, 'two/.gitAttributes': long, '.gitattributes/x.txt': 'x\n' });
    writeFiles(line.clone.path, { 'three/.GitAttributes/deep/x.txt': 'x\n', 'four/.GITATTRIBUTES': '*.txt text\n' });
    const outcome = await gate(line);
    assert.deepEqual(outcome.files.map((file) => file.path).sort(), ['a.txt', 'four/.GITATTRIBUTES']);
    for (const name of ['one/.GITATTRIBUTES', 'two/.gitAttributes']) assert.match(reasonOf(outcome, name) ?? '', /longer than git takes/);
    for (const name of ['.gitattributes/x.txt', 'three/.GitAttributes/deep/x.txt'])
      assert.match(reasonOf(outcome, name) ?? '', /no folder/);
  });

  it('holds back what is more than 100,000 new lines of a file or 500,000 in all', async () => {
    const line = await startLine({ 'a.txt': '' });
    const long = (count: number) => 'x\n'.repeat(count);
    const full = ['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.txt`, long(100_000)] as const);
    writeFiles(line.clone.path, { ...Object.fromEntries(full), 'f.txt': 'one\n', 'g.txt': long(100_001) });
    const outcome = await gate(line);
    assert.deepEqual(outcome.heldBack, [
      { path: 'f.txt', reason: 'more than 500000 new lines in all' },
      { path: 'g.txt', reason: 'more than 100000 new lines' },
    ]);
    assert.equal(outcome.files.length, 5);
  });

  it('holds back what is more than 200 MB in all', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const names = Array.from({ length: 11 }, (_, index) => `part${10 + index}.bin`);
    for (const name of names) {
      writeFileSync(path.join(line.clone.path, name), '');
      truncateSync(path.join(line.clone.path, name), 19 * 1024 * 1024);
    }
    const outcome = await gate(line);
    assert.deepEqual(outcome.heldBack, [{ path: 'part20.bin', reason: 'more than 200 MB in all' }]);
    assert.equal(outcome.files.length, 10);
  });

  it('holds back what is more than 5,000 files', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const names = Array.from({ length: 5001 }, (_, index) => `f${10_000 + index}.txt`);
    writeFiles(line.clone.path, Object.fromEntries(names.map((name) => [name, ''])));
    const outcome = await gate(line);
    assert.deepEqual(outcome.heldBack, [{ path: 'f15000.txt', reason: 'more than 5000 files' }]);
    assert.equal(outcome.files.length, 5000);
  });

  it('keeps a result of any size whole: what is too much is counted, by reason', async () => {
    const line = await startLine({ 'a.txt': 'a\n', 'z.txt': 'z\n' });
    const many = 20_000;
    for (let folder = 0; folder < many / 1000; folder += 1)
      writeFiles(line.clone.path, Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f/${folder}/${index}.txt`, ''])));
    for (let index = 0; index < 2100; index += 1) symlinkSync('/etc/passwd', path.join(line.clone.path, `link${index}`));
    writeFiles(line.clone.path, { 'a.txt': 'A\n', 'z.txt': 'Z\n' });
    const outcome = await gate(line);
    assert.equal(countHeldBack(outcome.heldBack) + outcome.files.length, many + 2100 + 2);
    assert.equal(fileOf(outcome, 'a.txt')?.class, 'ordinary');
    assert.ok(outcome.heldBack.length < 600, `${outcome.heldBack.length}`);
    assert.match(outcome.heldBack.at(-1)?.path ?? '', /^\d+ more$/);
    assert.ok(JSON.stringify(outcome).length < 4 * 1024 * 1024);
  });

  it('keeps the list of files short enough to be sent where names are long', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const folder = Array.from({ length: 10 }, () => 'd'.repeat(250)).join('/');
    writeFiles(
      line.clone.path,
      Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`${folder}/${'n'.repeat(200)}${index}`, ''])),
    );
    const outcome = await gate(line);
    assert.ok(JSON.stringify(outcome).length < 3 * 1024 * 1024);
    assert.equal(countHeldBack(outcome.heldBack) + outcome.files.length, 800);
    assert.match(outcome.heldBack.at(-1)?.reason ?? '', /of names/);
  });

  it('reads files as they stand, whatever the agent wrote into .gitattributes', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    writeFiles(line.clone.path, { '.gitattributes': '* working-tree-encoding=UTF-16 ident filter=lfs\n', 'b.txt': '$Id: kept $\n' });
    const outcome = await gate(line);
    assert.equal(fileOf(outcome, '.gitattributes')?.class, 'host_executed');
    assert.equal(git(line.repo, 'show', `${outcome.headCommit ?? ''}:b.txt`), '$Id: kept $');
  });

  it('says which work a new ignore rule hides, and nothing of what was ignored before', async () => {
    const line = await startLine({ '.gitignore': 'build/\n' });
    writeFiles(line.clone.path, { '.gitignore': 'build/\nsrc/\n', 'build/out.js': 'x\n', 'src/work.ts': 'x\n' });
    const outcome = await gate(line);
    assert.match(reasonOf(outcome, 'src') ?? '', /new in \.gitignore/);
    assert.equal(reasonOf(outcome, 'build'), null);
  });

  it('takes index flags, excludes and attributes of the agent for nothing', async () => {
    const line = await startLine({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    git(line.clone.path, 'update-index', '--assume-unchanged', 'a.txt');
    git(line.clone.path, 'update-index', '--skip-worktree', 'b.txt');
    writeFiles(line.clone.path, {
      'a.txt': '1\n',
      'b.txt': '2\n',
      'c.txt': '3\n',
      '.git/info/exclude': 'c.txt\n',
      '.git/info/attributes': '* binary\n',
      '.git/info/sparse-checkout': '/nothing\n',
    });
    git(line.clone.path, 'config', 'core.worktree', '/');
    const outcome = await gate(line);
    assert.deepEqual(
      outcome.files.map((file) => [file.path, file.added]),
      [
        ['a.txt', 1],
        ['b.txt', 1],
        ['c.txt', 1],
      ],
    );
  });

  it("follows no alternates of the agent's into other repositories", async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const other = makeRepository({ 'private.txt': 'p\n' }, 'other');
    const secretCommit = git(other, 'rev-parse', 'HEAD');
    writeFileSync(path.join(line.clone.path, '.git/objects/info/alternates'), `${other}/.git/objects\n`);
    writeFileSync(path.join(line.clone.path, '.git/HEAD'), `${secretCommit}\n`);
    assert.equal(await countAgentCommits(line.clone.path, line.clone.baseCommit, { gitDir: gateDir(line.lineDir) }), 0);
    assert.match((await commits(line)).refused ?? '', /not as the host made them/);
  });

  it('refuses a working folder that became a link', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    rmSync(line.clone.path, { recursive: true });
    symlinkSync('/etc', line.clone.path);
    await assert.rejects(gate(line), /not a folder any more/);
  });
});

describe('judging every commit', function () {
  this.timeout(30_000);
  afterEach(removeTempFolders);

  it('finds a secret, a control file and a link that were added and removed again; the gate still lets the end leave', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const { path: at } = line.clone;
    const token = sampleTokens['an npm token'] ?? '';
    writeFiles(at, { 'a.txt': `a\n${token}\n`, '.vscode/tasks.json': '{}\n' });
    symlinkSync('/etc/passwd', path.join(at, 'link'));
    commitAll(at, 'Try');
    rmSync(path.join(at, '.vscode'), { recursive: true });
    rmSync(path.join(at, 'link'));
    writeFiles(at, { 'a.txt': 'done\n' });
    commitAll(at, 'Clean up');
    const verdict = await commits(line);
    assert.deepEqual(
      verdict.commits.map(({ subject, problems }) => [subject, problems.map(({ path: file }) => file).sort()]),
      [
        ['Try', ['.vscode/tasks.json', 'a.txt', 'link']],
        ['Clean up', ['.vscode/tasks.json']],
      ],
    );
    assert.match(verdict.refused ?? '', /2 of 2 commits/);
    const outcome = await gate(line);
    assert.deepEqual([outcome.heldBack, outcome.files.map((file) => file.path)], [[], ['a.txt']]);
    assert.throws(() => git(line.repo, 'cat-file', '-e', verdict.head ?? ''), 'nothing of the history came over');
  });

  it('lets a clean history be, merges and packs included, and judges what a merge smuggles in', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const { path: at } = line.clone;
    git(at, 'checkout', '--quiet', '-b', 'side');
    writeFiles(at, { 'side.txt': 's\n' });
    commitAll(at, 'Side');
    git(at, 'checkout', '--quiet', '-');
    writeFiles(at, { 'a.txt': 'b\n' });
    commitAll(at, 'Main');
    git(at, 'merge', '--quiet', '--no-edit', 'side');
    git(at, 'gc', '--quiet');
    const clean = await commits(line);
    assert.deepEqual([clean.refused, clean.commits.length, clean.head], [null, 3, git(at, 'rev-parse', 'HEAD')]);
    git(at, 'merge', '--quiet', '--no-commit', '--no-ff', '-s', 'ours', git(at, 'commit-tree', '-p', 'HEAD~1', '-m', 'x', 'HEAD^{tree}'));
    writeFiles(at, { '.idea/x.xml': 'x\n' });
    commitAll(at, 'Evil merge');
    assert.match((await commits(line)).refused ?? '', /1 of 5/);
  });

  it('lets no history leave that takes along what the person has elsewhere, or that leaves the base behind', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const { path: at, baseCommit } = line.clone;
    git(line.repo, 'checkout', '--quiet', '-b', 'private');
    writeFiles(line.repo, { 'private.txt': 'private\n' });
    commitAll(line.repo, 'Private');
    const hidden = git(line.repo, 'rev-parse', 'HEAD');
    const work = () => {
      writeFiles(at, { 'b.txt': `${Math.random()}\n` });
      commitAll(at, 'Work');
    };
    work();
    const merge = (parent: string) =>
      git(at, 'reset', '--quiet', '--soft', git(at, 'commit-tree', '-p', 'HEAD', '-p', parent, '-m', 'Merge', 'HEAD^{tree}'));
    // Without its objects the name alone is of no use, and what is known is not new.
    assert.throws(() => merge(hidden));
    git(at, 'fetch', '--quiet', line.repo, 'private');
    merge(hidden);
    assert.match((await commits(line)).refused ?? '', /is not new/);
    git(at, 'checkout', '--quiet', '-B', 'again', baseCommit);
    git(at, 'commit', '--quiet', '--amend', '-m', 'Another start');
    work();
    assert.match((await commits(line)).refused ?? '', /does not stand on the commit/);
    git(at, 'checkout', '--quiet', '-B', 'own', baseCommit);
    writeFiles(at, { Makefile: 'all:\n' });
    git(at, 'add', '-A');
    git(at, 'commit', '--quiet', '--author', 'Eve <eve@example.org>', '-m', 'Work');
    const [own] = (await commits(line)).commits;
    assert.deepEqual([own?.otherAuthor, own?.hostExecuted.map((file) => file.path)], ['Eve <eve@example.org>', ['Makefile']]);
  });

  it('lets no history leave that ends in a tag, whose words nobody judges', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    writeFiles(line.clone.path, { 'a.txt': 'b\n' });
    commitAll(line.clone.path, 'Work');
    const branch = path.join(line.clone.path, '.git', git(line.clone.path, 'symbolic-ref', 'HEAD'));
    const commit = readFileSync(branch, 'utf8');
    git(line.clone.path, 'tag', '--annotate', 'v1', '-m', sampleTokens['a GitHub token'] ?? '');
    git(line.clone.path, 'tag', '--annotate', 'v2', 'v1', '-m', 'A tag of a tag');
    for (const tag of ['v1', 'v2']) {
      writeFileSync(branch, `${git(line.clone.path, 'rev-parse', tag)}\n`);
      const { head, refused } = await commits(line);
      assert.deepEqual([head, refused], [null, "Git refuses the commits: the clone's branch does not end in a commit"]);
    }
    writeFileSync(branch, commit);
    assert.deepEqual([(await commits(line)).refused, (await commits(line)).head], [null, commit.trim()]);
  });

  it('shows who else made a commit, as its author or as the one who committed it', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const make = (author: string, committer: string) => {
      const name = (who: string) => ['-c', `${who}.name=${who === 'author' ? author : committer}`, '-c', `${who}.email=test@localhost`];
      git(line.clone.path, ...name('author'), ...name('committer'), 'commit', '--quiet', '--allow-empty', '-m', 'Work');
    };
    make('Test Person', 'Test Person');
    make('Eve', 'Test Person');
    make('Test Person', 'Eve');
    make('Eve', 'Eve');
    assert.deepEqual(
      (await commits(line)).commits.map((commit) => commit.otherAuthor),
      [null, 'Eve <test@localhost>', 'committed by Eve <test@localhost>', 'Eve <test@localhost>'],
    );
  });

  it('finds a secret in the words of a commit, and refuses objects git refuses', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    const { path: at } = line.clone;
    git(at, 'commit', '--quiet', '--allow-empty', '-m', `Use hunter2-hunter2`);
    const [spoken] = (await commits(line, ['hunter2-hunter2'])).commits;
    assert.match(spoken?.problems[0]?.reason ?? '', /message holds/);
    assert.equal(spoken?.subject, 'Use [secret]');
    const token = sampleTokens['a GitHub token'] ?? '';
    writeFiles(at, { [`${token}.txt`]: 'x\n' });
    git(at, 'add', '-A');
    git(at, 'commit', '--quiet', '--author', `Eve ${token} <eve@localhost>`, '-m', `For ${token}`);
    assert.ok(!JSON.stringify(await commits(line, ['hunter2-hunter2'])).includes(token));
    const blob = git(at, 'hash-object', '-w', 'a.txt');
    const tree = execFileSync('git', ['mktree'], { cwd: at, input: `100644 blob ${blob}\t.gitmodules\n`, encoding: 'utf8' }).trim();
    const inner = execFileSync('git', ['mktree'], { cwd: at, input: `040000 tree ${tree}\t.git\n`, encoding: 'utf8' }).trim();
    git(at, 'reset', '--quiet', '--soft', git(at, 'commit-tree', '-p', 'HEAD', '-m', 'Bad', inner));
    assert.match((await commits(line)).refused ?? '', /Git refuses/);
  });

  it('has nothing to say where the agent made no commit, or history without the base', async () => {
    const line = await startLine({ 'a.txt': 'a\n' });
    assert.deepEqual(await commits(line), { commits: [], head: null, refused: null });
    const { path: at } = line.clone;
    git(at, 'checkout', '--quiet', '--orphan', 'fresh');
    writeFiles(at, { '.cursor/mcp.json': '{}\n' });
    commitAll(at, 'Fresh');
    assert.match((await commits(line)).refused ?? '', /does not stand on the commit/);
    assert.ok(!readFileSync(path.join(gateDir(line.lineDir), 'config'), 'utf8').includes('agent'));
  });
});
