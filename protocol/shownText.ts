/**
 * Texts of others among lines of ours, for where people read lines: a terminal, a log, an error. One text is one line, or each
 * of its lines begins with a bar, which no line of ours does. Pure.
 */

const breaks = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/u;

/** A text at the end of a line: what would break the line, or push its rest out of sight, is one blank. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\u0085]+/gu, ' ').trim();

/** What needs no quotes: no blank, nothing that opens or closes, nothing that commands take for an option. */
const plainName = /^(?!-)[\p{L}\p{M}\p{N}_.,@+~#%=()[\]{}$&!'/:-]+$/u;

/** A name within a line, quoted and escaped where it could pass for more than a name. */
export function quotedName(name: string): string {
  if (plainName.test(name)) return name;
  // JSON leaves these as they are; blanks in a row push the rest to where another line begins.
  const spelled = (text: string): string => [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  return JSON.stringify(name).replaceAll(/[\u007f-\u009f\u2028\u2029]| {4,}/gu, spelled);
}

/** A text of several lines. */
export const barredLines = (text: string): string[] =>
  text
    .trimEnd()
    .split(breaks)
    .map((line) => `| ${line}`);

/** The first line after a mark of ours, the others behind bars. */
export function linesAfterMark(mark: string, text: string): string[] {
  const [first = '', ...rest] = text.trimEnd().split(breaks);
  return [`${mark}${first}`, ...rest.map((line) => `  | ${line}`)];
}

/** A text as a span of code in Markdown: nothing in it closes the span. */
export function codeSpan(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
