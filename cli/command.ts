/** What a command is, and what all of them need. */
import type { Connection } from '../client/connection.ts';
import { BelayError } from '../protocol/errors.ts';
import { SessionMode, type WorkItem } from '../protocol/records.ts';
import { usualMode } from '../prompt/usualMode.ts';
import { connect } from './context.ts';
import type { Output } from './output.ts';

export type Flags = Readonly<Record<string, string | boolean | undefined>>;
export interface Invocation {
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly output: Output;
}
export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Its own options, for `belay NAME --help`. */
  readonly details?: string;
  /** Positional arguments it cannot do without. */
  readonly needs: number;
  /** Returns the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

type Use = (connection: Connection, invocation: Invocation) => Promise<number>;

/** Talks to the platform of this machine. The connection is closed when that is done. */
export async function withConnection(use: Use, invocation: Invocation): Promise<number> {
  const connection = await connect();
  try {
    return await use(connection, invocation);
  } finally {
    connection.close();
  }
}

export function connected(usage: string, summary: string, needs: number, use: Use): Command {
  return { usage, summary, needs, run: (invocation) => withConnection(use, invocation) };
}

export function text(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The flag's value if it is one of `type`. Throws `bad_request` otherwise. */
export function oneOf<T extends string>(type: { readonly options: readonly T[] }, value: string | undefined, fallback: T, name: string): T {
  if (value === undefined) return fallback;
  const known = type.options.find((option) => option === value);
  if (known === undefined)
    throw new BelayError('bad_request', `--${name} does not know "${value}".`, { hint: `It knows ${type.options.join(', ')}.` });
  return known;
}

/** What is to be done with the item: what `--mode` says, else the usual. */
export function modeOf(item: WorkItem, flags: Flags): SessionMode {
  return oneOf(SessionMode, text(flags, 'mode'), usualMode(item), 'mode');
}
