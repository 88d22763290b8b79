/** What the host has told the page, and where the person is in it. Views read it and are told of changes once a frame. */
import type { PageNotice, PanelConnection, PanelNotice, PanelNoticeOf, PanelProblem, PanelWorkerStrip } from '../../protocol/panel.ts';
import type { ItemRow, PageAddress, PageName, PageSnapshot, PanelPage, RootPage, SnapshotPage } from '../../protocol/panelPages.ts';
import { callHost, listenToHost, problemOf } from './host.ts';
import { setStrings } from './l10n.ts';
import { Feed } from '../model/feed.ts';
import { TimeFormat } from '../model/format.ts';
import { arrangeRows, sortRows, type Arranged } from '../model/rows.ts';
import { loadUi, pageKey, saveUi, type UiState } from './ui.ts';

export interface Loaded<T> {
  readonly snapshot: T | null;
  readonly problem: PanelProblem | null;
}
const notLoaded: Loaded<never> = { snapshot: null, problem: null };
export type FocusWish = PanelNoticeOf<'navigate'>['focus'];

export class Store {
  ui: UiState = loadUi();
  setup: PanelNoticeOf<'setup'> | null = null;
  connection: PanelConnection = { state: 'connecting', asOf: null, problem: null };
  worker: PanelWorkerStrip | null = null;
  rows: Map<string, ItemRow> | null = null;
  /** How many sessions need the person: the number of the badge. */
  needs = 0;
  /** The newest snapshot of each kind of page. */
  readonly #snapshots = new Map<PageName, PageNotice>();
  readonly feed = new Feed();
  feedOf: string | null = null;
  times = new TimeFormat('en');
  /** The newest failure of something the person did, and where on the page that was; shown until dismissed or until the next page. */
  failure: { readonly at: string; readonly problem: PanelProblem; readonly from: Element | null } | null = null;
  /** Read out by screen readers. */
  announcement = '';
  /** Where the keyboard should go after a navigation the person asked for elsewhere. */
  focus: FocusWish = 'none';

  readonly #listeners = new Set<() => void>();
  #scheduled = false;
  #arranged: { readonly from: readonly unknown[]; readonly value: Arranged } | null = null;
  /** The rows in their order; null when they changed since. */
  #sorted: readonly ItemRow[] | null = null;

