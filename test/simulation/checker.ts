/** The rules every run is held to. It looks at the store from outside and believes nothing it is told. */
import { createHash } from 'node:crypto';
import type { ActivityDraft } from '../../protocol/activities.ts';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { Holder } from '../../protocol/exchange.ts';
import type { WorkspaceEvent } from '../../protocol/events.ts';
import type { StoredSession } from '../../protocol/records.ts';
import { isFinal, sessionEvents, transition } from '../../protocol/states.ts';
import type { Call, Duty, PollInput, PollOutcome } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';

import { Killed } from './mortal.ts';
import { profile } from './settings.ts';

export class Violation extends Error {}

const ordinary = new Set(['claim_lost', 'session_final', 'invalid_transition', 'not_found', 'conflict']);
const endings = new Set(['complete', 'fail', 'release', 'park', 'cancelled']);
/** Every so many polls all sessions are looked at, not only those the poll speaks of. */
const everyPoll = 20;
const keyOf = (sessionId: string, rest: string | number): string => `${sessionId}#${rest}`;

export interface CheckerOptions {
  readonly keepLines: boolean;
  /** Time since the run began. */
  readonly clock: () => number;
  /** Which replica acts. */
  readonly actor: () => string;
}

export class Checker {
  staleRejected = 0;
  reclaims = 0;
  readonly lines: string[] | null;
  private readonly store: Store;
  private readonly call: () => Call;
  private readonly hash = createHash('sha256');
  private readonly granted = new Map<string, string>();
  private readonly finals = new Map<string, string>();
  private readonly ended = new Set<string>();
  private readonly sent = new Map<string, string>();
  private readonly acknowledged = new Map<string, string>();
  private readonly read = new Map<string, string[]>();
  /** Every session as it was when last looked at: what changes it without being told shows at the next look. */
  private readonly latest = new Map<string, StoredSession>();
  private polls = 0;
  /** The database's time of the last tick of any reaper. */
  private reapedAt: number | null = null;
  /** Which answer gave a request its claims. */
  private readonly requests = new Map<string, number>();
  private readonly lastWorker = new Map<string, string>();
  /** Given back or parked: the next claim goes on with the same attempt. */
  private readonly uncounted = new Set<string>();

  /** Who asked for a session under which key. */
  private readonly keys = new Map<string, string>();
  /** Readers of the workspace's events, with what they were told. */
  private readonly heard = new Map<string, string[]>();
  /** Changes of state that were seen, by session. */
  private readonly moves = new Map<string, number>();
  private readonly options: CheckerOptions;

  constructor(store: Store, call: () => Call, options: CheckerOptions) {
    this.store = store;
    this.call = call;
    this.options = options;
    this.lines = options.keepLines ? [] : null;
  }

  trace(line: string): void {
    const { clock, actor } = this.options;
    const text = `${(clock() / 1_000).toFixed(3).padStart(9)} s  ${actor()}  ${line}`;
    this.hash.update(text).update('\n');
    this.lines?.push(text);
  }

  get traceHash(): string {
    return this.hash.copy().digest('hex');
  }

  fail(rule: string, what: string): never {
    this.trace(`VIOLATION ${rule}: ${what}`);
    throw new Violation(`${rule}: ${what}`);
  }

  get sessions(): IterableIterator<string> {
    return this.latest.keys();
  }

  get count(): number {
    return this.latest.size;
  }

  /** True the first time. The same key must give the same session for ever. */
  made(key: string, id: string): boolean {
    const known = this.keys.get(key);
    if (known !== undefined && known !== id) this.fail('I4', `"${key}" made ${known} and ${id}`);
    this.keys.set(key, id);
    return known === undefined;
  }

  created(session: StoredSession): void {
    this.trace(`created ${session.id} ${session.execution} ${session.state}`);
    this.latest.set(session.id, session);
  }

  /** Looks at a session and checks what became of it since the last look. */
  private async look(label: string, id: string): Promise<StoredSession> {
    const after = await this.store.getSession(this.call(), id);
    const before = this.known(id);
    this.common(label, before, after);
    if (before.state !== after.state) this.moves.set(id, (this.moves.get(id) ?? 0) + 1);
    this.latest.set(id, after);
    return after;
  }

