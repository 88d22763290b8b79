/**
 * A worker in a process of its own, so that it can be killed and stopped. It claims, reports in batches, ends, and
 * stops writing in time. A careless one ignores the clock and what it is told, as a broken worker would: the
 * platform must refuse it. Its options come as JSON in argv.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import type { ClaimGrant, PollReply } from '../../protocol/exchange.ts';
import type { SessionResult } from '../../protocol/records.ts';
import { leaseProfiles } from '../../protocol/states.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { now, Recorder } from './history.ts';
import { platformLinks } from './platformLink.ts';

export interface WorkerOptions {
  readonly name: string;
  readonly boot: number;
  readonly sockets: readonly string[];
  readonly token: string;
  readonly history: string;
  readonly agentId: string;
  readonly capacity: number;
  readonly careless: boolean;
  /** Between two reports. */
  readonly thinkMs: number;
}

interface Run {
  readonly session: string;
  readonly fence: number;
  readonly title: string;
  readonly claimToken: string;
  /** When the last renewal that got through was sent. */
  good: number;
  cancelling: boolean;
  lost: boolean;
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions;
const profile = leaseProfiles.fast;
const instance = `${options.name}.${options.boot}`;
const recorder = new Recorder(options.history, instance);
const links = platformLinks(options.sockets, options.token);
const runs = new Map<string, Run>();
const batches = 3;
const holdMs = 1_000;
const pauseMs = 200;
const result: SessionResult = {
  outcome: 'no_changes',
  summary: 'done',
  baseCommit: null,
  headCommit: null,
  ref: null,
  agentCommits: 0,
  files: [],
  heldBack: [],
  added: 0,
  deleted: 0,
  checks: [],
};

let turn = options.boot;
const api = (): BelayApi => links[turn % links.length]!.api;
/** Another replica, next time. */
const elsewhere = (): void => {
  turn += 1;
};

/** True when this worker must not write for `run` any more. */
const mustStop = (run: Run): boolean => !options.careless && (run.lost || now() - run.good > profile.stop);

async function register(): Promise<string> {
  const { name, agentId, capacity } = options;
  const body = { machine: name, execution: 'cloud', agentIds: [agentId], capacity, instanceId: instance, program: 'chaos', version: '1' };
  for (;;) {
    try {
      return (await api().ensureWorker({ body: { ...body, execution: 'cloud' }, timeoutMs: profile.timeout })).id;
    } catch (error) {
      if (!isBelayError(error, 'unavailable')) throw error;
      elsewhere();
      await sleep(pauseMs);
    }
  }
}

interface Wish {
  readonly requestId: string;
  readonly capacity: number;
  readonly renewals: readonly { readonly sessionId: string; readonly fence: number }[];
  readonly waitMs: number;
}

const outputOf = (reply: PollReply): unknown => ({
  claims: reply.claims.map(({ session, fence }) => ({ session: session.id, fence })),
  renewed: reply.renewed.map(({ sessionId, fence }) => ({ session: sessionId, fence })),
  lost: reply.lost.map(({ sessionId, fence, code }) => ({ session: sessionId, fence, code })),
  cancels: reply.cancels.map(({ sessionId }) => sessionId),
});

/** The same request until it is answered, at one replica after another. */
async function poll(workerId: string, wish: Wish): Promise<PollReply> {
  for (;;) {
    const sentAt = now();
    try {
      const body = { workerId, instanceId: instance, ...wish, renewals: [...wish.renewals] };
      const timeoutMs = wish.waitMs + profile.timeout;
      const input = { instance, request: wish.requestId, capacity: wish.capacity, renewals: wish.renewals };
      const reply = await recorder.operation('poll', null, input, () => api().poll({ body, timeoutMs }), outputOf);
      hear(reply, sentAt);
      return reply;
    } catch (error) {
      if (!isBelayError(error, 'unavailable')) throw error;
      elsewhere();
      await sleep(pauseMs);
    }
  }
}

function hear(reply: PollReply, sentAt: number): void {
  for (const { sessionId, fence } of reply.renewed) {
    const run = runs.get(sessionId);
    if (run?.fence === fence) run.good = Math.max(run.good, sentAt);
  }
  for (const { sessionId, fence } of reply.lost) {
    const run = runs.get(sessionId);
    if (run?.fence === fence) run.lost = true;
  }
  for (const { sessionId } of reply.cancels) {
    const run = runs.get(sessionId);
    if (run) run.cancelling = true;
  }
  for (const grant of reply.claims) begin(grant, sentAt);
}

function begin({ session, fence, claimToken }: ClaimGrant, sentAt: number): void {
  if ((runs.get(session.id)?.fence ?? 0) >= fence) return;
  const run: Run = { session: session.id, fence, title: session.title, claimToken, good: sentAt, cancelling: false, lost: false };
  runs.set(session.id, run);
  recorder.note('start', session.id, { instance, fence });
  void work(run)
    .catch((error: unknown) => {
      // Refused for good: somebody else has it, or it has ended.
      if (!isBelayError(error)) throw error;
      recorder.note('stop', run.session, { instance, fence, code: error.code });
    })
    .finally(() => {
      if (runs.get(run.session) === run) runs.delete(run.session);
    });
}

/** Sends until it is answered. Throws the refusal, or `claim_lost` when this worker must stop by itself. */
async function write<T>(run: Run, f: string, input: object, send: () => Promise<T>, output: (reply: T) => unknown): Promise<T> {
  for (;;) {
    if (mustStop(run)) throw new BelayError('claim_lost', 'The lease is nearly over.');
    try {
      return await recorder.operation(f, run.session, { instance, fence: run.fence, ...input }, send, output);
    } catch (error) {
      if (!isBelayError(error, 'unavailable')) throw error;
      elsewhere();
      await sleep(pauseMs);
    }
  }
}

async function work(run: Run): Promise<void> {
  const { session, fence, claimToken } = run;
  const params = { id: session };
  const holder = { instanceId: instance, fence };
  let written = 0;
  for (let batch = 0; batch < batches && !run.cancelling; batch++) {
    await sleep(options.thinkMs);
    const activities = Array.from({ length: 1 + (batch % 2) }, () => {
      const key = `${fence}.${(written += 1)}`;
      return { key, at: 1, kind: 'progress', body: { type: 'message', text: `${session} ${key}` } } as const;
    });
    const { late } = await write(
      run,
      'append',
      { activities: activities.map(({ key, body }) => ({ key, text: body.text })) },
      () => api().appendActivities({ params, claimToken, timeoutMs: profile.timeout, body: { holder, activities: [...activities] } }),
      (reply) => reply,
    );
    if (late > 0 && !options.careless) throw new BelayError('claim_lost', 'What was reported came late.');
  }
  await finish(run);
}

function finish(run: Run): Promise<unknown> {
  const { session, fence, claimToken } = run;
  const holder = { instanceId: instance, fence };
  const call = { params: { id: session }, claimToken, timeoutMs: profile.timeout };
  const state = ({ session: { state: ended } }: { session: { state: string } }): unknown => ({ state: ended });
  const kind = Number(/\d+/.exec(run.title)?.[0] ?? 0) % 10;
  if (run.cancelling)
    return write(
      run,
      'cancelled',
      {},
      () => api().cancelled({ ...call, body: { holder, text: 'stopped', result: null, usage: null } }),
      state,
    );
  if (kind === 3 && fence === 1)
    return write(run, 'release', {}, () => api().release({ ...call, body: { holder, reason: 'not now', notBeforeMs: null } }), state);
  if (kind === 7) {
    const error = { code: 'agent_failed', message: 'it did not work', hint: null };
    return write(run, 'fail', {}, () => api().fail({ ...call, body: { holder, error, usage: null, result: null } }), state);
  }
  return write(run, 'complete', {}, () => api().complete({ ...call, body: { holder, result, usage: null } }), state);
}

async function renewing(workerId: string): Promise<never> {
  for (let n = 1; ; n++) {
    await sleep(profile.renew / 2);
    const renewals = [...runs.values()].map(({ session, fence }) => ({ sessionId: session, fence }));
    if (renewals.length > 0) await poll(workerId, { requestId: `${instance}-r${n}`, capacity: 0, renewals, waitMs: 0 });
  }
}

async function claiming(workerId: string): Promise<never> {
  for (let n = 1; ; n++) {
    while (runs.size >= options.capacity) await sleep(5);
    await poll(workerId, { requestId: `${instance}-c${n}`, capacity: options.capacity - runs.size, renewals: [], waitMs: holdMs });
  }
}

process.on('disconnect', () => {
  process.exit(0);
});
const workerId = await register();
process.send?.('ready');
await Promise.all([renewing(workerId), claiming(workerId)]);
