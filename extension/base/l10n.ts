/** Translation for what knows nothing of the editor: English until the editor's own `l10n.t` is given. */
type Translate = (english: string, ...args: (string | number)[]) => string;

let translate: Translate = (english, ...args) =>
  english.replaceAll(/\{(\d+)\}/gu, (place, index: string) => String(args[Number(index)] ?? place));

export function translateWith(given: Translate): void {
  translate = given;
}

export const t: Translate = (english, ...args) => translate(english, ...args);