  known(id: string): StoredSession {
    const session = this.latest.get(id);
    return session ?? this.fail('unexpected', `nobody made ${id}`);
  }

  /** A write of somebody who says they hold the session. */
  async holderWrite<T>(name: string, sessionId: string, holder: Holder, write: () => Promise<T>): Promise<T> {
    const before = this.known(sessionId);
    const current = before.claim?.fence === holder.fence && before.claim.instanceId === holder.instanceId;
    const ending = keyOf(sessionId, `${holder.fence}/${holder.instanceId}/${name}`);
    const label = `${name} ${sessionId} fence ${holder.fence} ${holder.instanceId}`;
    const events = await this.store.lastEvent(this.call());
    try {
      const value = await write();
      const after = await this.look(label, sessionId);
      await this.onlyOf(label, sessionId, events);
      this.trace(`${label} ok ${after.state}`);
      if (!current) {
        if (name !== 'append' && name !== 'deliver' && name !== 'message' && name !== 'ask' && !this.ended.has(ending))
          this.fail('I2', `${label} was accepted from who does not hold it`);
        this.unchanged(label, before, after);
      } else {
        this.ended.add(ending);
        if (name === 'release' || name === 'park') this.uncounted.add(sessionId);
      }
      return value;
    } catch (error) {
      this.expected(label, error);
      this.unchanged(label, before, await this.look(label, sessionId));
      if (error instanceof Killed) throw error;
      if (endings.has(name) && this.ended.has(ending)) this.fail('I2', `${label} was accepted before, and is refused now`);
      const due = isFinal(before.state) ? 'session_final' : 'claim_lost';
      if (!current && isBelayError(error) && error.code !== due) this.fail('I2', `${label} got ${error.code} where ${due} was due`);
      if (!current) this.staleRejected += 1;
      throw error;
    }
  }

  /** A write tells of its own session, a few times at most, and of nothing else. */
  private async onlyOf(label: string, sessionId: string, before: number): Promise<void> {
    const events = await this.store.eventsAfter(this.call(), before, 10);
    const others = events.filter((event) => event.sessionId !== sessionId);
    if (others.length > 0 || events.length > 3)
      this.fail('I9', `${label} made ${events.length} events, ${others.length} of them about something else`);
  }

  /** What people do to one session. */
  async change<T>(label: string, id: string, work: () => Promise<T>): Promise<T> {
    const before = this.known(id);
    try {
      return await work();
    } catch (error) {
      this.expected(label, error);
      if (error instanceof Killed) this.unchanged(label, before, await this.look(label, id));
      throw error;
    } finally {
      const after = await this.look(label, id);
      if (before.state !== after.state) this.trace(`${label}: ${id} ${before.state} → ${after.state}`);
    }
  }

  private duty(): Duty {
    const { now, caller } = this.call();
    return { now, workspaceId: caller.workspaceId };
  }

  async reap(): Promise<void> {
    const done = await this.store.reap(this.duty()).catch(async (error: unknown) => {
      this.expected('reaper', error);
      for (const id of this.unfinished) this.unchanged('reaper', this.known(id), await this.look('reaper', id));
      throw error;
    });
    const { now } = this.call();
    const away = this.reapedAt !== null && now - this.reapedAt > 2 * profile.reap;
    if (away && done.lost > 0) this.fail('I7', `the reaper was away since ${this.reapedAt} and judged ${done.lost} leases at once`);
    this.reapedAt = now;
    if (Object.values(done).every((count: number) => count === 0)) return;
    this.trace(`reaper ${JSON.stringify(done)}`);
    for (const id of this.unfinished) {
      const before = this.known(id);
      const after = await this.look('reaper', id);
      if (before.claim && !after.claim && before.claim.leaseEnd > now - profile.grace)
        this.fail('I7', `the reaper ended the lease of ${id} before its time`);
      if (before.state !== after.state) this.trace(`reaper: ${id} ${before.state} → ${after.state}`);
    }
  }

