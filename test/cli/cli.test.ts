import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { socketPath } from '../../client/stateDir.ts';
import { platformHttp } from '../../transport/http.ts';
import type { Session, WorkItem } from '../../protocol/records.ts';
import { createApi, type BelayApi } from '../../protocol/typedClient.ts';
import type { AuditEntry } from '../../worker/audit/entry.ts';
import { until } from '../support/until.ts';
import { fingerprint, git, makeRepository, removeTempFolders, tempFolder } from '../support/repository.ts';

const program = path.resolve(import.meta.dirname, '../../dist/belay.mjs');

interface Reply {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('the command line', function () {
  this.timeout(60_000);
  let stateDir: string;
  let repository: string;
  let extraPath: string | undefined;
  beforeEach(() => {
    stateDir = tempFolder('b-');
    repository = makeRepository({ 'a.txt': 'a\n' }, 'mein Projekt – ü');
    extraPath = undefined;
  });
  afterEach(async () => {
    const { pid } = JSON.parse((await belay('platform', '--json')).out) as { pid: number };
    process.kill(pid, 'SIGTERM');
    removeTempFolders();
  });

  const belay = (...args: string[]): Promise<Reply> => begin(...args).ended;

  function begin(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Reply>; readonly said: () => string } {
    const home = path.join(stateDir, 'home');
    mkdirSync(home, { recursive: true });
    const child = spawn(process.execPath, [program, ...args], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: extraPath ?? process.env['PATH'], HOME: home, BELAY_STATE_DIR: stateDir },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    const ended = new Promise<Reply>((resolve) => {
      child.on('close', (code) => {
        resolve({ code: code ?? 1, out, err });
      });
    });
    return { child, ended, said: () => out + err };
  }
  const json = async <T>(...args: string[]): Promise<T> => {
    const reply = await belay(...args, '--json');
    assert.equal(reply.code, 0, reply.out + reply.err);
    return JSON.parse(reply.out) as T;
  };

  /** Asks the platform itself. */
  const ask = async <T>(question: (api: BelayApi) => Promise<T>): Promise<T> => {
    const http = platformHttp({ socketPath: socketPath(stateDir) });
    try {
      return await question(createApi((request) => http.send(request)));
    } finally {
      http.close();
    }
  };
  /** Puts a program in front of the PATH. */
  const tool = (name: string, text: string) => {
    const bin = path.join(stateDir, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, name), text, { mode: 0o755 });
    extraPath = `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`;
  };

  it('says which rule of the machine decides on an action, and fails on a policy it cannot read', async () => {
    writeFileSync(path.join(stateDir, 'policy.yaml'), "version: 1\nrules: [{class: run, decision: deny, match: ['git push *']}]\n");
    const denied = await belay('policy', 'check', 'run', '--', 'env', 'CI=1', 'git', 'push', '--force');
    assert.equal(denied.code, 4);
    assert.match(denied.out, /^deny: worker: run git push \*/u);
    assert.equal((await belay('policy', 'check', 'run', 'git pull')).code, 0);
    assert.equal((await belay('policy', 'check', 'effect', 'push:origin/x')).code, 3);
    assert.equal((await belay('policy', 'check', 'effect', 'push:origin/x', '--unattended')).code, 4);
    assert.match((await belay('policy', 'show')).out, /worker +deny +run +git push \*/u);
    writeFileSync(path.join(stateDir, 'policy.yaml'), 'version: 1\nrule: []\n');
    const broken = await belay('policy', 'show');
    assert.equal(broken.code, 2);
    assert.match(broken.err, /Unrecognized key: "rule"/u);
    assert.equal((await belay('policy', 'check', 'fly', 'x')).code, 2);
  });

  it('approves a workflow file of the commit that is checked out, after showing it', async () => {
    assert.equal((await belay('workflow', 'init')).code, 0);
    assert.equal((await belay('workflow', 'approve', '--yes')).code, 1, 'it is not committed yet');
    git(repository, 'add', '-A');
    git(repository, 'commit', '-q', '-m', 'workflow');
    assert.equal((await belay('workflow', 'check')).code, 0);
    const approved = await belay('workflow', 'approve', '--yes');
    assert.equal(approved.code, 0, approved.err);
    assert.match(approved.out, /^\+version: 1$/mu);
    assert.match((await belay('audit', 'export')).out, /"event":"approval"[^\n]*WORKFLOW\.md/u);
    assert.equal((await belay('workflow', 'approve', '--yes')).code, 0);
    writeFileSync(path.join(repository, 'WORKFLOW.md'), '---\nversion: 9\n---\n{{ nope }}\n');
    const bad = await belay('workflow', 'check');
    assert.equal(bad.code, 1);
    assert.match(bad.out, /WORKFLOW\.md:2:10 +error/u);
  });

  it('takes what the work gets of a secret, with a host for one that is masked and for no other', async () => {
    writeFileSync(path.join(repository, 'WORKFLOW.md'), '---\nversion: 1\nsecrets: [TOKEN]\n---\nGo.\n');
    git(repository, 'add', '-A');
    git(repository, 'commit', '-q', '-m', 'workflow');
    const choose = (...args: string[]) => belay('workflow', 'secret', ...args);
    for (const [args, words] of [
      [['TOKEN', 'masked'], /Hosts are named for a variable that is masked/u],
      [['TOKEN', 'environment', 'api.example.com:443'], /Hosts are named for a variable that is masked/u],
      [['TOKEN', 'masked', 'api.example.com'], /is not a host with a port/u],
      [['OTHER', 'environment'], /names no secret "OTHER"/u],
    ] as const) {
      const refused = await choose(...args);
      assert.equal(refused.code, 2, refused.out);
      assert.match(refused.err, words);
    }
    assert.match((await choose('TOKEN', 'masked', 'api.example.com:443')).out, /TOKEN: masked api\.example\.com:443\./u);
    assert.match((await choose('TOKEN', 'none')).out, /TOKEN: none\./u);
  });

  it('plays the main job in a folder with spaces and Unicode: add, run, accept, undo, recap', async () => {
    const item = await json<WorkItem>('add', 'Fix the greeting', '--kind', 'bug', '--description=- [ ] say hello\n- [ ] test it');
    assert.equal(item.key, 'BUG-1');
    const before = fingerprint(repository);
    const session = await json<Session>('run', 'BUG-1', '--yes');
    assert.equal(session.state, 'complete');
    assert.deepEqual(
      session.result?.files.map((file) => file.path),
      ['belay-practice/BUG-1.md'],
    );
    assert.deepEqual(fingerprint(repository), before);
    assert.equal((await belay('accept', session.id)).code, 0);
    assert.match(readFileSync(path.join(repository, 'belay-practice/BUG-1.md'), 'utf8'), /say hello/);
    const shown = await belay('items', 'BUG-1');
    assert.match(shown.out, /completed[\s\S]*belay-practice\/BUG-1\.md/);
    assert.equal((await belay('undo', session.id)).code, 0);
    assert.deepEqual(fingerprint(repository), before);
    const again = await belay('accept', 'ses_unknown');
    assert.equal(again.code, 1);
    assert.match(again.err, /ses_unknown/);
  });

  it('keeps a record of a run that its platform vouches for, and shows when somebody changed it', async () => {
    await json<WorkItem>('add', 'Fix the greeting', '--kind', 'bug', '--description=- [ ] say hello');
    const { id } = await json<Session>('run', 'BUG-1', '--yes');
    assert.equal((await belay('accept', id)).code, 0);
    const exported = await belay('audit', 'export', '--session', id);
    const entries = exported.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);
    assert.deepEqual(
      entries.map(({ event, decision }) => `${event} ${decision ?? ''}`.trim()),
      ['claim', 'ask ask', 'allow allow', 'result', 'review'],
    );
    assert.ok((await belay('audit', 'export', '--format', 'csv')).out.startsWith('n,at,session'));
    const verified = await belay('audit', 'verify');
    assert.deepEqual([verified.code, /agrees up to line 3/.test(verified.out)], [0, true], verified.out + verified.err);
    assert.equal((await belay('audit', 'verify', '--offline')).code, 3);
    const file = path.join(stateDir, 'audit', 'audit-000000000001.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, 2).join('\n') + '\n');
    assert.equal((await belay('audit', 'verify', '--offline')).code, 3, 'a chain that was cut off looks whole by itself');
    const cut = await belay('audit', 'verify');
    assert.equal(cut.code, 4);
    assert.match(cut.out, /ends at line 2, and the platform knows line 3/);
  });

  it('starts from a snapshot of uncommitted work when asked, and from the commit otherwise', async () => {
    await json<WorkItem>('add', 'Look at my work', '--kind', 'todo');
    writeFileSync(path.join(repository, 'mine.txt'), 'uncommitted\n');
    const plain = await json<Session>('run', 'TODO-1', '--yes');
    const snapshot = await json<Session>('run', 'TODO-1', '--yes', '--base', 'snapshot', '--mode', 'code');
    const files = (session: Session) => git(repository, 'ls-tree', '--name-only', session.result?.headCommit ?? '').split('\n');
    assert.equal(files(plain).includes('mine.txt'), false);
    assert.equal(files(snapshot).includes('mine.txt'), true);
    assert.deepEqual(
      snapshot.result?.files.map((file) => file.path),
      ['belay-practice/TODO-1.md'],
    );
    assert.equal(git(repository, 'status', '--porcelain'), '?? mine.txt');
  });

  it('says what would be launched, and launches nothing', async () => {
    await json<WorkItem>('add', 'Small');
    const launch = await json<{ kind: string; environment: Record<string, string> }>('send', 'TODO-1', '--target', 'terminal', '--print');
    assert.equal(launch.kind, 'terminal');
    assert.equal(existsSync(launch.environment['BELAY_PROMPT_FILE'] ?? ''), false, 'printing writes nothing');
    const unknown = await belay('send', 'TODO-1', '--target', 'nonsense');
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /Available: .*terminal/);
  });

