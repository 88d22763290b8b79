/** Texts of a person: as a word, from a file as `@file`, or from standard input as `-`. */
import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { BelayError, messageOf } from '../../protocol/errors.ts';

/** What the help says of it. */
export const textSource = '@FILE reads a file, - standard input';

/** `@@` stands for one that begins a text. Throws `bad_request` for a file that cannot be read. */
export async function textOf(given: string): Promise<string> {
  if (given === '-') return await readAll(process.stdin);
  if (given.startsWith('@@')) return given.slice(1);
  if (!given.startsWith('@')) return given;
  const file = given.slice(1);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BelayError('bad_request', `${file} cannot be read: ${messageOf(cause)}`, {
      hint: 'A text that begins with "@" itself is written with "@@".',
      cause,
    });
  }
}

/** The words of a command as one text; without any, what comes through a pipe. Throws `bad_request` with `missing` when there is none. */
export async function wordsOrPipe(words: readonly string[], missing: string): Promise<string> {
  const text =
    words.length === 1
      ? await textOf(words[0] ?? '')
      : words.length > 0
        ? words.join(' ')
        : process.stdin.isTTY
          ? ''
          : await readAll(process.stdin);
  if (text.trim() === '') throw new BelayError('bad_request', missing, { hint: `Say it behind the command: ${textSource}.` });
  return text.trimEnd();
}