  async poll(input: PollInput): Promise<PollOutcome> {
    const label = `poll ${input.instanceId} ${input.requestId}`;
    let outcome: PollOutcome;
    try {
      outcome = await this.store.poll(this.call(), input);
    } catch (error) {
      this.expected(label, error);
      throw error;
    }
    const touched = new Set<string>();
    const leaseEnd = this.call().now + profile.lease;
    for (const { sessionId, fence, leaseEnd: end } of outcome.renewed) {
      const { claim } = this.known(sessionId);
      if (end !== leaseEnd) this.fail('I1', `${label} holds ${sessionId} until ${end}, not until ${leaseEnd}`);
      if (claim?.fence !== fence || claim.instanceId !== input.instanceId)
        this.fail('I2', `${label} renewed ${sessionId} for who does not hold it`);
      touched.add(sessionId);
    }
    for (const { session, fence } of outcome.claims) {
      this.grant(label, input, this.known(session.id), session, fence);
      touched.add(session.id);
    }
    for (const { sessionId: id, code } of outcome.lost)
      if (code !== (isFinal(this.known(id).state) ? 'session_final' : 'claim_lost')) this.fail('I2', `${label} got ${code} for ${id}`);
    for (const id of touched) await this.look(label, id);
    await this.told(label, input, outcome);
    this.polls += 1;
    const others = this.polls % everyPoll === 0 ? [...this.sessions] : outcome.lost.map((one) => one.sessionId);
    for (const id of others) if (!touched.has(id)) this.unchanged(label, this.known(id), await this.look(label, id));
    this.staleRejected += outcome.lost.length;
    const named = (what: string, all: readonly string[]): string => (all.length === 0 ? '' : ` ${what} ${all.join(',')}`);
    const said = [
      named(
        'renewed',
        outcome.renewed.map(({ sessionId, fence }) => `${sessionId}#${fence}`),
      ),
      named(
        'lost',
        outcome.lost.map(({ sessionId, fence }) => `${sessionId}#${fence}`),
      ),
      named(
        'got',
        outcome.claims.map(({ session, fence }) => `${session.id}#${fence}`),
      ),
      named(
        'is to cancel',
        outcome.cancels.map(({ sessionId }) => sessionId),
      ),
      named(
        'is answered in',
        outcome.answers.map(({ sessionId }) => sessionId),
      ),
      named(
        'is told in',
        outcome.messages.map(({ sessionId }) => sessionId),
      ),
    ].join('');
    this.trace(`${label}${said === '' ? ': nothing' : said}`);
    return outcome;
  }

  /** Who holds a session learns of its cancellation, of answers and of messages with every poll. */
  private async told(label: string, input: PollInput, outcome: PollOutcome): Promise<void> {
    const lost = new Set(outcome.lost.map((one) => one.sessionId));
    for (const { sessionId: id } of [...input.renewals, ...input.watch]) {
      if (lost.has(id)) continue;
      const { cancelRequestedAt, openInputs, state } = this.known(id);
      if (cancelRequestedAt !== null && !outcome.cancels.some((one) => one.sessionId === id))
        this.fail('I8', `${label} was not told that ${id} is to be cancelled`);
      if (state === 'awaiting_input' && openInputs === 0) {
        const inputs = (await this.store.listInputs(this.call(), { session: id, state: ['answered', 'expired'] })).entries;
        for (const one of inputs)
          if (one.deliveredAt === null && !outcome.answers.some((answer) => answer.id === one.id))
            this.fail('I8', `${label} was not told the answer ${one.id}`);
      }
    }
  }

