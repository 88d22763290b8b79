/** Holds the recorded history against what was stored and against the model. */
import { linearize, type TimedStep } from './linearizable.ts';
import { operationsOf, type HistoryEvent, type Operation } from './history.ts';
import { seen, type Reply } from './sessionModel.ts';

export interface StoredSession {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly fence: number;
  readonly lastSeq: number;
  readonly errorCode: string | null;
}
export interface StoredClaim {
  readonly session: string;
  readonly fence: number;
  readonly instance: string;
  readonly request: string;
  /** Null: it lives. */
  readonly endedBy: string | null;
}
export interface StoredActivity {
  readonly session: string;
  /** Null: kept aside, because it came late. */
  readonly seq: number | null;
  readonly fence: number;
  readonly key: string;
  readonly text: string | null;
}
export interface Evidence {
  readonly events: readonly HistoryEvent[];
  readonly sessions: readonly StoredSession[];
  readonly claims: readonly StoredClaim[];
  readonly activities: readonly StoredActivity[];
  /** Numbers of the workspace's events, as one more reader finds them at the end. */
  readonly eventNumbers: readonly number[];
}

const rules = [
  'staleAccepted',
  'liveFences',
  'ackedLost',
  'gaps',
  'duplicated',
  'altered',
  'readerMissed',
  'finalChanged',
  'unfinished',
  'startedBeforeClaim',
  'nonLinearizable',
  'undecided',
  'unexpected',
] as const;
export type Rule = (typeof rules)[number];
export interface Verdict {
  readonly counts: Record<Rule, number>;
  readonly leasesEnded: number;
  readonly staleRefused: number;
  readonly lateKept: number;
  readonly findings: readonly string[];
}

const finals = new Set(['complete', 'error', 'cancelled']);
const finalEndings: Record<string, string> = {
  complete: 'complete',
  fail: 'error',
  cancelled: 'cancelled',
  lease_ended_cancelling: 'cancelled',
};

interface HolderInput {
  readonly instance: string;
  readonly fence: number;
  readonly activities?: readonly { readonly key: string; readonly text: string }[];
}
interface PollInput {
  readonly instance: string;
  readonly request: string;
}
interface Named {
  readonly session: string;
  readonly fence: number;
}
interface PollOutput {
  readonly claims: readonly Named[];
  readonly renewed: readonly Named[];
  readonly lost: readonly (Named & { readonly code: string })[];
}

const holderOf = ({ instance, fence }: { instance: string; fence: number }): string => `${instance}/${fence}`;
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

export function check(evidence: Evidence): Verdict {
  const checker = new Check(evidence);
  checker.run();
  const { counts, staleRefused, lateKept, findings } = checker;
  const leasesEnded = evidence.claims.filter(({ endedBy }) => endedBy?.startsWith('lease_ended')).length;
  return { counts, leasesEnded, staleRefused, lateKept, findings };
}

