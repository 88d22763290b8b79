import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../base/l10n.ts';
import { iconButton } from './bits.ts';
import { failureAt } from './failure.ts';
import { isSending, onSendKey, sendBox } from './sending.ts';
import { store } from '../base/store.ts';

export interface Composer {
  /** Names the draft, which survives until it is sent. */
  readonly box: string;
  readonly label: string;
  readonly send: (text: string) => Promise<unknown>;
}

/** A text box at the foot of a page that grows with its text. Ctrl+Enter or ⌘Enter sends. */
export function composer({ box, label, send }: Composer): TemplateResult {
  const text = store.draft(box);
  const submit = (): void => {
    const body = store.draft(box).trim();
    if (body !== '') void sendBox(box, () => store.run(box, send(body)));
  };
  return html`${failureAt(box)}
    <footer class="foot composer">
      <belay-text-box
        class="grow"
        resize="none"
        .label=${label}
        placeholder=${label}
        rows="1"
        .value=${text}
        @input=${(event: Event) => store.setDraft(box, (event.target as HTMLTextAreaElement).value)}
        @keydown=${onSendKey(submit)}
      ></belay-text-box>
      ${text.trim() === '' ? nothing : iconButton({ icon: 'send', label: t('Send (Ctrl+Enter)'), disabled: isSending(box), act: submit })}
    </footer>`;
}