  private grant(label: string, input: PollInput, before: StoredSession, session: StoredSession, fence: number): void {
    const name = keyOf(session.id, fence);
    const known = this.granted.get(name);
    if (known !== undefined) {
      if (known !== `${input.instanceId}/${input.requestId}`) this.fail('I1', `${name} was given to ${known} and to ${label}`);
      if (before.claim?.fence !== fence) this.fail('I3', `${label} got ${name} again after it was lost`);
      return;
    }
    if (session.claim?.leaseEnd !== this.call().now + profile.lease)
      this.fail('I1', `${label} got ${name} until ${session.claim?.leaseEnd ?? 'never'}`);
    if (isFinal(before.state)) this.fail('I6', `${label} claimed ${name}, which had ended`);
    const again = before.state === 'stale';
    if (again) {
      this.reclaims += 1;
      if (!input.reclaim.includes(session.id)) this.fail('I1', `${label} got the stale ${name} without asking for it`);
    } else if (before.state !== 'queued') this.fail('I1', `${label} got ${name}, which was ${before.state}`);
    if (before.cancelRequestedAt !== null) this.fail('I8', `${label} got ${name} after its cancellation was asked for`);
    if (fence <= before.fence) this.fail('I1', `${label}: the fence of ${session.id} went from ${before.fence} to ${fence}`);
    if (before.repositoryId !== null && !again && !input.repositoryIds.includes(before.repositoryId))
      this.fail('I1', `${label} got ${name} without its repository`);
    if (session.attempt > session.maxAttempts && !again)
      this.fail('I7', `${name} began attempt ${session.attempt} of ${session.maxAttempts}`);
    const counts = again || this.uncounted.delete(session.id) ? 0 : 1;
    if (session.attempt !== before.attempt + counts)
      this.fail('I7', `${label}: attempt of ${session.id} went from ${before.attempt} to ${session.attempt}`);
    if (again && this.lastWorker.get(session.id) !== input.workerId) this.fail('I1', `${label} got the stale ${name} of another machine`);
    const request = `${input.instanceId}/${input.requestId}`;
    const given = this.requests.get(request);
    if (given !== undefined && given !== this.polls) this.fail('I1', `${label} was answered before, and got ${name} now`);
    this.requests.set(request, this.polls);
    this.lastWorker.set(session.id, input.workerId);
    this.granted.set(name, request);
  }

  sending(sessionId: string, drafts: readonly ActivityDraft[]): void {
    for (const draft of drafts) this.sent.set(keyOf(sessionId, draft.key), JSON.stringify(draft.body));
  }

  acknowledge(sessionId: string, drafts: readonly ActivityDraft[]): void {
    for (const draft of drafts) this.acknowledged.set(keyOf(sessionId, draft.key), sessionId);
  }

  /** A reader that fetches from where it stands must see every activity once, in order. */
  async readOn(sessionId: string, limit: number): Promise<void> {
    const seen = this.read.get(sessionId) ?? [];
    if (seen.length === this.known(sessionId).lastSeq) return;
    const { entries } = await this.store.listActivities(this.call(), sessionId, { after: seen.length, limit });
    for (const entry of entries) {
      if (entry.seq !== seen.length + 1) this.fail('I4', `a reader of ${sessionId} at ${seen.length} was given number ${entry.seq}`);
      seen.push(JSON.stringify(entry));
    }
    this.read.set(sessionId, seen);
  }

  eventsSeen(reader: string): number {
    return this.heard.get(reader)?.length ?? 0;
  }

  /** What a reader that stood where it was last was given next. */
  heardEvents(reader: string, events: readonly WorkspaceEvent[]): void {
    const seen = this.heard.get(reader) ?? [];
    this.heard.set(reader, seen);
    for (const event of events) {
      if (event.n !== seen.length + 1) this.fail('I9', `${reader} stood at event ${seen.length} and was given ${event.n}`);
      seen.push(JSON.stringify(event));
    }
  }

  /** The workspace's events, read in one go, are what every reader was given piece by piece, and tell of every change. */
  private async eventsAtEnd(): Promise<void> {
    const all: WorkspaceEvent[] = [];
    for (;;) {
      const events = await this.store.eventsAfter(this.call(), all.length, 500);
      if (events.length === 0) break;
      for (const event of events) {
        if (event.n !== all.length + 1) this.fail('I9', `event ${event.n} stands where ${all.length + 1} was due`);
        all.push(event);
      }
    }
    const last = await this.store.lastEvent(this.call());
    if (last !== all.length) this.fail('I9', `the workspace counts ${last} events and has ${all.length}`);
    const lines = all.map((event) => JSON.stringify(event));
    for (const [reader, seen] of this.heard)
      if (seen.some((line, index) => line !== lines[index])) this.fail('I9', `${reader} was given other events than there are`);
    for (const id of this.sessions) {
      const own = all.filter((event) => event.sessionId === id);
      if (own.filter(({ type }) => type === 'session.created').length !== 1) this.fail('I9', `${id} was not announced once`);
      if (own.length - 1 < (this.moves.get(id) ?? 0))
        this.fail('I9', `${id} moved ${this.moves.get(id)} times, and events tell of ${own.length - 1}`);
    }
  }

