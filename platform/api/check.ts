/** Checks what comes in, by the routes' own schemas. Unknown fields are refused, at any depth, with their path. */
import type * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';

type Issues = { path: string; message: string }[];

function refuse(what: string, issues: Issues): never {
  const [first] = issues;
  throw new BelayError(
    'invalid_body',
    `The ${what} is not as it should be${first ? `: ${first.path || '(all of it)'}: ${first.message}` : ''}.`,
    {
      issues,
    },
  );
}

const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.');

export function check<T extends z.ZodType>(schema: T, value: unknown, what: 'body' | 'query'): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    refuse(
      what,
      parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'unknown field' }))
          : [{ path: pathText(issue.path), message: issue.message }],
      ),
    );
  }
  const dropped = what === 'body' ? unknownFields(value, parsed.data, []) : [];
  if (dropped.length > 0) refuse(what, dropped);
  return parsed.data;
}

/** What a schema left out of its output was not known to it. */
function unknownFields(given: unknown, kept: unknown, path: readonly string[]): Issues {
  if (Array.isArray(given) && Array.isArray(kept))
    return given.flatMap((entry, index) => unknownFields(entry, kept[index] as unknown, [...path, String(index)]));
  if (!isObject(given) || !isObject(kept)) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    name in kept ? unknownFields(value, kept[name], [...path, name]) : [{ path: pathText([...path, name]), message: 'unknown field' }],
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
