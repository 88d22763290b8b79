/** The built platform, and clients of it in folders of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Connection } from '../../../client/connection.ts';
import { connectEmbedded, type ConnectOptions } from '../../../client/embedded.ts';
import { fileOf, ready } from '../../support/programs.ts';
import { until as eventually } from '../../support/until.ts';

const folders: string[] = [];
const connections: Connection[] = [];

export function tempFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-client-'));
  folders.push(folder);
  return folder;
}

export async function connect(stateDir: string, over: Partial<ConnectOptions> = {}): Promise<Connection> {
  await ready('platform');
  const connection = await connectEmbedded({
    stateDir,
    program: 'test',
    version: '0.0.1',
    platformBundle: fileOf('platform'),
    leaseProfile: 'fast',
    ...over,
  });
  connections.push(connection);
  return connection;
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until `condition` holds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(what, async () => ((await condition()) ? true : null));
}

/** Ends the platforms of this test's connections, waits for them, removes the folders. */
export async function cleanUp(): Promise<void> {
  const pids = new Set(connections.map((connection) => connection.about.pid));
  for (const connection of connections.splice(0)) connection.close();
  for (const pid of pids) if (alive(pid)) process.kill(pid, 'SIGTERM');
  for (const pid of pids) await until(`${pid} has ended`, () => !alive(pid));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
