/** Reads a `WORKFLOW.md`: YAML between two lines of `---`, then the body. Says everything that is wrong, each with its place. */
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';
import type { Diagnostic, Place } from './diagnostics.ts';
import { symphonyKeys, WorkflowHead } from './schema.ts';
import { checkBody, type Sections } from './template.ts';

export interface Workflow {
  readonly head: WorkflowHead;
  readonly body: string;
}
export interface ParsedWorkflow {
  /** Null when there is an error. */
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
}
export interface Split {
  /** Null: the file has no head. */
  readonly head: string | null;
  /** Lines before the head's first and the body's first. */
  readonly headLine: number;
  readonly body: string;
  readonly bodyLine: number;
}

export function splitWorkflow(text: string): Split {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
  const end = lines[0]?.trimEnd() === '---' ? lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---') : -1;
  if (end < 0) return { head: null, headLine: 0, body: lines.join('\n'), bodyLine: 0 };
  return { head: lines.slice(1, end).join('\n'), headLine: 1, body: lines.slice(end + 1).join('\n'), bodyLine: end + 1 };
}

export function parseWorkflow(text: string, sections: Sections): ParsedWorkflow {
  const split = splitWorkflow(text);
  const { head, diagnostics } = readHead(split);
  const said = [
    ...diagnostics,
    ...checkBody(split.body, sections).map(({ code, message, place }): Diagnostic => ({
      severity: 'error',
      code,
      message,
      place: { ...place, line: place.line + split.bodyLine },
    })),
  ];
  const sound = head !== null && !said.some((entry) => entry.severity === 'error');
  return { workflow: sound ? { head, body: split.body } : null, diagnostics: said };
}

function readHead(split: Split): { head: WorkflowHead | null; diagnostics: Diagnostic[] } {
  if (split.head === null) {
    const place = { line: 1, column: 1, length: 1 };
    const message = 'The file has no head: begin it with "---", "version: 1" and "---".';
    return { head: null, diagnostics: [{ severity: 'error', code: 'missing_version', message, place }] };
  }
  const counter = new LineCounter();
  const document = parseDocument(split.head, { lineCounter: counter, strict: true, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number, length: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: line + split.headLine, column: col, length: Math.max(1, length) };
  };
  const broken = document.errors.map((error): Diagnostic => ({
    severity: 'error',
    code: 'workflow_parse_error',
    message: error.message,
    place: at(error.pos[0], error.pos[1] - error.pos[0]),
  }));
  if (broken.length > 0) return { head: null, diagnostics: broken };
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    return { head: null, diagnostics: [{ severity: 'error', code: 'workflow_parse_error', message: String(error), place: at(0, 1) }] };
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    const message = 'The head is a map of keys and values.';
    return { head: null, diagnostics: [{ severity: 'error', code: 'front_matter_not_a_map', message, place: at(0, 1) }] };
  }
  const { kept, diagnostics } = withoutUnknown(raw as Record<string, unknown>, document, at);
  const parsed = WorkflowHead.safeParse(kept);
  if (parsed.success) return { head: parsed.data, diagnostics };
  return { head: null, diagnostics: [...diagnostics, ...parsed.error.issues.map((issue) => issueOf(issue, document, at))] };
}

type At = (offset: number, length: number) => Place;

/** Keys that mean nothing here are told and left out: a file from elsewhere still works. */
function withoutUnknown(
  raw: Record<string, unknown>,
  document: Document,
  at: At,
): { kept: Record<string, unknown>; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const keep = (value: Record<string, unknown>, path: readonly string[], known: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(value).filter(([key]) => {
        if (known.includes(key)) return true;
        const full = [...path, key].join('.');
        const elsewhere = symphonyKeys[full];
        const suggestion = nearest(key, known);
        diagnostics.push({
          severity: elsewhere === undefined ? 'warning' : 'information',
          code: elsewhere === undefined ? 'unknown_key' : 'symphony_key',
          message: elsewhere === undefined ? `"${full}" is not known and has no effect.` : `"${full}" has no effect here: ${elsewhere}.`,
          place: placeOf(document, [...path, key], true, at),
          ...(suggestion !== null && elsewhere === undefined && { suggestion }),
        });
        return false;
      }),
    );
  const shape = WorkflowHead.shape;
  const kept = keep(raw, [], Object.keys(shape));
  for (const [name, known] of Object.entries(knownInside)) {
    const inner = kept[name];
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      kept[name] = keep(inner as Record<string, unknown>, [name], known);
  }
  return { kept, diagnostics };
}

export const knownInside: Readonly<Record<string, readonly string[]>> = {
  hooks: ['after_create', 'before_run', 'after_run', 'timeout_ms'],
  limits: ['stall_timeout_ms', 'turn_timeout_ms'],
};

function issueOf(issue: z.core.$ZodIssue, document: Document, at: At): Diagnostic {
  const path = issue.path.map(String);
  const missing = path[0] === 'version' && !document.has('version');
  const message = missing ? 'The head needs "version: 1".' : `${path.join('.')}: ${issue.message}`;
  return {
    severity: 'error',
    code: missing ? 'missing_version' : 'invalid_value',
    message,
    place: placeOf(document, path, false, at),
  };
}

/** Where the value, or the key, of a path stands; what is not there has the place of what would hold it. */
function placeOf(document: Document, path: readonly string[], key: boolean, at: At): Place {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const holder = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1] ?? '';
    if (isMap(holder)) {
      const pair = holder.items.find((entry) => isScalar(entry.key) && String(entry.key.value) === name);
      const node = key || depth < path.length ? pair?.key : (pair?.value ?? pair?.key);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) return at(range[0], range[1] - range[0]);
    }
    const found = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (found?.range) return at(found.range[0], found.range[1] - found.range[0]);
  }
  return at(0, 1);
}

/** The known name closest to a misspelled one, if any is close. */
export function nearest(name: string, known: readonly string[]): string | null {
  const ranked = known.map((entry) => ({ entry, far: distance(name.toLowerCase(), entry) })).sort((a, b) => a.far - b.far)[0];
  return ranked && ranked.far <= Math.max(1, Math.floor(name.length / 3)) ? ranked.entry : null;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
