import { BelayError } from '../../protocol/errors.ts';
import { oneLine } from '../../protocol/shownText.ts';

/** The choice that is meant, however it is spelled. Throws `bad_request`. */
export function choiceOf<T extends string>(choices: readonly T[], text: string, what: string): T {
  const plain = (word: string) => word.toLowerCase().replaceAll(/[-_ ]/gu, '_');
  const known = choices.find((choice) => plain(choice) === plain(text));
  if (known === undefined)
    throw new BelayError('bad_request', `${what} does not know "${oneLine(text)}".`, { hint: `It knows ${choices.join(', ')}.` });
  return known;
}
