/** What did not happen, said beside what the person used: a card at the top of a page that is scrolled is seen by nobody. */
import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { PanelProblem } from '../../protocol/panel.ts';
import { callHost } from '../base/host.ts';
import { store } from '../base/store.ts';
import { problemCard } from './bits.ts';

/** The failure of what the person did last, if that was at this place of the page. */
export const failureAt = (at: string): TemplateResult | typeof nothing => (store.failure?.at === at ? failureCard() : nothing);

/** Under the control that was used there may be no room left on the screen. */
const intoSight = (card?: Element): void => {
  // It is drawn before it stands in the page.
  if (card) requestAnimationFrame(() => card.scrollIntoView({ block: 'nearest' }));
};

/** The failure wherever it belongs. */
export const failureCard = (): TemplateResult | typeof nothing =>
  store.failure
    ? html`<div class="failure" ${ref(intoSight)}>
        ${problemCard(store.failure.problem, null, () => {
          const from = store.failure?.from;
          store.failure = null;
          store.changed();
          if (from instanceof HTMLElement && from.isConnected) from.focus();
        })}
      </div>`
    : nothing;

/** A page or a list that could not be had, and the way to try again. */
export const unavailableCard = (problem: PanelProblem | null): TemplateResult | typeof nothing =>
  problem === null
    ? nothing
    : html`${problemCard(problem, () => void store.run('refresh', callHost('refresh', {})))} ${failureAt('refresh')}`;