  start(): void {
    listenToHost((notice) => this.#take(notice));
    callHost('ready', { page: this.ui.page }).catch((error: unknown) => this.fail('page', error));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the views, at most once a frame however much arrives. A hidden page has no frames, so a timer stands by. */
  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = (): void => {
      if (!this.#scheduled) return;
      this.#scheduled = false;
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      for (const listener of this.#listeners) listener();
    };
    const frame = requestAnimationFrame(flush);
    const timer = setTimeout(flush, 250);
  }

  setUi(patch: Partial<UiState>): void {
    Object.assign(this.ui, patch);
    saveUi(this.ui);
    this.changed();
  }

  draft(box: string): string {
    return this.ui.drafts[box] ?? '';
  }

  setDraft(box: string, text: string): void {
    const others = Object.entries(this.ui.drafts).filter(([name]) => name !== box);
    this.setUi({ drafts: Object.fromEntries(text === '' ? others : [...others, [box, text]]) });
  }

  show(page: PanelPage): void {
    if (pageKey(page) === pageKey(this.ui.page)) return;
    this.#go(page, [...this.ui.back.slice(-19), this.ui.page]);
  }

  /** Goes where the host asks, and tells it also when the page was there already: until then the host asks again. */
  #navigate({ page, focus }: PanelNoticeOf<'navigate'>): void {
    if (pageKey(page) === pageKey(this.ui.page)) this.#tellShown(page);
    else this.show(page);
    this.focus = focus;
  }

  back(): void {
    const previous = this.ui.back.at(-1) ?? { page: 'work' };
    if (pageKey(previous) === pageKey(this.ui.page)) return;
    this.#go(previous, this.ui.back.slice(0, -1));
  }

  /** Going to a root by its tab forgets the way. */
  showRoot(page: RootPage): void {
    if (page !== this.ui.page.page) this.#go({ page }, []);
  }

  /** What the host sent for the page at this address. */
  loaded<N extends SnapshotPage>(of: PageAddress<N>): Loaded<PageSnapshot<N>> {
    const notice = this.#snapshots.get(of.page);
    return notice && pageKey(notice.of) === pageKey(of as PanelPage) ? (notice as Loaded<PageSnapshot<N>>) : notLoaded;
  }

  /** Does something through the host; a failure is shown at its place, not thrown. True when it was done. */
  async run(at: string, action: Promise<unknown>): Promise<boolean> {
    this.failure = null;
    const from = document.activeElement;
    try {
      await action;
      return true;
    } catch (error) {
      this.fail(at, error, from);
      return false;
    }
  }

  /** `from`: what the keyboard was on; it goes back there with the message. */
  fail(at: string, error: unknown, from: Element | null = document.activeElement): void {
    this.failure = { at, problem: problemOf(error), from };
    this.announce(this.failure.problem.message);
  }

  announce(text: string): void {
    this.announcement = text;
    this.changed();
  }

  /** The list as it is to be shown now; computed again only when something it depends on changed. */
  arranged(): Arranged {
    const { filter, grouping, collapsed } = this.ui;
    this.#sorted ??= sortRows(this.rows?.values() ?? []);
    const from = [this.#sorted, filter, grouping, collapsed];
    if (this.#arranged?.from.every((part, i) => part === from[i])) return this.#arranged.value;
    const value = arrangeRows(this.#sorted, filter, grouping, new Set(collapsed));
    this.#arranged = { from, value };
    return value;
  }

  /** Where the person goes on after an item: what needs them, else the row after it in the list. */
  nextRow(itemId: string | null): ItemRow | null {
    const rows = this.arranged().entries.flatMap((entry) => (entry.type === 'row' ? [entry.row] : []));
    const others = rows.filter(({ id }) => id !== itemId);
    const at = rows.findIndex(({ id }) => id === itemId);
    return others.find(({ activity }) => activity?.state === 'needs_me' || activity?.state === 'review') ?? others[Math.max(0, at)] ?? null;
  }

  #go(page: PanelPage, back: PanelPage[]): void {
    this.failure = null;
    this.focus = 'none';
    if (page.page === 'session') this.#feedFor(page.id);
    this.setUi({ page, back });
    this.#tellShown(page);
  }

  #tellShown(page: PanelPage): void {
    callHost('show', { page }).catch((error: unknown) => this.fail('page', error));
  }

  #feedFor(sessionId: string): void {
    if (this.feedOf === sessionId) return;
    this.feedOf = sessionId;
    this.feed.reset([]);
  }

  #take(notice: Exclude<PanelNotice, { type: 'reply' }>): void {
    switch (notice.type) {
      case 'setup':
        // What failed for want of trust or a folder may work now.
        if (this.setup && this.setup.limitedBy !== notice.limitedBy) this.failure = null;
        this.setup = notice;
        setStrings(notice.strings);
        this.times = new TimeFormat(notice.locale);
        document.documentElement.lang = notice.locale;
        break;
      case 'connection':
        this.connection = notice.connection;
        break;
      case 'worker':
        this.worker = notice.worker;
        break;
      case 'rows':
        this.rows = new Map(notice.rows.map((row) => [row.id, row]));
        this.needs = notice.needs;
        this.#sorted = null;
        break;
      case 'rowsChanged':
        this.rows ??= new Map();
        for (const row of notice.rows) this.rows.set(row.id, row);
        for (const id of notice.removed) this.rows.delete(id);
        this.needs = notice.needs;
        this.#sorted = null;
        break;
      case 'page':
        this.#snapshots.set(notice.of.page, notice);
        break;
      case 'activities':
        // Those of a session that was left may still be on their way.
        if (this.ui.page.page !== 'session' || this.ui.page.id !== notice.sessionId) return;
        this.#feedFor(notice.sessionId);
        if (notice.reset) this.feed.reset(notice.entries);
        else this.feed.append(notice.entries);
        break;
      case 'navigate':
        this.#navigate(notice);
        break;
    }
    this.changed();
  }
}

export const store = new Store();
