/** Reads `WORKFLOW.md`: front matter and body, each problem with its place. Pure. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { keysOf, schemaAt, sectionFolder, WorkflowConfig, workflowFile, type JsonSchema } from './schema.ts';
import { symphonyNote } from './symphony.ts';
import { checkTemplate, type Sections } from './template.ts';

export interface Place {
  readonly line: number;
  readonly character: number;
}
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly start: Place;
  readonly end: Place;
  /** What would mend it: this text in place of the range. */
  readonly fix?: { readonly title: string; readonly text: string };
}
export interface Workflow {
  readonly config: WorkflowConfig;
  readonly body: string;
}
export interface ParsedWorkflow {
  /** Null when the front matter cannot be used. */
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly parts: Parts;
}
export interface Parts {
  /** Null without front matter. */
  readonly front: string | null;
  readonly frontStart: number;
  readonly body: string;
  readonly bodyStart: number;
}

export function sectionFile(name: string): string {
  return `${sectionFolder}/${name}.md`;
}

/** Cuts the file in two. A front matter without an end is the whole file. */
export function partsOf(text: string): Parts {
  const open = /^\uFEFF?---[ \t]*\r?\n/u.exec(text);
  if (!open) return { front: null, frontStart: 0, body: text, bodyStart: 0 };
  const frontStart = open[0].length;
  const close = /^---[ \t]*(?:\r?\n|$)/mu.exec(text.slice(frontStart));
  if (!close) return { front: text.slice(frontStart), frontStart, body: '', bodyStart: text.length };
  const bodyStart = frontStart + close.index + close[0].length;
  return { front: text.slice(frontStart, frontStart + close.index), frontStart, body: text.slice(bodyStart), bodyStart };
}

export function parseWorkflow(text: string, sections: Sections): ParsedWorkflow {
  const parts = partsOf(text);
  const lines = new Lines(text);
  const found: Diagnostic[] = [];
  const add = (severity: Diagnostic['severity'], code: string, message: string, start: number, end: number, fix?: Diagnostic['fix']) =>
    found.push({
      severity,
      code,
      message,
      file: workflowFile,
      start: lines.at(start),
      end: lines.at(Math.max(end, start + 1)),
      ...(fix && { fix }),
    });
  const config = parts.front === null ? readNothing(add) : readFront(parts.front, parts.frontStart, add);
  for (const mode of ['plan', 'code', 'review', 'fix'] as const) {
    const words = config?.modes[mode]?.instructions;
    if (words === undefined) continue;
    for (const problem of checkTemplate(words, sections).filter((entry) => entry.section === null)) {
      const at = Math.max(0, text.indexOf('instructions', text.indexOf(`${mode}:`)));
      add('error', problem.code, `${mode}: ${problem.message}`, at, at + 'instructions'.length);
    }
  }
  const first = lines.at(parts.bodyStart).line;
  for (const { section, line, character, length, code, message } of checkTemplate(parts.body, sections)) {
    const row = section === null ? first + line : line;
    found.push({
      severity: 'error',
      code,
      message,
      file: section === null ? workflowFile : sectionFile(section),
      start: { line: row, character },
      end: { line: row, character: character + length },
    });
  }
  return { workflow: config && { config, body: parts.body }, diagnostics: found, parts };
}

export const hasErrors = (parsed: ParsedWorkflow): boolean =>
  parsed.workflow === null || parsed.diagnostics.some((entry) => entry.severity === 'error');

type Add = (severity: Diagnostic['severity'], code: string, message: string, start: number, end: number, fix?: Diagnostic['fix']) => void;

function readNothing(add: Add): WorkflowConfig {
  add('information', 'missing_version', 'There is no front matter: everything is as usual, and the text is the prompt.', 0, 0, {
    title: 'Add front matter',
    text: '---\nversion: 1\n---\n',
  });
  return WorkflowConfig.parse({});
}

