/** What a search compares: capitals and the ways to write one letter make no difference. */

/** What LOWER does in both databases: it leaves all but ASCII as it is. Letters with accents are taken apart first. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
