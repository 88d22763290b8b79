import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { keepPlatform } from '../../../client/chosenPlatform.ts';
import type { Log } from '../../../extension/base/log.ts';
import { PlatformLink } from '../../../extension/base/platformLink.ts';
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import { until } from '../../support/until.ts';

/** Given by who started the editor; the platform itself runs outside. */
const { TEST_TEAM_URL: url = '', TEST_TEAM_TOKEN: token = '' } = process.env;

describe('a window on a team’s platform', () => {
  let stateDir: string;
  const links: PlatformLink[] = [];
  const problems: string[] = [];
  const open = (): PlatformLink => {
    const log = { info: () => undefined, error: (text: string, error: unknown) => problems.push(`${text} ${String(error)}`) };
    const folder = vscode.extensions.getExtension('belay.belay')?.extensionPath ?? '';
    const link = new PlatformLink(stateDir, folder, '1.0.0', log as unknown as Log);
    links.push(link);
    return link;
  };

  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'belay-team-window-'));
  });
  afterEach(() => {
    for (const link of links.splice(0)) link.dispose();
    delete process.env['BELAY_URL'];
    delete process.env['BELAY_TOKEN'];
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('is there by what "belay use" kept: it reads, writes and hears of changes, and starts no platform', async () => {
    keepPlatform(stateDir, { url, credential: token });
    const link = open();
    const connection = await link.connect();
    const { api, about, address } = connection;
    assert.equal(about.mode, 'team');
    assert.deepEqual(address, { url, credential: token });
    assert.equal(link.state.state, 'online');
    const events: WorkspaceEvent[] = [];
    const stop = new AbortController();
    await connection.subscribeWorkspace((event) => events.push(event), stop.signal);
    await api.createItem({ body: { kind: 'bug', title: 'From a window' } });
    await until('the event', () => events.find(({ type }) => type === 'item.created') ?? null);
    stop.abort();
    assert.deepEqual(readdirSync(stateDir), ['connection.json']);
  });

  it('is there by the environment that the editor was started with, whose token no program inherits', async () => {
    process.env['BELAY_URL'] = `${url}/`;
    process.env['BELAY_TOKEN'] = token;
    const link = open();
    assert.equal(process.env['BELAY_TOKEN'], undefined);
    assert.equal((await link.connect()).about.mode, 'team');
    assert.deepEqual(readdirSync(stateDir), []);
  });

  it('is not on another one because of the workspace', async () => {
    const settings = vscode.workspace.getConfiguration();
    for (const name of ['belay.url', 'belay.platform.url', 'belay.token'])
      await assert.rejects(async () => settings.update(name, url, vscode.ConfigurationTarget.Workspace));
    keepPlatform(stateDir, { url, credential: `${token}x` });
    const link = open();
    await assert.rejects(link.connect(), /does not take this token/u);
    assert.equal(link.state.state, 'offline');
    assert.match(link.state.problem?.hint ?? '', /whoever runs it/u);
    assert.ok(!`${JSON.stringify(link.state)}${problems.join('')}`.includes(token));
    assert.deepEqual(readdirSync(stateDir), ['connection.json'], 'it did not fall back to a platform of this machine');
  });
});
