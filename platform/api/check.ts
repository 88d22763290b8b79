/** Checks what comes in, by the routes' own schemas. Unknown fields are refused, at any depth, with their path. */
import type * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';

type Issues = { path: string; message: string }[];
type Part = 'body' | 'query' | 'path';

/** A refusal need not be as long as what is refused. */
const most = { issues: 20, chars: 300 };
const truncate = (text: string): string => (text.length > most.chars ? `${text.slice(0, most.chars)}…`.toWellFormed() : text);

function refuse(part: Part, found: Issues): never {
  const issues = found.slice(0, most.issues).map(({ path, message }) => ({ path: truncate(path), message: truncate(message) }));
  const [first] = issues;
  const where = first ? `: ${first.path || '(all of it)'}: ${first.message}` : '';
  throw new BelayError(part === 'body' ? 'invalid_body' : 'bad_request', `The ${part} is not as it should be${where}.`, { issues });
}

const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.');

export function check<T extends z.ZodType>(schema: T, value: unknown, part: Part): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    refuse(
      part,
      parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'unknown field' }))
          : [{ path: pathText(issue.path), message: issue.message }],
      ),
    );
  }
  const dropped = part === 'body' ? unknownFields(value, parsed.data, []) : [];
  if (dropped.length > 0) refuse(part, dropped);
  return parsed.data;
}

/** What a schema left out of its output was not known to it. */
function unknownFields(given: unknown, kept: unknown, path: readonly string[]): Issues {
  if (Array.isArray(given) && Array.isArray(kept))
    return given.flatMap((entry, index) => unknownFields(entry, kept[index] as unknown, [...path, String(index)]));
  if (!isObject(given) || !isObject(kept)) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    Object.hasOwn(kept, name)
      ? unknownFields(value, kept[name], [...path, name])
      : [{ path: pathText([...path, name]), message: 'unknown field' }],
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
