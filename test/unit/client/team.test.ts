import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { choosePlatform, forgetPlatform, keepPlatform, keptFile } from '../../../client/chosenPlatform.ts';
import { takeNamedPlatform } from '../../../client/environment.ts';
import { connectTeam } from '../../../client/team.ts';
import { isBelayError, type BelayError } from '../../../protocol/errors.ts';
import { protocolVersion, type About } from '../../../protocol/routes.ts';
import { stateNames } from '../../../worker/base/stateFolder.ts';
import { cleanUp, tempFolder } from './support.ts';

const credential = 's3cret-of-this-test';
const about: About = {
  name: 'belay',
  version: '1.2.3',
  protocol: protocolVersion,
  schema: 1,
  mode: 'team',
  machine: 'm',
  pid: 1,
  startedAt: 1,
  workspaceId: 'w',
  memberId: 'm',
  memberName: 'team',
  leaseProfile: 'standard',
};
const unnamed = { url: '', token: '' };

function refusalOf(error: unknown): BelayError {
  assert.ok(error instanceof Error && isBelayError(error) && error.hint, String(error));
  assert.doesNotMatch(`${error.message} ${error.hint}`, /s3cret/u);
  return error;
}

describe('a team’s platform, for who connects to it', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    await cleanUp();
  });
  async function saying(answer: unknown): Promise<string> {
    const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const connecting = async (answer: unknown) => await connectTeam({ url: await saying(answer), credential }, '0.1.0');

  it('is one that speaks this protocol or the one beside it', async () => {
    for (const apart of [-1, 0, 1]) {
      const connection = await connecting({ ...about, protocol: protocolVersion + apart, addedLater: true });
      assert.equal(connection.about.version, '1.2.3');
      connection.close();
    }
  });

  it('is not one that is further away, whatever else it says, and both versions are told', async () => {
    for (const [answer, who] of [
      [{ ...about, protocol: protocolVersion + 2 }, /update Belay here/u],
      [{ name: 'belay', version: '1.2.3', protocol: protocolVersion + 7, everything: 'else' }, /update Belay here/u],
      [{ ...about, protocol: protocolVersion - 2 }, /ask whoever runs the platform to update/u],
      [{ name: 'belay', version: '1.2.3', protocol: protocolVersion }, /too far apart/u],
    ] as const) {
      const error = await connecting(answer).then(() => assert.fail('connected'), refusalOf);
      assert.match(error.message, /1\.2\.3.*0\.1\.0/u);
      assert.match(error.hint ?? '', who);
    }
  });

  it('is not another program that answers with JSON', async () => {
    for (const answer of [{}, null, [], 'belay', { name: 'other', version: '1', protocol: 1 }]) {
      const error = await connecting(answer).then(() => assert.fail('connected'), refusalOf);
      assert.match(error.message, /is not Belay's platform/u);
    }
  });
});

describe('which platform is chosen', () => {
  afterEach(cleanUp);
  const team = { url: 'https://belay.example.com', credential };

  it('is what the environment names, then what was kept, then this machine’s', () => {
    const folder = tempFolder();
    assert.deepEqual(choosePlatform(folder, unnamed), { team: null, by: 'default' });
    assert.deepEqual(choosePlatform(path.join(folder, 'none', 'yet'), unnamed), { team: null, by: 'default' });
    keepPlatform(folder, team);
    assert.deepEqual(choosePlatform(folder, unnamed), { team, by: 'kept' });
    assert.deepEqual(choosePlatform(folder, { url: 'https://example.com/belay/', token: 't' }), {
      team: { url: 'https://example.com/belay', credential: 't' },
      by: 'environment',
    });
    forgetPlatform(folder);
    forgetPlatform(folder);
    assert.deepEqual(choosePlatform(folder, unnamed), { team: null, by: 'default' });
  });

  it('keeps the token where only this user reads, whatever lay there', () => {
    const folder = path.join(tempFolder(), 'state');
    mkdirSync(folder);
    writeFileSync(`${keptFile(folder)}.new`, 'left behind', { mode: 0o644 });
    keepPlatform(folder, team);
    assert.equal(statSync(keptFile(folder)).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), [path.basename(keptFile(folder))]);
    assert.ok(stateNames.includes(path.basename(keptFile(folder))), 'worker/base/stateFolder.ts names another file');
  });

  it('is refused rather than replaced by another where it cannot be followed', function () {
    const folder = tempFolder();
    keepPlatform(folder, team);
    const refused = (named = unnamed): BelayError => {
      try {
        choosePlatform(folder, named);
      } catch (error) {
        return refusalOf(error);
      }
      throw new assert.AssertionError({ message: 'chosen' });
    };
    assert.match(refused({ url: 'https://example.com', token: '' }).message, /BELAY_URL needs BELAY_TOKEN/u);
    assert.match(refused({ url: 'https://s3cret@example.com', token: credential }).message, /BELAY_URL or BELAY_TOKEN is wrong/u);
    assert.match(refused({ url: 'http://example.com', token: credential }).message, /over http/u);
    for (const text of ['', 'null', '{}', '{"url":"https://example.com"}', '{"url":"http://example.com","token":"s3cret"}', 's3cret']) {
      writeFileSync(keptFile(folder), text);
      assert.match(refused().hint ?? '', /belay use --embedded/u);
    }
    writeFileSync(keptFile(folder), JSON.stringify({ url: team.url, token: credential }));
    chmodSync(keptFile(folder), 0o644);
    if (process.platform !== 'win32') assert.match(refused().hint ?? '', /chmod 600/u);
    rmSync(keptFile(folder));
    mkdirSync(keptFile(folder));
    assert.match(refused().message, /cannot be read/u);
    assert.deepEqual(readdirSync(keptFile(folder)), []);
  });

  it('takes the token out of the environment, for no program inherits what is not there', () => {
    const env: NodeJS.ProcessEnv = { BELAY_URL: 'https://example.com', BELAY_TOKEN: credential, PATH: '/bin' };
    assert.deepEqual(takeNamedPlatform(env), { url: 'https://example.com', token: credential });
    assert.deepEqual(Object.keys(env), ['BELAY_URL', 'PATH']);
    assert.deepEqual(takeNamedPlatform({}), unnamed);
  });

  it('has no say of a workspace: nothing but these two files of the editor’s side reads it', () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    const { contributes } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      contributes: { configuration: { properties: Record<string, unknown> } };
    };
    const named = Object.keys(contributes.configuration.properties).filter((name) => /url|token|platform|address/iu.test(name));
    assert.deepEqual(named, [], 'a setting can be written into a workspace');
  });
});