  it('sends an item of a megabyte by a private file, which says how much of it is on the item only', async () => {
    await json<WorkItem>('add', 'Large');
    const item = await ask((api) => api.getItem({ params: { id: 'TODO-1' } }));
    const description = 'x'.repeat(1_000_000);
    await ask((api) => api.patchItem({ params: { id: item.id }, ifMatch: item.version, body: { description } }));
    tool('opencode', '#!/bin/sh\nprintf %s "$3" > "$HOME/said"\n');
    assert.equal((await belay('send', 'TODO-1', '--target', 'opencode')).code, 0);
    const said = readFileSync(path.join(stateDir, 'home/said'), 'utf8');
    const file = /^Read the task TODO-1 in the file (.+) and do it\.$/.exec(said)?.[1] ?? '';
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes('x'.repeat(400_000)));
    assert.match(text, /\(The rest, 600000 characters, is on the item\.\)/);
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it('records a hand-off once the tool runs, and not when it cannot be started', async () => {
    await json<WorkItem>('add', 'Over to you');
    const status = async () => (await json<{ item: WorkItem }>('items', 'TODO-1')).item.status;
    const before = await status();
    tool('claude', '#!/no/such/interpreter\n');
    const failed = await belay('send', 'TODO-1', '--target', 'claude-code');
    assert.equal(failed.code, 1, failed.out + failed.err);
    assert.equal(await status(), before);
    tool('claude', '#!/bin/sh\nprintf %s "$1" > "$HOME/prompt"\nexit 3\n');
    assert.equal((await belay('send', 'TODO-1', '--target', 'claude-code')).code, 3, 'the exit code is that of the tool');
    assert.match(readFileSync(path.join(stateDir, 'home/prompt'), 'utf8'), /Over to you/);
    assert.equal(await status(), 'in_progress');
    await json<WorkItem>('add', 'By link');
    tool('cursor', '#!/bin/sh\n');
    assert.match((await belay('send', 'TODO-2', '--target', 'cursor')).out, /^cursor:\/\//);
    assert.equal((await json<{ item: WorkItem }>('items', 'TODO-2')).item.status, 'open', 'nobody hears whether a link was taken');
    const { entries } = await ask((api) => api.listHandoffs({ query: {} }));
    assert.deepEqual(entries.map(({ target }) => target).sort(), ['claude-code', 'cursor'], 'what failed left none');
  });

  it('takes words that begin with a dash for what they are', async () => {
    const item = await json<WorkItem>('add', '- buy milk', '--description', '- [ ] go\n- [ ] pay', '--kind', 'bug');
    assert.deepEqual([item.title, item.description, item.kind], ['- buy milk', '- [ ] go\n- [ ] pay', 'bug']);
    assert.equal((await json<WorkItem>('add', 'x', '--description', '--nonsense')).description, '--nonsense');
    assert.match((await belay('add', '--', '--json')).out, /^\S+ --json\n$/u);
  });

  it('queues before any worker ran, and names an agent that is not here', async () => {
    await json<WorkItem>('add', 'First of all');
    const queued = await json<Session>('queue', 'TODO-1');
    assert.deepEqual([queued.state, queued.agentName], ['queued', 'Practice agent']);
    const refused = await belay('queue', 'TODO-1', '--agent', 'nobody');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /"nobody" is not on this machine[\s\S]*practice/u);
  });

  it('tells the agent which folder of the repository was meant, also when it is sent back', async () => {
    await json<WorkItem>('add', 'In a part', '--kind', 'bug', '--description=- [ ] do it');
    const contextOf = async (id: string) =>
      (await ask((api) => api.getSessionPrompt({ params: { id } }))).context
        .filter(({ id: section }) => section === 'folder')
        .map(({ text }) => text);
    const top = repository;
    mkdirSync(path.join(top, 'packages/shop'), { recursive: true });
    assert.deepEqual(await contextOf((await json<Session>('queue', 'BUG-1')).id), []);
    repository = path.join(top, 'packages/shop');
    const session = await json<Session>('run', 'BUG-1', '--yes');
    const told = ['This work is about the folder `packages/shop` of the repository. Paths without another word are from there.'];
    assert.deepEqual(await contextOf(session.id), told);
    assert.deepEqual(await contextOf((await json<Session>('back', session.id, '--text', 'again')).id), told);
    const elsewhere = await json<Session>('queue', 'BUG-1', '--folder', path.join(top, 'packages'));
    assert.match((await contextOf(elsewhere.id)).join(), /`packages`/u);
  });

  it('names the folder that it wrote into, wherever it was called', async () => {
    await json<WorkItem>('add', 'From elsewhere', '--kind', 'bug', '--description=- [ ] do it');
    const { id } = await json<Session>('run', 'BUG-1', '--yes');
    const bound = repository;
    repository = makeRepository({ 'b.txt': 'b\n' }, 'another');
    const untouched = fingerprint(repository);
    assert.ok((await belay('accept', id)).out.includes(` into ${bound}.`));
    assert.ok((await belay('undo', id)).out.includes(` in ${bound}.`));
    assert.deepEqual(fingerprint(repository), untouched);
  });

  it('takes its team platform along, however it is killed', async () => {
    const token = path.join(stateDir, 'token');
    writeFileSync(token, 'x'.repeat(40), { mode: 0o600 });
    // A database that never answers: the platform holds its connection for as long as it lives.
    const database = net.createServer();
    const connected = once(database, 'connection') as Promise<[net.Socket]>;
    await once(database.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = database.address() as net.AddressInfo;
      const { child } = begin('platform', '--database', `postgres://127.0.0.1:${port}/none`, '--token-file', token);
      const [socket] = await connected;
      const closed = once(socket.on('error', () => undefined).resume(), 'close');
      child.kill('SIGKILL');
      await closed;
    } finally {
      database.close();
    }
  });

  it('takes the folder of an unbound repository with the decision', async () => {
    await json<WorkItem>('add', 'Elsewhere');
    const session = await json<Session>('run', 'TODO-1', '--yes');
    const file = path.join(stateDir, 'machine.json');
    const machine = JSON.parse(readFileSync(file, 'utf8')) as { bindings: Record<string, string> };
    writeFileSync(file, JSON.stringify({ ...machine, bindings: {} }), { mode: 0o600 });
    const refused = await belay('accept', session.id);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /not bound[\s\S]*--folder/);
    assert.equal((await belay('accept', session.id, '--folder', repository)).code, 0);
    assert.equal(existsSync(path.join(repository, 'belay-practice/TODO-1.md')), true);
  });

