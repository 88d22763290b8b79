import { html, nothing, type TemplateResult } from 'lit';
import type { Handoff } from '../../protocol/records.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { store } from '../base/store.ts';
import { modeWords } from '../model/describe.ts';
import { oneLine } from '../model/text.ts';
import { icon, untrustedText } from './bits.ts';
import { failureAt } from './failure.ts';

/** Hand-offs that are open, and those whose result was recorded. */
export function handoffCards(handoffs: readonly Handoff[], now: number): TemplateResult {
  const open = handoffs.filter((handoff) => handoff.state === 'open');
  const recorded = handoffs.filter((handoff) => handoff.state === 'recorded' && handoff.result?.headCommit);
  return html`${open.map((handoff) => openHandoff(handoff, now))} ${recorded.map((handoff) => recordedHandoff(handoff, now))}`;
}

function recordedHandoff(handoff: Handoff, now: number): TemplateResult {
  return html`<div class="card quiet-card">
    <p class="card-title">
      ${icon('link-external', 'dim')}<span
        >${t('Recorded from {0}, {1}', oneLine(handoff.targetName), store.times.when(handoff.closedAt ?? handoff.createdAt, now))}</span
      >
    </p>
    <div class="actions">
      <vscode-button secondary @click=${() => void store.run(handoff.id, callHost('reviewHandoff', { handoffId: handoff.id }))}
        >${t('Review changes')}</vscode-button
      >
    </div>
    ${failureAt(handoff.id)}
  </div>`;
}

function openHandoff(handoff: Handoff, now: number): TemplateResult {
  return html`<div class="card quiet-card">
    <p class="card-title">
      ${icon('link-external', 'dim')}<span
        >${t('In {0} since {1}', oneLine(handoff.targetName), store.times.when(handoff.createdAt, now))}<span class="dim">
          · ${t(modeWords[handoff.mode])}</span
        ></span
      >
    </p>
    ${handoff.detail === '' ? nothing : html`<p class="card-hint">${untrustedText(handoff.detail)}</p>`}
    <div class="actions">
      <vscode-button
        secondary
        ?disabled=${store.setup?.limitedBy === 'untrusted'}
        @click=${() => void store.run(handoff.id, callHost('recordHandoff', { handoffId: handoff.id }))}
        >${t('Record result')}</vscode-button
      >
      <vscode-button secondary @click=${() => void store.run(handoff.id, callHost('closeHandoff', { handoffId: handoff.id }))}
        >${t('Close')}</vscode-button
      >
    </div>
    ${failureAt(handoff.id)}
  </div>`;
}
