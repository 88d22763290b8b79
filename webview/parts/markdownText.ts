import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { isOpenable } from '../../protocol/links.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { renderMarkdown } from '../base/markdown.ts';
import { sizeText } from '../model/format.ts';
import { store } from '../base/store.ts';
import { PanelElement } from './element.ts';
import { failureAt } from './failure.ts';

/** Longer texts would take the page's breath away: the rest comes on request. */
const shownAtOnce = 40_000;

/** Markdown, sanitised. Links go through the host. */
let made = 0;

export class MarkdownText extends PanelElement {
  static override properties = { text: { type: String }, whole: { state: true } };
  declare text: string;
  declare whole: boolean;
  readonly #place = `text ${(made += 1)}`;

  constructor() {
    super();
    this.text = '';
    this.whole = false;
    this.addEventListener('click', (event) => this.#open(event));
    this.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#open(event);
    });
  }

  override render(): TemplateResult {
    const isLong = this.text.length > shownAtOnce && !this.whole;
    return html`<div class="md"></div>
      ${
        isLong
          ? html`<button class="link" @click=${() => (this.whole = true)}>${t('Show all of it ({0})', sizeText(this.text.length))}</button>`
          : nothing
      }
      ${failureAt(this.#place)}`;
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('text') && !changed.has('whole')) return;
    const part = this.whole ? this.text : this.text.slice(0, shownAtOnce);
    this.querySelector('.md')?.replaceChildren(renderMarkdown(part));
  }

  #open(event: Event): void {
    const link = event.target instanceof Element ? event.target.closest('[data-href]') : null;
    const url = link?.getAttribute('data-href');
    if (!url || !isOpenable(url)) return;
    event.preventDefault();
    event.stopPropagation();
    void store.run(this.#place, callHost('openLink', { url }));
  }
}
customElements.define('belay-markdown', MarkdownText);
