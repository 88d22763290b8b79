/**
 * `npm run -s bench:activities`: activities over HTTP on a team's platform over a real PostgreSQL with durable commits,
 * reported to one replica and read at another. First as fast as they are taken, in batches of 50; then at a steady rate,
 * for the time from being sent to being seen. Medians of the rounds. Prints one JSON object as its last line.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { claimTokenHeader, type ClaimGrant } from '../../protocol/exchange.ts';
import { routes } from '../../protocol/routes.ts';
import { Platforms, type Platform } from '../support/platforms.ts';
import { readStream, type Reader } from '../support/reader.ts';
import { result } from '../store/fixture.ts';
import { median, percentile } from './figures.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** Activities per second in the steady part. */
    rate: { type: 'string', default: '3500' },
  },
});
const [rounds, seconds, rate] = [Number(values.rounds), Number(values.seconds), Number(values.rate)];
const sessions = 8;
const batch = 50;
const text = 'A line of what an agent says it does, about as long as such lines are. '.repeat(2);

interface Held {
  readonly grant: ClaimGrant;
  readonly instanceId: string;
  sent: number;
}

async function hold(platform: Platform): Promise<Held[]> {
  const { api } = platform;
  const agent = await api.ensureAgent({ body: { slug: 'a', name: 'A', execution: 'cloud', driver: 'd' } });
  const instanceId = randomUUID();
  const body = { machine: randomUUID(), execution: 'cloud' as const, agentIds: [agent.id], capacity: sessions, instanceId };
  const worker = await api.ensureWorker({ body: { ...body, program: 'bench', version: '1' } });
  for (let made = 0; made < sessions; made++)
    await api.createSession({
      body: {
        itemId: null,
        title: 't',
        agentId: agent.id,
        mode: 'code',
        repositoryId: null,
        prompt: { kind: 'sections', sections: [] },
        folder: '',
      },
    });
  const poll = { workerId: worker.id, instanceId, requestId: randomUUID(), capacity: sessions, waitMs: 0 };
  const { claims } = await api.poll({ body: poll });
  return claims.map((grant) => ({ grant, instanceId, sent: 0 }));
}

/** One batch; throws when it is not taken whole. */
async function report(platform: Platform, held: Held): Promise<void> {
  const { grant, instanceId } = held;
  const at = Date.now();
  const activities = Array.from({ length: batch }, () => ({
    key: `k${(held.sent += 1)}`,
    at,
    kind: 'progress' as const,
    body: { type: 'message' as const, text },
  }));
  const got = await platform.send({
    method: 'POST',
    path: routes.appendActivities.path.replace(':id', grant.session.id),
    headers: { 'content-type': 'application/json', [claimTokenHeader]: grant.claimToken },
    body: JSON.stringify({ holder: { instanceId, fence: grant.fence }, activities }),
  });
  if (got.status !== 200) throw new Error(`${got.status}: ${got.body}`);
}

/** Ends them, so that no later claim finds them again. */
async function finish(platform: Platform, all: readonly Held[]): Promise<void> {
  for (const { grant, instanceId } of all)
    await platform.api.complete({
      params: { id: grant.session.id },
      claimToken: grant.claimToken,
      body: { holder: { instanceId, fence: grant.fence }, result, usage: null },
    });
}

const readers = (platform: Platform, all: readonly Held[]): Promise<Reader[]> =>
  Promise.all(all.map(({ grant }) => readStream(platform, routes.sessionEvents.path.replace(':id', grant.session.id))));

/** Activities per second, as fast as they are taken. */
async function fastest(platform: Platform, all: readonly Held[]): Promise<number> {
  const started = performance.now();
  const before = all.reduce((sum, { sent }) => sum + sent, 0);
  await Promise.all(
    all.map(async (held) => {
      while (performance.now() - started < seconds * 1_000) await report(platform, held);
    }),
  );
  return ((all.reduce((sum, { sent }) => sum + sent, 0) - before) * 1_000) / (performance.now() - started);
}

/** From sent to seen, in ms, at a steady rate. */
async function steady(platform: Platform, all: readonly Held[], reading: readonly Reader[]): Promise<number[]> {
  const from = reading.map(({ seen }) => seen.length);
  const started = performance.now();
  const everyMs = (batch * 1_000) / rate;
  const open: Promise<void>[] = [];
  for (let turn = 0; turn * everyMs < seconds * 1_000; turn++) {
    const held = all[turn % all.length];
    if (held) open.push(report(platform, held));
    await sleep(Math.max(0, started + (turn + 1) * everyMs - performance.now()));
  }
  await Promise.all(open);
  await Promise.all(reading.map((reader, index) => reader.until(all[index]?.sent ?? 0)));
  return reading.flatMap(({ seen }, index) => seen.slice(from[index]).map(({ data, cameAt }) => cameAt - (data.at ?? cameAt)));
}

const platforms = new Platforms({ durable: true });
try {
  const database = await platforms.database();
  const limits = ['--limit-work', '0', '--limit-writes', '0', '--limit-reads', '0', '--log-requests', 'none'];
  const [a, b] = [await platforms.team(database, ...limits), await platforms.team(database, ...limits)];
  const accepted: number[] = [];
  const p95: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = await hold(a);
    accepted.push(await fastest(a, first));
    await finish(a, first);
    const all = await hold(a);
    const reading = await readers(b, all);
    p95.push(percentile(await steady(a, all, reading), 95));
    for (const reader of reading) reader.stop();
    await finish(a, all);
    console.log(JSON.stringify({ acceptedPerS: Math.round(accepted.at(-1) ?? 0), readerP95Ms: p95.at(-1) }));
  }
  console.log(JSON.stringify({ acceptedPerS: Math.round(median(accepted)), readerP95Ms: median(p95), steadyPerS: rate, sessions, batch }));
} finally {
  await platforms.end();
}
