import { html, LitElement, type TemplateResult } from 'lit';
import { runningTimeText } from '../model/format.ts';

/** A running clock since a point in time. Redraws itself only. */
export class Elapsed extends LitElement {
  static override properties = { since: { type: Number } };
  declare since: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.since = 0;
  }

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render(): TemplateResult {
    return html`${runningTimeText(Date.now() - this.since)}`;
  }
}
customElements.define('belay-elapsed', Elapsed);
