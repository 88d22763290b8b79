/** Public ways to leave something in a folder that runs later, each by its class; ids are those of the CVE record. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { acceptResult } from '../../../../worker/workspace/accept.ts';
import type { FileClass } from '../../../../worker/workspace/judge.ts';
import { fingerprint, git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

interface Left {
  /** What the gate said of each changed path. */
  readonly classes: Readonly<Record<string, FileClass>>;
  /** What was executed meanwhile: by the gate, by Accept, and by a person who then uses git in their checkout. */
  readonly executed: readonly string[];
  readonly checkout: readonly string[];
}

/** An agent does `work` in its clone; then the gate, a person's Accept of everything that is ordinary, and their git. */
async function leftBy(work: (clone: string, mark: (name: string) => string) => void): Promise<Left> {
  const repo = makeRepository({ 'a.txt': 'a\n' });
  const lineDir = path.join(tempFolder(), 'line');
  const marks = tempFolder();
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  work(clone.path, (name) => `touch ${path.join(marks, name)}`);
  for (const name of Object.keys(fingerprint(marks))) assert.fail(`${name} ran before the gate`);
  const outcome = await runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });
  const leaveOut = outcome.files.filter((file) => file.class === 'host_executed').map((file) => file.path);
  if (outcome.headCommit !== null)
    await acceptResult({
      recordsDir: path.join(tempFolder(), 'accepts'),
      repositoryPath: repo,
      lineDir,
      sessionId: 'ses_a',
      baseCommit: outcome.baseCommit,
      headCommit: outcome.headCommit,
      leaveOut,
    });
  for (const folder of [repo, ...Object.keys(fingerprint(repo)).map((name) => path.dirname(path.join(repo, name)))].filter(
    (name) => !name.includes('.git'),
  ))
    git(folder, 'status', '--short');
  git(repo, 'diff');
  git(repo, 'add', '-A');
  git(repo, 'commit', '--quiet', '--allow-empty', '-m', 'Mine');
  git(repo, 'checkout', '--quiet', '-b', 'next');
  return {
    classes: Object.fromEntries([
      ...outcome.heldBack.map((entry) => [entry.path, 'control'] as const),
      ...outcome.files.map((file) => [file.path, file.class] as const),
    ]),
    executed: Object.keys(fingerprint(marks)),
    checkout: Object.keys(fingerprint(repo)).filter((name) => !name.startsWith('.git/')),
  };
}
const script = (command: string) => `#!/bin/sh\n${command}\ncat\n`;
const everyHook = ['pre-commit', 'post-commit', 'post-checkout', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman'];

describe('left behind by an agent', function () {
  this.timeout(30_000);
  afterEach(removeTempFolders);

  it('hooks of git run nowhere (CVE-2026-26268)', async () => {
    const left = await leftBy((clone, mark) => {
      writeFiles(clone, {
        ...Object.fromEntries(everyHook.map((name) => [`.git/hooks/${name}`, script(mark(name))])),
        'hooks/pre-commit': script(mark('hooksPath')),
        'a.txt': 'b\n',
      });
      for (const name of everyHook) chmodSync(path.join(clone, '.git/hooks', name), 0o755);
      git(clone, 'config', 'core.hooksPath', 'hooks');
    });
    assert.deepEqual([left.executed, left.classes['a.txt']], [[], 'ordinary']);
  });

  it('programs in the configuration of git run nowhere: fsmonitor, sshCommand, diff.external, filters, pager', async () => {
    const left = await leftBy((clone, mark) => {
      writeFiles(clone, { 'b.txt': 'b\n', '.gitattributes': '* filter=f diff=f merge=f\n', '.git/info/attributes': '* filter=f diff=f\n' });
      const keys = ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'diff.external', 'gpg.program', 'credential.helper'];
      const drivers = ['filter.f.clean', 'filter.f.smudge', 'filter.f.process', 'diff.f.textconv', 'diff.f.command', 'merge.f.driver'];
      for (const key of [...keys, ...drivers]) git(clone, 'config', key, `${mark(key)}; cat`);
      git(clone, 'config', 'commit.gpgSign', 'true');
    });
    assert.deepEqual([left.executed, left.classes['b.txt'], left.classes['.gitattributes']], [[], 'ordinary', 'host_executed']);
  });

  it('a git directory that leads elsewhere is followed nowhere: a .git file, commondir, config.worktree', async () => {
    for (const way of ['file', 'commondir', 'worktree'] as const) {
      const left = await leftBy((clone, mark) => {
        const evil = tempFolder();
        git(evil, 'init', '--quiet');
        git(evil, 'config', 'core.fsmonitor', mark(way));
        writeFiles(clone, { 'b.txt': 'b\n' });
        if (way === 'file') {
          git(clone, 'init', '--quiet', 'sub');
          writeFiles(clone, { 'sub/x.txt': 'x\n' });
          rmSync(path.join(clone, 'sub/.git'), { recursive: true });
          rmSync(path.join(clone, '.git'), { recursive: true });
          for (const name of ['.git', 'sub/.git']) writeFiles(clone, { [name]: `gitdir: ${evil}/.git\n` });
        } else if (way === 'commondir') writeFiles(clone, { '.git/commondir': `${evil}/.git\n` });
        else {
          git(clone, 'config', 'extensions.worktreeConfig', 'true');
          writeFiles(clone, { '.git/config.worktree': `[core]\n\tfsmonitor = ${mark(way)}\n` });
        }
      });
      assert.deepEqual([left.executed, left.classes['b.txt']], [[], 'ordinary'], way);
      assert.ok(!left.checkout.some((name) => name.split('/').includes('.git')), way);
    }
  });

  it('a planted bare repository is none in the checkout: HEAD and config in the folder itself or below', async () => {
    for (const prefix of ['', 'inner/']) {
      const left = await leftBy((clone, mark) => {
        writeFiles(clone, {
          [`${prefix}HEAD`]: 'ref: refs/heads/main\n',
          [`${prefix}config`]: `[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = ${mark('bare')}\n`,
          [`${prefix}objects/info/x`]: '',
          [`${prefix}refs/heads/x`]: '',
          [`${prefix}b.txt`]: 'b\n',
        });
        mkdirSync(path.join(clone, prefix, 'refs/tags'), { recursive: true });
      });
      assert.deepEqual(left.executed, []);
      for (const name of ['HEAD', 'config', 'objects/info/x', 'refs/heads/x']) assert.equal(left.classes[prefix + name], 'control', name);
      assert.deepEqual(left.checkout, ['a.txt', `${prefix}b.txt`].sort());
    }
  });

  /** These lay nowhere when the session began; the names say what the gate must make of them. */
  const files: Record<string, readonly [FileClass, ...string[]]> = {
    'a control file that was not there at the start (CVE-2026-25725)': [
      'control',
      ...['.claude/settings.json', '.claude/settings.local.json', '.codex/config.toml', '.gemini/settings.json'],
    ],
    'settings that give an agent rights (CVE-2025-53773)': [
      'control',
      '.vscode/settings.json',
      'sub/.vscode/settings.json',
      'x.code-workspace',
    ],
    'definitions of tool servers and special files of editors (CVE-2025-54135)': [
      'control',
      ...['.cursor/mcp.json', '.mcp.json', '.vscode/mcp.json', '.idea/workspace.xml', '.zed/tasks.json', '.devcontainer.json'],
    ],
    'what a package manager or a shell picks up': [
      'host_executed',
      ...['package.json', '.npmrc', 'node_modules/.bin/tsc', '.venv/bin/activate', '.yarnrc.yml', '.pnpmfile.cjs'],
    ],
    'what the next build, commit, shell or agent obeys': [
      'host_executed',
      ...['.github/workflows/ci.yml', 'Makefile', '.husky/pre-commit', '.envrc', '.env', 'AGENTS.md', 'sub/CLAUDE.md', 'WORKFLOW.md'],
    ],
  };
  for (const [what, [wanted, ...names]] of Object.entries(files))
    it(`${what} is ${wanted === 'control' ? 'held back' : 'shown apart'} and not in the checkout after Accept`, async () => {
      const left = await leftBy((clone) => {
        writeFiles(clone, { ...Object.fromEntries(names.map((name) => [name, 'x\n'])), 'kept.txt': 'k\n' });
      });
      for (const name of names) assert.equal(left.classes[name], wanted, name);
      assert.deepEqual(left.checkout, ['a.txt', 'kept.txt']);
    });
});
