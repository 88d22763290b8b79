/** Which keys belong to whoever writes in a text field. All others the page hands on, so that the editor's own keys work from here too. Pure. */

/** What counts of a keyboard event. */
export interface PressedKey {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
  /** Written with AltGr, which some systems report as Ctrl and Alt. */
  readonly altGraph: boolean;
}

const moving = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];
const named = new Set(['Backspace', 'Delete', 'Insert', 'Enter', 'Dead', 'Process', 'Unidentified', ...moving]);
/** Between tabs of the editor when Ctrl is held. */
const paging = new Set(['PageUp', 'PageDown']);
const chords = new Set(['a', 'c', 'v', 'x', 'y', 'z']);
const shiftedChords = new Set(['v', 'z']);
/** The text keys of macOS that come from Emacs. */
const macChords = new Set(['a', 'b', 'd', 'e', 'f', 'h', 'k', 'n', 'o', 'p', 't', 'v', 'y']);

/** The letter on the key; on a keyboard of another script the one that Latin keyboards have in its place, as the editor reads it. */
function letterOf({ key, code }: PressedKey): string {
  if (/^[a-z]$/iu.test(key)) return key.toLowerCase();
  return /^\P{ASCII}$/u.test(key) && /^Key[A-Z]$/u.test(code) ? code.slice(3).toLowerCase() : '';
}

/** Undo and redo, with whatever the system calls its main modifier. */
export function undoOrRedo(key: PressedKey): 'undo' | 'redo' | null {
  if (key.altKey || key.ctrlKey === key.metaKey) return null;
  const letter = letterOf(key);
  if (letter === 'z') return key.shiftKey ? 'redo' : 'undo';
  return letter === 'y' && key.ctrlKey && !key.shiftKey ? 'redo' : null;
}

export function isTypingKey(key: PressedKey, mac: boolean): boolean {
  if (key.isComposing) return true;
  const isPlain = !key.ctrlKey && !key.metaKey && (mac || !key.altKey);
  if (key.key.length === 1 && (isPlain || key.altGraph)) return true;
  if (paging.has(key.key)) return isPlain;
  if (key.altKey && !mac) return false;
  if (named.has(key.key)) return true;
  if (key.altKey) return false;
  const letter = letterOf(key);
  if (mac && key.ctrlKey && !key.metaKey) return !key.shiftKey && macChords.has(letter);
  return key.ctrlKey !== key.metaKey && (key.shiftKey ? shiftedChords : chords).has(letter);
}