class Check {
  readonly counts = Object.fromEntries(rules.map((rule) => [rule, 0])) as Record<Rule, number>;
  readonly findings: string[] = [];
  staleRefused = 0;
  lateKept = 0;
  private readonly evidence: Evidence;
  private readonly operations: readonly Operation[];
  private readonly polls: ReadonlyMap<string, readonly Operation[]>;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    this.operations = operationsOf(evidence.events);
    this.polls = grouped(
      this.operations.filter(({ f }) => f === 'poll'),
      ({ input }) => `${(input as PollInput).instance} ${(input as PollInput).request}`,
    );
  }

  private found(rule: Rule, what: string): void {
    this.counts[rule] += 1;
    this.findings.push(`${rule}: ${what}`);
  }

  run(): void {
    const { sessions, claims, activities, events } = this.evidence;
    const claimsOf = grouped(claims, ({ session }) => session);
    const activitiesOf = grouped(activities, ({ session }) => session);
    const operationsOn = grouped(
      this.operations.filter(({ key }) => key !== null),
      ({ key }) => key!,
    );
    const pollsOn = this.pollSteps();
    this.refusals();
    this.creates();
    this.grants();
    this.started(events);
    this.readers(events, activitiesOf);
    for (const session of sessions) {
      const own = claimsOf.get(session.id) ?? [];
      const log = activitiesOf.get(session.id) ?? [];
      const operations = operationsOn.get(session.id) ?? [];
      this.ended(session, own);
      this.log(session, log, operations);
      this.fences(session, own, operations);
      this.finalBytes(session, operations);
      this.order(session, own, operations, pollsOn.get(session.id) ?? []);
    }
  }

  /** Refusals are part of it; answers nobody foresaw are not. */
  private refusals(): void {
    const foreseen = new Set(['claim_lost', 'session_final']);
    for (const { f, key, outcome, output, process } of this.operations) {
      if (outcome === 'ok' || output === null) continue;
      const { code } = output as { code: string };
      if (outcome === 'fail' && foreseen.has(code)) this.staleRefused += f === 'cancel' ? 0 : 1;
      else if (code !== 'unavailable') this.found('unexpected', `${process} got ${code} to ${f} ${key ?? ''}`);
    }
  }

  private creates(): void {
    const byTitle = grouped(this.evidence.sessions, ({ title }) => title);
    for (const [title, same] of byTitle) if (same.length > 1) this.found('duplicated', `${title} was made ${same.length} times`);
    for (const { f, outcome, input, output } of this.operations) {
      if (f !== 'create' || outcome !== 'ok') continue;
      const { id } = output as { id: string };
      const made = byTitle.get((input as { title: string }).title) ?? [];
      if (!made.some((session) => session.id === id)) this.found('ackedLost', `the acknowledged session ${id} is nowhere`);
    }
  }

  /** A fence is granted to one request, and is stored as granted. */
  private grants(): void {
    const stored = new Map(this.evidence.claims.map((claim) => [`${claim.session}#${claim.fence}`, claim]));
    for (const { f, outcome, input, output } of this.operations) {
      if (f !== 'poll' || outcome !== 'ok') continue;
      const { instance, request } = input as PollInput;
      for (const { session, fence } of (output as PollOutput).claims) {
        const claim = stored.get(`${session}#${fence}`);
        if (claim?.instance !== instance || claim.request !== request)
          this.found(
            'liveFences',
            `${session}#${fence} was granted to ${instance} ${request}, and stored for ${claim?.instance ?? 'nobody'}`,
          );
      }
    }
  }

  private started(events: readonly HistoryEvent[]): void {
    const granted = new Set<string>();
    for (const { type, f, key, value, process } of events) {
      if (type === 'ok' && f === 'poll')
        for (const { session, fence } of (value as PollOutput).claims) granted.add(`${process} ${session}#${fence}`);
      if (type === 'note' && f === 'start' && !granted.has(`${process} ${key}#${(value as { fence: number }).fence}`))
        this.found('startedBeforeClaim', `${process} began ${key} before it had the claim`);
    }
  }

  private readers(events: readonly HistoryEvent[], activitiesOf: ReadonlyMap<string, StoredActivity[]>): void {
    const notes = grouped(
      events.filter(({ type, f }) => type === 'note' && (f === 'event' || f === 'activity')),
      ({ process }) => process,
    );
    for (const { process: reader, key: session } of events.filter(({ type, f }) => type === 'note' && f === 'follow')) {
      const read = notes.get(reader) ?? [];
      const numbers = read.map(({ value }) => (value as { n: number }).n);
      if (numbers.some((n, index) => n !== index + 1)) this.found('readerMissed', `${reader} was given ${problemIn(numbers)}`);
      if (session === null) {
        if (numbers.length !== this.evidence.eventNumbers.length)
          this.found('readerMissed', `${reader} saw ${numbers.length} of ${this.evidence.eventNumbers.length} events`);
        continue;
      }
      const stored = (activitiesOf.get(session) ?? []).flatMap(({ seq, key }) => (seq === null ? [] : [`${seq} ${key}`])).sort();
      const seenKeys = read.map(({ value }) => `${(value as { n: number }).n} ${(value as { key: string }).key}`).sort();
      if (stored.join() !== seenKeys.join()) this.found('readerMissed', `${reader} saw other activities of ${session} than are stored`);
    }
    const { eventNumbers } = this.evidence;
    if (eventNumbers.some((n, index) => n !== index + 1)) this.found('gaps', `the workspace's events are ${problemIn(eventNumbers)}`);
  }

  private ended({ id, state }: StoredSession, claims: readonly StoredClaim[]): void {
    const live = claims.filter(({ endedBy }) => endedBy === null);
    if (live.length > (finals.has(state) ? 0 : 1)) this.found('liveFences', `${id} is ${state} and has ${live.length} live claims`);
    if (!finals.has(state)) this.found('unfinished', `${id} is ${state}`);
    const ends = claims.filter(({ endedBy }) => endedBy !== null && endedBy in finalEndings);
    for (const { fence, endedBy } of ends) {
      if (finalEndings[endedBy!] !== state) this.found('finalChanged', `${id} ended by ${endedBy} and is ${state}`);
      if (claims.some((other) => other.fence > fence)) this.found('finalChanged', `${id} ended with fence ${fence} and was claimed again`);
    }
  }

  private log({ id, lastSeq }: StoredSession, activities: readonly StoredActivity[], operations: readonly Operation[]): void {
    const inLog = activities.filter(({ seq }) => seq !== null).sort((a, b) => a.seq! - b.seq!);
    this.lateKept += activities.length - inLog.length;
    if (inLog.length !== lastSeq || inLog.some(({ seq }, index) => seq !== index + 1))
      this.found('gaps', `${id} counts ${lastSeq} activities and has ${problemIn(inLog.map(({ seq }) => seq!))}`);
    for (const [key, same] of grouped(activities, (one) => one.key))
      if (same.length > 1) this.found('duplicated', `${id} has ${key} ${same.length} times`);
    let fence = 0;
    for (const one of inLog) {
      if (one.fence < fence) this.found('staleAccepted', `${id}: ${one.key} of fence ${one.fence} stands after fence ${fence}`);
      fence = Math.max(fence, one.fence);
    }
    const texts = new Map(activities.map(({ key, text }) => [key, text]));
    for (const { f, outcome, input } of operations) {
      if (f !== 'append' || outcome !== 'ok') continue;
      for (const { key, text } of (input as HolderInput).activities ?? []) {
        if (!texts.has(key)) this.found('ackedLost', `${id}: ${key} was acknowledged and is nowhere`);
        else if (texts.get(key) !== text) this.found('altered', `${id}: ${key} is not what was sent`);
      }
    }
  }

  /** What was first said after somebody else had the claim, and was taken all the same. */
  private fences({ id }: StoredSession, claims: readonly StoredClaim[], operations: readonly Operation[]): void {
    const held = claims.map((claim) => ({ fence: claim.fence, from: this.grantTime(claim) }));
    const first = new Map<string, number>();
    for (const { f, call, outcome, input, output } of operations) {
      const { fence, activities } = (input ?? {}) as Partial<HolderInput>;
      if (fence === undefined) continue;
      const name = `${f} ${fence} ${activities?.map(({ key }) => key).join() ?? ''}`;
      const said = first.get(name) ?? call;
      first.set(name, said);
      const accepted = outcome === 'ok' && (f !== 'append' || (output as { stored: number }).stored > 0);
      if (accepted && held.some((other) => other.fence > fence && other.from < said))
        this.found('staleAccepted', `${id}: ${f} of fence ${fence} at ${call}`);
    }
  }

  /** When it is known for certain that a claim existed: its reply was there. */
  private grantTime({ session, fence, instance, request }: StoredClaim): number {
    const tries = this.polls.get(`${instance} ${request}`) ?? [];
    const told = tries.filter(
      ({ outcome, output }) =>
        outcome === 'ok' && (output as PollOutput).claims.some((one) => one.session === session && one.fence === fence),
    );
    return Math.min(Infinity, ...told.map(({ end }) => end));
  }

  private finalBytes({ id }: StoredSession, operations: readonly Operation[]): void {
    const reads = operations.filter(({ f, outcome }) => f === 'read' && outcome === 'ok');
    const read = reads.map(({ call, end, output }) => ({ call, end, ...(output as { state: string; digest: string }) }));
    const ends = read.filter(({ state }) => finals.has(state));
    const firstEnd = Math.min(Infinity, ...ends.map(({ end }) => end));
    if (new Set(ends.map(({ digest }) => digest)).size > 1) this.found('finalChanged', `${id} had ended and was read as something else`);
    if (read.some(({ state, call }) => !finals.has(state) && call > firstEnd)) this.found('finalChanged', `${id} had ended and went on`);
  }

  /** Renewals, told losses: steps on the sessions that a poll names. */
  private pollSteps(): Map<string, TimedStep[]> {
    const steps = new Map<string, TimedStep[]>();
    const add = (session: string, step: TimedStep): void => {
      const known = steps.get(session);
      if (known) known.push(step);
      else steps.set(session, [step]);
    };
    for (const { f, outcome, input, output, call, end } of this.operations) {
      if (f !== 'poll' || outcome !== 'ok') continue;
      const { instance } = input as PollInput;
      const told = (session: string, fence: number, reply: Reply): void => {
        add(session, { step: { f: 'renew', holder: holderOf({ instance, fence }) }, call, end, reply, happened: true });
      };
      for (const { session, fence } of (output as PollOutput).renewed) told(session, fence, {});
      for (const { session, fence, code } of (output as PollOutput).lost) told(session, fence, { code });
    }
    return steps;
  }

  private order(
    session: StoredSession,
    claims: readonly StoredClaim[],
    operations: readonly Operation[],
    polled: readonly TimedStep[],
  ): void {
    const finding = linearize([
      ...this.creation(session),
      ...claimSteps(session, claims, (claim) => this.claimInterval(claim)),
      ...polled,
      ...operations.flatMap(stepOf),
    ]);
    if (finding === 'not linearizable') this.found('nonLinearizable', `${session.id} (${session.title})`);
    if (finding === 'undecided') this.found('undecided', `${session.id} (${session.title})`);
  }

  private creation({ title }: StoredSession): TimedStep[] {
    const tries = this.operations.filter(({ f, input }) => f === 'create' && (input as { title: string }).title === title);
    if (tries.length === 0) this.found('unexpected', `nobody asked for ${title}`);
    const call = Math.min(...tries.map((one) => one.call));
    const end = Math.min(Infinity, ...tries.filter(({ outcome }) => outcome === 'ok').map((one) => one.end));
    return [{ step: { f: 'create' }, call, end, reply: null, happened: true }];
  }

  private claimInterval(claim: StoredClaim): { call: number; end: number } {
    const tries = this.polls.get(`${claim.instance} ${claim.request}`) ?? [];
    if (tries.length === 0) this.found('unexpected', `nobody asked for ${claim.session}#${claim.fence}`);
    return { call: Math.min(...tries.map(({ call }) => call)), end: this.grantTime(claim) };
  }
}

