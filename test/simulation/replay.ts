/** The operations of a simulated run, with their times, played against another store: every reply and the tables at the end must be the same. */
import { Client } from 'pg';
import { isBelayError } from '../../protocol/errors.ts';
import type { WorkspaceEvent } from '../../protocol/events.ts';
import type { Row } from '../../platform/store/base/values.ts';
import { openPostgresStore } from '../../platform/store/postgres/open.ts';
import type { Call, PollOutcome } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';
import { Draws } from './draws.ts';
import { runSeed } from './run.ts';
import { profile } from './settings.ts';

type Operation = (...args: unknown[]) => Promise<unknown>;
type Named = Record<string, Operation>;

export interface Step {
  readonly name: string;
  readonly args: readonly unknown[];
  /** What names and chances it began with: operations that were killed have used some. */
  readonly draws: Draws['state'];
  /** As JSON: the value, or the code of the refusal. */
  readonly outcome: string;
}

/** Rows and lists in one order, whatever order the engine gives them in. */
const inOrder = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).sort();

/**
 * What both engines promise of an operation's value. Not promised: the order of what was renewed, and which of the
 * events of one commit comes first.
 */
function promised(name: string, value: unknown): unknown {
  if (name === 'poll') return { ...(value as PollOutcome), renewed: inOrder((value as PollOutcome).renewed) };
  if (name === 'eventsAfter') return (value as WorkspaceEvent[]).map(({ n, at }) => ({ n, at }));
  if (name !== 'exportAll') return value;
  const tables = Object.entries(value as Record<string, Row[]>);
  return Object.fromEntries(
    tables.map(([table, rows]) => [table, inOrder(table === 'event' ? rows.map((row) => ({ ...row, n: null })) : rows)]),
  );
}
const valueOf = (name: string, value: unknown): string => JSON.stringify({ value: promised(name, value) });

async function outcomeOf(name: string, work: () => Promise<unknown>): Promise<string> {
  try {
    return valueOf(name, await work());
  } catch (error) {
    if (!isBelayError(error)) throw error;
    return JSON.stringify({ refused: error.code });
  }
}

/** `store`, with every operation written down; the tables are looked at when it is closed. */
function recording(store: Store, draws: Draws, steps: Step[]): Store {
  let last: Call | undefined;
  const operations = store as unknown as Named;
  const wrapped = Object.entries(operations).map(([name, operation]) => {
    if (typeof operation !== 'function') return [name, operation];
    const recorded = async (...args: unknown[]): Promise<unknown> => {
      const begun = { name, args: structuredClone(args), draws: draws.state };
      last = (args[0] as Partial<Call>).caller?.kind === 'person' ? (args[0] as Call) : last;
      try {
        const value = await operation(...args);
        steps.push({ ...begun, outcome: valueOf(name, value) });
        return value;
      } catch (error) {
        if (isBelayError(error)) steps.push({ ...begun, outcome: JSON.stringify({ refused: error.code }) });
        throw error;
      }
    };
    const close = async (): Promise<void> => {
      if (last)
        steps.push({ name: 'exportAll', args: [last], draws: draws.state, outcome: valueOf('exportAll', await store.exportAll(last)) });
      await store.close();
    };
    return [name, name === 'close' ? close : recorded];
  });
  return Object.fromEntries(wrapped) as unknown as Store;
}

export interface Difference {
  readonly step: number;
  readonly name: string;
  readonly args: string;
  readonly expected: string;
  readonly actual: string;
}

/** What `seed` does on SQLite. */
export async function record(seed: number): Promise<Step[]> {
  const steps: Step[] = [];
  await runSeed({ seed, keepTrace: false, around: (store, draws) => recording(store, draws, steps) });
  return steps;
}

/** Plays what `seed` did on PostgreSQL. Null: no difference. */
export async function replay(seed: number, steps: readonly Step[], url: string): Promise<Difference | null> {
  const schema = `sim_${seed}`;
  const draws = new Draws(seed);
  const { store } = await openPostgresStore({
    url,
    schema,
    clock: 'call',
    connections: 2,
    profile,
    onWake: () => {},
    newId: draws.newId,
    chance: draws.chance,
  });
  try {
    const operations = store as unknown as Named;
    for (const [step, { name, args, draws: begun, outcome: expected }] of steps.entries()) {
      draws.state = begun;
      const actual = await outcomeOf(name, () => operations[name]!(...args));
      if (actual !== expected) return { step, name, args: JSON.stringify(args.slice(1)), expected, actual };
    }
    return null;
  } finally {
    await store.close();
    const admin = new Client(url);
    await admin.connect();
    await admin.query(`DROP SCHEMA ${schema} CASCADE`);
    await admin.end();
  }
}
