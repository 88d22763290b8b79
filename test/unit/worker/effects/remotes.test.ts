import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { isBelayError } from '../../../../protocol/errors.ts';
import { planPullRequest } from '../../../../worker/effects/pullRequest.ts';
import { EffectRefused } from '../../../../worker/effects/broker.ts';
import { planPush, type PushPorts } from '../../../../worker/effects/push.ts';
import { credentialFor, pushRemote, readRemote } from '../../../../worker/effects/remote.ts';
import type { GateOutcome } from '../../../../worker/workspace/types.ts';
import { startGitHub, type FakeGitHub } from '../../../fakes/githubServer.ts';
import { git, makeRepository, removeTempFolders, tempFolder } from '../../../support/repository.ts';

const token = 'forge-token-0123456789';

describe('the remote that results are pushed to', () => {
  after(removeTempFolders);

  it('is told by its address, and a way that runs a program or tells everybody is refused', () => {
    assert.deepEqual(readRemote('o', 'git@example.org:a/b.git'), {
      name: 'o',
      url: 'git@example.org:a/b.git',
      kind: 'ssh',
      host: 'example.org',
      slug: 'a/b',
    });
    assert.deepEqual(readRemote('o', 'https://user:pass@example.org/a/b.git').url, 'https://example.org/a/b.git');
    for (const url of ['ext::sh -c id', 'http://example.org/a/b', 'git://example.org/a', 'fd::17', 'relative/path', ''])
      assert.throws(() => readRemote('o', url), /does not push to/, url);
  });

  it('is origin or the only one, with the rewriting of the person’s git', async () => {
    const repository = makeRepository({ 'a.txt': 'a' });
    const gitDir = path.join(repository, '.git');
    await assert.rejects(pushRemote(gitDir), /no remote/);
    git(repository, 'remote', 'add', 'one', 'short:team/app');
    git(repository, 'config', 'url.https://forge.example/.insteadOf', 'short:');
    assert.equal((await pushRemote(gitDir)).url, 'https://forge.example/team/app');
    git(repository, 'remote', 'add', 'two', '/srv/two');
    await assert.rejects(pushRemote(gitDir), /several remotes/);
    git(repository, 'remote', 'add', 'origin', '/srv/origin');
    assert.equal((await pushRemote(gitDir)).url, '/srv/origin');
  });
});

