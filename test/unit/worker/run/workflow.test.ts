import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import path from 'node:path';
import type { Activity } from '../../../../protocol/activities.ts';
import { isBelayError } from '../../../../protocol/errors.ts';
import type { Session } from '../../../../protocol/records.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { tryLock } from '../../../../worker/base/lock.ts';
import { bindRepository } from '../../../../worker/base/machine.ts';
import type { WaitingWorkflow } from '../../../../worker/loop/worker.ts';
import type { HookHost } from '../../../../worker/review/beforeRemove.ts';
import { discardSession, sweepSettled } from '../../../../worker/review/review.ts';
import { keepMs } from '../../../../worker/review/sweep.ts';
import { WorkflowApprovals } from '../../../../worker/workflowFile/approvals.ts';
import { readSource } from '../../../../worker/workflowFile/source.ts';
import { scripted, Workbench, type WorkbenchOptions } from '../../../fakes/workbench.ts';
import { fileOf } from '../../../support/programs.ts';
import { makeCertificate } from '../../../support/certificate.ts';
import { git, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return (server.address() as AddressInfo).port;
};

/** Says its prompt back, and the variables it has. */
const echo = scripted('echo', {
  driver: 'command',
  argv: ['/bin/sh', '-c', 'cat; echo "TOKEN=$DEPLOY_TOKEN"; cat made.txt 2>/dev/null; true'],
});

