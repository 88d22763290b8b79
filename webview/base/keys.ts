/**
 * Keeps the keys of a text field in the page. The editor's frame listens at the window and hands every key on to the editor, where an undo
 * may meet another file than the text that has the keyboard.
 */
import { isTypingKey, undoOrRedo, type PressedKey } from '../model/typingKeys.ts';

const isMac = navigator.userAgent.includes('Mac OS X');

function keyOf(event: KeyboardEvent): PressedKey {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
  return { key, code, ctrlKey, metaKey, altKey, shiftKey, isComposing, altGraph: event.getModifierState('AltGraph') };
}

const isField = (target: EventTarget | undefined): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** At the document: after everything in the page that wants the key, and before the window. */
export function keepTypingKeys(): void {
  document.addEventListener('keydown', (event) => {
    const key = keyOf(event);
    const step = undoOrRedo(key);
    const inField = isField(event.composedPath()[0]);
    if (step === null && !(inField && isTypingKey(key, isMac))) return;
    event.stopPropagation();
    if (step === null || event.defaultPrevented) return;
    // Not left to the browser: on macOS a key that nobody took goes to the editor's menu.
    event.preventDefault();
    if (inField) document.execCommand(step);
  });
}
