import assert from 'node:assert/strict';
import { isTypingKey, undoOrRedo, type PressedKey } from '../../../webview/model/typingKeys.ts';

/** `Ctrl+Shift+z`; the last part is the key, and its code where they differ: `Ctrl+я/KeyZ`. */
function key(text: string): PressedKey {
  const parts = text.split('+');
  const [name = '', code = /^[a-z]$/iu.test(name) ? `Key${name.toUpperCase()}` : name] = (parts.pop() ?? '').split('/');
  return {
    key: name,
    code,
    ctrlKey: parts.includes('Ctrl'),
    metaKey: parts.includes('Cmd'),
    altKey: parts.includes('Alt'),
    shiftKey: parts.includes('Shift'),
    altGraph: parts.includes('AltGr'),
    isComposing: parts.includes('Composing'),
  };
}
const typing = (texts: string, mac: boolean) =>
  texts.split(' ').map((text) => `${text} ${isTypingKey(key(text), mac) ? 'types' : 'is handed on'}`);
const all = (texts: string, word: string) => texts.split(' ').map((text) => `${text} ${word}`);

describe('keys in a text field', () => {
  const everywhere =
    'x Shift+X é Enter Ctrl+Enter Backspace Delete Shift+Delete Ctrl+Backspace Ctrl+Delete Ctrl+ArrowLeft Ctrl+Shift+ArrowRight ' +
    'Home Ctrl+End Shift+PageDown Shift+Insert Ctrl+Insert Ctrl+Alt+AltGr+@ Ctrl+v Composing+Escape Dead';
  const notOnMac = 'Ctrl+z Ctrl+Shift+Z Ctrl+y Ctrl+x Ctrl+c Ctrl+a Ctrl+Shift+V Ctrl+я/KeyZ';
  const onMac = 'Cmd+z Cmd+Shift+Z Cmd+x Cmd+c Cmd+v Cmd+a Cmd+Backspace Alt+Backspace Alt+ArrowLeft Cmd+ArrowLeft Alt+@ Ctrl+k Ctrl+d';
  const handedOn = 'F1 Ctrl+s Ctrl+Shift+P Ctrl+w Ctrl+PageDown Ctrl+1 Escape Tab Ctrl+Tab Ctrl+Alt+z Ctrl+Shift+x Cmd+s Cmd+p';

  it('that write, delete, move or select are told from the keys of the editor', () => {
    const types = `${everywhere} ${notOnMac}`;
    assert.deepEqual(typing(types, false), all(types, 'types'));
    const others = `${handedOn} Ctrl+k Ctrl+p Ctrl+b Alt+ArrowLeft Alt+f`;
    assert.deepEqual(typing(others, false), all(others, 'is handed on'));
  });

  it('are those of macOS there', () => {
    const types = `${everywhere} ${onMac}`;
    assert.deepEqual(typing(types, true), all(types, 'types'));
    assert.deepEqual(typing(handedOn, true), all(handedOn, 'is handed on'));
  });

  it('undo and redo by the letter on the key, and by its place on a keyboard of another script', () => {
    const steps = 'Ctrl+z Cmd+z Ctrl+Shift+Z Cmd+Shift+Z Ctrl+y Ctrl+я/KeyZ z Ctrl+Alt+z Ctrl+;/KeyZ Ctrl+y/KeyZ Cmd+y'.split(' ');
    assert.deepEqual(
      steps.map((text) => undoOrRedo(key(text))),
      ['undo', 'undo', 'redo', 'redo', 'redo', 'undo', null, null, null, 'redo', null],
    );
  });
});
