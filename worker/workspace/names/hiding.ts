/** Names that are something else than they look like, or that a command line takes for something else. Takes them as they stand, not folded. */
import { invisible } from '../../policy/fold.ts';

/** Alphabets with letters that look like those of another. */
const alphabets = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u];
const mixed = (word: string): boolean => alphabets.filter((alphabet) => alphabet.test(word)).length > 1;

/** Why a name misleads a person or a shell, or null. */
export function hidingReason(path: string): string | null {
  if (invisible.test(path)) return 'a name with invisible characters or direction marks';
  const names = path.split('/');
  if (names.some((name) => name.startsWith('-'))) return 'a name that commands take for an option';
  if (/[`;|<>*?"]|\$[({]|&&/u.test(path)) return 'a name that a shell takes for a command';
  if (names.some((name) => name !== name.trim())) return 'a name with a blank at its edge';
  if (path.split(/[^\p{L}\p{M}]+/u).some(mixed)) return 'a name that mixes letters that look alike';
  return null;
}
