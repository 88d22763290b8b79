/** Small private files that are always whole: written beside and renamed over. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type * as z from 'zod';

export function writePrivate(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The file's content by its schema, or null when it is not there or not of that form. */
export function readPrivate<T extends z.ZodType>(file: string, schema: T): z.infer<T> | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
