/** Base of the page's elements. They render into the page itself: one style sheet, one set of theme variables, one tree for assistive tools. */
import { LitElement } from 'lit';
import { store } from '../base/store.ts';

export class PanelElement extends LitElement {
  #unsubscribe: (() => void) | null = null;

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = store.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
  }
}
