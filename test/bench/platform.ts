/**
 * The embedded platform's figures; run by itself, they are its last line, as JSON. From the start of the process to its first answer, memory
 * after work, and from sending a session to the claim's reply through a held poll. Medians, over the real socket.
 */
import { readFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../../client/connection.ts';
import { connectEmbedded } from '../../client/embedded.ts';

const starts = 9;
const claims = 60;
const bundle = path.resolve(import.meta.dirname, '../../dist/platform.mjs');

export interface PlatformFigures {
  readonly platformStartMs: number;
  readonly platformRssMb: number;
  readonly claimReplyMs: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const round = (value: number): number => Math.round(value * 10) / 10;

const connect = (folder: string): Promise<Connection> =>
  connectEmbedded({ stateDir: folder, program: 'bench', version: '0.0.1', platformBundle: bundle, nodePath: process.execPath });

async function end(connection: Connection): Promise<void> {
  const { pid } = connection.about;
  connection.close();
  process.kill(pid, 'SIGTERM');
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function startMs(folder: string): Promise<number> {
  const began = performance.now();
  const connection = await connect(folder);
  const took = performance.now() - began;
  await end(connection);
  return took;
}

/** Where the system does not say, NaN. */
function rssMb(pid: number): number {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return NaN;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]) / 1024;
}

async function work(connection: Connection): Promise<number[]> {
  const { api } = connection;
  const agent = await api.ensureAgent({ body: { slug: 'bench', name: 'Bench', execution: 'local', driver: 'bench' } });
  const worker = await api.ensureWorker({
    body: { machine: 'bench', execution: 'local', agentIds: [agent.id], capacity: 1, instanceId: 'bench', program: 'bench', version: '1' },
  });
  const took: number[] = [];
  for (let i = 0; i < claims; i++) {
    const held = api
      .poll({ body: { workerId: worker.id, instanceId: 'bench', requestId: `r${i}`, capacity: 1, waitMs: 20_000 } })
      .then((reply) => ({ reply, at: performance.now() }));
    // An answered request after the poll was sent: the poll is being held by now.
    await api.about();
    const began = performance.now();
    const session = await api.createSession({
      body: {
        itemId: null,
        title: `t${i}`,
        agentId: agent.id,
        mode: 'code',
        repositoryId: null,
        prompt: { kind: 'sections', sections: [] },
        folder: '',
      },
    });
    const { reply, at } = await held;
    took.push(at - began);
    const grant = reply.claims[0];
    if (grant?.session.id !== session.id) throw new Error('The poll was answered with something else.');
    await api.fail({
      params: { id: session.id },
      claimToken: grant.claimToken,
      body: {
        holder: { instanceId: 'bench', fence: grant.fence },
        error: { code: 'bench', message: '', hint: null },
        usage: null,
        result: null,
      },
    });
  }
  return took;
}

/** Measures the built platform. Throws when there is none. */
export async function measurePlatform(): Promise<PlatformFigures> {
  if (!existsSync(bundle)) throw new Error('Build first: npm run build.');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-bench-'));
  try {
    const startTimes: number[] = [];
    for (let i = 0; i < starts; i++) startTimes.push(await startMs(folder));
    const connection = await connect(folder);
    const claimTimes = await work(connection);
    const memory = rssMb(connection.about.pid);
    await end(connection);
    return { platformStartMs: Math.round(median(startTimes)), platformRssMb: round(memory), claimReplyMs: round(median(claimTimes)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await measurePlatform()));
