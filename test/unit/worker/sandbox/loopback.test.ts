import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunSettings } from '../../../../worker/run/spec.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';

/** Spellings of the loopback that name a server on every address of it. */
const spellings = ['localhost', 'LOCALHOST', '127.0.0.1', '127.1', '[::1]', '127.0.1.1', '0.0.0.0', '[::ffff:127.0.0.1]'] as const;

/** What a program of each kind fetches with, as a script for `sh`; `$url` is the address. */
const clients = {
  fetch: `"$node" -e 'fetch(process.argv[1]).then((r) => r.text()).then(console.log, (e) => console.log("failed", e.cause?.code))' "$url"`,
  request: `"$node" -e 'require("http").get(process.argv[1], (r) => r.on("data", (d) => process.stdout.write(d))).on("error", (e) => console.log("failed", e.code))' "$url"`,
  curl: 'curl -sg -m 10 "$url"',
  python: `/usr/bin/python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())' "$url" 2>&1 | tail -1`,
  wget: 'wget -q -T 10 -t 1 -O - "$url"',
} as const;
const installed = { fetch: '/', request: '/', curl: '/usr/bin/curl', python: '/usr/bin/python3', wget: '/usr/bin/wget' } as const;

describe('loopback inside the sandbox', function () {
  this.timeout(120_000);
  let bench: Workbench;
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  afterEach(() => bench.close());

  /** What a script says that is the whole agent. */
  async function run(
    script: string,
    hosts: readonly string[] = [],
    settings: Partial<RunSettings> = {},
    meanwhile: (id: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<string> {
    const argv = ['/bin/sh', '-c', `node='${process.execPath}'\n${script}`];
    bench = await Workbench.open({ agents: [scripted('shell', { driver: 'command', argv, hosts: [...hosts] })], settings });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'shell' });
    await meanwhile(id);
    const session = await bench.ended(id, 90_000);
    assert.equal(session.sandboxStep, 'ours', JSON.stringify(session.error));
    return session.result?.summary ?? JSON.stringify(session.error);
  }
  /** A server of the agent's own on every address; `$port` is its port. */
  const own = `"$node" -e 'const s = require("http").createServer((q, r) => r.end("own")).listen(0, "::", () => require("fs").writeFileSync("port.txt", String(s.address().port)))' &
until [ -s port.txt ]; do sleep 0.05; done; port=$(cat port.txt)`;

  it('is reached by every spelling and every client, and by no proxy', async () => {
    const names = Object.keys(clients) as (keyof typeof clients)[];
    const tried = names
      .filter((name) => existsSync(installed[name]))
      .flatMap((name) => spellings.map((spelling) => ({ name: `${name} ${spelling}`, spelling, command: clients[name] })));
    const said = await run(
      [
        own,
        ...tried.map(({ name, spelling, command }) => `url="http://${spelling}:$port/"; echo "${name}=$(${command} 2>/dev/null)"`),
      ].join('\n'),
    );
    const failed = tried.filter(({ name }) => !said.includes(`${name}=own\n`) && !said.endsWith(`${name}=own`)).map(({ name }) => name);
    assert.deepEqual(failed, [], said);
  });

  describe('with a port of this machine on the list', () => {
    let server: http.Server;
    let port: number;
    let asked: (string | undefined)[];
    beforeEach(async () => {
      asked = [];
      server = http.createServer((request, response) => {
        asked.push(request.url);
        response.end('of the machine');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    it('has that service under the same port, for every client, also for those that ask no proxy', async () => {
      const tried = (Object.keys(clients) as (keyof typeof clients)[]).filter((name) => existsSync(installed[name]));
      const noProxies = `url="http://localhost:${port}/"; echo "bare=$(env -u http_proxy -u HTTP_PROXY -u NODE_USE_ENV_PROXY ${clients.request})"`;
      for (const listed of [`localhost:${port}`, `127.0.0.1:${port}`]) {
        const host = listed.split(':')[0] ?? '';
        const said = await run(
          [`url="http://${host}:${port}/"`, ...tried.map((name) => `echo "${name}=$(${clients[name]})"`), noProxies].join('\n'),
          [listed],
        );
        for (const name of [...tried, 'bare']) assert.ok(said.includes(`${name}=of the machine`), `${listed} ${name}: ${said}`);
        await bench.close();
      }
    });

    it('reaches no port beside it, and its own servers as before', async () => {
      const other = http.createServer((_request, response) => response.end('not listed'));
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const otherPort = (other.address() as AddressInfo).port;
      try {
        const said = await run(
          [
            own,
            `url="http://localhost:$port/"; echo "own=$(${clients.curl})"`,
            `url="http://localhost:${otherPort}/"; echo "other=$(${clients.curl})"`,
            `echo "proxied=$(curl -s -m 10 -o /dev/null -w '%{http_code}' --noproxy '' "$url")"`,
          ].join('\n'),
          [`localhost:${port}`],
        );
        assert.match(said, /own=own\n/u);
        assert.match(said, /other=\n/u);
        assert.match(said, /proxied=403/u);
      } finally {
        other.close();
      }
    });

    it('asks for that service where a rule says so', async () => {
      const said = await run(
        `url="http://localhost:${port}/"; ${clients.curl}`,
        [],
        { rules: [{ class: 'network', decision: 'ask', match: [`localhost:${port}`] }] },
        (id) => bench.answer(id),
      );
      assert.equal(said, 'of the machine');
    });

    it('leaves a listed port to the agent where nothing of the machine listens', async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const serve = own.replace('listen(0,', `listen(${port},`);
      const said = await run(`${serve}\nurl="http://localhost:$port/"; echo "own=$(${clients.curl})"`, [`localhost:${port}`]);
      assert.match(said, /own=own$/u);
    });
  });
});
