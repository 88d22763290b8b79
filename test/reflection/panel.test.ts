import path from 'node:path';
import { pageSources } from '../../extension/panel/pageRegistry.ts';
import { workspaceEventTypes } from '../../protocol/events.ts';
import { panelRequests } from '../../protocol/panel.ts';
import { pageNames } from '../../protocol/panelPages.ts';
import { filesOf, none, textOf } from './support.ts';

const sources = filesOf('webview/**/*.ts');
const sheets = filesOf('webview/**/*.css');
const page = sources.map((file) => [file, textOf(file)] as const);

/** What `webview/main.ts` brings in, style sheets too. */
function loaded(from = 'webview/main.ts', seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  if (from.endsWith('.ts'))
    for (const [, name = ''] of textOf(from).matchAll(/^import (?!type)[^;]*?'(\.[^']+)';/gmu))
      loaded(path.posix.join(path.posix.dirname(from), name), seen);
  return seen;
}

describe('the page of the panel', () => {
  it('makes every call that the host answers', () => {
    const text = page.map(([, source]) => source).join('\n');
    none(
      Object.keys(panelRequests)
        .filter((name) => !new RegExp(`'${name}'`, 'u').test(text))
        .map((name) => `protocol/panel.ts: nothing in webview/ calls "${name}"`),
    );
  });

  it('has a file for each page, which is loaded, and one for how the host builds it', () => {
    const known = loaded();
    none(
      pageNames.flatMap((name) => [
        ...(known.has(`webview/pages/${name}.ts`) ? [] : [`webview/pageRegistry.ts: webview/pages/${name}.ts is not imported`]),
        ...(filesOf(`extension/panel/pages/${name}.ts`).length > 0 ? [] : [`extension/panel/pages/${name}.ts: the page has no file here`]),
      ]),
    );
  });

  it('has a page for every event', () => {
    const heard = new Set(Object.values(pageSources).flatMap(({ concernedBy }) => concernedBy));
    none(
      workspaceEventTypes.filter((type) => !heard.has(type)).map((type) => `extension/panel/pages: no page's concernedBy has '${type}'`),
    );
  });

  it('loads what defines each of its elements', () => {
    const known = loaded();
    const definers = new Map(
      page.flatMap(([file, source]) =>
        [...source.matchAll(/customElements\.define\('([\w-]+)'/gu)].map(([, tag = '']) => [tag, file] as const),
      ),
    );
    none(
      page.flatMap(([file, source]) =>
        [...source.matchAll(/<(belay-[a-z-]+)/gu)].flatMap(([, tag = '']) => {
          const definer = definers.get(tag);
          if (definer === undefined) return [`${file}: no file of webview/ defines <${tag}>`];
          return known.has(definer) ? [] : [`webview/main.ts: ${definer}, which defines <${tag}>, is not imported`];
        }),
      ),
    );
    none(sources.filter((file) => !known.has(file) && !isTypes(file)).map((file) => `webview/main.ts: nothing imports ${file}`));
  });

  it('loads every style sheet', () => {
    const known = loaded();
    none(sheets.filter((file) => !known.has(file)).map((file) => `webview/main.ts: ${file} is not imported`));
  });

  it('has styles for every class it gives, and gives every class it has styles for', () => {
    const classIn = /\.([a-z][\w-]*)/gu;
    const selectors = (css: string): string => css.replaceAll(/\/\*.*?\*\//gsu, '').replaceAll(/\{[^{}]*\}/gu, '\n');
    const styled = new Map(
      sheets.flatMap((file) => [...selectors(textOf(file)).matchAll(classIn)].map(([, name = '']) => [name, file] as const)),
    );
    const source = page.map(([, text]) => text).join('\n');
    // A class may also be there for a test or for what looks for its element.
    const looked = new Set(
      [source, ...filesOf('test/webview/*.ts', 'test/e2e/*.ts').map(textOf)].flatMap((text) =>
        [...text.matchAll(classIn)].map(([, name = '']) => name),
      ),
    );
    none(
      page.flatMap(([file, text]) =>
        [...text.matchAll(/\bclass="([^"$]*)(\$?)/gu)].flatMap(([, names = '', open = '']) => {
          const given = names.split(/\s+/u).filter((name) => name !== '' && !/^(?:codicon|vscode)/u.test(name));
          // What goes on with a value is not a whole name.
          if (open !== '' && !/\s$/u.test(names)) given.pop();
          return given
            .filter((name) => !styled.has(name) && !looked.has(name))
            .map((name) => `${file}: no style sheet of webview/ has .${name}`);
        }),
      ),
    );
    none(
      [...styled]
        .filter(
          ([name]) =>
            !/^(?:codicon|vscode)/u.test(name) &&
            !new RegExp(`[\\s"'\`]${name}(?![\\w-])|[\\s"'\`]${name.replace(/[^-]+$/u, '')}\\$\\{`, 'u').test(source),
        )
        .map(([name, file]) => `${file}: nothing in webview/ has the class .${name}`),
    );
  });
});

/** A declaration, which is never loaded. */
const isTypes = (file: string): boolean =>
  file.endsWith('.d.ts') || !/^(?:export )?(?:const|function|class|async|abstract)\b|^export (?:abstract|default)/mu.test(textOf(file));
