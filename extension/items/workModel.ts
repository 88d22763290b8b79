/** What this window knows of the workspace: loaded once, kept current by the event stream, told in whole snapshots. */
import type { Connection } from '../../client/connection.ts';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import { workspaceEventTypes, type WorkspaceEvent, type WorkspaceEventType } from '../../protocol/events.ts';
import type { ItemRow } from '../../protocol/panelPages.ts';
import type { Handoff, Input, Session, WorkItem } from '../../protocol/records.ts';
import { Emitter } from '../base/emitter.ts';
import { t } from '../base/l10n.ts';
import type { Log } from '../base/log.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { needsOf, type Need } from './needs.ts';
import { itemRow, type RowSources } from './rows.ts';

export interface ModelChange {
  readonly rows: readonly ItemRow[];
  readonly removed: readonly string[];
  readonly items: ReadonlySet<string>;
  readonly sessions: ReadonlySet<string>;
  /** What was told. */
  readonly events: ReadonlySet<WorkspaceEventType>;
  /** Everything was loaded anew. */
  readonly all: boolean;
}

const settleMs = 60;
const retryMs = 2000;
const openInputStates = ['open'] as const;

export class WorkModel {
  readonly items = new Map<string, WorkItem>();
  readonly sessions = new Map<string, Session>();
  readonly inputs = new Map<string, Input[]>();
  private readonly handoffs = new Map<string, Handoff>();
  private readonly rows = new Map<string, ItemRow>();
  private readonly changes = new Emitter<ModelChange>();
  readonly onChange = this.changes.event;
  private dirtyItems = new Set<string>();
  private dirtySessions = new Set<string>();
  private events = new Set<WorkspaceEventType>();
  private timer: NodeJS.Timeout | undefined;
  private loading: Promise<void> | undefined;
  private settling: Promise<unknown> = Promise.resolve();
  private stream: AbortController | undefined;
  private readonly link: Pick<PlatformLink, 'connect' | 'memberId'>;
  private readonly log: Pick<Log, 'warn'>;
  loadedAt: number | null = null;

  constructor(link: WorkModel['link'], log: WorkModel['log']) {
    this.link = link;
    this.log = log;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.stream?.abort();
    this.changes.dispose();
  }

  /** Loads what is not loaded. Throws when the platform cannot be reached; what was known stays. */
  async ensureLoaded(): Promise<void> {
    if (this.loadedAt !== null) return;
    await this.reload();
  }

  async reload(): Promise<void> {
    this.loading ??= this.load().finally(() => {
      this.loading = undefined;
    });
    await this.loading;
  }

  itemByKey(key: string): WorkItem | undefined {
    for (const item of this.items.values()) if (item.key === key) return item;
    return undefined;
  }

  sessionsOf(itemId: string): Session[] {
    return [...this.sessions.values()].filter((session) => session.itemId === itemId).sort((a, b) => b.createdAt - a.createdAt);
  }

  handoffsOf(itemId: string): Handoff[] {
    return [...this.handoffs.values()].filter((handoff) => handoff.itemId === itemId).sort((a, b) => b.createdAt - a.createdAt);
  }

  handoff(id: string): Handoff | undefined {
    return this.handoffs.get(id);
  }

  /** All that needs the person, the most urgent first. */
  needs(): Need[] {
    return needsOf(this.sessions.values(), this.inputs);
  }

  allRows(): ItemRow[] {
    return [...this.rows.values()];
  }

  private async load(): Promise<void> {
    const connection = await this.link.connect();
    // Listening starts before loading, so that nothing falls between.
    await this.listen(connection);
    const { api } = connection;
    const [items, sessions, handoffs, inputs] = await Promise.all([
      allPages((cursor) => api.listItems({ query: { limit: 500, brief: 'yes', ...(cursor && { cursor }) } })),
      allPages((cursor) => api.listSessions({ query: { limit: 500, ...(cursor && { cursor }) } })),
      allPages((cursor) => api.listHandoffs({ query: { ...(cursor && { cursor }) } })),
      allPages((cursor) => api.listInputs({ query: { state: [...openInputStates], ...(cursor && { cursor }) } })),
    ]);
    replaceAll(this.items, items);
    replaceAll(this.sessions, sessions);
    replaceAll(this.handoffs, handoffs);
    this.inputs.clear();
    for (const input of inputs) this.inputs.set(input.sessionId, [...(this.inputs.get(input.sessionId) ?? []), input]);
    this.loadedAt = Date.now();
    const removed = [...this.rows.keys()].filter((id) => !this.items.has(id));
    this.rebuildRows(this.items.keys());
    for (const id of removed) this.rows.delete(id);
    this.changes.fire({
      rows: this.allRows(),
      removed,
      items: new Set(this.items.keys()),
      sessions: new Set(this.sessions.keys()),
      events: new Set(workspaceEventTypes),
      all: true,
    });
  }

