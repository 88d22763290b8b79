import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { entryAt, entryOffsets, visibleSpan, type Span } from '../model/window.ts';

/** One entry of the list: a stable id, a known or estimated height in px, and how to draw it. */
export interface VirtualSource {
  readonly count: number;
  /** An entry that stays in the page while it is off the screen: the keyboard is on it, and assistive tools ask for it. */
  readonly kept?: number;
  idOf(index: number): string;
  heightOf(index: number): number;
  draw(index: number): TemplateResult;
}

/**
 * Draws only the part of a long list that is on the screen, inside the nearest `.scroll`.
 * With `measured`, heights are taken from what was drawn, and what the person looks at stays where
 * it is while entries arrive above it.
 */
export class VirtualList extends LitElement {
  static override properties = { source: { attribute: false }, measured: { type: Boolean }, articles: { type: Boolean } };
  declare source: VirtualSource | null;
  declare measured: boolean;
  /** The entries are the articles of a feed, not rows that bring their own role. */
  declare articles: boolean;

  #scroller: HTMLElement | null = null;
  #offsets = new Float64Array(1);
  #span: Span = { start: 0, end: 0 };
  readonly #heights = new Map<string, number>();
  /** Of a measured list all ids, in order, as of the last layout. */
  #ids: string[] = [];
  #anchor: { id: string; delta: number } | null = null;
  #observer: ResizeObserver | null = null;
  #watched = new WeakSet<Element>();
  readonly #onScroll = (): void => {
    if (this.#isOutside()) this.requestUpdate();
  };

  constructor() {
    super();
    this.source = null;
    this.measured = false;
    this.articles = false;
  }

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#scroller = this.closest<HTMLElement>('.scroll');
    this.#scroller?.addEventListener('scroll', this.#onScroll, { passive: true });
    this.#watched = new WeakSet();
    this.#observer = new ResizeObserver((changes) => {
      if (changes.some(({ target }) => target === this.#scroller)) this.requestUpdate();
      this.#measure(changes.map(({ target }) => target));
    });
    if (this.#scroller) this.#observer.observe(this.#scroller);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#scroller?.removeEventListener('scroll', this.#onScroll);
    this.#observer?.disconnect();
  }

  /** Scrolls just as far as needed to see the entry whole. */
  reveal(index: number, above = 0): void {
    const scroller = this.#scroller;
    if (!scroller || !this.source) return;
    const start = this.#start() + (this.#offsets[index] ?? 0);
    const end = this.#start() + (this.#offsets[index + 1] ?? 0);
    if (start - above < scroller.scrollTop) scroller.scrollTop = start - above;
    else if (end > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = end - scroller.clientHeight;
    this.requestUpdate();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const source = this.source;
    if (!source) return;
    this.#remember();
    if (this.measured && changed.has('source')) this.#ids = Array.from({ length: source.count }, (_, i) => source.idOf(i));
    if (changed.has('source')) this.#offsets = entryOffsets(source.count, (i) => this.#heightOf(source, i));
    this.#span = this.#wanted(source.count > 60 ? 12 : 30);
  }

  override render(): TemplateResult {
    const source = this.source;
    if (!source) return html``;
    const indexes = Array.from({ length: this.#span.end - this.#span.start }, (_, i) => this.#span.start + i);
    const entry = (index: number): TemplateResult =>
      html`<div
        class="virtual-entry"
        role=${this.articles ? 'article' : 'presentation'}
        aria-posinset=${this.articles ? index + 1 : nothing}
        aria-setsize=${this.articles ? source.count : nothing}
        data-id=${source.idOf(index)}
      >
        ${source.draw(index)}
      </div>`;
    // Entries of unknown height keep their own elements, so that each is measured once; rows are drawn over.
    const entries = this.measured ? repeat(indexes, (index) => source.idOf(index), entry) : indexes.map(entry);
    const { kept = -1 } = source;
    const isApart = kept >= 0 && kept < source.count && (kept < this.#span.start || kept >= this.#span.end);
    return html`<div class="virtual" role="presentation">
      <div class="virtual-window" role="presentation">${entries}</div>
      ${isApart ? html`<div class="virtual-kept" role="presentation">${entry(kept)}</div>` : nothing}
    </div>`;
  }

  override updated(_changed: PropertyValues<this>): void {
    this.#place();
    if (!this.measured) return;
    for (const child of this.querySelectorAll('.virtual-entry')) {
      if (this.#watched.has(child)) continue;
      this.#watched.add(child);
      this.#observer?.observe(child);
    }
  }

  /**
   * Measures are taken here alone: elements inside an entry draw themselves after the list did, and
   * a person can open one. The browser calls this before it paints.
   */
  #measure(changed: readonly Element[]): void {
    let isDifferent = false;
    for (const entry of changed) {
      const id = entry.getAttribute('data-id');
      const height = entry.getBoundingClientRect().height;
      if (id === null || height === 0 || this.#heights.get(id) === height) continue;
      this.#heights.set(id, height);
      isDifferent = true;
    }
    const { source } = this;
    if (!isDifferent || !source) return;
    this.#remember();
    this.#offsets = entryOffsets(source.count, (i) => this.#heightOf(source, i));
    this.#place();
  }

  #place(): void {
    const outer = this.firstElementChild as HTMLElement | null;
    const inner = outer?.firstElementChild as HTMLElement | null;
    const source = this.source;
    if (!outer || !inner || !source) return;
    outer.style.height = `${this.#offsets[source.count] ?? 0}px`;
    inner.style.transform = `translateY(${this.#offsets[this.#span.start] ?? 0}px)`;
    const kept = outer.querySelector<HTMLElement>('.virtual-kept');
    if (kept) kept.style.transform = `translateY(${this.#offsets[source.kept ?? 0] ?? 0}px)`;
    this.#restore();
    if (this.#isOutside()) this.requestUpdate();
  }

  #heightOf(source: VirtualSource, index: number): number {
    return (this.measured ? this.#heights.get(source.idOf(index)) : undefined) ?? source.heightOf(index);
  }

  /** Where the list begins in its scroller. */
  #start(): number {
    const scroller = this.#scroller;
    if (!scroller) return 0;
    return this.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  }

  #wanted(spare: number): Span {
    const scroller = this.#scroller;
    const top = scroller ? scroller.scrollTop - this.#start() : 0;
    return visibleSpan(this.#offsets, top, scroller?.clientHeight ?? 800, spare);
  }

  #isOutside(): boolean {
    const wanted = this.#wanted(3);
    return wanted.start < this.#span.start || wanted.end > this.#span.end;
  }

  /** Before the list changes: which entry is at the top edge, if the list reaches above it. */
  #remember(): void {
    this.#anchor = null;
    const scroller = this.#scroller;
    if (!this.measured || !scroller || this.#ids.length === 0) return;
    const top = scroller.scrollTop - this.#start();
    if (top <= 0) return;
    const index = entryAt(this.#offsets, top);
    const id = this.#ids[index];
    if (id !== undefined) this.#anchor = { id, delta: top - (this.#offsets[index] ?? 0) };
  }

  /** Afterwards: puts that entry back to where it was. */
  #restore(): void {
    const anchor = this.#anchor;
    const scroller = this.#scroller;
    if (!anchor || !scroller) return;
    const index = this.#ids.indexOf(anchor.id);
    if (index < 0) return;
    const wanted = this.#start() + (this.#offsets[index] ?? 0) + anchor.delta;
    if (Math.abs(wanted - scroller.scrollTop) > 0.5) scroller.scrollTop = wanted;
  }
}
customElements.define('belay-virtual', VirtualList);
