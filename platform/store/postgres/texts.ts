/** Statements as PostgreSQL is sent them: with places that are counted, and a chain as one statement. */
import type { Chain, Part } from '../base/chain.ts';
import { numbered, valuesAt, type Sql } from '../base/sql.ts';
import type { Values } from '../base/values.ts';
import { chains, statements } from '../statements.ts';
import { postgresDialect } from './dialect.ts';
import { encodeAll, listPlaces, type Encoded } from './values.ts';

export interface Sent {
  readonly name: string;
  readonly text: string;
  /** Of the values at its places. */
  readonly names: readonly string[];
  readonly valuesOf: (values: Values) => Encoded[];
}

function sent(name: string, written: string): Sent {
  const { text, names } = numbered(written);
  const lists = listPlaces(text);
  return { name, text, names, valuesOf: (values) => encodeAll(valuesAt(name, names, values), lists) };
}

/**
 * The relations of a chain after `WITH`, and what comes back of it: all of it as one statement, since a statement may change
 * several tables here. `written` gives the text of a part. A row comes back as one JSON column: to describe and take apart
 * eighty of them cost the reader more than the rest of a claim.
 */
export function relationsOf(chain: Chain, first: string, written: (part: Part) => string): string {
  const then = Object.entries(chain.then).map(([name, part]) => `, ${name} AS (${written(part)})`);
  return `moved AS (${first})${then.join('')} SELECT ROW_TO_JSON(seen) AS row FROM (${written(chain.view)}) seen`;
}

function chainText(chain: Chain): string {
  const scope = { at: (name: string) => `:${name}`, moved: 'moved m' };
  const written = (part: Part): string => part(scope, postgresDialect);
  return `WITH ${relationsOf(chain, written(chain.first), written)}`;
}

const kept = new Map<Sql | Chain, Sent>();
function keptOr(of: Sql | Chain, make: () => Sent): Sent {
  let one = kept.get(of);
  if (!one) kept.set(of, (one = make()));
  return one;
}
export const sentStatement = (sql: Sql): Sent => keptOr(sql, () => sent(sql.name, sql.text(postgresDialect)));
export const sentChain = (chain: Chain): Sent => keptOr(chain, () => sent(`chain ${chain.name}`, chainText(chain)));

/** All there is, for those who look at every statement. */
export const everySent = (): Sent[] => [...Object.values(statements).map(sentStatement), ...chains.map(sentChain)];