/** What the store says about claims, as steps: who got it, and what the platform did about it by itself. */
function claimSteps(
  session: StoredSession,
  claims: readonly StoredClaim[],
  intervalOf: (claim: StoredClaim) => { call: number; end: number },
): TimedStep[] {
  const happened = { reply: null, happened: true } as const;
  const steps = claims.flatMap((claim): TimedStep[] => {
    const interval = intervalOf(claim);
    const holder = holderOf(claim);
    const claimed: TimedStep = { step: { f: 'claim', holder, fence: claim.fence }, ...interval, ...happened };
    if (claim.endedBy !== 'lease_ended' && claim.endedBy !== 'lease_ended_cancelling') return [claimed];
    return [claimed, { step: { f: 'leaseEnded', holder }, call: interval.call, end: Infinity, ...happened }];
  });
  if (session.errorCode === 'attempts_exhausted') steps.push({ step: { f: 'exhausted' }, call: 0, end: Infinity, ...happened });
  return steps;
}

function stepOf({ f, input, output, call, end, outcome }: Operation): TimedStep[] {
  const timed = (step: TimedStep['step'], reply: Reply | null): TimedStep[] => [
    { step, call, end, reply: outcome === 'info' ? null : reply, happened: outcome !== 'info' },
  ];
  const said = (output ?? {}) as Reply;
  const stated: Reply = said.state === undefined ? said : { ...said, state: seen(said.state) };
  switch (f) {
    case 'append': {
      const { activities = [], ...holder } = input as HolderInput;
      return timed({ f, holder: holderOf(holder), keys: activities.map(({ key }) => key) }, said);
    }
    case 'complete':
    case 'fail':
    case 'release':
    case 'cancelled':
      return timed({ f, holder: holderOf(input as HolderInput) }, stated);
    case 'cancel':
    case 'read':
      return timed({ f }, stated);
    default:
      return [];
  }
}

/** The first thing that is wrong with numbers that should run 1, 2, 3 … */
function problemIn(numbers: readonly number[]): string {
  const at = numbers.findIndex((n, index) => n !== index + 1);
  return at < 0 ? `${numbers.length}` : `number ${numbers[at]} where ${at + 1} was due`;
}
