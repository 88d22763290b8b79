/** Which addresses in the texts of items and agents a person can open. Page and host go by the same. */

/** The web and mail only. */
const known = /^(?:https?:\/\/[^/]|mailto:.)/iu;
/** A parser leaves these out of an address or reads it differently: what opens would not be what is written. */
const unseen = /[\s\p{Cc}\p{Cf}\\]/u;

export const linkChars = 4000;

export function isOpenable(url: string): boolean {
  return url.length <= linkChars && known.test(url) && !unseen.test(url) && URL.canParse(url);
}
