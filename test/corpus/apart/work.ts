/** The ordinary work of `work.txt`, and what a person wants to see apart of it by `notOrdinary.txt`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Touched {
  readonly path: string;
  readonly how: 'changed' | 'added' | 'removed' | 'executable';
}
export interface Work {
  readonly title: string;
  readonly touched: readonly Touched[];
}

function linesOf(name: string): string[] {
  const lines = readFileSync(path.join(import.meta.dirname, name), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# '));
}

const marks = new Map([
  ['+', 'added'],
  ['-', 'removed'],
  ['x', 'executable'],
] as const);

export function readWork(): Work[] {
  return linesOf('work.txt').map((line) => {
    const [title = '', names = ''] = line.split(' | ');
    const touched = names.split(' ').map((name): Touched => {
      const how = name.startsWith('x') ? (name.endsWith('.sh') ? marks.get('x') : undefined) : marks.get(name.slice(0, 1) as '+' | '-');
      return how === undefined ? { path: name, how: 'changed' } : { path: name.slice(1), how };
    });
    return { title, touched };
  });
}

const escaped = (text: string): string => text.replaceAll(/[.+?^$()|[\]{}\\]/gu, String.raw`\$&`);
function criterion(name: string): RegExp {
  const from = name.startsWith('/') ? '^' : '(?:^|/)';
  const body = name
    .replace(/^\//u, '')
    .split('/**')
    .map((part) => part.split('*').map(escaped).join('[^/]*'))
    .join('/.+');
  return new RegExp(`${from}${body}$`, 'u');
}

/** Tells whether a person wants to see a changed path apart. `program`: it has an executable bit and is a script or a binary. */
export function apartForPeople(): (file: string, program: boolean) => boolean {
  const wanted = linesOf('notOrdinary.txt').flatMap((line) =>
    line
      .slice(line.indexOf(': ') + 2)
      .split(' ')
      .map(criterion),
  );
  return (file, program) => program || wanted.some((name) => name.test(file));
}
