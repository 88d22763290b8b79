import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { copyCertificates } from '../../../../worker/run/certificates.ts';
import { hostEnvironment } from '../../../../worker/run/launch.ts';
import type { RunSpec } from '../../../../worker/run/spec.ts';
import { certificateFiles, proxiesOf, proxyVariables } from '../../../../worker/workspace/networkVariables.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';
import { makeCertificate } from '../../../support/certificate.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

/** Sets variables of this process, which are those of a person's shell, until the test is over. */
function surroundings() {
  const before = { ...process.env };
  return {
    set: (values: Readonly<Record<string, string>>) => {
      Object.assign(process.env, values);
    },
    restore: () => {
      for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    },
  };
}

describe("a run's way to the network", function () {
  this.timeout(90_000);
  const shell = surroundings();
  let bench: Workbench | null = null;
  const servers: (http.Server | https.Server)[] = [];
  beforeEach(() => {
    for (const name of proxyVariables) Reflect.deleteProperty(process.env, name);
  });
  afterEach(async () => {
    shell.restore();
    await bench?.close();
    bench = null;
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  after(removeTempFolders);

  async function listen<T extends http.Server | https.Server>(server: T): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  async function run(script: string, hosts: readonly string[]): Promise<string> {
    const argv = ['/bin/sh', '-c', `node='${process.execPath}'\n${script}`];
    bench = await Workbench.open({ agents: [scripted('shell', { driver: 'command', argv, hosts: [...hosts] })] });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'shell' });
    const session = await bench.ended(id, 60_000);
    assert.equal(session.sandboxStep, 'ours', JSON.stringify(session.error));
    return session.result?.summary ?? JSON.stringify(session.error);
  }

  for (const name of ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY', 'all_proxy'])
    it(`leads through the proxy that ${name} names`, async () => {
      const asked: (string | undefined)[] = [];
      const port = await listen(
        http.createServer((request, response) => {
          asked.push(request.url);
          response.end('by the proxy of the company');
        }),
      );
      shell.set({ [name]: `http://127.0.0.1:${port}` });
      assert.match(await run('curl -s -m 20 http://service.invalid/a', ['service.invalid:80']), /by the proxy of the company/u);
      assert.deepEqual(asked, ['http://service.invalid/a']);
    });

  it('trusts the authority of the company with every tool, wherever its file lies', async () => {
    const folder = tempFolder();
    const { file, cert, key } = makeCertificate(folder);
    const link = path.join(folder, 'link.pem');
    symlinkSync(file, link);
    const port = await listen(https.createServer({ cert, key }, (_request, response) => response.end('sealed')));
    shell.set(Object.fromEntries(certificateFiles.map((name) => [name, link])));
    const url = `https://localhost:${port}/`;
    const said = await run(
      [
        `echo "curl=$(curl -s -m 20 ${url})"`,
        `echo "node=$("$node" -e 'fetch(process.argv[1]).then((r) => r.text()).then(console.log, (e) => console.log(e.cause?.code))' ${url})"`,
        `echo "git=$(git ls-remote ${url}x.git 2>&1 | tail -1)"`,
        `for name in ${certificateFiles.join(' ')}; do eval "file=\\$$name"; grep -q CERTIFICATE "$file" || echo "$name is not there"; done`,
      ].join('\n'),
      [`localhost:${port}`],
    );
    assert.match(said, /curl=sealed\nnode=sealed\n/u);
    assert.doesNotMatch(said, /git=.*certificate/u);
    assert.doesNotMatch(said, /is not there/u);
  });
});

describe('certificates for a run', () => {
  after(removeTempFolders);
  const authority = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const key = '-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n';

  it('are copied without the keys that lie beside them, of files and of folders', () => {
    const from = tempFolder();
    mkdirSync(path.join(from, 'folder'));
    for (const name of ['bundle.pem', 'folder/one.pem']) writeFileSync(path.join(from, name), `${key}# ours\n${authority}${key}`);
    writeFileSync(path.join(from, 'folder/notes.txt'), 'secret notes');
    const into = path.join(tempFolder(), 'certificates');
    const variables = copyCertificates(into, {
      SSL_CERT_FILE: path.join(from, 'bundle.pem'),
      GIT_SSL_CAINFO: path.join(from, 'bundle.pem'),
      SSL_CERT_DIR: path.join(from, 'folder'),
    });
    assert.deepEqual(Object.keys(variables).sort(), ['GIT_SSL_CAINFO', 'SSL_CERT_DIR', 'SSL_CERT_FILE']);
    assert.equal(readFileSync(variables['SSL_CERT_FILE'] ?? '', 'utf8'), authority);
    assert.equal(variables['GIT_SSL_CAINFO'], variables['SSL_CERT_FILE']);
    assert.equal(readFileSync(path.join(variables['SSL_CERT_DIR'] ?? '', 'one.pem'), 'utf8'), authority);
    assert.throws(() => readFileSync(path.join(variables['SSL_CERT_DIR'] ?? '', 'notes.txt')));
  });

  it('are left out where a variable names nothing that is one', () => {
    const from = tempFolder();
    writeFileSync(path.join(from, 'key.pem'), key);
    const into = path.join(tempFolder(), 'certificates');
    const named = { SSL_CERT_FILE: path.join(from, 'key.pem'), PIP_CERT: path.join(from, 'absent.pem'), CURL_CA_BUNDLE: from };
    assert.deepEqual(copyCertificates(into, named), {});
  });
});

describe("a person's proxies", () => {
  it('stand for all kinds of addresses where they name one for all, if it speaks HTTP', () => {
    const all = proxiesOf({ ALL_PROXY: 'proxy.example:3128' });
    assert.deepEqual([all['HTTP_PROXY'], all['HTTPS_PROXY']], ['proxy.example:3128', 'proxy.example:3128']);
    const own = proxiesOf({ https_proxy: 'http://b:1', all_proxy: 'http://a:1', no_proxy: '.corp' });
    assert.deepEqual([own['HTTP_PROXY'], own['HTTPS_PROXY'], own['no_proxy']], ['http://a:1', 'http://b:1', '.corp']);
    assert.equal(proxiesOf({ all_proxy: 'socks5h://a:1080' })['HTTP_PROXY'], undefined);
    assert.deepEqual(proxiesOf({ HTTP_PROXY: '' }), {});
  });

  it('are what a run host is started with, in either case, and nothing that leads it to code of others', () => {
    const shell = surroundings();
    try {
      shell.set({ https_proxy: 'http://b:1', no_proxy: '.corp', SSL_CERT_FILE: '/ca.pem', NODE_COMPILE_CACHE: '/tmp/compiled' });
      const env = hostEnvironment({ path: '/usr/bin', spec: { stateDir: '/state', repositoryPath: '/repo' } as RunSpec });
      assert.deepEqual([env['HTTPS_PROXY'], env['no_proxy'], env['SSL_CERT_FILE']], ['http://b:1', '.corp', '/ca.pem']);
      assert.equal(env['NODE_COMPILE_CACHE'], '/state/compiled');
    } finally {
      shell.restore();
    }
  });
});
