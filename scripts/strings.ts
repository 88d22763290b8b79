/**
 * The strings that people read in the editor, found in the sources. `npm run strings` writes them into
 * `l10n/bundle.l10n.json`, which translators start from.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const root = path.dirname(import.meta.dirname);
export const bundleFile = 'l10n/bundle.l10n.json';

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}
export interface Strings {
  /** What goes through translation. */
  readonly translated: readonly Place[];
  /** What is shown and does not. */
  readonly untranslated: readonly Place[];
  /** What is translated and is no text that stands here or in a record of words. */
  readonly unknown: readonly Place[];
}

const isString = (node: ts.Node): node is ts.StringLiteral | ts.NoSubstitutionTemplateLiteral => ts.isStringLiteralLike(node);
/** A word of one letter is a mark, like the + and − of a difference. */
const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text);

/** `t(…)` of the page, `l10n.t(…)` of the editor, and what a model is given in their place. */
const isTranslation = (node: ts.CallExpression): boolean =>
  /^(?:vscode\.l10n\.t|t|(?:sources\.)?translate)$/u.test(node.expression.getText());

/** Records of words, which are translated where they are shown: `statusWords`, `kindPlurals`, a look's `word`. */
const areWords = (name: string): boolean => /(?:Words|Plurals)$/u.test(name);

const messages = /\.show(?:Error|Warning|Information)Message$/u;
const shownProperties = new Set(['title', 'placeHolder', 'prompt', 'hint', 'tooltip', 'openLabel', 'saveLabel']);

function literalsIn(node: ts.Node, found: (ts.StringLiteralLike | ts.TemplateExpression)[] = []): typeof found {
  if (isString(node) || ts.isTemplateExpression(node)) found.push(node);
  // What a call is given is its own affair.
  else if (!ts.isCallExpression(node)) node.forEachChild((child) => void literalsIn(child, found));
  return found;
}

/** The texts and the spoken attributes of a piece of page, as they stand in the source. */
function textsOfHtml(template: ts.TemplateLiteral): string[] {
  const pieces = ts.isTemplateExpression(template)
    ? [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)]
    : [template.text];
  const whole = pieces.join('\u0000');
  const attributes = [...whole.matchAll(/\s(?:aria-label|title|placeholder|alt)="([^"\u0000]*)"/gu)].map(([, value = '']) => value);
  const texts = whole
    .replaceAll(/<!--.*?-->/gsu, '')
    .replaceAll(/<[^>]*>/gu, '\u0000')
    .split('\u0000');
  // A piece that ends or begins inside a tag leaves half of it.
  return [...attributes, ...texts].map((text) => text.trim()).filter((text) => hasWords(text) && !/[<>="]/u.test(text));
}

function stringsOf(file: string): Strings {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const translated: Place[] = [];
  const untranslated: Place[] = [];
  const unknown: Place[] = [];
  const at = (node: ts.Node, text: string): Place => ({
    file,
    line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
    text,
  });
  const bare = (node: ts.Node | undefined): void => {
    for (const literal of node ? literalsIn(node) : []) {
      const text = isString(literal)
        ? literal.text
        : [literal.head, ...literal.templateSpans.map((span) => span.literal)].map((part) => part.text).join(' ');
      if (/\p{L}{2}.*\s|\p{Lu}\p{Ll}/u.test(text) && text !== 'Belay') untranslated.push(at(literal, text));
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTranslation(node)) {
      const [given] = node.arguments;
      const texts = given ? literalsIn(given).filter(isString) : [];
      translated.push(...texts.map((literal) => at(literal, literal.text)));
      if (given && texts.length === 0 && !/(?:Words|Plurals|[wW]ords)\[.*\]$|\bwords?$|^text$|^english$/u.test(given.getText()))
        unknown.push(at(given, given.getText()));
    } else if (ts.isCallExpression(node) && messages.test(node.expression.getText())) node.arguments.forEach(bare);
    // What is `internal` is a fault of ours, told as it is.
    else if (ts.isNewExpression(node) && node.expression.getText() === 'BelayError' && node.arguments?.[0]?.getText() !== "'internal'")
      node.arguments?.slice(1).forEach(bare);
    else if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'html')
      untranslated.push(...textsOfHtml(node.template).map((text) => at(node, text)));
    if (ts.isVariableDeclaration(node) && areWords(node.name.getText()) && node.initializer)
      for (const literal of literalsIn(node.initializer)) if (isString(literal)) translated.push(at(literal, literal.text));
    if (ts.isPropertyAssignment(node)) {
      const name = node.name.getText();
      if (name === 'word' && isString(node.initializer)) translated.push(at(node, node.initializer.text));
      if (shownProperties.has(name) && file.startsWith('extension/')) bare(node.initializer);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return { translated, untranslated, unknown };
}

export function allStrings(): Strings {
  const files = globSync(['extension/**/*.ts', 'webview/**/*.ts'], { cwd: root })
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort();
  const all = files.map(stringsOf);
  return {
    translated: all.flatMap((one) => one.translated),
    untranslated: all.flatMap((one) => one.untranslated),
    unknown: all.flatMap((one) => one.unknown),
  };
}

/** The bundle as it should be: each text once, by itself, in the order of the alphabet. */
export const bundleOf = ({ translated }: Strings): Record<string, string> =>
  Object.fromEntries([...new Set(translated.map(({ text }) => text))].sort().map((text) => [text, text]));

if (process.argv[1] === import.meta.filename)
  writeFileSync(path.join(root, bundleFile), `${JSON.stringify(bundleOf(allStrings()), null, 2)}\n`);
