import { BelayError } from '../../protocol/errors.ts';
import type { Handoff } from '../../protocol/records.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { boundFolder } from '../../worker/loop/boundFolder.ts';
import { recordHandoffResult, resultCandidates, type ResultCandidate } from '../../worker/review/handoffResult.ts';
import { openCheckout } from '../../worker/workspace/repository.ts';
import { connected, verb, type Group } from '../base/command.ts';
import { folderOption } from '../base/common.ts';
import { bindHere } from '../session/context.ts';
import { state } from '../base/here.ts';
import { everyEntry, handoffNamed, itemName, shortNames } from '../base/names.ts';
import { fileCount } from '../base/output.ts';
import { lines } from '../base/shown.ts';
import { table } from '../base/table.ts';

const handoffWord = { name: 'HANDOFF', says: 'the beginning of its id, or the item where it has one open' } as const;

const list = verb('list those that are open', {
  words: [{ name: 'KEY', says: 'of this item only', optional: true }],
  options: { all: { says: 'recorded and closed ones as well' } },
  examples: [['handoffs list', 'what was given to a tool and did not come back']],
  json: 'a list of Handoff',
  run: connected(async ({ api }, { args: [key], options, output }) => {
    const item = key === undefined ? undefined : (await api.getItem({ params: { id: itemName(key) } })).id;
    const query = { ...(item !== undefined && { item }), ...(!options.all && { state: ['open' as const] }) };
    const found: Handoff[] = [];
    for await (const handoff of everyEntry((page) => api.listHandoffs({ query: { ...query, ...page } }))) found.push(handoff);
    const names = shortNames(found.map(({ id }) => id));
    const keys = new Map<string, string>();
    for (const { itemId } of found) if (!keys.has(itemId)) keys.set(itemId, (await api.getItem({ params: { id: itemId } })).key);
    await output.pages(
      found,
      found.length === 0
        ? 'No hand-offs.'
        : table(
            found.map((handoff, at) => [
              { text: names[at] ?? handoff.id, style: 'bold' },
              keys.get(handoff.itemId) ?? '',
              handoff.mode,
              handoff.state,
              handoff.targetName,
              handoff.detail,
            ]),
          ),
    );
    return 0;
  }),
});

const record = verb('bring back what came of one: commits or changes since it began', {
  words: [handoffWord],
  options: {
    from: { value: 'WHERE', says: 'head, uncommitted, or the name of a branch; not needed where there is one place only' },
    ...folderOption,
  },
  examples: [
    ['handoffs record BUG-1', 'where the work is in one place'],
    ['handoffs record BUG-1 --from fix/greeting', 'from a branch'],
  ],
  json: '{handoff, result}; result is a SessionResult',
  run: connected(async (connection, { args: [word = ''], options, output }) => {
    const { api } = connection;
    const handoff = await handoffNamed(api, word);
    if (handoff.state !== 'open') throw new BelayError('invalid_transition', `This hand-off was ${handoff.state} already.`);
    if (options.folder !== undefined) await bindHere(connection, options.folder);
    const item = await api.getItem({ params: { id: handoff.itemId } });
    const folder = boundFolder(state, handoff);
    const checkout = await openCheckout(folder);
    const candidate = chosen(await resultCandidates(checkout, handoff, item.key), options.from);
    const result = await recordHandoffResult(api, state, checkout, handoff, candidate);
    output.answer(
      { handoff: handoff.id, result },
      lines([
        `Recorded on ${item.key} from ${placeOf(candidate)} of ${oneLine(folder)}: ${fileCount(result.files.length)}, +${result.added} -${result.deleted}.`,
      ]),
    );
    return 0;
  }),
});

const close = verb('close one of which nothing came', {
  words: [handoffWord],
  examples: [['handoffs close BUG-1', 'its item stays as it is']],
  json: 'Handoff',
  run: connected(async ({ api }, { args: [word = ''], output }) => {
    const { id } = await handoffNamed(api, word);
    output.answer(await api.closeHandoff({ params: { id }, body: { result: null } }), 'Closed.');
    return 0;
  }),
});

export const handoffs: Group = { usual: 'list', commands: { list, record, close } };

const nameOf = ({ kind, name }: ResultCandidate): string => (kind === 'branch' ? name : kind);
const placeOf = (candidate: ResultCandidate): string => {
  if (candidate.kind === 'uncommitted') return 'uncommitted changes';
  return candidate.kind === 'head' ? 'the branch that is checked out' : `the branch ${oneLine(candidate.name)}`;
};

function chosen(candidates: readonly ResultCandidate[], from: string | undefined): ResultCandidate {
  const fitting = from === undefined ? candidates : candidates.filter((candidate) => nameOf(candidate) === from);
  const [first] = fitting;
  if (first && fitting.length === 1) return first;
  const there = candidates.map((candidate) => `${oneLine(nameOf(candidate))}${candidate.namesItem ? ' (names the item)' : ''}`);
  if (candidates.length === 0)
    throw new BelayError('not_found', 'Nothing changed in the folder since the hand-off.', { hint: 'Close it: belay handoffs close' });
  throw new BelayError(
    'bad_request',
    from === undefined ? 'The work may be in several places.' : `There is nothing from "${oneLine(from)}".`,
    {
      hint: `Say --from with one of ${there.join(', ')}.`,
    },
  );
}
