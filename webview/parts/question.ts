import { html, nothing, type TemplateResult } from 'lit';
import type { Input, InputOption } from '../../protocol/records.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { withoutReordering, spellOutInvisible } from '../model/text.ts';
import { store } from '../base/store.ts';
import { icon, untrustedTextWithCode } from './bits.ts';
import { failureAt } from './failure.ts';
import { isSending, onSendKey, sendBox } from './sending.ts';

/** What the agent asks, and the only ways to answer it, for who may. Nothing but a press of one of them counts as an answer. */
export function questionCard(input: Input, canAnswer: boolean): TemplateResult {
  const box = `answer:${input.id}`;
  const isBusy = isSending(box);
  const answer = (optionId: string | null, text: string | null): void =>
    void sendBox(box, async () => {
      const params = { inputId: input.id, actionHash: input.actionHash, optionId, text };
      const isDone = await store.run(box, callHost('answerInput', params));
      if (isDone) store.announce(t('Answered'));
      return isDone;
    });
  const text = store.draft(box);
  const button = (option: InputOption, index: number): TemplateResult =>
    html`<vscode-button
      ?secondary=${!(option.effect === 'allow_once' || (option.effect === 'answer' && index === 0 && !input.acceptsText))}
      ?disabled=${isBusy}
      @click=${() => answer(option.id, null)}
      ><bdi>${spellOutInvisible(option.label)}</bdi></vscode-button
    >`;
  const send = (): void => {
    const written = store.draft(box).trim();
    if (written !== '') answer(null, written);
  };
  const ways = (): TemplateResult =>
    html`${
        input.acceptsText
          ? html`<belay-text-box
              .label=${t('Your answer')}
              placeholder=${t('Your answer')}
              rows="2"
              resize="vertical"
              .value=${text}
              @input=${(event: Event) => store.setDraft(box, (event.target as HTMLTextAreaElement).value)}
              @keydown=${onSendKey(send)}
            ></belay-text-box>`
          : nothing
      }
      <div class="actions">
        ${input.options.map(button)}
        ${input.acceptsText ? html`<vscode-button ?disabled=${isBusy || text.trim() === ''} @click=${send}>${t('Answer')}</vscode-button>` : nothing}
      </div>`;
  return html`<section class="card wait question" aria-label=${t('Question')} data-input=${input.id}>
    <p class="card-title">${icon(input.kind === 'approval' ? 'shield' : 'question', 'wait')}${untrustedTextWithCode(input.title)}</p>
    ${
      input.detail === ''
        ? nothing
        : input.kind === 'approval'
          ? html`<pre class="asked" tabindex="0" aria-label=${t('What is asked for')}>${spellOutInvisible(input.detail)}</pre>`
          : html`<belay-markdown .text=${withoutReordering(input.detail)}></belay-markdown>`
    }
    ${canAnswer ? ways() : html`<p class="note">${icon('info')}<span>${t('Only the owner of this session can answer.')}</span></p>`}
    ${failureAt(box)}
  </section>`;
}
