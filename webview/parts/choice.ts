import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { t } from '../base/l10n.ts';

interface Passed {
  readonly value: string;
  /** What stood here before the first value that was passed. */
  readonly seen: string;
}

/**
 * One value of several. The arrow keys of a closed list pass over values on their way: what they pass is chosen only by
 * Enter or by leaving, and Escape takes it back. What is taken from the open list is chosen at once.
 */
export class Choice extends LitElement {
  static override properties = {
    label: { type: String },
    value: { type: String },
    version: { type: Number },
    options: { attribute: false },
    choose: { attribute: false },
    passed: { state: true },
    sent: { state: true },
  };
  declare label: string;
  declare value: string;
  /** Grows when the value may have changed where it is stored. */
  declare version: number;
  declare options: readonly (readonly [value: string, word: string])[];
  /** Stores a value in place of the one that was seen; false when that failed. */
  declare choose: (value: string, seen: string) => Promise<boolean>;
  declare passed: Passed | null;
  /** Chosen, and not yet told back as the value. */
  declare sent: string | null;
  #isByKey = false;

  constructor() {
    super();
    this.label = '';
    this.value = '';
    this.version = 0;
    this.options = [];
    this.choose = () => Promise.resolve(false);
    this.passed = null;
    this.sent = null;
    this.addEventListener('focusout', () => this.#commit());
  }

  override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#commit();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('version')) this.sent = null;
  }

  override render(): TemplateResult {
    const shown = this.#shown();
    return html`<select
        class="select plain"
        aria-label=${this.label}
        .value=${live(shown)}
        @keydown=${this.#keys}
        @change=${(event: Event) => this.#pick((event.target as HTMLSelectElement).value)}
      >
        ${this.options.map(([value, word]) => html`<option value=${value} ?selected=${value === shown}>${word}</option>`)}
      </select>
      ${this.passed ? html`<span class="dim choice-hint" role="status">${t('Enter saves, Escape takes back')}</span>` : nothing}`;
  }

  #shown(): string {
    return this.passed?.value ?? this.sent ?? this.value;
  }

  readonly #keys = (event: KeyboardEvent): void => {
    if (this.passed && (event.key === 'Enter' || event.key === 'Escape')) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Enter') this.#commit();
      else this.passed = null;
      return;
    }
    // A value that this key passes is told in the same turn; one that is taken from the open list comes later.
    this.#isByKey = true;
    setTimeout(() => (this.#isByKey = false));
  };

  #pick(value: string): void {
    this.passed = { value, seen: this.passed?.seen ?? this.#shown() };
    if (!this.#isByKey) this.#commit();
  }

  #commit(): void {
    const { passed } = this;
    this.passed = null;
    if (!passed || passed.value === passed.seen) return;
    this.sent = passed.value;
    void this.choose(passed.value, passed.seen).then((isStored) => {
      if (!isStored && this.sent === passed.value) this.sent = null;
    });
  }
}
customElements.define('belay-choice', Choice);
