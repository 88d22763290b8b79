import { allStrings, bundleFile, bundleOf, type Place, type Strings } from '../../scripts/strings.ts';
import { filesOf, none, textOf } from './support.ts';

describe('every text of the editor', () => {
  let strings: Strings;
  before(() => {
    strings = allStrings();
  });
  const told = (places: readonly Place[], what: string) => none(places.map(({ file, line, text }) => `${file}:${line}: ${what}: ${text}`));

  it('goes through translation', () => {
    told(strings.untranslated, 'this text is shown without t() or l10n.t()');
  });

  it('stands where it can be found: in the call, or in a record of words', () => {
    told(strings.unknown, 'this is no text, and nothing of a record whose name ends with Words or Plurals');
  });

  it('is in the language file', () => {
    const wanted = bundleOf(strings);
    const found = JSON.parse(textOf(bundleFile)) as Record<string, string>;
    none([
      ...Object.keys(wanted)
        .filter((text) => !Object.hasOwn(found, text))
        .map((text) => `${bundleFile}: "npm run strings" adds ${JSON.stringify(text)}`),
      ...Object.keys(found)
        .filter((text) => !Object.hasOwn(wanted, text))
        .map((text) => `${bundleFile}: nobody shows ${JSON.stringify(text)}; "npm run strings" takes it out`),
    ]);
  });

  it('of the manifest is in its language file, which has no other', () => {
    const words = JSON.parse(textOf('package.nls.json')) as Record<string, string>;
    const used = new Set([...textOf('package.json').matchAll(/"%([^%"]+)%"/gu)].map(([, key = '']) => key));
    none([
      ...[...used].filter((key) => !words[key]).map((key) => `package.nls.json: no text for "${key}" of package.json`),
      ...Object.keys(words)
        .filter((key) => !used.has(key))
        .map((key) => `package.nls.json: nothing in package.json uses "${key}"`),
    ]);
  });

  it('of another language is a translation of one there is', () => {
    const english = { bundle: JSON.parse(textOf(bundleFile)) as object, manifest: JSON.parse(textOf('package.nls.json')) as object };
    none(
      filesOf('l10n/bundle.l10n.*.json', 'package.nls.*.json').flatMap((file) => {
        const known = file.startsWith('l10n/') ? english.bundle : english.manifest;
        const theirs = JSON.parse(textOf(file)) as Record<string, string>;
        return [
          ...Object.keys(theirs)
            .filter((text) => !Object.hasOwn(known, text))
            .map((text) => `${file}: nobody shows ${JSON.stringify(text)}`),
          ...Object.keys(known)
            .filter((text) => !Object.hasOwn(theirs, text))
            .map((text) => `${file}: no translation of ${JSON.stringify(text)}`),
        ];
      }),
    );
  });
});
