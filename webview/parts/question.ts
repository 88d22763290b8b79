import { html, nothing, type TemplateResult } from 'lit';
import type { Input, InputOption } from '../../protocol/records.ts';
import { call } from '../host.ts';
import { t } from '../l10n.ts';
import { prose, visible } from '../model/text.ts';
import { store } from '../store.ts';
import { icon, untrustedWithCode } from './bits.ts';

export interface QuestionView {
  readonly isBusy: boolean;
  readonly setBusy: (busy: boolean) => void;
}

/** What the agent asks, and the only ways to answer it. Nothing but a press of one of them counts as an answer. */
export function questionCard(input: Input, view: QuestionView): TemplateResult {
  const box = `answer:${input.id}`;
  const answer = async (optionId: string | null, text: string | null): Promise<void> => {
    view.setBusy(true);
    const params = { inputId: input.id, actionHash: input.actionHash, optionId, text };
    if (await store.run(call('answerInput', params))) {
      store.setDraft(box, '');
      store.announce(t('Answered'));
    }
    view.setBusy(false);
  };
  const text = store.draft(box);
  const button = (option: InputOption, index: number): TemplateResult =>
    html`<vscode-button
      ?secondary=${!(option.effect === 'allow_once' || (option.effect === 'answer' && index === 0 && !input.acceptsText))}
      ?disabled=${view.isBusy}
      @click=${() => void answer(option.id, null)}
      ><bdi>${visible(option.label)}</bdi></vscode-button
    >`;
  const send = (): void => {
    const written = store.draft(box).trim();
    if (written !== '') void answer(null, written);
  };
  return html`<section class="card wait question" aria-label=${t('Question')} data-input=${input.id}>
    <p class="card-title">${icon(input.kind === 'approval' ? 'shield' : 'question', 'wait')}${untrustedWithCode(input.title)}</p>
    ${
      input.detail === ''
        ? nothing
        : input.kind === 'approval'
          ? html`<pre class="asked" tabindex="0" aria-label=${t('What is asked for')}>${visible(input.detail)}</pre>`
          : html`<belay-markdown .text=${prose(input.detail)}></belay-markdown>`
    }
    ${
      input.acceptsText
        ? html`<belay-text-box
            .label=${t('Your answer')}
            placeholder=${t('Your answer')}
            rows="2"
            resize="vertical"
            .value=${text}
            @input=${(event: Event) => store.setDraft(box, (event.target as HTMLTextAreaElement).value)}
            @keydown=${(event: KeyboardEvent) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
            }}
          ></belay-text-box>`
        : nothing
    }
    <div class="actions">
      ${input.options.map(button)}
      ${input.acceptsText ? html`<vscode-button ?disabled=${view.isBusy || text.trim() === ''} @click=${send}>${t('Answer')}</vscode-button>` : nothing}
    </div>
  </section>`;
}
