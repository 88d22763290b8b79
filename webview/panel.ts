import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { FocusKeeper } from './base/focusKeeper.ts';
import { PanelElement } from './parts/element.ts';
import { failureCard } from './parts/failure.ts';
import { store } from './base/store.ts';
import { pageKey } from './base/ui.ts';
import { renderPage } from './pageRegistry.ts';
import { isRoot } from './pages/page.ts';

/** Widths in px from which a row takes one line and a page two columns; the style sheet has the same. */
const wideFrom = 720;

/** The root: shows the page the person is on. */
export class Panel extends PanelElement {
  static override properties = { wide: { state: true }, stray: { state: true } };
  declare wide: boolean;
  /** A failure whose place is not on the page, or no longer. */
  declare stray: boolean;
  #observer: ResizeObserver | null = null;
  readonly #focus = new FocusKeeper();
  #shown = '';
  #tick: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.wide = false;
    this.stray = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new ResizeObserver(() => (this.wide = this.clientWidth >= wideFrom));
    this.#observer.observe(this);
    this.#tick = setInterval(() => store.changed(), 30_000);
    window.addEventListener('keydown', this.#keys);
    this.#focus.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    clearInterval(this.#tick);
    window.removeEventListener('keydown', this.#keys);
    this.#focus.stop();
  }

  readonly #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return;
    const [target] = event.composedPath();
    // Who writes did not mean to go away.
    if ((target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) && target.value !== '') return;
    if (!isRoot(store.ui.page)) store.back();
  };

  /** After going somewhere the keyboard starts at the page's own beginning, not at the window's. */
  override updated(_changed: PropertyValues<this>): void {
    // When the pages have drawn theirs.
    this.#focus.check();
    const { failure } = store;
    requestAnimationFrame(() => {
      if (store.failure === failure) this.stray = failure !== null && this.querySelector('.page .failure') === null;
    });
    const key = pageKey(store.ui.page);
    const isFirst = this.#shown === '';
    if (this.#shown === key) return;
    this.#shown = key;
    if (isFirst || store.focus !== 'none') return;
    const target = store.ui.page.page === 'work' ? '.rows' : 'main';
    requestAnimationFrame(() => this.querySelector<HTMLElement>(target)?.focus({ preventScroll: true }));
  }

  override render(): TemplateResult {
    return html`${renderPage(store.ui.page, this.wide)} ${this.stray ? failureCard() : nothing}
      <div class="sr" role="status" aria-live="polite">${store.announcement}</div>`;
  }
}
customElements.define('belay-panel', Panel);
