/** Statements as an engine sends them: with the places they have, and nothing else bound. */
import { chains, type Chain, type ChainName, type SqlName, type SqlTexts } from './sql.ts';

export interface Statement {
  /** Its places are `$1`, `$2`, … without a gap. */
  readonly text: string;
  /** Which of the caller's values stand at them, counted from 0. */
  readonly takes: readonly number[];
}

/** Parts of a chain share their places; each part, and the whole of it, may use only some of them. */
export function statementOf(text: string): Statement {
  const takes: number[] = [];
  const renamed = text.replace(/\$(\d+)/g, (_, place: string) => {
    const value = Number(place) - 1;
    if (!takes.includes(value)) takes.push(value);
    return `$${takes.indexOf(value) + 1}`;
  });
  return { text: renamed, takes };
}

const changed = /\{moved\}/g;

/** The part with the rows that were changed in place of `{moved}`. */
export const withMoved = (text: string, relation: string): string => text.replace(changed, relation);

/**
 * All of a chain as one statement, for an engine whose statements may change several tables. A row comes back as one JSON
 * column: to describe and take apart eighty of them cost the reader more than the rest of a claim.
 */
export function whole(texts: Readonly<Record<SqlName, string>>, chain: Chain): string {
  const parts = chain.then.map((name) => `, ${name} AS (${withMoved(texts[name], 'moved')})`);
  return `WITH moved AS (${texts[chain.first]})${parts.join('')}
    SELECT ROW_TO_JSON(seen) AS row FROM (${withMoved(texts[chain.view], 'moved')}) seen`;
}

const parts: ReadonlySet<string> = new Set(Object.values(chains).flatMap(({ first, then, view }: Chain) => [first, ...then, view]));

/** What can be sent as it is: every statement but those that are parts of a chain, and every chain as one statement. */
export function sendable(texts: SqlTexts): Readonly<Record<string, string>> {
  const alone = Object.entries(texts).filter(([name]) => !parts.has(name));
  const chained = (Object.keys(chains) as ChainName[]).map((name) => [`chain ${name}`, whole(texts, chains[name])] as const);
  return Object.fromEntries([...alone, ...chained]);
}
