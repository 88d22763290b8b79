/** Characters with which a text reads otherwise than it runs: those that reorder what is shown, and those that show nothing. Pure. */

/** Embeddings, overrides and isolates; plain direction marks belong to Arabic and Hebrew texts. */
const reordering = '\u202a-\u202e\u2066-\u2069';
/** Blank letters, tags and variation selectors in a row, as carriers of text that nobody sees. A flag is made of tags, an emoji has one selector. */
const unseen =
  '[\u115f\u1160\u3164\uffa0\u180e]|(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]*)[\u{e0000}-\u{e007f}]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2,}';
const hidden = new RegExp(`[${reordering}]|${unseen}`, 'gu');

/** Why a text misleads its reader, or null. What `before` has as often is no news. */
export function hiddenText(text: string, before: string): string | null {
  const found = [...text.matchAll(hidden)];
  const first = found[before === '' ? 0 : (before.match(hidden)?.length ?? 0)];
  if (!first) return null;
  const line = text.slice(0, first.index).split('\n').length;
  const what = new RegExp(`[${reordering}]`, 'u').test(first[0]) ? 'reorder what is shown' : 'are not shown';
  return `holds characters that ${what} (line ${line})`;
}
