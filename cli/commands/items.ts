import { quickReader } from '../../client/quickReader.ts';
import { socketPath } from '../../client/stateDir.ts';
import type { About } from '../../protocol/routes.ts';
import type { ItemStatus, WorkItem } from '../../protocol/records.ts';
import type { CallInput } from '../../protocol/typedClient.ts';
import { itemKinds, itemStatuses } from '../../protocol/vocabulary.ts';
import { command, withConnection, type Values } from '../base/command.ts';
import { chosenPlatform, state } from '../base/here.ts';
import { labelOf, sameLabel } from '../records/itemFields.ts';
import { itemTable } from '../records/itemTexts.ts';
import { limitOf, limitOption, listed, type CountedPage, type Listed } from '../base/listed.ts';
import { itemName } from '../base/names.ts';
import { version } from '../base/version.ts';

const options = {
  search: { value: 'TEXT', says: 'those with these words in key, title or description' },
  kind: { value: 'KIND', choices: itemKinds, says: 'of this kind; may be given several times', many: true },
  status: { value: 'STATUS', choices: itemStatuses, says: 'with this status; may be given several times', many: true },
  label: { value: 'GROUP:NAME', says: 'with this label; with all of them where there are several', many: true },
  parent: { value: 'KEY', says: 'the parts of this item' },
  ...limitOption,
  all: { says: 'closed ones as well' },
  anyone: { says: 'not only those assigned to you' },
} as const;

export const items = command({
  words: [{ name: 'KEY', says: 'the item to show, as "belay show" does', optional: true }],
  options,
  examples: [
    ['items', 'your open items, newest change first'],
    ['items --search greeting --kind bug --limit 10', 'ten bugs with that word'],
    ['items --parent INIT-1 --all --anyone', 'all parts of an initiative'],
    ['items BUG-1', 'one item with its comments'],
  ],
  json: 'a list of Item, or with KEY an ItemBundle',
  run: async ({ args: [key], options, output }) => {
    if (key !== undefined) {
      const { showItem } = await import('../records/showItem.ts');
      return await withConnection((connection) => showItem(connection, key, output));
    }
    const wanted = wantedOf(options, output.json);
    const { found, more } = await output.during('Reading items', itemsOf(wanted, output.json));
    await output.pages(found, found.length === 0 ? 'No items.' : itemTable(found), more);
    return 0;
  },
});

const openStatuses: readonly ItemStatus[] = ['idea', 'open', 'planned', 'in_progress', 'in_review', 'blocked'];

interface Wanted {
  readonly query: NonNullable<CallInput<'listItems'>['query']>;
  readonly parent: string | undefined;
  readonly isMine: boolean;
  /** Which of them are meant, where the platform cannot tell. */
  readonly keep: ((item: WorkItem) => boolean) | undefined;
  readonly limit: number;
}

function wantedOf({ search, kind, status, label, parent, limit, all, anyone }: Values<typeof options>, isJson: boolean): Wanted {
  const labels = label.map(labelOf);
  const statuses = status.length > 0 ? status : all ? [] : openStatuses;
  return {
    query: {
      ...(kind.length > 0 && { kind: [...kind] }),
      ...(statuses.length > 0 && { status: [...statuses] }),
      ...(search !== undefined && { q: search }),
    },
    parent,
    isMine: !anyone,
    keep: labels.length === 0 ? undefined : (item) => labels.every((each) => item.labels.some((has) => sameLabel(has, each))),
    limit: limitOf(limit, isJson),
  };
}

type Read = (query: NonNullable<CallInput<'listItems'>['query']>) => Promise<CountedPage<WorkItem>>;

/** Descriptions are read only for who gets to see them. */
async function itemsOf(wanted: Wanted, whole: boolean): Promise<Listed<WorkItem>> {
  // What is asked by a key needs another request, and a connection that can make it.
  const quick = wanted.parent === undefined ? await quickReader(chosenPlatform().team ?? { socketPath: socketPath(state) }, version) : null;
  if (quick)
    try {
      return await collect(wanted, quick.about, whole, (query) => quick.list<'listItems'>('/v1/items', query));
    } catch {
      // The connection tells what is wrong.
    } finally {
      quick.close();
    }
  return await withConnection(async ({ api, about }) => {
    const { parent } = wanted;
    const parentId = parent === undefined ? undefined : (await api.getItem({ params: { id: itemName(parent) } })).id;
    return await collect(wanted, about, whole, (query) => api.listItems({ query: { ...query, ...(parentId && { parent: parentId }) } }));
  });
}

const collect = ({ query, isMine, keep, limit }: Wanted, about: About, whole: boolean, read: Read): Promise<Listed<WorkItem>> =>
  listed(limit, (page) => read({ ...query, ...page, brief: whole ? 'no' : 'yes', ...(isMine && { assignee: about.memberId }) }), keep);