describe('a push and a pull request at a forge', () => {
  let forge: FakeGitHub;
  let repository: string;
  let bare: string;
  afterEach(() => forge.close());
  after(removeTempFolders);

  async function scene(): Promise<PushPorts> {
    const folder = tempFolder();
    bare = path.join(folder, 'owner/repo.git');
    mkdirSync(bare, { recursive: true });
    repository = makeRepository({ 'a.txt': 'a' });
    git(repository, 'init', '-q', '--bare', bare);
    forge = await startGitHub(folder, token);
    git(repository, 'remote', 'add', 'origin', `http://127.0.0.1:${forge.port}/owner/repo.git`);
    const gitDir = path.join(repository, '.git');
    const settings = {
      forges: { [`127.0.0.1:${forge.port}`]: { api: `http://127.0.0.1:${forge.port}/api`, secret: 'FORGE' } },
      toolServers: {},
    };
    return {
      gitDir,
      remote: () => pushRemote(gitDir),
      credential: (remote) => credentialFor(remote, settings, { FORGE: token }),
      refuses: () => false,
      gate: () => Promise.resolve(gateOf(git(repository, 'rev-parse', 'HEAD'))),
      history: () => Promise.resolve({ commits: [], head: null, refused: null }),
      itemKey: 'BUG-7',
      sessionId: 'ses_abcdefgh12345678',
      fence: () => 3,
    };
  }

  const gateOf = (commit: string): GateOutcome => ({
    baseCommit: commit,
    headCommit: commit,
    ref: null,
    agentCommits: 0,
    files: [],
    heldBack: [],
    added: 0,
    deleted: 0,
  });

  it('goes to a branch that names session and fence, and stands there once', async () => {
    const ports = await scene();
    const plan = await planPush(ports, { subject: 'Work' });
    assert.equal(plan.resource, 'push:origin/refs/heads/belay/BUG-7-12345678-f3');
    assert.equal(await plan.standing('begun'), 'not_done');
    await plan.perform('k');
    await plan.perform('k');
    assert.equal(git(bare, 'rev-parse', 'refs/heads/belay/BUG-7-12345678-f3'), git(repository, 'rev-parse', 'HEAD'));
    assert.deepEqual(await plan.standing('begun'), { done: 'Pushed to origin as belay/BUG-7-12345678-f3.' });
  });

  it('keeps the agent’s own commits where all of them may leave and nothing else is there, and says which', async () => {
    const ports = await scene();
    const base = git(repository, 'rev-parse', 'HEAD');
    git(repository, 'commit', '-q', '--allow-empty', '-m', 'own work');
    const own = git(repository, 'rev-parse', 'HEAD');
    const hostExecuted = [{ path: 'Makefile', reason: 'build commands' }];
    const commits = [{ commit: own, subject: 'own work', otherAuthor: 'Eve <eve@example.org>', hostExecuted, problems: [] }];
    const gate = () => Promise.resolve(gateOf(base));
    const clean = await planPush(
      { ...ports, gate, history: () => Promise.resolve({ commits, head: own, refused: null }) },
      { subject: 'Work' },
    );
    assert.match(clean.detail, /Commits: 1 of the agent's own, each judged\n[0-9a-f]{12} "own work" \(by "Eve <eve@example\.org>"\)\n/u);
    assert.match(clean.detail, /other programs execute Makefile \(build commands\)/u);
    await clean.perform('k');
    assert.equal(git(bare, 'rev-parse', 'refs/heads/belay/BUG-7-12345678-f3'), own);
    const problems = [{ path: '.npmrc', reason: 'line 1 holds a token of npm' }];
    const refused = { commits: [{ ...commits[0]!, problems }], head: own, refused: '1 of 1 commits hold what may not leave.' };
    const squashed = await planPush({ ...ports, gate, history: () => Promise.resolve(refused) }, { subject: 'Work' });
    assert.match(squashed.detail, /Commit: one, Work\nNot the agent's own commits: 1 of 1/u);
    assert.match(squashed.detail, /\.npmrc: line 1 holds a token of npm/u);
    await squashed.perform('k');
    assert.equal(git(bare, 'rev-parse', 'refs/heads/belay/BUG-7-12345678-f3'), base);
  });

  it('that the policy forbids reads nothing of the clone', async () => {
    const read: string[] = [];
    const reading = (what: string) => () => {
      read.push(what);
      return Promise.reject(new Error('read'));
    };
    const ports = { ...(await scene()), refuses: () => true, gate: reading('gate'), history: reading('history') };
    await assert.rejects(planPush(ports, { subject: 'Work' }), EffectRefused);
    assert.deepEqual(read, []);
  });

  it('binds its approval to the tree: other content is another effect', async () => {
    const ports = await scene();
    const before = (await planPush(ports, { subject: 'Work' })).detail;
    git(repository, 'commit', '-q', '--allow-empty', '-m', 'same tree');
    assert.match(before, /^Tree: [0-9a-f]{40}$/mu);
    assert.equal(treeOf((await planPush(ports, { subject: 'Work' })).detail), treeOf(before));
  });

  it('does not wait for ever for a remote that takes the connection and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const remote = { name: 'slow', url: `https://${host}/a/b.git`, kind: 'https' as const, host, slug: 'a/b' };
    const plan = await planPush({ ...(await scene()), remote: () => Promise.resolve(remote), remoteMs: 200 }, { subject: 'Work' });
    try {
      await assert.rejects(plan.perform('k'), (error) => isBelayError(error, 'unavailable') && /slow did not answer/u.test(error.message));
    } finally {
      silent.close();
    }
  });

  it('fails with git’s words and without the token where the login is wrong', async () => {
    const ports = await scene();
    const wrong = { ...ports, credential: () => Promise.resolve({ username: 'x-access-token', password: 'wrong-token-value' }) };
    const plan = await planPush(wrong, { subject: 'Work' });
    await assert.rejects(plan.perform('k'), (error: Error) => {
      assert.match(error.message, /git ls-remote failed/);
      assert.ok(
        !error.message.includes('wrong-token-value') &&
          !error.message.includes(Buffer.from('x-access-token:wrong-token-value').toString('base64')),
      );
      return true;
    });
  });

  it('opens one pull request for a branch, however often it is asked for', async () => {
    const ports = await scene();
    const opened: string[] = [];
    const plan = await planPullRequest(
      {
        remote: ports.remote,
        forges: { [`127.0.0.1:${forge.port}`]: { api: `http://127.0.0.1:${forge.port}/api`, secret: 'FORGE' } },
        secrets: { FORGE: token },
        branch: 'belay/BUG-7-12345678-f3',
        base: 'main',
        onOpened: (url) => opened.push(url),
      },
      { title: 'Save it', body: 'It saves.', draft: true },
    );
    assert.equal(await plan.standing('begun'), 'not_done');
    await plan.perform('k');
    await plan.perform('k');
    assert.deepEqual(
      forge.pulls.map((pull) => [pull['head'], pull['base'], pull['draft'], pull['title']]),
      [['belay/BUG-7-12345678-f3', 'main', true, 'Save it']],
    );
    assert.deepEqual(new Set(opened), new Set(['https://forge.example/owner/repo/pull/1']));
  });
});

const treeOf = (detail: string): string | undefined => /^Tree: (.+)$/mu.exec(detail)?.[1];
