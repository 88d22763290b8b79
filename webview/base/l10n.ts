/** The page's strings, by their English text. */
let strings: Readonly<Record<string, string>> = {};

export function setStrings(translated: Readonly<Record<string, string>>): void {
  strings = translated;
}

/** The text in the person's language, with {0}, {1}, … replaced by the arguments. */
export function t(english: string, ...args: readonly (string | number)[]): string {
  return (strings[english] ?? english).replace(/\{(\d+)\}/g, (whole, index: string) => {
    const value = args[Number(index)];
    return value === undefined ? whole : String(value);
  });
}
