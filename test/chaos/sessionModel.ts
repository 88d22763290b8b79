/** A session as one thing that does one operation after another: what every history must be explainable by. */

export interface Model {
  readonly created: boolean;
  /** Who holds it: `instance/fence`. */
  readonly holder: string | null;
  readonly fence: number;
  readonly final: 'complete' | 'error' | 'cancelled' | null;
  readonly cancelAsked: boolean;
  readonly lastSeq: number;
  /** Numbers of what workers reported, by their keys. */
  readonly log: ReadonlyMap<string, number>;
  readonly late: ReadonlySet<string>;
  /** Everybody who ever held it: `instance/fence`. */
  readonly holders: ReadonlySet<string>;
  /** Claims that ended, and how: `instance/fence complete`. */
  readonly endings: ReadonlySet<string>;
}

export const unmade: Model = {
  created: false,
  holder: null,
  fence: 0,
  final: null,
  cancelAsked: false,
  lastSeq: 0,
  log: new Map(),
  late: new Set(),
  holders: new Set(),
  endings: new Set(),
};

/** What decides about the future: two models with the same name cannot be told apart. */
export const nameOf = (m: Model): string =>
  [m.created, m.holder, m.fence, m.final, m.cancelAsked, m.lastSeq, [...m.log].join(), [...m.late].join(), [...m.endings].join()].join(' ');

type Ending = 'complete' | 'fail' | 'release' | 'cancelled';
export type Step =
  | { readonly f: 'create' }
  | { readonly f: 'claim'; readonly holder: string; readonly fence: number }
  | { readonly f: 'renew'; readonly holder: string }
  | { readonly f: 'append'; readonly holder: string; readonly keys: readonly string[] }
  | { readonly f: Ending; readonly holder: string }
  | { readonly f: 'cancel' }
  | { readonly f: 'read' }
  /** What the platform does by itself. */
  | { readonly f: 'leaseEnded'; readonly holder: string }
  | { readonly f: 'exhausted' };

/** What an operation says when it comes back. */
export interface Reply {
  readonly code?: string;
  readonly state?: string;
  readonly fence?: number;
  readonly lastSeq?: number;
  readonly stored?: number;
  readonly late?: number;
}
interface Outcome {
  readonly after: Model;
  readonly reply: Reply;
}

const states = { complete: 'complete', fail: 'error', cancelled: 'cancelled' } as const;

/** How an observer sees the state: whether it waits, is held, or how it ended. */
export const stateOf = (m: Model): string => m.final ?? (m.holder === null ? 'waiting' : 'active');
export const seen = (state: string): string => (['queued', 'pending', 'stale'].includes(state) ? 'waiting' : state);

const refused = (m: Model, code: string): Outcome => ({ after: m, reply: { code } });
/** Why a write is refused to who does not hold the session. */
const refusal = (m: Model): Outcome => refused(m, m.final === null ? 'claim_lost' : 'session_final');
const freed = (m: Model, notes: number): Model => ({ ...m, holder: null, lastSeq: m.lastSeq + notes });
const with_ = <T>(set: ReadonlySet<T>, ...more: readonly T[]): Set<T> => new Set([...set, ...more]);

/** What `step` does to `m` and answers. Null: it cannot happen now. */
export function apply(m: Model, step: Step): Outcome | null {
  if (step.f === 'create') return m.created ? null : { after: { ...m, created: true }, reply: {} };
  if (!m.created) return null;
  switch (step.f) {
    case 'claim': {
      if (m.final !== null || m.holder !== null || m.cancelAsked || step.fence !== m.fence + 1) return null;
      return { after: { ...m, holder: step.holder, fence: step.fence, holders: with_(m.holders, step.holder) }, reply: {} };
    }
    case 'renew':
      return m.holder === step.holder ? { after: m, reply: {} } : refusal(m);
    case 'append':
      return append(m, step.holder, step.keys);
    case 'complete':
    case 'fail':
    case 'cancelled': {
      const ending = `${step.holder} ${step.f}`;
      if (m.endings.has(ending)) return { after: m, reply: { state: stateOf(m) } };
      if (m.holder !== step.holder) return refusal(m);
      const final = states[step.f];
      return { after: { ...freed(m, 1), final, endings: with_(m.endings, ending) }, reply: { state: final } };
    }
    case 'release': {
      const ending = `${step.holder} release`;
      if (m.endings.has(ending)) return { after: m, reply: { state: stateOf(m) } };
      if (m.holder !== step.holder) return refusal(m);
      const endings = with_(m.endings, ending);
      if (m.cancelAsked) return { after: { ...freed(m, 2), final: 'cancelled', endings }, reply: { state: 'cancelled' } };
      return { after: { ...freed(m, 1), endings }, reply: { state: 'waiting' } };
    }
    case 'cancel':
      if (m.final === 'cancelled') return { after: m, reply: { state: 'cancelled' } };
      if (m.final !== null) return refused(m, 'session_final');
      if (m.holder !== null) return { after: { ...m, cancelAsked: true }, reply: { state: 'active' } };
      return { after: { ...freed(m, 1), final: 'cancelled' }, reply: { state: 'cancelled' } };
    case 'read':
      return { after: m, reply: { state: stateOf(m), fence: m.fence, lastSeq: m.lastSeq } };
    case 'leaseEnded':
      if (m.holder !== step.holder) return null;
      return { after: m.cancelAsked ? { ...freed(m, 1), final: 'cancelled' } : freed(m, 0), reply: {} };
    case 'exhausted':
      return m.final !== null || m.holder !== null ? null : { after: { ...freed(m, 1), final: 'error' }, reply: {} };
  }
}

function append(m: Model, holder: string, keys: readonly string[]): Outcome {
  const fresh = keys.filter((key) => !m.log.has(key) && !m.late.has(key));
  let after = m;
  if (fresh.length > 0 && m.holder === holder) {
    const log = new Map([...m.log, ...fresh.map((key, index) => [key, m.lastSeq + 1 + index] as const)]);
    after = { ...m, log, lastSeq: m.lastSeq + fresh.length };
  } else if (fresh.length > 0) {
    if (!m.holders.has(holder)) return refusal(m);
    after = { ...m, late: with_(m.late, ...fresh) };
  }
  const numbers = keys.flatMap((key) => after.log.get(key) ?? []);
  const late = keys.length - numbers.length;
  return { after, reply: { stored: numbers.length, late, lastSeq: numbers.length > 0 ? Math.max(...numbers) : after.lastSeq } };
}

/** Whether what was answered is what the model answers. */
export function agrees(answered: Reply, expected: Reply): boolean {
  if (answered.code !== undefined || expected.code !== undefined) return answered.code === expected.code;
  return (['state', 'fence', 'lastSeq', 'stored', 'late'] as const).every(
    (name) => answered[name] === undefined || expected[name] === undefined || answered[name] === expected[name],
  );
}
