/** From all rows to what the work list shows: filtered, grouped, ordered. Pure, and fast enough for each key press. */
import type { ItemRow } from '../../protocol/panelPages.ts';
import type { ItemKind, ItemStatus, Priority } from '../../protocol/records.ts';

export const groupings = ['status', 'kind', 'priority', 'parent', 'none'] as const;
export type Grouping = (typeof groupings)[number];

export interface RowFilter {
  readonly search: string;
  readonly mine: boolean;
  readonly open: boolean;
  /** Empty means any. */
  readonly kinds: readonly ItemKind[];
  /** Rows with one of these; empty means any. */
  readonly labels: readonly string[];
}
export const startFilter: RowFilter = { search: '', mine: true, open: true, kinds: [], labels: [] };
export const noFilter: RowFilter = { search: '', mine: false, open: false, kinds: [], labels: [] };

export interface GroupEntry {
  readonly type: 'group';
  /** `exact`, `needs_me`, or grouping and value: `status:open`. */
  readonly id: string;
  readonly value: string;
  /** For parents: the parent's own title. */
  readonly title: string | null;
  readonly count: number;
  readonly collapsed: boolean;
}
export interface RowEntry {
  readonly type: 'row';
  readonly id: string;
  readonly row: ItemRow;
}
export type ListEntry = GroupEntry | RowEntry;

export interface Arranged {
  readonly entries: readonly ListEntry[];
  /** Rows that pass search and filter, collapsed ones included. */
  readonly shown: number;
  /** Rows that match the search and are kept out by the filter. */
  readonly hidden: number;
}

/** Orders of the groups, and of the rows in them. Typed so that a new value cannot be forgotten. */
const statusOrder: Record<ItemStatus, number> = {
  in_progress: 0,
  in_review: 1,
  blocked: 2,
  planned: 3,
  open: 4,
  idea: 5,
  completed: 6,
  cancelled: 7,
};
const kindOrder: Record<ItemKind, number> = { initiative: 0, bug: 1, todo: 2 };
const priorityOrder: Record<Priority, number> = { urgent: 0, high: 1, medium: 2, low: 3, none: 4 };
export const statuses = Object.keys(statusOrder) as ItemStatus[];
export const kinds = Object.keys(kindOrder) as ItemKind[];
export const priorities = Object.keys(priorityOrder) as Priority[];

/** Capitals and the ways to write one letter make no difference. */
const folded = (text: string): string => text.normalize('NFKD').toLowerCase();

const haystacks = new WeakMap<ItemRow, string>();
function haystack(row: ItemRow): string {
  const known = haystacks.get(row);
  if (known !== undefined) return known;
  const made = folded(`${row.key}\n${row.title}\n${row.labels.join('\n')}\n${row.parentKey ?? ''}`);
  haystacks.set(row, made);
  return made;
}

/** Every word of the search is somewhere in key, title, labels or the parent's key. */
export function matchesSearch(row: ItemRow, words: readonly string[]): boolean {
  const text = haystack(row);
  return words.every((word) => text.includes(word));
}

export function searchWords(search: string): string[] {
  return folded(search).split(/\s+/).filter(Boolean);
}

export function passesFilter(row: ItemRow, filter: RowFilter): boolean {
  if (filter.mine && !row.assignedToMe) return false;
  if (filter.open && (row.status === 'completed' || row.status === 'cancelled')) return false;
  if (filter.kinds.length > 0 && !filter.kinds.includes(row.kind)) return false;
  return filter.labels.length === 0 || filter.labels.some((label) => row.labels.includes(label));
}

export function isFiltering(filter: RowFilter): boolean {
  return filter.mine || filter.open || filter.kinds.length > 0 || filter.labels.length > 0;
}

const needsMe = (row: ItemRow): boolean => row.needs > 0;
const asks = (row: ItemRow): boolean => row.activity?.state === 'needs_me';

