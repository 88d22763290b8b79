/**
 * One change and what goes with it. Each part may read the rows that the first one changed, and they share their values.
 * An engine that can runs all of it as one statement; nothing but `first` decides what happens.
 */
import type { Dialect } from './dialect.ts';

/** What a part is written into. */
export interface Scope {
  /** Where the value of this name stands. */
  readonly at: (name: string) => string;
  /** The rows that `first` changed, as `m`. */
  readonly moved: string;
  /** Where one statement serves several requests: the relation of what each has for itself, as `q`. */
  readonly requests?: string;
}
export type Part = (scope: Scope, d: Dialect) => string;

export interface Chain {
  readonly name: string;
  /** What `first` changes. */
  readonly table: 'session' | 'workspace';
  readonly first: Part;
  readonly then: Readonly<Record<string, Part>>;
  /** What comes back. */
  readonly view: Part;
}
