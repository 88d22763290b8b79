import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Rule } from '../../../../protocol/policy.ts';
import type { PermissionAnswer, PermissionWish } from '../../../../worker/agents/base/driver.ts';
import { Policy } from '../../../../worker/policy/decide.ts';
import { Grants } from '../../../../worker/workerConfig/grants.ts';
import { Dials } from '../../../../worker/run/dials.ts';
import { Permissions } from '../../../../worker/run/permissions.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';
import { situation } from '../../../support/situation.ts';

const asked: Rule = { class: 'network', decision: 'ask', match: ['*.example.com:443'] };

describe('a connection that is not on the list', () => {
  after(removeTempFolders);

  /** Dials under these rules, and the questions they made; a question is answered by `answer`. */
  function open(
    rules: readonly Rule[],
    answer: (wish: PermissionWish) => PermissionAnswer | Promise<PermissionAnswer>,
    unattended = false,
  ) {
    const policy = new Policy([{ name: 'worker', rules }], situation({ unattended }));
    const permissions = new Permissions(policy, new Grants(tempFolder(), 'rep_1'));
    const questions: string[] = [];
    const dials = new Dials({
      policy,
      permissions,
      ask: async (wish) => {
        questions.push(wish.resource);
        return permissions.settle(wish, [{ class: wish.class, resource: wish.resource }], await answer(wish));
      },
    });
    return { dials, questions };
  }
  const chosen = (optionId: string) => () => ({ optionId, text: null });

  it('is refused without a question where no rule speaks of it', async () => {
    const { dials, questions } = open([asked], chosen('belay-once'));
    assert.equal(await dials.opens('telemetry.example.net:443'), false);
    assert.equal(await dials.opens('a.example.com:80'), false);
    assert.equal(await dials.opens('not a host'), false);
    assert.deepEqual(questions, []);
  });

  it('is asked for where a rule says so, once for all that wait for it', async () => {
    const { dials, questions } = open([asked], chosen('belay-once'));
    assert.deepEqual(await Promise.all(['a.example.com:443', 'A.Example.com.:443'].map((host) => dials.opens(host))), [true, true]);
    assert.deepEqual(questions, ['a.example.com:443']);
    assert.equal(await dials.opens('a.example.com:443'), true);
    assert.equal(questions.length, 2, 'once is once');
  });

  it('is open for the session when the person says so, there and nowhere else', async () => {
    const { dials, questions } = open([asked], chosen('belay-session'));
    for (const host of ['a.example.com:443', 'a.example.com:443', 'b.example.com:443']) assert.equal(await dials.opens(host), true);
    assert.deepEqual(questions, ['a.example.com:443', 'b.example.com:443']);
  });

  it('stays refused for the run after a no, and after a question that went away', async () => {
    for (const answer of [chosen('belay-deny'), () => null]) {
      const { dials, questions } = open([asked], answer);
      assert.equal(await dials.opens('a.example.com:443'), false);
      assert.equal(await dials.opens('a.example.com:443'), false);
      assert.equal(questions.length, 1);
    }
  });

  it('is not asked for where nobody would answer, and never where a rule forbids it', async () => {
    const alone = open([asked], chosen('belay-once'), true);
    assert.equal(await alone.dials.opens('a.example.com:443'), false);
    const forbidden = open([asked, { class: 'network', decision: 'deny', match: ['a.example.com:*'] }], chosen('belay-once'));
    forbidden.dials.expect('a.example.com:443');
    assert.equal(await forbidden.dials.opens('a.example.com:443'), false);
    assert.deepEqual([...alone.questions, ...forbidden.questions], []);
  });

  it('is open by a rule with a pattern, and once where the agent had asked before it dialled', async () => {
    const { dials, questions } = open([{ class: 'network', decision: 'allow', match: ['*.example.com:443'] }], () => null);
    assert.equal(await dials.opens('a.example.com:443'), true);
    for (const host of ['evil.net\0.example.com:443', 'evil.net%00.example.com:443', 'example.com:443', 'evilexample.com:443'])
      assert.equal(await dials.opens(host), false, host);
    dials.expect('docs.example.net:443');
    assert.deepEqual([await dials.opens('docs.example.net:443'), await dials.opens('docs.example.net:443')], [true, false]);
    assert.deepEqual(questions, []);
  });
});

describe('a program of a run that connects to a host a rule asks for', function () {
  this.timeout(60_000);
  let bench: Workbench;
  let server: http.Server;
  let host: string;
  beforeEach(async () => {
    server = http.createServer((_request, response) => response.end('heard'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.close();
    await bench.close();
  });

  /** Tries twice, one after the other, and says what came back. */
  async function start(): Promise<string> {
    const script = `for (const n of [1, 2]) console.log(n, await fetch('http://${host}/').then(async (r) => r.status + ' ' + (await r.text()).slice(0, 5), () => 'none'));`;
    const argv = [process.execPath, '--input-type=module', '-e', script];
    bench = await Workbench.open({
      agents: [scripted('dialler', { driver: 'command', argv, env: { NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: '' } })],
      settings: { rules: [{ class: 'network', decision: 'ask', match: [host] }] },
    });
    await bench.worker.start();
    return (await bench.queue({ agent: 'dialler' })).id;
  }
  const said = async (id: string): Promise<string> => {
    const session = await bench.ended(id);
    assert.equal(session.sandboxStep, 'ours', JSON.stringify(session.error));
    return session.result?.summary ?? '';
  };

  it('waits for the person, and goes through once', async () => {
    const id = await start();
    await bench.answer(id);
    await bench.answer(id, 'deny');
    assert.match(await said(id), /1 200 heard\n2 none/u);
    const decisions = (await bench.activities(id)).flatMap(({ kind, body }) =>
      kind === 'policy' && body.class === 'network' ? [body.decision] : [],
    );
    assert.deepEqual(decisions.slice(0, 4), ['ask', 'allow', 'ask', 'deny']);
  });

  it('is refused by the proxy after a no, and does not ask again', async () => {
    const id = await start();
    await bench.answer(id, 'deny');
    assert.match(await said(id), /1 none\n2 none/u);
  });
});
