/** The page that the panel shows: built when it is shown and when something happens that concerns it, followed until it is left. */
import { isBelayError } from '../../protocol/errors.ts';
import type { PageNotice, PanelNotice } from '../../protocol/panel.ts';
import type { PanelPage } from '../../protocol/panelPages.ts';
import type { Log } from '../base/log.ts';
import { toProblem } from '../base/problem.ts';
import type { ModelChange, WorkModel } from '../items/workModel.ts';
import { sourceOf } from './pageRegistry.ts';
import type { FollowContext, PageContext } from './pages/page.ts';

const settleMs = 80;

export interface ShownPageParts {
  readonly link: FollowContext['link'];
  readonly model: WorkModel;
  readonly log: Pick<Log, 'error'>;
  readonly pageContext: () => Promise<PageContext>;
  readonly post: (notice: PanelNotice) => void;
  /** Nothing is built by itself for a page that nobody sees. */
  readonly isVisible: () => boolean;
}

export class ShownPage {
  readonly #parts: ShownPageParts;
  #page: PanelPage = { page: 'work' };
  /** Ends what the page follows. */
  #following = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** Grows with each page shown: what was fetched for an earlier one is dropped. */
  #generation = 0;

  constructor(parts: ShownPageParts) {
    this.#parts = parts;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.leave();
  }

  get page(): PanelPage {
    return this.#page;
  }

  /** The page that is to be shown, before anything is sent of it. */
  set(page: PanelPage): void {
    this.#page = page;
  }

  /** Nothing is followed any more. */
  leave(): void {
    this.#following.abort();
  }

  async show(page: PanelPage): Promise<void> {
    this.#page = page;
    this.#generation += 1;
    this.leave();
    this.#following = new AbortController();
    const { signal: left } = this.#following;
    const { link, model } = this.#parts;
    const changed = (): void => {
      if (!left.aborted && this.#parts.isVisible()) this.sendSoon();
    };
    const post = (notice: PanelNotice): void => {
      if (!left.aborted) this.#parts.post(notice);
    };
    const follow = async (): Promise<void> => await sourceOf(page).follow?.(page, { link, model, left, changed, post });
    // First, since what happens while the page is built would be missed.
    await Promise.all([follow(), this.send()]);
  }

  async send(): Promise<void> {
    const page = this.#page;
    const generation = (this.#generation += 1);
    if (!sourceOf(page).build) return;
    const notice = await this.#build(page);
    if (generation === this.#generation) this.#parts.post(notice);
  }

  /** Many changes that come together are sent as one. */
  sendSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.send();
    }, settleMs);
  }

  modelChanged(change: ModelChange): void {
    const { concernedBy, isAbout } = sourceOf(this.#page);
    const isConcerned = concernedBy.some((type) => change.events.has(type)) && (isAbout?.(change, this.#page, this.#parts.model) ?? true);
    if (change.all || isConcerned) this.sendSoon();
  }

  async #build(of: PanelPage): Promise<PageNotice> {
    const notice = (shown: { snapshot: unknown; problem: PageNotice['problem'] }) => ({ type: 'page', of, ...shown }) as PageNotice;
    try {
      return notice({ snapshot: await sourceOf(of).build?.(of, await this.#parts.pageContext()), problem: null });
    } catch (error) {
      if (!isBelayError(error)) this.#parts.log.error('Could not build a page', error);
      return notice({ snapshot: null, problem: toProblem(error) });
    }
  }
}
