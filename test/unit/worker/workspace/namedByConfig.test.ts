import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { judgeCommits } from '../../../../worker/workspace/judgeCommits.ts';
import { namedByConfig } from '../../../../worker/workspace/namedByConfig.ts';
import { openCheckout } from '../../../../worker/workspace/repository.ts';
import { moveOut, settleIn } from '../../../support/personHome.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

/** What the configuration says of each path, by key or null. */
async function saidOf(repo: string, ...paths: string[]): Promise<Record<string, string | null>> {
  const named = await namedByConfig(await openCheckout(repo));
  return Object.fromEntries(
    paths.map((file) => [file, named(file)?.reason?.replace(/^your git configuration (\w+) it \((.*)\)$/u, '$1 $2') ?? null]),
  );
}

describe('what the git configuration of a person names', function () {
  this.timeout(30_000);
  let home: string;
  beforeEach(() => {
    home = settleIn({});
    delete process.env['XDG_CONFIG_HOME'];
  });
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });

  it('stays apart at the gate wherever it lies, and files it loads are held back', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    for (const [key, value] of [
      ['core.hooksPath', 'dev/checks'],
      ['include.path', '../dev/team'],
      ['core.attributesFile', 'dev/rules'],
      ['gpg.program', './dev/sign.py'],
    ] as const)
      git(repo, 'config', key, value);
    const lineDir = path.join(tempFolder(), 'line');
    const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    // The agent's own configuration has no say in it.
    git(clone.path, 'config', 'core.excludesFile', 'other.txt');
    writeFiles(clone.path, {
      'dev/checks/one.py': 'x\n',
      'dev/team': 'x\n',
      'dev/rules': 'x\n',
      'dev/sign.py': 'x\n',
      'dev/else.py': 'x\n',
      'other.txt': 'x\n',
    });
    const outcome = await runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });
    assert.deepEqual(Object.fromEntries(outcome.files.map((file) => [file.path, file.class])), {
      'dev/checks/one.py': 'host_executed',
      'dev/else.py': 'ordinary',
      'dev/rules': 'host_executed',
      'dev/sign.py': 'host_executed',
      'other.txt': 'ordinary',
    });
    const held = { path: 'dev/team', reason: 'your git configuration loads it (include.path)' };
    assert.deepEqual(outcome.heldBack, [held]);
    git(clone.path, 'add', '-A');
    git(clone.path, 'commit', '--quiet', '-m', 'All');
    const [commit] = (await judgeCommits({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a' })).commits;
    assert.deepEqual(commit?.problems, [held]);
    assert.deepEqual(commit.hostExecuted.map((file) => file.path).sort(), ['dev/checks/one.py', 'dev/rules', 'dev/sign.py']);
  });

  it('is found in global, included and conditional files, in whatever way the path is written', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    writeFiles(home, {
      '.gitconfig': `[include]\n\tpath = more\n[includeIf "gitdir:/never/"]\n\tpath = ${repo}/dev/conditional\n[commit]\n\ttemplate = ${repo}/dev/words\n`,
      more: '[core]\n\texcludesFile = dev/ignored\n[mailmap]\n\tfile = dev/people\n',
    });
    symlinkSync(repo, path.join(home, 'work'));
    git(repo, 'config', 'blame.ignoreRevsFile', '~/work/dev/revs');
    assert.deepEqual(await saidOf(repo, 'dev/conditional', 'dev/words', 'dev/ignored', 'DEV/People', 'dev/revs', 'dev/none'), {
      'dev/conditional': 'loads includeif.gitdir:/never/.path',
      'dev/words': 'names commit.template',
      'dev/ignored': 'names core.excludesfile',
      'DEV/People': 'names mailmap.file',
      'dev/revs': 'names blame.ignorerevsfile',
      'dev/none': null,
    });
  });

  it('is found inside of command lines', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const commands = {
      'alias.go': '!sh -c \'node "$(git rev-parse --show-toplevel)/dev/go.js"\'',
      'alias.in': '!cd dev && ./in.py "$@"',
      'filter.x.clean': 'python3 ./dev/clean.py %f',
      'merge.x.driver': 'dev/merge %O %A %B',
      'diff.x.textconv': 'dev/text',
      'credential.helper': `${repo}/dev/keys --all`,
      'core.editor': 'node dev/editor.js',
      'hook.lint.command': 'dev/lint',
    };
    for (const [key, value] of Object.entries(commands)) git(repo, 'config', key, value);
    const paths = ['go.js', 'in.py', 'clean.py', 'merge', 'text', 'keys', 'editor.js', 'lint'].map((name) => `dev/${name}`);
    const said = await saidOf(repo, ...paths, 'dev/other.js', 'go.js/x', 'src/merge');
    assert.deepEqual(Object.values(said), [...Object.keys(commands).map((key) => `names ${key.toLowerCase()}`), null, null, null]);
  });

  it('is found in hooks: where they lead, and what they run', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'dev/commit.py': 'x\n' });
    writeFiles(repo, { '.git/hooks/pre-push': '#!/bin/sh\n# see dev/words.py\nexec python3 dev/push.py "$@"\n' });
    symlinkSync('../../dev/commit.py', path.join(repo, '.git/hooks/pre-commit'));
    assert.deepEqual(await saidOf(repo, 'dev/commit.py', 'dev/push.py', 'dev/words.py', 'dev/a.py'), {
      'dev/commit.py': 'names hooks/pre-commit',
      'dev/push.py': 'names hooks/pre-push',
      'dev/words.py': null,
      'dev/a.py': null,
    });
  });

  it('may be everything where it cannot be read', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    writeFiles(home, { '.gitconfig': '[broken\n' });
    assert.match((await namedByConfig(await openCheckout(repo)))('a.txt')?.reason ?? '', /cannot be read/);
  });

  it('is not every file that shares a word with a setting', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    for (const [key, value] of [
      ['credential.helper', 'store'],
      ['alias.st', 'status'],
      ['branch.main.merge', 'refs/heads/src'],
      ['core.editor', 'vim'],
    ] as const)
      git(repo, 'config', key, value);
    const paths = ['store/index.ts', 'status/a.ts', 'src/a.ts', 'vim/x.lua', 'user.ts', 'main.ts'];
    assert.deepEqual(
      Object.values(await saidOf(repo, ...paths)),
      paths.map(() => null),
    );
  });

  it('counts for a linked checkout as for the first one', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    git(repo, 'config', 'core.hooksPath', path.join(repo, 'dev/checks'));
    const linked = path.join(tempFolder(), 'linked');
    git(repo, 'worktree', 'add', '--quiet', linked);
    assert.deepEqual(await saidOf(linked, 'dev/checks/a'), { 'dev/checks/a': 'names core.hookspath' });
  });
});