  it('shows hostile titles harmlessly and answers bad calls with what to do', async () => {
    const title = 'Red \u001b[31malert\u0007 \u202etxt.exe \u009b2K';
    await json<WorkItem>('add', title);
    const shown = await belay('items');
    assert.match(shown.out, /Red <U\+001B>\[31malert<U\+0007> <U\+202E>txt\.exe <U\+009B>2K/);
    const data = await belay('items', '--json');
    assert.doesNotMatch(shown.out + data.out, /[\u001b\u0007\u009b\u202e]/);
    assert.equal((JSON.parse(data.out) as WorkItem[])[0]?.title, title);
    for (const [args, code, words] of [
      [['nonsense'], 2, /no command "nonsense"/],
      [['run'], 2, /belay run KEY/],
      [['run', 'BUG-99'], 1, /BUG-99/],
      [['run', 'TODO-1', '--mode', 'dance'], 2, /--mode does not know "dance"[\s\S]*plan, code, review, fix/],
      [['add', ' '], 2, /needs a title/],
      [['run', 'TODO-1', '--agent', 'nobody'], 1, /"nobody" is not on this machine/],
      [['run', 'TODO-1', '--folder', '/no/such/folder'], 1, /is not there/],
      [['discard', 'x'], 2, /Say --yes/],
      [['platform', '--database', 'postgres://nobody:secret@127.0.0.1:1/none'], 1, /nobody in without a token[\s\S]*--token-file/],
      [['platform', '--database', 'postgres://127.0.0.1:1/none', '--token-file', '/none', '--limit-reads=-1'], 1, /--limit-reads needs/],
      [['platform', '--help'], 0, /--limit-work N/],
      [['items', '--mode', 'fix'], 2, /"belay items" has no option --mode[\s\S]*items \[KEY\]/],
      [['items', '--status', 'gone'], 2, /--status does not know "gone"[\s\S]*in_progress/],
      [['items', '--limit', '0'], 2, /--limit takes a whole number/],
      [['items', '--label', 'shop'], 2, /"shop" is no label[\s\S]*GROUP:NAME/],
      [['discard', 'ses_a', 'ses_b', '--yes'], 2, /"belay discard" does not take ses_b as well[\s\S]*discard SESSION/],
      [['sessions', '--status', 'open'], 2, /"belay sessions" has no option --status/],
      [['stop', 'x', '--yes'], 2, /has no option --yes/],
      [['add', 'x', '--kind', '--json'], 2, /--kind[\s\S]*Usage/],
      [['--nonsense'], 2, /Usage/],
    ] as const) {
      const reply = await belay(...args);
      assert.equal(reply.code, code, `${args.join(' ')}: ${reply.out}${reply.err}`);
      assert.match(reply.err + reply.out, words);
    }
  });

  /** A session of `belay run` that waits for an answer, and the process. */
  const running = async () => {
    await json<WorkItem>('add', 'Waits', '--kind', 'bug');
    const run = begin('run', 'BUG-1');
    const id = await until('a question', async () => {
      const { entries } = await ask((api) => api.listSessions({ query: { state: ['awaiting_input'] } }));
      return entries[0]?.id ?? null;
    });
    return { run, id };
  };
  const session = (id: string) => ask((api) => api.getSession({ params: { id } }));
  const cancelled = async (id: string, ended: Promise<Reply>): Promise<Reply> => {
    await ask((api) => api.cancelSession({ params: { id }, body: {} }));
    return await ended;
  };

  it('closes what has nothing to accept, accepts nothing that failed, and leaves the item as it is', async () => {
    const { run, id } = await running();
    const input = (await ask((api) => api.listInputs({ query: { session: id } }))).entries[0];
    assert.ok(input);
    const no = input.options.find(({ effect }) => effect === 'deny')?.id ?? null;
    await ask((api) => api.answerInput({ params: { id: input.id }, body: { optionId: no, text: null, actionHash: input.actionHash } }));
    const { code, out } = await run.ended;
    assert.equal(code, 0, out);
    assert.match(out, new RegExp(`It finished without changes\\.\\nClose: belay close ${id}`, 'u'));
    const item = () => json<{ item: WorkItem; comments: { origin: string }[] }>('items', 'BUG-1');
    const before = await item();
    const refused = await belay('accept', id);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /nothing to accept[\s\S]*Close it/u);
    assert.equal((await belay('close', id)).code, 0);
    assert.equal((await session(id)).review, 'closed');
    const after = await item();
    assert.deepEqual([after.item.status, after.comments.length], [before.item.status, before.comments.length]);

    const stopped = begin('run', 'BUG-1');
    const next = await until('the next question', async () => {
      const { entries } = await ask((api) => api.listSessions({ query: { state: ['awaiting_input'] } }));
      return entries[0]?.id ?? null;
    });
    await cancelled(next, stopped.ended);
    assert.match((await belay('accept', next)).err, /This session was stopped/u);
  });

