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
 * The relations of a chain after `WITH`, and what comes back of it: all of it as one statement, for an engine whose statements
 * may change several tables. `part` gives the text of a part, with the rows that were changed in `moved`. A row comes back as
 * one JSON column: to describe and take apart eighty of them cost the reader more than the rest of a claim.
 */
export function relationsOf(chain: Chain, first: string, part: (name: SqlName) => string): string {
  const then = chain.then.map((name) => `, ${name} AS (${part(name)})`);
  return `moved AS (${first})${then.join('')} SELECT ROW_TO_JSON(seen) AS row FROM (${part(chain.view)}) seen`;
}

const parts: ReadonlySet<string> = new Set(Object.values(chains).flatMap(({ first, then, view }: Chain) => [first, ...then, view]));

/** What can be sent as it is: every statement but those that are parts of others, and every chain as one statement. */
export function sendable(texts: SqlTexts): Readonly<Record<string, string>> {
  const alone = Object.entries(texts).filter(([name, text]) => !parts.has(name) && !text.includes('{'));
  const chained = (Object.keys(chains) as ChainName[]).map((name) => {
    const chain: Chain = chains[name];
    return [`chain ${name}`, `WITH ${relationsOf(chain, texts[chain.first], (part) => withMoved(texts[part], 'moved'))}`] as const;
  });
  return Object.fromEntries([...alone, ...chained]);
}