  private async listen(connection: Connection): Promise<void> {
    this.stream?.abort();
    const stream = new AbortController();
    this.stream = stream;
    await connection.subscribeWorkspace((event) => {
      this.note(event);
    }, stream.signal);
  }

  private note(event: WorkspaceEvent): void {
    if (event.itemId) this.dirtyItems.add(event.itemId);
    if (event.sessionId) this.dirtySessions.add(event.sessionId);
    this.events.add(event.type);
    this.settleLater(settleMs);
  }

  private settleLater(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // One after another, and never while everything is loaded: an older answer must not cover a newer one.
      this.settling = this.settling.then(() => this.loading?.catch(() => undefined)).then(() => this.settle());
    }, ms);
  }

  /** Fetches what changed. What could not be fetched is tried again. */
  private async settle(): Promise<void> {
    const items = this.dirtyItems;
    const sessions = this.dirtySessions;
    this.dirtyItems = new Set();
    this.dirtySessions = new Set();
    const { events } = this;
    this.events = new Set();
    const failed = (set: Set<string>, id: string) => (error: unknown) => {
      if (isBelayError(error, 'not_found')) return;
      set.add(id);
      for (const type of events) this.events.add(type);
      this.log.warn(`A change was not fetched and is tried again: ${messageOf(error)}`);
      this.settleLater(retryMs);
    };
    await Promise.all([...sessions].map((id) => this.fetchSession(id, items).catch(failed(this.dirtySessions, id))));
    await Promise.all([...items].map((id) => this.fetchItem(id).catch(failed(this.dirtyItems, id))));
    const parents = [...items].flatMap((id) => this.items.get(id)?.parentId ?? []);
    const rows = this.rebuildRows(new Set([...items, ...parents]));
    this.changes.fire({ rows, removed: [], items, sessions, events, all: false });
  }

  private async fetchSession(id: string, items: Set<string>): Promise<void> {
    const { api } = await this.link.connect();
    const [session, inputs] = await Promise.all([
      api.getSession({ params: { id } }),
      api.listInputs({ query: { session: id, state: [...openInputStates] } }),
    ]);
    this.sessions.set(id, session);
    this.inputs.set(id, inputs.entries);
    if (session.itemId) items.add(session.itemId);
  }

  private async fetchItem(id: string): Promise<void> {
    const { api } = await this.link.connect();
    const [item, handoffs] = await Promise.all([api.getItem({ params: { id } }), api.listHandoffs({ query: { item: id } })]);
    this.items.set(id, item);
    for (const handoff of handoffs.entries) this.handoffs.set(handoff.id, handoff);
  }

  private rebuildRows(ids: Iterable<string>): ItemRow[] {
    const sources = this.sources();
    const rebuilt: ItemRow[] = [];
    for (const id of ids) {
      const item = this.items.get(id);
      if (!item) continue;
      const row = itemRow(item, sources);
      this.rows.set(id, row);
      rebuilt.push(row);
    }
    return rebuilt;
  }

  rowOf(item: WorkItem): ItemRow {
    return this.rows.get(item.id) ?? itemRow(item, this.sources());
  }

  private sources(): RowSources {
    const sessions = groupBy(
      [...this.sessions.values()].sort((a, b) => b.createdAt - a.createdAt),
      (session) => session.itemId,
    );
    return {
      items: this.items,
      sessions,
      handoffs: groupBy(this.handoffs.values(), (handoff) => handoff.itemId),
      inputs: this.inputs,
      children: groupBy(this.items.values(), (item) => item.parentId),
      memberId: this.link.memberId ?? '',
      translate: t,
    };
  }
}

async function allPages<T>(page: (cursor: string | null) => Promise<{ entries: T[]; next: string | null }>): Promise<T[]> {
  const entries: T[] = [];
  let cursor: string | null = null;
  do {
    const reply: { entries: T[]; next: string | null } = await page(cursor);
    entries.push(...reply.entries);
    cursor = reply.next;
  } while (cursor !== null);
  return entries;
}

function replaceAll<T extends { id: string }>(map: Map<string, T>, entries: readonly T[]): void {
  map.clear();
  for (const entry of entries) map.set(entry.id, entry);
}

function groupBy<T>(entries: Iterable<T>, key: (entry: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const name = key(entry);
    if (name === null) continue;
    const group = groups.get(name);
    if (group) group.push(entry);
    else groups.set(name, [entry]);
  }
  return groups;
}