describe('a run under a workflow file', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(async () => {
    await bench.close();
  });

  async function open(files: Record<string, string>, options: WorkbenchOptions = {}): Promise<WorkflowApprovals> {
    bench = await Workbench.open({ agents: [echo], ...options });
    bindRepository(bench.stateDir, bench.repositoryId, bench.repository);
    commit(files);
    return new WorkflowApprovals(bench.stateDir, bench.repositoryId);
  }
  function commit(files: Record<string, string>): void {
    writeFiles(bench.repository, files);
    git(bench.repository, 'add', '-A');
    git(bench.repository, 'commit', '-qm', 'workflow');
  }
  async function approve(approvals: WorkflowApprovals, requests = false): Promise<void> {
    const source = await readSource(path.join(bench.repository, '.git'), 'HEAD');
    assert.ok(source);
    approvals.approve(source, requests, 1);
  }
  /** A bench whose agents work under these limits. */
  async function limited(limits: Record<string, number>, agents: readonly string[], options: WorkbenchOptions = {}): Promise<void> {
    const lines = Object.entries(limits).map(([name, value]) => `  ${name}: ${value}\n`);
    const file = `---\nversion: 1\nagent:\n${lines.join('')}---\n`;
    await approve(await open({ 'WORKFLOW.md': file }, { agents: agents.map((name) => scripted(name)), ...options }));
  }
  async function run(mode: 'code' | 'plan' = 'code', agent = 'echo') {
    if (bench.worker.state === 'stopped') await bench.worker.start();
    const { id } = await bench.queue({ agent, mode, title: 'Fix “it”' });
    const session = await bench.ended(id);
    const activities = await bench.activities(id);
    return { session, activities, said: session.result?.summary ?? '', note: noteOf(activities) };
  }
  const noteOf = (activities: readonly Activity[]): string =>
    activities
      .map((entry) => (entry.kind === 'progress' && entry.body.type === 'phase' && entry.body.phase === 'prompt' ? entry.body.detail : ''))
      .join('');
  const hooksOf = (activities: readonly Activity[]): unknown[] =>
    activities.flatMap((entry) =>
      entry.kind === 'progress' && entry.body.type === 'command' && entry.body.callId.startsWith('hook-') && entry.body.status !== 'running'
        ? [[entry.body.command, entry.body.status, entry.body.output]]
        : [],
    );

  it('does not use a file nobody approved, and says so (CVE-2025-59536)', async () => {
    await open({ 'WORKFLOW.md': '---\nversion: 1\nhooks:\n  before_run: touch made.txt\n---\nObey the file.\n' });
    const { said, note, activities } = await run();
    assert.doesNotMatch(said, /Obey the file/u);
    assert.match(note, /this version is not approved, it is not used/u);
    assert.deepEqual(hooksOf(activities), []);
  });

  it('tells of each version that waits for a yes, with its commit, and of none that is approved or has a mistake', async () => {
    const waiting: WaitingWorkflow[] = [];
    const approvals = await open({ 'WORKFLOW.md': '---\nversion: 1\n---\nOne.\n' }, { onWaitingWorkflow: (one) => waiting.push(one) });
    await run();
    const source = await readSource(path.join(bench.repository, '.git'), 'HEAD');
    const met = { repositoryId: bench.repositoryId, folder: bench.repository, hash: source?.hash };
    assert.deepEqual(waiting, [{ ...met, commit: git(bench.repository, 'rev-parse', 'HEAD').trim() }]);
    await approve(approvals);
    await run();
    commit({ 'WORKFLOW.md': '---\nversion: 1\n---\n{{ nobody }}\n' });
    await run();
    assert.equal(waiting.length, 1);
    commit({ 'WORKFLOW.md': '---\nversion: 1\n---\nTwo.\n' });
    await run();
    assert.equal(waiting.length, 2);
    assert.notEqual(waiting[1]?.hash, source?.hash);
  });

  it('puts the body and its sections into the trusted words, from the commit and never from the working folder', async () => {
    const approvals = await open({
      'WORKFLOW.md':
        '---\nversion: 1\nmodes:\n  code:\n    instructions: Only in code.\n---\nTake {{ item.title }}. {% render "checks" %}\n',
      '.belay/sections/checks.md': 'Check {{ item.key }} twice.',
    });
    await approve(approvals);
    writeFiles(bench.repository, { 'WORKFLOW.md': 'Not committed.', '.belay/sections/checks.md': 'Not committed.' });
    const { said, note } = await run();
    assert.match(said, /Take “Fix it”\. Check [A-Z]+-\d+ twice\.\n\nOnly in code\./u);
    assert.ok(said.indexOf('twice.') < said.indexOf('[belay-data-'));
    assert.doesNotMatch(said, /Not committed/u);
    assert.match(note, /approved/u);
  });

  it('goes on with the version approved last when the file has a mistake, or was changed and not approved', async () => {
    const approvals = await open({ 'WORKFLOW.md': '---\nversion: 1\n---\nVersion one.\n' });
    await approve(approvals);
    commit({ 'WORKFLOW.md': '---\nversion: 1\n---\nVersion two {{ nobody }}.\n' });
    const broken = await run();
    assert.match(broken.said, /Version one\./u);
    assert.match(broken.note, /a mistake in line 4 \(unknown_variable/u);
    commit({ 'WORKFLOW.md': '---\nversion: 1\n---\nVersion three.\n' });
    assert.match((await run()).said, /Version one\./u);
    await approve(approvals);
    assert.match((await run()).said, /Version three\./u);
  });

  it('runs hooks inside the sandbox: once a clone, before each run, after each run', async () => {
    const approvals = await open({
      'WORKFLOW.md': [
        ...[
          '---',
          'version: 1',
          'hooks:',
          '  after_create: echo created > made.txt',
          `  before_run: [/bin/sh, -c, 'echo "key=$DEPLOY_TOKEN"; touch ../planted']`,
        ],
        ...['  after_run: exit 4', '---', 'Go.', ''],
      ].join('\n'),
    });
    await approve(approvals);
    const { session, activities, said } = await run();
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.match(said, /created/u);
    const [created, before, after] = hooksOf(activities) as [string, string, string | null][];
    assert.deepEqual(created, ['after_create: echo created > made.txt', 'done', null]);
    assert.equal(before?.[1], 'done');
    assert.match(before?.[2] ?? '', /^key=\n/u);
    assert.equal(existsSync(path.join(bench.stateDir, 'lines', session.lineId, 'planted')), false);
    assert.deepEqual(after?.slice(0, 2), ['after_run: exit 4', 'failed']);
  });

  it('ends the run when a hook before it fails or takes too long, before the agent starts', async () => {
    const approvals = await open({ 'WORKFLOW.md': '---\nversion: 1\nhooks:\n  before_run: echo no database; exit 3\n---\n' });
    await approve(approvals);
    const failed = await run();
    assert.equal(failed.session.state, 'error');
    assert.match(failed.session.error?.message ?? '', /before_run of WORKFLOW\.md failed: it ended with code 3/u);
    assert.match(JSON.stringify(hooksOf(failed.activities)), /no database/u);
    commit({ 'WORKFLOW.md': '---\nversion: 1\nhooks:\n  timeout_ms: 300\n  before_run: sleep 600\n---\n' });
    await approve(approvals);
    assert.match((await run()).session.error?.message ?? '', /took longer than 300 ms/u);
  });

  it('gives a secret only when the file names it and the person chose so', async () => {
    const approvals = await open(
      { 'WORKFLOW.md': '---\nversion: 1\nsecrets: [DEPLOY_TOKEN]\n---\n' },
      { secrets: { DEPLOY_TOKEN: 'abc-secret-123' } },
    );
    await approve(approvals);
    const without = await run();
    assert.match(without.said, /TOKEN=\n|TOKEN=$/u);
    assert.match(without.note, /Not given to its work on this machine: DEPLOY_TOKEN/u);
    approvals.chooseSecret('DEPLOY_TOKEN', 'environment');
    const given = await run();
    assert.match(given.said, /TOKEN=(?!$)\S+/mu);
    assert.doesNotMatch(JSON.stringify(given.activities), /abc-secret-123/u);
  });

  it('keeps a masked secret outside, and puts it into sealed requests to the hosts the person named', async () => {
    const certificate = makeCertificate(tempFolder());
    const seen: string[] = [];
    const hear: http.RequestListener = (request, response) => {
      seen.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
      response.end('heard');
    };
    const servers = [https.createServer({ key: certificate.key, cert: certificate.cert }, hear), http.createServer(hear)] as const;
    const [named = 0, plain = 0] = await Promise.all(servers.map(listen));
    process.env['NODE_EXTRA_CA_CERTS'] = certificate.file;
    try {
      const ask = (address: string): string =>
        `await fetch('${address}', { headers: { authorization: 'Bearer ' + process.env.DEPLOY_TOKEN } }).then((r) => r.text(), (e) => String(e.cause ?? e))`;
      const script = `console.log('TOKEN=' + process.env.DEPLOY_TOKEN, ${ask(`https://localhost:${named}/named`)}, ${ask(`http://localhost:${plain}/other`)})`;
      const argv = [process.execPath, '--input-type=module', '-e', script];
      const approvals = await open(
        { 'WORKFLOW.md': '---\nversion: 1\nsecrets: [DEPLOY_TOKEN]\n---\n' },
        {
          secrets: { DEPLOY_TOKEN: 'abc-secret-123' },
          agents: [scripted('asker', { driver: 'command', argv, hosts: [`localhost:${plain}`] })],
        },
      );
      await approve(approvals);
      approvals.chooseSecret('DEPLOY_TOKEN', { masked: [`localhost:${named}`] });
      const { said, session } = await run('code', 'asker');
      assert.equal(session.sandboxStep, 'ours', JSON.stringify(session.error));
      assert.match(said, /TOKEN=fake_value_\S+ heard heard/u);
      assert.equal(seen[0], '/named Bearer abc-secret-123');
      assert.match(seen[1] ?? '', /^\/other Bearer fake_value_/u, 'not in the clear, and not elsewhere');
    } finally {
      delete process.env['NODE_EXTRA_CA_CERTS'];
      for (const server of servers) server.closeAllConnections();
      for (const server of servers) server.close();
      removeTempFolders();
    }
  });

  it('does not give a masked secret where a rule is against its only host', async () => {
    const approvals = await open(
      { 'WORKFLOW.md': '---\nversion: 1\nsecrets: [DEPLOY_TOKEN]\n---\n' },
      {
        secrets: { DEPLOY_TOKEN: 'abc-secret-123' },
        settings: { rules: [{ class: 'network', decision: 'deny', match: ['api.example.com:443'] }] },
      },
    );
    await approve(approvals);
    approvals.chooseSecret('DEPLOY_TOKEN', { masked: ['api.example.com:443'] });
    assert.match((await run()).said, /TOKEN=$/mu);
  });

  it('closes a mode, and starts from the branch it names', async () => {
    const approvals = await open({
      'WORKFLOW.md': '---\nversion: 1\nbase_branch: release\nmodes:\n  plan:\n    enabled: false\n---\nOn HEAD.\n',
    });
    await approve(approvals);
    git(bench.repository, 'checkout', '-q', '-b', 'release');
    commit({ 'WORKFLOW.md': '---\nversion: 1\nmodes:\n  plan:\n    enabled: false\n---\nOn release.\n', 'made.txt': 'of release' });
    await approve(approvals);
    git(bench.repository, 'checkout', '-q', '-');
    const { said } = await run();
    assert.match(said, /On release\./u);
    assert.match(said, /of release/u);
    const closed = await run('plan');
    assert.equal(closed.session.state, 'error');
    assert.match(closed.session.error?.message ?? '', /closes the mode "plan"/u);
  });

  it('ends a run that needs more turns than the file allows, and keeps what it did', async () => {
    await limited({ max_turns: 2 }, ['note'], { capacity: 0 });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'note' });
    for (const body of ['the second thing', 'the third thing'])
      await bench.api.sendMessage({ params: { id }, body: { kind: 'follow_up', body } });
    bench.worker.setCapacity(1);
    const { state, error, result } = await bench.ended(id);
    assert.deepEqual([state, error?.code], ['error', 'max_turns']);
    assert.match(error?.message ?? '', /WORKFLOW\.md allows: 2/u);
    assert.deepEqual(
      result?.files.map((file) => file.path),
      ['notes.txt'],
    );
    const { entries } = await bench.api.listMessages({ params: { id } });
    assert.deepEqual(
      entries.map((message) => [message.body, message.deliveredAt !== null]),
      [
        ['the second thing', true],
        ['the third thing', false],
      ],
    );
  });

  it('ends a turn that takes longer than the file allows, though the agent keeps talking', async () => {
    await limited({ turn_timeout_ms: 1500 }, ['hang']);
    const { session } = await run('code', 'hang');
    assert.deepEqual([session.state, session.error?.code], ['error', 'turn_timeout']);
    assert.match(session.error?.message ?? '', /that WORKFLOW\.md allows/u);
    await bench.until('the end of every process', () => bench.processes().length === 0);
  });

  it('ends a silent agent after the time of the file, where that is shorter than the machine allows', async () => {
    await limited({ stall_timeout_ms: 1000 }, ['stall']);
    const { session } = await run('code', 'stall');
    assert.equal(session.error?.code, 'stalled');
    assert.match(session.error?.message ?? '', /for 1 s/u);
  });

  it('ends an agent whose command is silent after the time of the file, and of the policy of this machine', async () => {
    await limited({ stall_timeout_ms: 1000, call_timeout_ms: 2000 }, ['stuck']);
    assert.match((await run('code', 'stuck')).session.error?.message ?? '', /for 2 s, while it waited for make/u);
    writeFileSync(path.join(bench.stateDir, 'policy.yaml'), 'version: 1\nlimits: { stallMs: 1000, callMs: 1000 }\n');
    assert.match((await run('code', 'stuck')).session.error?.message ?? '', /for 1 s, while it waited for make/u);
  });

  it("does not let the file widen the machine's own limit of silence", async () => {
    await limited({ stall_timeout_ms: 86_400_000 }, ['stall'], { settings: { stallMs: 2000 } });
    const { session } = await run('code', 'stall');
    assert.equal(session.error?.code, 'stalled');
    assert.match(session.error?.message ?? '', /for 2 s/u);
  });

  describe('that limits how many run at once', () => {
    const givenBack = async (id: string): Promise<boolean> =>
      (await bench.activities(id)).some((entry) => entry.kind === 'release' && /run at once/u.test(entry.body.reason));

    async function queued(agent: string): Promise<string> {
      return (await bench.queue({ agent })).id;
    }
    /** The second had to wait, and began when the first was gone. */
    async function oneAfterTheOther(first: string, second: string): Promise<void> {
      await bench.until('the second is given back', () => givenBack(second));
      assert.equal((await bench.session(first)).state, 'active');
      await bench.until('the first is followed', () => bench.worker.runs().some((run) => run.sessionId === first && run.status));
      bench.worker.endRun(first, 'cancel');
      const { finishedAt } = await bench.ended(first);
      const { state, attempt } = await bench.ended(second);
      assert.deepEqual([state, attempt], ['complete', 1]);
      const began = (await bench.activities(second)).find((entry) => entry.kind === 'progress');
      assert.ok(began && finishedAt !== null && began.at >= finishedAt);
    }

    it('keeps to it when two are claimed in one reply', async () => {
      await limited({ max_concurrent_agents: 1 }, ['stall', 'note'], { capacity: 0 });
      await bench.worker.start();
      const ids = [await queued('stall'), await queued('note')] as const;
      bench.worker.setCapacity(2);
      await oneAfterTheOther(...ids);
    });

    it('counts the runs of every window', async () => {
      await limited({ max_concurrent_agents: 1 }, ['stall', 'note'], { capacity: 2 });
      const other = bench.newWorker();
      await bench.worker.start();
      const first = await queued('stall');
      await bench.until('the first runs', () => bench.worker.runs().length === 1);
      await other.start();
      await oneAfterTheOther(first, await queued('note'));
    });

    it('says so when a session is asked for by name, and leaves it in the queue', async () => {
      await limited({ max_concurrent_agents: 1 }, ['stall', 'note'], { capacity: 0 });
      await bench.worker.start();
      await bench.worker.claimNow(await queued('stall'));
      const second = await queued('note');
      await assert.rejects(bench.worker.claimNow(second), (error) => isBelayError(error, 'conflict') && /run at once/u.test(error.message));
      assert.ok(['pending', 'queued'].includes((await bench.session(second)).state));
    });
  });

  describe('whose clone is removed', () => {
    const made = ['---', 'version: 1', 'hooks:', '  after_create: echo made by the run > made.txt'];
    const fileWith = (...lines: string[]): string => [...made, ...lines, '---', 'Go.', ''].join('\n');

    /** Discards the result of a run under this hook. Tells what was said, and whether the folder is gone. */
    async function discard(session: Session, host: Partial<HookHost> = {}): Promise<{ said: string; gone: boolean }> {
      const said: string[] = [];
      const path = () => Promise.resolve(process.env['PATH'] ?? '');
      const hooks = { program: fileOf('runHost'), path, say: (text: string) => said.push(text), ...host };
      const context = { api: bench.api, stateDir: bench.stateDir, folderOf: () => Promise.resolve(bench.repository), hooks };
      await discardSession(context, session);
      return { said: said.join('\n'), gone: !existsSync(folderOf(session)) };
    }
    const folderOf = ({ lineId }: Session): string => path.join(bench.stateDir, 'lines', lineId);
    async function ran(file: string, options: WorkbenchOptions = {}): Promise<{ session: Session; approvals: WorkflowApprovals }> {
      const approvals = await open({ 'WORKFLOW.md': file }, options);
      await approve(approvals);
      const { session } = await run();
      assert.equal(session.state, 'complete', JSON.stringify(session.error));
      // Its host has the line until it has ended, and writes into its folder until then.
      await bench.until('the end of every process', () => bench.processes().length === 0);
      return { session, approvals };
    }

    it('runs its hook first: in the clone, in the sandbox, without secrets', async () => {
      const outside = tempFolder();
      const hook = `cat made.txt; echo "TOKEN=$DEPLOY_TOKEN"; touch ${outside}/planted`;
      const options = { secrets: { DEPLOY_TOKEN: 'abc-secret-123' } };
      const approvals = await open({ 'WORKFLOW.md': fileWith('  before_remove: |', `    ${hook}`, 'secrets: [DEPLOY_TOKEN]') }, options);
      await approve(approvals);
      approvals.chooseSecret('DEPLOY_TOKEN', 'environment');
      const { session } = await run();
      const { said, gone } = await discard(session);
      assert.match(said, /before_remove of WORKFLOW\.md failed for /u, 'the shell ends at the write outside');
      assert.match(said, /made by the run\nTOKEN=\n/u);
      assert.equal(existsSync(path.join(outside, 'planted')), false);
      assert.ok(gone);
      removeTempFolders();
    });

    it('is removed though the hook fails, or takes too long, and the end of its words is kept', async () => {
      const long = "head -c 200000 /dev/zero | tr '\\0' x; echo the end; exit 3";
      const { session } = await ran(fileWith('  before_remove: |', `    ${long}`));
      const failed = await discard(session);
      assert.match(failed.said, /it ended with code 3\.\n/u);
      assert.match(failed.said, /the end$/u);
      assert.ok(failed.said.length < 20_000);
      assert.ok(failed.gone);
      commit({ 'WORKFLOW.md': fileWith('  timeout_ms: 3000', '  before_remove: sleep 600') });
      await approve(new WorkflowApprovals(bench.stateDir, bench.repositoryId));
      const slow = await discard((await run()).session);
      assert.match(slow.said, /it took longer than 3000 ms/u);
      assert.ok(slow.gone);
      await bench.until('the end of every process', () => bench.processes().length === 0);
    });

    it('is removed without it where no sandbox can be had, and that is said', async () => {
      const outside = tempFolder();
      const { session } = await ran(fileWith(`  before_remove: touch ${outside}/planted made.txt`));
      const programs = tempFolder();
      symlinkSync(execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), path.join(programs, 'git'));
      const { said, gone } = await discard(session, { path: () => Promise.resolve(programs) });
      assert.match(said, /was not run for .*: .*(?:bubblewrap|bwrap|sandbox)/iu);
      assert.deepEqual([gone, existsSync(path.join(outside, 'planted'))], [true, false]);
      removeTempFolders();
    });

    it('runs what the run was under, and nothing that is not approved any more', async () => {
      const { session } = await ran(fileWith('  before_remove: echo version one'));
      commit({ 'WORKFLOW.md': fileWith('  before_remove: echo version two') });
      assert.match((await discard(session)).said, /^The hook .* ran for .*: it ran\.\nversion one$/u);
      const { session: next } = await run();
      rmSync(path.join(bench.stateDir, 'grants'), { recursive: true });
      const { said, gone } = await discard(next);
      assert.match(said, /was not run for .*: the version of WORKFLOW\.md that it is of is not approved any more/u);
      assert.ok(gone);
    });

    it('takes no rules of what was kept: those of this machine count', async () => {
      const outside = tempFolder();
      const { session } = await ran(fileWith(`  before_remove: touch ${outside}/planted`));
      const file = path.join(folderOf(session), 'before-remove.json');
      const kept = JSON.parse(readFileSync(file, 'utf8')) as { settings: object };
      const other = tempFolder();
      writeFiles(other, { 'policy.yaml': `version: 1\nwritable: ['${outside}']\n` });
      writeFileSync(file, JSON.stringify({ ...kept, stateDir: other, settings: { ...kept.settings, writable: [outside] } }));
      const { said } = await discard(session);
      assert.match(said, / failed for .*it ended with code 1/u);
      assert.equal(existsSync(path.join(outside, 'planted')), false);
      removeTempFolders();
    });

    it('is swept with its hook once, and stays while another has it', async () => {
      const { session } = await ran(fileWith('  before_remove: echo swept'));
      const body = { decision: 'accepted', recap: 'Done.' } as const;
      await bench.api.addReview({ params: { id: session.id }, body });
      const said: string[] = [];
      const hooks: HookHost = {
        program: fileOf('runHost'),
        path: () => Promise.resolve(process.env['PATH'] ?? ''),
        say: (text) => said.push(text),
      };
      const old = (Date.now() - keepMs - 60_000) / 1000;
      const api: BelayApi = {
        ...bench.api,
        listReviews: async (input) => {
          const reply = await bench.api.listReviews(input);
          return { ...reply, entries: reply.entries.map((entry) => ({ ...entry, at: 1 })) };
        },
      };
      const sweep = async (): Promise<void> => {
        utimesSync(folderOf(session), old, old);
        await sweepSettled({ api, stateDir: bench.stateDir, hooks }, (error) => said.push(String(error)));
      };
      const lock = tryLock(path.join(folderOf(session), 'line.lock'));
      assert.ok(lock);
      await sweep();
      assert.deepEqual([said, existsSync(folderOf(session))], [[], true]);
      lock.release();
      await sweep();
      assert.match(said.join('\n'), /^The hook before_remove of WORKFLOW\.md ran for .*\nswept$/u);
      assert.equal(existsSync(folderOf(session)), false);
    });
  });
});
