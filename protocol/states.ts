/** The session state table, as data. Whoever changes a session's state asks `transition`. */
export const sessionStates = ['pending', 'queued', 'active', 'awaiting_input', 'stale', 'complete', 'error', 'cancelled'] as const;
export type SessionStateName = (typeof sessionStates)[number];

export const finalStates = ['complete', 'error', 'cancelled'] as const satisfies readonly SessionStateName[];

/** `held`: a claim is live. Only `awaiting_input` is possible both with and without one. */
export interface SessionStanding {
  readonly state: SessionStateName;
  readonly held: boolean;
}

export const sessionEvents = [
  'ready',
  'claim',
  'ask',
  'answer_delivered',
  'park',
  'unpark',
  'release',
  'defer',
  'complete',
  'fail',
  'lease_ended',
  'lease_ended_cancelling',
  'requeue',
  'attempts_exhausted',
  'expire',
  'cancel',
  'cancel_acknowledged',
] as const;
export type SessionEventName = (typeof sessionEvents)[number];

interface Row {
  readonly from: SessionStateName;
  readonly held: boolean;
  readonly on: SessionEventName;
  readonly to: SessionStateName;
  readonly holds: boolean;
}

const rows = (
  from: readonly (readonly [SessionStateName, boolean])[],
  on: SessionEventName,
  to: SessionStateName,
  holds: boolean | 'same',
): Row[] => from.map(([state, held]) => ({ from: state, held, on, to: to, holds: holds === 'same' ? held : holds }));

const running = [
  ['active', true],
  ['awaiting_input', true],
] as const;
const waiting = [
  ['queued', false],
  ['pending', false],
  ['stale', false],
  ['awaiting_input', false],
] as const;

/** Every legal step. What is not here is `invalid_transition`. */
export const stateTable: readonly Row[] = [
  ...rows([['pending', false]], 'ready', 'queued', false),
  ...rows([['queued', false]], 'claim', 'active', true),
  ...rows([['active', true]], 'ask', 'awaiting_input', true),
  ...rows([['awaiting_input', true]], 'ask', 'awaiting_input', true),
  ...rows([['awaiting_input', true]], 'answer_delivered', 'active', true),
  ...rows([['awaiting_input', true]], 'park', 'awaiting_input', false),
  ...rows([['awaiting_input', false]], 'unpark', 'queued', false),
  ...rows(running, 'release', 'queued', false),
  ...rows(running, 'defer', 'pending', false),
  ...rows(running, 'complete', 'complete', false),
  ...rows(running, 'fail', 'error', false),
  ...rows(running, 'lease_ended', 'stale', false),
  ...rows(running, 'lease_ended_cancelling', 'cancelled', false),
  ...rows(running, 'cancel', 'active', 'same').map((row) => ({ ...row, to: row.from })),
  ...rows(running, 'cancel_acknowledged', 'cancelled', false),
  ...rows([['stale', false]], 'requeue', 'queued', false),
  ...rows([['stale', false]], 'attempts_exhausted', 'error', false),
  ...rows(
    [
      ['queued', false],
      ['pending', false],
    ],
    'expire',
    'error',
    false,
  ),
  ...rows(waiting, 'cancel', 'cancelled', false),
];

/** The state after `event`, or null when the table has no such step. */
export function transition(standing: SessionStanding, event: SessionEventName): SessionStanding | null {
  const row = stateTable.find((r) => r.from === standing.state && r.held === standing.held && r.on === event);
  return row ? { state: row.to, held: row.holds } : null;
}

export function isFinal(state: SessionStateName): boolean {
  return (finalStates as readonly SessionStateName[]).includes(state);
}

/** Lease timing in milliseconds. `stop`: when a holder without a good renewal must stop writing outward. */
export interface LeaseProfile {
  readonly lease: number;
  readonly renew: number;
  readonly stop: number;
  readonly reap: number;
  readonly grace: number;
  readonly retry: number;
  readonly timeout: number;
}
export const leaseProfiles = {
  standard: { lease: 60_000, renew: 20_000, stop: 48_000, reap: 10_000, grace: 5_000, retry: 2_000, timeout: 5_000 },
  fast: { lease: 15_000, renew: 5_000, stop: 12_000, reap: 2_000, grace: 1_000, retry: 1_000, timeout: 2_000 },
} as const satisfies Record<string, LeaseProfile>;
export type LeaseProfileName = keyof typeof leaseProfiles;
