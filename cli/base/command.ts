/** What a command is: its words, options and examples, told once, for the parser, the help, the completion and the docs. */
import type { Connection } from '../../client/connection.ts';
import type { Output } from './output.ts';

export interface OptionSpec {
  readonly says: string;
  /** How the help calls its value; without one the option is a flag. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** It may be given several times. */
  readonly many?: true;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
type One<O> = O extends { readonly choices: readonly (infer Choice)[] } ? Choice : string;
type ValueOf<O extends OptionSpec> = O extends { readonly value: string }
  ? O extends { readonly many: true }
    ? readonly One<O>[]
    : One<O> | undefined
  : boolean;
export type Values<O extends OptionSpecs> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

/** A word of the command line that is no option. */
export interface WordSpec {
  readonly name: string;
  readonly says: string;
  readonly optional?: true;
  /** It stands for all words from here on. */
  readonly many?: true;
  readonly choices?: readonly string[];
}

export interface Invocation<O extends OptionSpecs = OptionSpecs> {
  readonly args: readonly string[];
  readonly options: Values<O>;
  readonly output: Output;
}
/** Arguments after `belay`, and what they do. */
export type Example = readonly [line: string, does: string];

interface Described<O extends OptionSpecs> {
  readonly words?: readonly WordSpec[];
  /** It is given words beyond these, too: what is typed there by mistake may be a secret, which the parser would repeat. */
  readonly ownsExtraWords?: true;
  readonly options?: O;
  readonly examples: readonly [Example, ...Example[]];
  /** What --json prints: the name of a shape in docs/cli.md, or its fields. */
  readonly json: string;
  /** Exit codes besides 0, 1 and 2. */
  readonly exitCodes?: Readonly<Record<string, string>>;
  /** Returns the exit code. */
  readonly run: (invocation: Invocation<O>) => Promise<number>;
}
export type Command = Omit<Described<OptionSpecs>, 'run'> & { readonly run: (invocation: Invocation<never>) => Promise<number> };
/** A command whose first word says which of its own commands is meant. */
export interface Group {
  /** The one that is meant when none is named. */
  readonly usual?: string;
  readonly commands: Readonly<Record<string, Command & { readonly summary: string }>>;
}

/** A command as it is known before it is loaded. */
export interface Entry {
  /** Under which heading the help shows it. */
  readonly section: 'Items' | 'Sending' | 'Sessions' | 'Results' | 'This machine';
  readonly summary: string;
  readonly load: () => Promise<Command | Group>;
}
/** By their names. */
export type Commands = Readonly<Record<string, Entry>>;

/** Checks that a command reads only the options it names. */
export const command = <const O extends OptionSpecs>(described: Described<O>): Described<O> => described;
export const verb = <const O extends OptionSpecs>(
  summary: string,
  described: Described<O>,
): Described<O> & { readonly summary: string } => ({
  ...described,
  summary,
});

/** Talks to the platform. The connection is closed when that is done. */
export async function withConnection<T>(
  use: (connection: Connection) => Promise<T>,
  which: 'chosen' | 'of this machine' = 'chosen',
): Promise<T> {
  const { connect, connectHere } = await import('./connect.ts');
  const connection = await (which === 'chosen' ? connect() : connectHere());
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The `run` of a command that talks to the platform. */
export const connected =
  <O extends OptionSpecs>(use: (connection: Connection, invocation: Invocation<O>) => Promise<number>) =>
  (invocation: Invocation<O>): Promise<number> =>
    withConnection((connection) => use(connection, invocation));