/** In the order that rows have inside a group: by priority, then the newest change first. */
export function sortRows(rows: Iterable<ItemRow>): ItemRow[] {
  return [...rows].sort(compareRows);
}

function compareRows(a: ItemRow, b: ItemRow): number {
  return priorityOrder[a.priority] - priorityOrder[b.priority] || b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1);
}

interface Bucket {
  readonly value: string;
  readonly title: string | null;
  readonly order: number | string;
  readonly rows: ItemRow[];
}

function bucketOf(row: ItemRow, grouping: Grouping): Omit<Bucket, 'rows'> {
  switch (grouping) {
    case 'status':
      return { value: row.status, title: null, order: statusOrder[row.status] };
    case 'kind':
      return { value: row.kind, title: null, order: kindOrder[row.kind] };
    case 'priority':
      return { value: row.priority, title: null, order: priorityOrder[row.priority] };
    case 'parent':
      return { value: row.parentKey ?? '', title: row.parentTitle, order: row.parentKey ?? '\uffff' };
    case 'none':
      return { value: '', title: null, order: 0 };
  }
}

/**
 * The item whose key was typed stands before all that only hold it, whatever the filters say. What needs the person comes
 * next and once; the rest in groups. `rows` come as `sortRows` gives them.
 */
export function arrangeRows(rows: readonly ItemRow[], filter: RowFilter, grouping: Grouping, collapsed: ReadonlySet<string>): Arranged {
  const words = searchWords(filter.search);
  const isExact = (row: ItemRow): boolean => words.length === 1 && row.key.toLowerCase() === words[0];
  const exact: ItemRow[] = [];
  const pinned: ItemRow[] = [];
  const buckets = new Map<string, Bucket>();
  let shown = 0;
  let hidden = 0;
  for (const row of rows) {
    if (words.length > 0 && !matchesSearch(row, words)) continue;
    if (isExact(row)) {
      shown += 1;
      (needsMe(row) ? pinned : exact).push(row);
      continue;
    }
    // Whose it is and how it stands hides nothing that needs the person: it is counted elsewhere, too.
    if (!passesFilter(row, needsMe(row) ? { ...filter, mine: false, open: false } : filter)) {
      hidden += 1;
      continue;
    }
    shown += 1;
    if (needsMe(row)) {
      pinned.push(row);
      continue;
    }
    const described = bucketOf(row, grouping);
    const bucket = buckets.get(described.value);
    if (bucket) bucket.rows.push(row);
    else buckets.set(described.value, { ...described, rows: [row] });
  }
  const entries: ListEntry[] = [];
  const add = (id: string, value: string, title: string | null, members: ItemRow[], header: boolean): void => {
    const isCollapsed = header && collapsed.has(id);
    // What needs the person is counted as everywhere else: an item may do so more than once.
    const count = id === 'needs_me' ? members.reduce((sum, row) => sum + row.needs, 0) : members.length;
    if (header) entries.push({ type: 'group', id, value, title, count, collapsed: isCollapsed });
    if (!isCollapsed) for (const row of members) entries.push({ type: 'row', id: row.id, row });
  };
  if (exact.length > 0) add('exact', 'exact', null, exact, true);
  pinned.sort(
    (a, b) =>
      Number(isExact(b)) - Number(isExact(a)) || Number(asks(b)) - Number(asks(a)) || (a.activity?.since ?? 0) - (b.activity?.since ?? 0),
  );
  if (pinned.length > 0) add('needs_me', 'needs_me', null, pinned, true);
  const ordered = [...buckets.values()].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  for (const bucket of ordered)
    add(`${grouping}:${bucket.value}`, bucket.value, bucket.title, bucket.rows, grouping !== 'none' || exact.length + pinned.length > 0);
  return { entries, shown, hidden };
}

/** The labels in use, most used first. */
export function labelsInUse(rows: Iterable<ItemRow>): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const label of row.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([label]) => label);
}
