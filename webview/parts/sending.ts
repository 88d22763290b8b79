/** What a person wrote goes out once, and what they write meanwhile stays. */
import { store } from '../base/store.ts';

/** The boxes whose text is on its way. Not kept with the page shown: a person may leave it and come back before the answer. */
const sending = new Set<string>();

export function isSending(box: string): boolean {
  return sending.has(box);
}

/** Sends what is in a box unless it is being sent. `send` gives true when that was done; then the box is emptied, if it still holds the same. */
export async function sendBox(box: string, send: () => Promise<boolean>): Promise<void> {
  if (sending.has(box)) return;
  const sent = store.draft(box);
  sending.add(box);
  store.changed();
  try {
    if ((await send()) && store.draft(box) === sent) store.setDraft(box, '');
  } finally {
    sending.delete(box);
    store.changed();
  }
}

/** Ctrl+Enter or ⌘Enter sends; in a composition the keys belong to the input method. */
export const onSendKey =
  (send: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.isComposing || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
