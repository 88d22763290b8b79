/** What the editor asks of a workflow file: completion, hover, definition, quick fixes. Pure: text in, answers out. */
import { partsOf } from '../../../worker/workflowFile/parse.ts';
import { keysOf, schemaAt, valuesOf, type JsonSchema } from '../../../worker/workflowFile/schema.ts';
import { filterNames, sectionsIn, tagNames } from '../../../worker/workflowFile/template.ts';
import { docOf, variableDocs, type VariableDocs } from '../../../worker/workflowFile/variables.ts';

export interface Choice {
  readonly label: string;
  readonly kind: 'key' | 'value' | 'variable' | 'filter' | 'tag' | 'section';
  readonly detail: string;
  /** What is written; the label where it is not said. */
  readonly insert?: string;
}
export interface Hover {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Where a place of the front matter stands in its tree of keys, by indentation: it need not be whole YAML. */
interface KeyPlace {
  /** Keys above, outermost first; a number stands for an entry of a list. */
  readonly parents: readonly (string | number)[];
  readonly key: string | null;
  readonly keyStart: number;
  /** The place is behind the colon of `key`, or in an entry of its list. */
  readonly inValue: boolean;
  /** Keys that stand beside it already. */
  readonly beside: ReadonlySet<string>;
}

const lineForm = /^(\s*)((?:-\s+)*)(?:([\w-]+)(\s*:)?)?/u;

function keyPlace(front: string, offset: number): KeyPlace {
  const lines = front.split('\n');
  let row = 0;
  let start = 0;
  while (row < lines.length - 1 && start + (lines[row]?.length ?? 0) < offset) {
    start += (lines[row]?.length ?? 0) + 1;
    row += 1;
  }
  const [, space = '', dashes = '', word, colon] = lineForm.exec(lines[row] ?? '') ?? [];
  const indent = word === undefined && dashes === '' ? Math.min(space.length, offset - start) : space.length;
  const parents: (string | number)[] = dashes === '' ? [] : [0];
  const beside = new Set<string>();
  let level = dashes === '' ? indent : indent + 0.5;
  const own = indent + dashes.length;
  let within = dashes === '';
  for (let above = row - 1; above >= 0 && (level > 0 || within); above -= 1) {
    const line = lines[above] ?? '';
    if (/^\s*(?:#|$)/u.test(line)) continue;
    const [, deep = '', bars = '', key] = lineForm.exec(line) ?? [];
    const column = deep.length + bars.length;
    if (within && key !== undefined && column === own) beside.add(key);
    // Out of the map, or at the first line of an entry of a list.
    if (deep.length < own) within = false;
    if (bars !== '' && dashes === '' && column === own && parents[0] !== 0) {
      parents.unshift(0);
      level = deep.length + 0.5;
    } else if (column < level && bars === '' && key !== undefined) {
      parents.unshift(key);
      level = column;
    }
  }
  for (const line of lines.slice(row + 1)) {
    const [, deep = '', bars = '', key] = lineForm.exec(line) ?? [];
    if (/^\s*(?:#|$)/u.test(line)) continue;
    if (deep.length < own || bars !== '') break;
    if (key !== undefined && deep.length === own) beside.add(key);
  }
  const keyStart = start + space.length + dashes.length;
  const colonAt = keyStart + (word?.length ?? 0) + (colon?.length ?? 0);
  return { parents, key: word ?? null, keyStart, inValue: colon !== undefined && offset >= colonAt, beside };
}

export function completionsAt(text: string, offset: number, sections: readonly string[]): Choice[] {
  const parts = partsOf(text);
  const { front } = parts;
  if (front !== null && offset >= parts.frontStart && offset <= parts.frontStart + front.length)
    return frontChoices(front, offset - parts.frontStart);
  return offset >= parts.bodyStart ? templateChoices(text.slice(parts.bodyStart, offset), sections) : [];
}

function frontChoices(front: string, offset: number): Choice[] {
  const place = keyPlace(front, offset);
  if (place.inValue || (place.parents.at(-1) === 0 && place.key === null)) {
    const path = place.inValue && place.key !== null ? [...place.parents, place.key] : place.parents;
    const schema = schemaAt(path);
    const values = schema ? valuesOf(schema).map((label): Choice => ({ label, kind: 'value', detail: '' })) : [];
    if (place.inValue || values.length > 0) return values;
  }
  const schema = schemaAt(place.parents);
  const keys = schema && keysOf(schema);
  return Object.entries(keys ?? {})
    .filter(([name]) => !place.beside.has(name))
    .map(([name, inner]): Choice => ({
      label: name,
      kind: 'key',
      detail: inner.description ?? '',
      insert: inner.type === 'object' ? `${name}:` : `${name}: `,
    }));
}

/** Inside `{{ … }}` and `{% … %}`; `before` is the body up to the place. */
export function templateChoices(before: string, sections: readonly string[]): Choice[] {
  const opened = Math.max(before.lastIndexOf('{{'), before.lastIndexOf('{%'));
  if (opened === -1 || /[}%]\}/u.test(before.slice(opened))) return [];
  const inside = before.slice(opened);
  if (/^\{%-?\s*render\s+["'][^"']*$/u.test(inside)) return sections.map((label) => ({ label, kind: 'section', detail: '' }));
  if (/\|\s*\w*$/u.test(inside)) return filterNames.map((label) => ({ label, kind: 'filter', detail: '' }));
  if (/^\{%-?\s*\w*$/u.test(inside)) return tagNames.map((label) => ({ label, kind: 'tag', detail: '' }));
  const names = (/([\w.]*)$/u.exec(inside)?.[1] ?? '').split('.').slice(0, -1);
  const here = names.length === 0 ? variableDocs : docOf(names);
  if (here === null || typeof here === 'string') return [];
  return Object.entries(here as VariableDocs).map(([label, doc]) => ({
    label,
    kind: 'variable',
    detail: typeof doc === 'string' ? doc : '',
  }));
}

export function hoverAt(text: string, offset: number): Hover | null {
  const parts = partsOf(text);
  const { front, frontStart, bodyStart } = parts;
  if (front !== null && offset >= frontStart && offset < frontStart + front.length) {
    const place = keyPlace(front, offset - frontStart);
    const start = frontStart + place.keyStart;
    if (place.key === null || offset < start || offset > start + place.key.length) return null;
    const schema = schemaAt([...place.parents, place.key]);
    return schema && { text: describe(place.key, schema), start, end: start + place.key.length };
  }
  return offset >= bodyStart ? templateHover(text, offset) : null;
}

export function templateHover(text: string, offset: number): Hover | null {
  const opened = Math.max(text.lastIndexOf('{{', offset), text.lastIndexOf('{%', offset));
  if (opened === -1 || /[}%]\}/u.test(text.slice(opened, offset))) return null;
  let start = offset;
  while (start > 0 && /[\w.]/u.test(text[start - 1] ?? '')) start -= 1;
  let end = offset;
  while (/\w/u.test(text[end] ?? '')) end += 1;
  const name = text.slice(start, end);
  const doc = name === '' ? null : docOf(name.split('.'));
  if (doc === null) return null;
  const words =
    typeof doc === 'string'
      ? doc
      : Object.keys(doc)
          .map((key) => `\`${name}.${key}\``)
          .join(', ');
  return { text: `\`${name}\`: ${words}`, start, end };
}

function describe(key: string, schema: JsonSchema): string {
  const values = valuesOf(schema);
  const usual =
    schema.default === undefined || typeof schema.default === 'object' ? '' : `\n\nUsual: \`${JSON.stringify(schema.default)}\``;
  return `**${key}**: ${schema.description ?? 'a part of a rule, see docs/policy.md.'}${values.length > 0 ? `\n\nOne of ${values.map((value) => `\`${value}\``).join(', ')}` : ''}${usual}`;
}

/** The section whose name stands at the place. */
export function sectionAt(text: string, offset: number): string | null {
  return sectionsIn(text).find((use) => offset >= use.start && offset <= use.end)?.name ?? null;
}
