/** What a person calls an item, a session or a question: short, and in any case. */
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import type { Handoff, Input, Session } from '../../protocol/records.ts';
import { oneLine } from '../../protocol/shownText.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';

const keyForm = /^[a-z]+-\d+$/iu;
const ordinalForm = /^(?<key>[a-z]+-\d+)\/(?<ordinal>\d+)$/iu;
/** How many characters a short name has at least, so that it stays unique for a while. */
const shortest = 8;

/** A key in any case; an id as it is. */
export const itemName = (word: string): string => (keyForm.test(word) ? word.toUpperCase() : word);

interface Page<T> {
  readonly entries: readonly T[];
  readonly next: string | null;
}

/** All entries of a list, a page at a time. */
export async function* everyEntry<T>(
  read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page: Page<T> = await read({ limit: 500, ...(cursor !== null && { cursor }) });
    yield* page.entries;
    cursor = page.next;
  }
}

/** The session of an id, of the beginning of one, or of an item and a number, as in BUG-1/2. Throws `not_found`, or `bad_request` for several. */
export async function sessionNamed(api: BelayApi, word: string): Promise<Session> {
  const { key, ordinal } = ordinalForm.exec(word)?.groups ?? {};
  if (key !== undefined) return await ofItem(api, itemName(key), Number(ordinal));
  if (keyForm.test(word)) return await refuseItem(api, itemName(word));
  try {
    return await api.getSession({ params: { id: word } });
  } catch (error) {
    if (!isBelayError(error, 'not_found')) throw error;
    const found = await unique(
      'session',
      word,
      everyEntry((page) => api.listSessions({ query: page })),
      sessionLine,
    );
    return await api.getSession({ params: { id: found.id } });
  }
}

/** Sessions of an item in the order they were made: the first is number 1, for as long as the item lives. */
export async function sessionsOfItem(api: BelayApi, itemId: string): Promise<Session[]> {
  const found: Session[] = [];
  for await (const session of everyEntry((page) => api.listSessions({ query: { ...page, item: itemId } }))) found.push(session);
  return found.reverse();
}

async function ofItem(api: BelayApi, key: string, ordinal: number): Promise<Session> {
  const item = await api.getItem({ params: { id: key } });
  const all = await sessionsOfItem(api, item.id);
  const found = all[ordinal - 1];
  if (!found)
    throw new BelayError('not_found', `${key} has no session ${ordinal}.`, {
      hint: all.length === 0 ? `Queue one: belay queue ${key}` : `It has ${all.length}: "belay sessions ${key}" lists them.`,
    });
  return await api.getSession({ params: { id: found.id } });
}

async function refuseItem(api: BelayApi, key: string): Promise<never> {
  const item = await api.getItem({ params: { id: key } });
  const count = (await api.listSessions({ query: { item: item.id, limit: 1 } })).total;
  throw new BelayError('bad_request', `${key} is an item, and a session is needed.`, {
    hint: count === 0 ? `It has none: belay queue ${key}` : `Its newest is ${key}/${count}.`,
  });
}

const sessionLine = (session: Session): string => `${session.id} (${session.itemKey ?? session.title})`;

/** A question by its id or the beginning of one, or the only open one of a session. */
export async function inputNamed(api: BelayApi, word: string): Promise<Input> {
  const found = await matching(
    word,
    everyEntry((page) => api.listInputs({ query: page })),
  );
  if (found.length > 0) return one('question', word, found, (input) => `${input.id} (${input.title})`);
  const session = await sessionNamed(api, word).catch((error: unknown) => {
    throw isBelayError(error, 'not_found') ? missing('question or session', word) : error;
  });
  const open = (await api.listInputs({ query: { session: session.id, state: ['open'] } })).entries;
  if (open.length === 0) throw new BelayError('not_found', `The session ${session.id} has no open question.`);
  return one('question', word, open, (input) => `${input.id} (${input.title})`);
}

/** A hand-off by its id or the beginning of one, or the only open one of an item. */
export async function handoffNamed(api: BelayApi, word: string): Promise<Handoff> {
  const line = (handoff: Handoff) => `${handoff.id} (${handoff.targetName})`;
  if (!keyForm.test(word))
    return await unique(
      'hand-off',
      word,
      everyEntry((page) => api.listHandoffs({ query: page })),
      line,
    );
  const item = await api.getItem({ params: { id: itemName(word) } });
  const { entries } = await api.listHandoffs({ query: { item: item.id, state: ['open'] } });
  if (entries.length === 0) throw new BelayError('not_found', `${item.key} has no open hand-off.`);
  return one('hand-off', word, entries, line);
}

async function unique<T extends { readonly id: string }>(
  kind: string,
  word: string,
  entries: AsyncIterable<T>,
  line: (entry: T) => string,
): Promise<T> {
  const found = await matching(word, entries);
  if (found.length === 0) throw missing(kind, word);
  return one(kind, word, found, line);
}

/** Those whose id begins with the word, with or without what says of which kind it is; the very one, if it is there. */
async function matching<T extends { readonly id: string }>(word: string, entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  if (word === '') return found;
  for await (const entry of entries) {
    if (entry.id === word) return [entry];
    if (entry.id.startsWith(word) || entry.id.slice(entry.id.indexOf('_') + 1).startsWith(word)) found.push(entry);
  }
  return found;
}

function one<T>(kind: string, word: string, found: readonly T[], line: (entry: T) => string): T {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new BelayError('bad_request', `"${oneLine(word)}" may be any of ${found.length} ${kind}s.`, {
    hint: `Say more of it: ${found.slice(0, 5).map(line).map(oneLine).join(', ')}${found.length > 5 ? ', …' : ''}.`,
  });
}

const missing = (kind: string, word: string): BelayError =>
  new BelayError('not_found', `There is no ${kind} "${oneLine(word)}".`, {
    hint: '"belay sessions" and "belay inputs" list what there is.',
  });

/** Beginnings of ids that tell them apart. */
export function shortNames(ids: readonly string[]): string[] {
  const sorted = [...ids].sort();
  const common = (a: string, b: string): number => {
    let at = 0;
    while (at < a.length && a[at] === b[at]) at += 1;
    return at;
  };
  const lengths = new Map(
    sorted.map((id, at) => [
      id,
      Math.max(
        shortest + id.indexOf('_') + 1,
        ...[sorted[at - 1], sorted[at + 1]].map((other) => (other === undefined ? 0 : common(id, other) + 1)),
      ),
    ]),
  );
  return ids.map((id) => id.slice(0, lengths.get(id)));
}
