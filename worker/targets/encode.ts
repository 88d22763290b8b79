/** Percent-encodes for a query value, parentheses and quotes included, so that links survive Markdown and shells. */
export function encodeText(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Text without control characters (tabs and line breaks stay) and lone surrogates: what may go to a terminal or a link. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/gu, '\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '');
}

/** What goes instead of a prompt that is too long for its target. */
export function directive(itemKey: string, promptFile: string): string {
  return `Read the task ${itemKey} in the file ${promptFile} and do it.`;
}

/** One argument of a program: below the smallest limit of the systems (Linux 128 KiB an argument, Windows 32,767 characters in all). */
export function fitsArgument(text: string): boolean {
  return Buffer.byteLength(text) <= 24_000;
}