  it('writes one recap for a result that is taken out and accepted again, and accepts none that was discarded', async () => {
    await json<WorkItem>('add', 'Back and forth', '--kind', 'bug', '--description=- [ ] do it');
    const { id } = await json<Session>('run', 'BUG-1', '--yes');
    for (const command of ['accept', 'undo', 'accept']) assert.equal((await belay(command, id)).code, 0, command);
    const { item, comments } = await json<{ item: WorkItem; comments: { origin: string }[] }>('items', 'BUG-1');
    assert.equal(item.status, 'completed');
    assert.equal(comments.filter(({ origin }) => origin === 'recap').length, 1);
    assert.equal((await belay('undo', id)).code, 0);
    assert.equal((await belay('discard', id, '--yes')).code, 0);
    const refused = await belay('accept', id);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /was discarded/u);
    assert.equal(existsSync(path.join(repository, 'belay-practice/BUG-1.md')), false);
  });

  it('claims the session of a run again that was given back', async () => {
    const { run, id } = await running();
    const host = JSON.parse(readFileSync(path.join(stateDir, 'runs', `${id}-1`, 'host.json'), 'utf8')) as { host: { pid: number } };
    process.kill(host.host.pid, 'SIGTERM');
    await until('its second claim', async () => ((await session(id)).fence === 2 ? true : null));
    const { code, out } = await cancelled(id, run.ended);
    assert.equal(code, 1);
    assert.match(out, /released: The worker was stopped\./u);
  });

  it('leaves a session to its run on Ctrl+C when it only watched', async () => {
    const { run, id } = await running();
    const watch = begin('watch', id);
    await until('its words', () => (watch.said().includes('Waiting') ? true : null));
    watch.child.kill('SIGINT');
    const { code, out } = await watch.ended;
    assert.equal(code, 130);
    assert.match(out, /The session goes on[\s\S]*belay stop/u);
    assert.equal((await session(id)).state, 'awaiting_input');
    assert.equal((await session(id)).cancelRequestedAt, null);
    await cancelled(id, run.ended);
  });

  it('says so when git is not installed', async () => {
    await json<WorkItem>('add', 'Needs git');
    extraPath = path.join(stateDir, 'empty');
    const reply = await belay('run', 'TODO-1');
    extraPath = undefined;
    assert.equal(reply.code, 2);
    assert.match(reply.err, /git was not found[\s\S]*Install git/);
  });

  it('doctor lists agents, sandbox and git', async () => {
    const found = await json<{ agents: { slug: string; found: boolean }[]; git: { version: string } }>('doctor');
    assert.ok(found.agents.some((agent) => agent.slug === 'practice' && agent.found));
    assert.match(found.git.version, /^\d/);
  });
});
