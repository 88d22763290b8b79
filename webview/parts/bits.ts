/** Small templates used all over the page. */
import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { PanelProblem } from '../../protocol/panel.ts';
import type { ItemKind } from '../../protocol/records.ts';
import { t } from '../base/l10n.ts';
import { kindIcons, kindWords, type Look } from '../model/describe.ts';
import { codeParts, oneLine } from '../model/text.ts';
import { store } from '../base/store.ts';

/** A picture beside words that say the same. */
export const icon = (name: string, classes = ''): TemplateResult =>
  html`<span class="codicon codicon-${name} ${classes}" aria-hidden="true"></span>`;

export const kindIcon = (kind: ItemKind): TemplateResult =>
  html`<span class="codicon codicon-${kindIcons[kind]} kind-${kind}" role="img" aria-label=${t(kindWords[kind])}></span>`;

export const lookIcon = (look: Look): TemplateResult =>
  icon(look.icon, look.icon === 'sync' ? `${look.tone} codicon-modifier-spin` : look.tone);

export interface IconButton {
  readonly icon: string;
  readonly label: string;
  readonly act: (event: Event) => void;
  readonly classes?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly inList?: boolean;
}
export const iconButton = (button: IconButton): TemplateResult =>
  html`<button
    class="icon-button ${button.classes ?? ''}"
    title=${button.label}
    aria-label=${button.label}
    aria-pressed=${button.pressed ?? nothing}
    aria-expanded=${button.expanded ?? nothing}
    tabindex=${button.inList ? -1 : nothing}
    ?disabled=${button.disabled ?? false}
    @click=${button.act}
  >
    ${icon(button.icon)}
  </button>`;

/** An icon in a button's slot: the button's own shadow tree does not know the icon font. */
export const slotIcon = (name: string): TemplateResult =>
  html`<span slot="content-before" class="codicon codicon-${name}" aria-hidden="true"></span>`;

export const timeTag = (at: number, now: number, short = true): TemplateResult =>
  html`<time title=${store.times.full(at)}>${short ? store.times.when(at, now) : store.times.full(at)}</time>`;

/** Text by others, on one line. */
export const untrustedText = (text: string, classes = ''): TemplateResult => html`<bdi class=${classes}>${oneLine(text)}</bdi>`;

/** The same, with what stands between backticks as code: agents and specs write names that way also where no Markdown is read. */
export const untrustedTextWithCode = (text: string): TemplateResult =>
  html`<bdi>${codeParts(oneLine(text)).map(({ text: part, isCode }) => (isCode ? html`<code>${part}</code>` : part))}</bdi>`;

export const problemCard = (problem: PanelProblem, retry: (() => void) | null, dismiss: (() => void) | null = null): TemplateResult =>
  html`<div class="card bad" role="alert">
    <p class="card-title">${icon('error', 'bad')}<span>${problem.message}</span></p>
    ${problem.hint ? html`<p class="card-hint">${problem.hint}</p>` : nothing}
    ${
      (retry && problem.canRetry) || dismiss
        ? html`<div class="actions">
            ${
              retry && problem.canRetry ? html`<vscode-button @click=${retry}>${slotIcon('refresh')}${t('Retry')}</vscode-button>` : nothing
            }
            ${dismiss ? html`<vscode-button secondary @click=${dismiss}>${t('Dismiss')}</vscode-button>` : nothing}
          </div>`
        : nothing
    }
  </div>`;

export const lineCounts = (added: number | null, deleted: number | null): TemplateResult =>
  html`<span class="lines"
    >${added ? html`<span class="added">+${added}</span>` : nothing}${deleted ? html`<span class="deleted">−${deleted}</span>` : nothing}</span
  >`;

export const section = (title: string, aside: TemplateResult | string | typeof nothing, body: unknown, classes = ''): TemplateResult =>
  html`<section
    class=${classMap({
      section: true,
      ...Object.fromEntries(
        classes
          .split(' ')
          .filter(Boolean)
          .map((name) => [name, true]),
      ),
    })}
  >
    <h2>${title}<span class="aside">${aside}</span></h2>
    ${body}
  </section>`;

export const skeleton = (): TemplateResult =>
  html`<div class="skeleton" aria-busy="true" aria-label=${t('Loading')} role="status"><i></i><i></i><i></i><i></i></div>`;
