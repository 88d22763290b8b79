/** Text of items, agents and files is written by others: here it is made safe to show, never to interpret. */

/** Marks that change the direction of the text around them, and characters without width. */
const steering = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** One line for titles and names: no control characters, no direction marks, spaces folded. */
export function oneLine(text: string): string {
  return text.replace(steering, '').replace(control, ' ').replace(/\s+/g, ' ').trim();
}

/** Prose of several lines, without marks that could reorder what surrounds it. */
export function withoutReordering(text: string): string {
  return text.replace(steering, '');
}

/** Commands, paths and whatever a person is asked to approve: what cannot be seen is spelled out as \u{…}. */
export function spellOutInvisible(text: string): string {
  return text.replace(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export interface TextPart {
  readonly text: string;
  readonly isCode: boolean;
}

/** One line in parts: what a pair of backticks holds is code. A backtick without its pair is a character like any other. */
export function codeParts(line: string): TextPart[] {
  return line
    .split(/(`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part) => (/^`[^`]+`$/.test(part) ? { text: part.slice(1, -1), isCode: true } : { text: part, isCode: false }));
}

export interface PathParts {
  readonly name: string;
  readonly folder: string;
}

/** The file's name and its folder, each safe to show. */
export function pathParts(path: string): PathParts {
  const shown = spellOutInvisible(path);
  const cut = shown.lastIndexOf('/');
  return cut < 0 ? { name: shown, folder: '' } : { name: shown.slice(cut + 1), folder: shown.slice(0, cut) };
}
