/** The names of `names.txt` by class. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type NameClass = 'opening' | 'tools' | 'program' | 'hiding' | 'ordinary';

export function readNames(): Map<NameClass, string[]> {
  const classes = new Map<NameClass, string[]>();
  let current: string[] = [];
  for (const line of readFileSync(path.join(import.meta.dirname, 'names.txt'), 'utf8').split('\n')) {
    const section = /^\[(\w+)\]$/u.exec(line)?.[1];
    if (section !== undefined) classes.set(section as NameClass, (current = []));
    else if (line !== '' && !line.startsWith('# ')) current.push(...line.slice(line.indexOf(': ') + 2).split(' '));
  }
  return classes;
}
