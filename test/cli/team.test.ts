import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Belay, type Reply } from '../support/belay.ts';
import { makeCertificate } from '../support/certificate.ts';
import { freePort } from '../support/freePort.ts';
import { ready } from '../support/programs.ts';
import { makeRepository, removeTempFolders, tempFolder } from '../support/repository.ts';
import { Screen } from '../support/screen.ts';
import { Teams, token, type Team } from '../support/teams.ts';
import { until } from '../support/until.ts';

describe('belay with a team’s platform', function () {
  this.timeout(180_000);
  const teams = new Teams();
  let team: Team;
  let belay: Belay;
  let repository: string;
  const servers: Server[] = [];
  before(async () => {
    await ready('belay', 'platform', 'runHost', 'practiceAgent');
    team = await teams.start();
  });
  after(() => teams.end());
  beforeEach(() => {
    repository = makeRepository({ 'a.txt': 'a\n' });
    belay = new Belay(tempFolder('b-'), repository);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    removeTempFolders();
  });

  const good = async (running: Promise<Reply>): Promise<string> => {
    const { code, out, err } = await running;
    assert.equal(code, 0, out + err);
    assert.ok(!`${out}${err}`.includes(token), 'the token is shown');
    return out;
  };
  const refused = async (running: Promise<Reply>): Promise<string> => {
    const { code, out, err } = await running;
    assert.ok(code === 1 || code === 2, out + err);
    assert.ok(!`${out}${err}`.includes(token), 'the token is shown');
    return out + err;
  };
  const kept = () => path.join(belay.stateDir, 'connection.json');
  async function listen(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  /** What proxies do: the path's first part taken off, everything else handed on. */
  const forward: Parameters<typeof createServer>[1] = (incoming, response) => {
    const { hostname, port } = new URL(team.url);
    const onward = request(
      { hostname, port, method: incoming.method, path: incoming.url?.replace(/^\/tools\/belay/u, ''), headers: incoming.headers },
      (reply) => {
        response.writeHead(reply.statusCode ?? 0, reply.headers);
        reply.pipe(response);
      },
    );
    // A stream that its reader leaves, or whose platform goes, ends on both sides.
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  };

  it('says where one is, goes there and comes back, and each place keeps its own items', async () => {
    assert.equal(await good(belay.run('use')), 'You are on the platform of this machine.\n');
    await good(belay.run('add', 'Of this machine'));
    const { url } = team;
    assert.match(
      await good(belay.begin(['use', `${url}/`], token).ended),
      new RegExp(`at ${url}\\.\\nIts address and token are kept in `, 'u'),
    );
    assert.equal(statSync(kept()).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(await good(belay.run('use', '--json'))), { platform: 'team', url, by: 'kept' });
    assert.equal(await good(belay.run('items', '--search', 'Of this machine')), 'No items.\n');
    await good(belay.run('add', 'Of the team'));
    assert.match(await good(belay.run('items')), /Of the team/u);
    assert.deepEqual(JSON.parse(await good(belay.run('use', '--embedded', '--json'))), { platform: 'embedded', url: null, by: 'default' });
    assert.ok(!readdirSync(belay.stateDir).includes('connection.json'));
    assert.match(await good(belay.run('items')), /Of this machine/u);
    await belay.end();
  });

  it('takes address and token of the environment before what was kept, for a machine that nobody sits at', async () => {
    belay.extra['BELAY_URL'] = `http://127.0.0.1:${await freePort()}`;
    assert.match(await refused(belay.run('items')), /BELAY_URL needs BELAY_TOKEN beside it/u);
    belay.extra['BELAY_TOKEN'] = token;
    assert.match(await refused(belay.run('items')), /cannot be reached.*\n.*belay use/u);
    belay.extra['BELAY_URL'] = team.url;
    await good(belay.run('add', 'From a pipeline'));
    assert.match(await good(belay.run('items')), /From a pipeline/u);
    assert.match(await good(belay.run('use')), new RegExp(`at ${team.url}\\.\\nBELAY_URL says so`, 'u'));
    assert.ok(!readdirSync(belay.stateDir).includes('connection.json'), 'nothing is kept of it');
    assert.ok(!readdirSync(belay.stateDir).includes('platform'), 'no platform was started here');
  });

  it('keeps nothing of an address where no platform lets it in', async () => {
    const use = async (url: string, said: string): Promise<string> => {
      const words = await refused(belay.begin(['use', url], said).ended);
      assert.ok(!readdirSync(belay.stateDir).includes('connection.json'), url);
      return words;
    };
    assert.match(await use(team.url, `${token}x`), /does not take this token\.\n.*whoever runs it/u);
    assert.match(await use(team.url, ''), /The token is missing/u);
    assert.match(await use(`${team.url}/elsewhere`, token), /not Belay's platform/u);
    assert.match(await use('http://belay.example.com', token), /over http/u);
    const html = await listen(createServer((_, response) => response.setHeader('content-type', 'text/html').end('<html>')));
    assert.match(await use(`http://127.0.0.1:${html}`, token), /not Belay's platform: 200, text\/html/u);
    const moved = await listen(createServer((_, response) => response.writeHead(308, { location: `${team.url}/v1/about` }).end()));
    assert.match(await use(`http://127.0.0.1:${moved}`, token), new RegExp(`redirect to ${team.url}, and Belay follows none`, 'u'));
    const older = { name: 'belay', version: '0.0.1', protocol: -1 };
    const old = await listen(
      createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(older))),
    );
    assert.match(await use(`http://127.0.0.1:${old}`, token), /version 0\.0\.1[\s\S]*too far apart/u);
  });

  it('repeats no token that was typed where it does not belong', async () => {
    for (const args of [
      ['use', team.url, token],
      ['use', team.url, `--token=${token}`],
      ['use', team.url, '--token', token],
      ['use', `http://me:${token}@127.0.0.1`],
      ['use', `${team.url}/?token=${token}`],
      ['use', token],
    ])
      await refused(belay.run(...args));
  });

  it('talks to one behind a proxy with TLS and a path of its own: requests, streams and held polls', async () => {
    const { file, cert, key } = makeCertificate(tempFolder('c-'));
    const url = `https://localhost:${await listen(createSecureServer({ cert, key }, forward))}/tools/belay`;
    const tokenFile = path.join(tempFolder('k-'), 'token');
    writeFileSync(tokenFile, `${token}\n`);
    assert.match(await refused(belay.run('use', url, '--token-file', tokenFile)), /certificate/u);
    belay.extra['NODE_EXTRA_CA_CERTS'] = file;
    await good(belay.run('use', url, '--token-file', tokenFile));
    const { key: item } = JSON.parse(await good(belay.run('add', 'Through a proxy', '--description', '- [ ] say hello', '--json'))) as {
      key: string;
    };
    await good(belay.run('queue', item));
    const watch = belay.begin(['watch', `${item}/1`, '--yes']);
    const worker = belay.begin(['worker']);
    try {
      assert.match(await good(watch.ended), new RegExp(`Review: belay accept`, 'u'));
    } finally {
      worker.child.kill('SIGINT');
      await worker.ended;
    }
    assert.match(await good(belay.run('accept', `${item}/1`)), /Accepted 1 file/u);
  });

  it('gives the token to nobody: not to the agent, nor to any file or process beside its own', async () => {
    belay.extra['BELAY_URL'] = team.url;
    belay.extra['BELAY_TOKEN'] = token;
    const { key: item } = JSON.parse(
      await good(belay.run('add', 'Secret', '--kind', 'bug', '--description', '- [ ] say hello', '--json')),
    ) as { key: string };
    const run = belay.begin(['run', item]);
    await until('its question', () => (run.said().includes('belay answer') ? true : null));
    const holders = readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/u.test(pid) || Number(pid) === run.child.pid) return false;
      try {
        return ['environ', 'cmdline'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(token));
      } catch {
        return false;
      }
    });
    assert.deepEqual(holders, []);
    await good(belay.run('answer', `${item}/1`, '1'));
    await good(run.ended);
    belay.tool('claude', '#!/bin/sh\nenv > environment.txt\n');
    await good(belay.run('send', item, '--target', 'claude-code'));
    assert.ok(readFileSync(path.join(repository, 'environment.txt'), 'utf8').includes('BELAY_URL='), 'the tool ran');
    const holding = (readdirSync(belay.stateDir, { recursive: true }) as string[])
      .map((name) => path.join(belay.stateDir, name))
      .concat(path.join(repository, 'environment.txt'))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() && readFileSync(file).includes(token));
    assert.deepEqual(holding, []);
  });

  it('leaves the runs of one platform alone while another is in use', async () => {
    await good(belay.run('add', 'Of this machine', '--kind', 'bug', '--description', '- [ ] say hello'));
    const run = belay.begin(['run', 'BUG-1']);
    await until('its question', () => (run.said().includes('belay answer') ? true : null));
    belay.extra['BELAY_URL'] = team.url;
    belay.extra['BELAY_TOKEN'] = token;
    const { key } = JSON.parse(await good(belay.run('add', 'Of the team', '--kind', 'bug', '--json'))) as { key: string };
    await good(belay.run('queue', key));
    // What waits there takes no room from what is claimed here.
    const worker = belay.begin(['worker', '--capacity', '1']);
    await good(belay.run('watch', `${key}/1`, '--yes'));
    worker.child.kill('SIGINT');
    const { out, err } = await worker.ended;
    assert.match(out + err, /Worker on for http/u);
    assert.doesNotMatch(out + err, /reconciled|not found/iu);
    delete belay.extra['BELAY_URL'];
    delete belay.extra['BELAY_TOKEN'];
    await good(belay.run('answer', 'BUG-1/1', '1'));
    assert.match(await good(run.ended), /Review: belay accept/u);
    await belay.end();
  });

  it('reads nothing of a repository: no file and no link of it chooses a platform', async () => {
    const elsewhere: unknown[] = [];
    const url = `http://127.0.0.1:${await listen(
      createServer((incoming, response) => {
        elsewhere.push(incoming.url);
        response.end();
      }),
    )}`;
    const text = JSON.stringify({ url, token });
    mkdirSync(path.join(repository, '.vscode'));
    mkdirSync(path.join(repository, '.belay'));
    for (const [name, content] of [
      ['.env', `BELAY_URL=${url}\nBELAY_TOKEN=${token}\n`],
      ['connection.json', text],
      ['.belay/connection.json', text],
      ['.vscode/settings.json', JSON.stringify({ 'belay.url': url, 'belay.platform.url': url, 'belay.token': token })],
      ['WORKFLOW.md', `---\nplatform:\n  url: ${url}\n---\n`],
      ['.belayrc', text],
    ] as const)
      writeFileSync(path.join(repository, name), content);
    assert.equal(await good(belay.run('use')), 'You are on the platform of this machine.\n');
    await good(belay.run('items'));
    assert.deepEqual(elsewhere, []);
    await belay.end();
  });

  it('asks for the token on a terminal without showing it', async () => {
    const screen = new Screen(repository, belay.environment);
    try {
      const seen = (pattern: RegExp) => until(String(pattern), () => pattern.exec(screen.text()));
      screen.type(`belay use ${team.url}; echo left=$?`);
      await seen(/^Token: $/mu);
      screen.press('C-c');
      await seen(/^left=130$/mu);
      assert.ok(!readdirSync(belay.stateDir).includes('connection.json'));
      screen.type(`clear; belay use ${team.url}; echo ended=$?`);
      await seen(/^Token: $/mu);
      screen.type(token);
      await seen(/^ended=0$/mu);
      await seen(/You are on the team's platform at /u);
      assert.ok(!screen.text().includes(token));
    } finally {
      screen.close();
    }
  });
});
