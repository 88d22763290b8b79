/** Percent-encodes for a query value, parentheses and quotes included, so that links survive Markdown and shells. */
export function encodeText(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** C0 but tab and line feed, DEL, and C1: what steers a terminal. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;
/** Controls, and what hides in, reorders or breaks a line where it is shown without changing what is run. */
const misleading = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

const evenText = (text: string) => text.toWellFormed().replaceAll(/\r\n?/gu, '\n');

/** Text without control characters (tabs and line breaks stay) and lone surrogates: what a tool gets as its prompt. */
export function plainText(text: string): string {
  return evenText(text).replaceAll(controls, '');
}

/**
 * Anyone's text as a terminal may show it. Control and bidi characters are spelled out (`<U+001B>`) rather than
 * dropped, so that a person who approves a command sees that it holds them. Tabs and line feeds stay.
 */
export function terminalText(text: string): string {
  return evenText(text).replaceAll(misleading, (char) => `<U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);
}

/** The same for what has one line to itself (a title, a label): no line break in it can pass for a line of ours. */
export function terminalLine(text: string): string {
  return terminalText(text).replaceAll('\n', ' ');
}

/** A value as JSON that a terminal may show: everything misleading is escaped, so it reads back the same. */
export function terminalJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(misleading, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What goes instead of a prompt that is too long for its target. */
export function directive(itemKey: string, promptFile: string): string {
  return `Read the task ${itemKey} in the file ${promptFile} and do it.`;
}

/** One argument of a program: below the smallest limit of the systems (Linux 128 KiB an argument, Windows 32,767 characters in all). */
export function fitsArgument(text: string): boolean {
  return Buffer.byteLength(text) <= 24_000;
}