  async atEnd(): Promise<void> {
    const { total } = await this.store.listSessions(this.call(), { limit: 1 });
    if (total !== this.count) this.fail('I4', `${this.count} sessions were asked for, and there are ${total}`);
    await this.eventsAtEnd();
    for (const id of this.sessions) {
      await this.look('end', id);
      await this.readOn(id, 500);
      const { entries, lastSeq } = await this.store.listActivities(this.call(), id, {});
      const late = (await this.store.listLateActivities(this.call(), id, {})).entries;
      if (entries.length !== lastSeq) this.fail('I4', `${id} counts ${lastSeq} activities and has ${entries.length}`);
      const keys = new Set<string>();
      let fence = 0;
      for (const [index, entry] of entries.entries()) {
        if (entry.seq !== index + 1) this.fail('I4', `${id} has a gap at number ${index + 1}`);
        if (entry.fence < fence) this.fail('I5', `${id}: fence ${entry.fence} after ${fence} at number ${entry.seq}`);
        if (keys.has(entry.key)) this.fail('I4', `${id} has ${entry.key} twice`);
        const sent = this.sent.get(keyOf(id, entry.key));
        if (!entry.key.startsWith('platform/') && sent !== JSON.stringify(entry.body))
          this.fail('I4', `${id}: ${entry.key} is not what was sent`);
        if (entry.fence > 0 && !this.granted.has(keyOf(id, entry.fence))) this.fail('I3', `${id}: ${entry.key} came before its claim`);
        fence = entry.fence;
        keys.add(entry.key);
      }
      for (const entry of late) {
        if (keys.has(entry.key)) this.fail('I4', `${id} has ${entry.key} in the log and beside it`);
        keys.add(entry.key);
      }
      for (const [name, of] of this.acknowledged)
        if (of === id && !keys.has(name.slice(id.length + 1))) this.fail('I4', `${name} was acknowledged and is nowhere`);
      const read = this.read.get(id) ?? [];
      if (read.length !== entries.length || read.some((line, index) => line !== JSON.stringify(entries[index])))
        this.fail('I4', `a reader of ${id} was given other activities than there are`);
    }
  }

  private unchanged(label: string, before: StoredSession, after: StoredSession): void {
    if (JSON.stringify(before) !== JSON.stringify(after)) this.fail('I2', `${label} changed ${before.id}`);
  }

  private common(label: string, before: StoredSession, after: StoredSession): void {
    if (after.fence < before.fence) this.fail('I1', `${label}: the fence of ${after.id} went back`);
    const known = this.finals.get(after.id);
    const bytes = JSON.stringify(after);
    if (known !== undefined && known !== bytes) this.fail('I6', `${label} changed ${after.id}, which had ended`);
    if (isFinal(after.state)) {
      this.finals.set(after.id, bytes);
      if (after.claim) this.fail('I1', `${after.id} is ${after.state} and still held`);
      if (after.openInputs > 0) this.fail('I6', `${after.id} has ended with an open question`);
    }
    if (before.state !== after.state && !reachable(before, after))
      this.fail('states', `${label}: ${after.id} went from ${before.state} to ${after.state}`);
  }

  get unfinished(): string[] {
    return [...this.sessions].filter((id) => !this.finals.has(id));
  }

  private expected(label: string, error: unknown): void {
    if (error instanceof Violation) throw error;
    if (error instanceof Killed) {
      this.trace(`${label}: ${error.message}`);
      return;
    }
    if (!isBelayError(error) || !ordinary.has(error.code)) this.fail('unexpected', `${label}: ${messageOf(error)}`);
    this.trace(`${label} refused ${error.code}`);
  }
}

type Standing = Pick<StoredSession, 'state' | 'claim'>;

/** One operation may take up to three steps of the table (park and unpark; requeue, expire). */
function reachable(before: Standing, after: Standing): boolean {
  let reached = [{ state: before.state, held: before.claim !== null }];
  for (let steps = 0; steps < 3; steps++) {
    reached = reached.flatMap((standing) => sessionEvents.flatMap((event) => transition(standing, event) ?? []));
    if (reached.some((standing) => standing.state === after.state && standing.held === (after.claim !== null))) return true;
    reached = reached.filter((one, i) => reached.findIndex((other) => other.state === one.state && other.held === one.held) === i);
  }
  return false;
}
