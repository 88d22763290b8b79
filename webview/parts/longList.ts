import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { t } from '../base/l10n.ts';

const atOnce = 200;

/** A list of files of which only the first are drawn; the others come on request, for thousands would hold the page up. */
export class LongList extends LitElement {
  static override properties = { entries: { attribute: false }, draw: { attribute: false }, shown: { state: true } };
  declare entries: readonly unknown[];
  declare draw: (entry: unknown) => TemplateResult;
  declare shown: number;

  constructor() {
    super();
    this.entries = [];
    this.draw = () => html``;
    this.shown = atOnce;
  }

  override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult {
    const more = this.entries.length - this.shown;
    return html`<ul class="files">
        ${this.entries.slice(0, this.shown).map(this.draw)}
      </ul>
      ${
        more > 0
          ? html`<button class="link block" @click=${() => (this.shown += atOnce)}>
              ${t('Show {0} of {1} more', Math.min(atOnce, more), more)}
            </button>`
          : nothing
      }`;
  }

  /** The keyboard goes on where the list went on, also when the button is gone. */
  override updated(changed: PropertyValues<this>): void {
    const before = changed.get('shown');
    if (before !== undefined) this.querySelectorAll('li')[before]?.querySelector<HTMLElement>('button')?.focus();
  }
}
customElements.define('belay-long-list', LongList);

export const longList = <T>(entries: readonly T[], draw: (entry: T) => TemplateResult): TemplateResult =>
  html`<belay-long-list .entries=${entries} .draw=${draw}></belay-long-list>`;