function readFront(front: string, offset: number, add: Add): WorkflowConfig | null {
  const counter = new LineCounter();
  const document = parseDocument(front, { lineCounter: counter, uniqueKeys: true, strict: true, prettyErrors: false });
  for (const error of document.errors)
    add('error', 'workflow_parse_error', error.message.split('\n')[0] ?? '', offset + error.pos[0], offset + error.pos[1]);
  if (document.errors.length > 0) return null;
  const top = document.contents;
  if (top !== null && !isMap(top)) {
    add('error', 'front_matter_not_a_map', 'The front matter must be a map of keys.', offset, offset + front.trimEnd().length);
    return null;
  }
  const unknown: (string | number)[][] = [];
  if (top) findUnknown(top, schemaAt([]) as JsonSchema, [], unknown);
  for (const path of unknown) {
    const key = String(path.at(-1));
    const [start, end] = keyRange(document.contents, path) ?? [0, 1];
    const note = symphonyNote(path.join('.'));
    if (note) {
      add('information', 'symphony_key', note, offset + start, offset + end);
      continue;
    }
    const parent = schemaAt(path.slice(0, -1));
    const nearest = nearestName(key, Object.keys((parent && keysOf(parent)) ?? {}));
    const guess = nearest === null ? '' : ` Did you mean "${nearest}"?`;
    add(
      'warning',
      'unknown_key',
      `"${key}" is not a key of this file and has no effect.${guess}`,
      offset + start,
      offset + end,
      nearest === null ? undefined : { title: `Change to "${nearest}"`, text: nearest },
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch (error) {
    add('error', 'workflow_parse_error', error instanceof Error ? error.message : String(error), offset, offset + 1);
    return null;
  }
  if (typeof value === 'object' && value !== null && !('version' in value))
    add('warning', 'missing_version', 'The version of the format is not said: 1 is taken.', offset, offset, {
      title: 'Add "version: 1"',
      text: 'version: 1\n',
    });
  const read = WorkflowConfig.safeParse(value);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
    const [start, end] = valueRange(top, path);
    add('error', 'invalid_value', `${path.join('.')}: ${issue.message}`, offset + start, offset + end);
  }
  return null;
}

/** Keys of maps that the schema does not know. What it says nothing about is left to the check of values. */
function findUnknown(node: Node, schema: JsonSchema, path: (string | number)[], unknown: (string | number)[][]): void {
  if (isMap(node)) {
    const keys = keysOf(schema);
    if (!keys) return;
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      const inner = Object.hasOwn(keys, key) ? keys[key] : undefined;
      // In a rule an unknown key is an error of its value: what looks like a limit must not be passed over.
      if (!inner) {
        if (path[0] !== 'policy') unknown.push([...path, key]);
      } else if (isNode(pair.value)) findUnknown(pair.value, inner, [...path, key], unknown);
    }
  } else if (isSeq(node) && schema.items) {
    for (const [index, entry] of node.items.entries()) if (isNode(entry)) findUnknown(entry, schema.items, [...path, index], unknown);
  }
}

function pairAt(top: unknown, path: readonly (string | number)[]): { key: unknown; value: unknown } | null {
  let node = top;
  let pair: { key: unknown; value: unknown } | null = null;
  for (const step of path) {
    if (isMap(node)) pair = node.items.find((entry) => isScalar(entry.key) && String(entry.key.value) === String(step)) ?? null;
    else if (isSeq(node)) pair = { key: node.items[Number(step)], value: node.items[Number(step)] };
    else return null;
    if (pair === null) return null;
    node = pair.value;
  }
  return pair;
}

function rangeOf(node: unknown): [number, number] | null {
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : null;
}

function keyRange(top: unknown, path: readonly (string | number)[]): [number, number] | null {
  return rangeOf(pairAt(top, path)?.key);
}

/** The value, or what is nearest to it: its key, then what it stands in. */
function valueRange(top: unknown, path: readonly (string | number)[]): [number, number] {
  for (let length = path.length; length > 0; length -= 1) {
    const pair = pairAt(top, path.slice(0, length));
    const range = pair && (length === path.length ? (rangeOf(pair.value) ?? rangeOf(pair.key)) : rangeOf(pair.key));
    if (range) return range;
  }
  return [0, 1];
}

export function nearestName(name: string, known: readonly string[]): string | null {
  const ranked = known.map((entry) => ({ entry, far: distance(name.toLowerCase(), entry) })).sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.max(2, Math.floor(name.length / 3)) ? best.entry : null;
}

/** Edits between two short texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

class Lines {
  readonly #starts: number[] = [0];
  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  at(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: offset - (this.#starts[low] ?? 0) };
  }
}
