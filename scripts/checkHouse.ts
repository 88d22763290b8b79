/**
 * `npm run -s check:house`: reads every import of the tree, tests aside, and counts what the house does not allow. Prints what
 * it found, then one JSON object as its last line; exit code 1 unless all is zero.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { rooms, workerFloors } from './house.mjs';

const root = path.dirname(import.meta.dirname);
const mostLines = 400;
/** Lists of data, which are read by looking something up. */
const lists: readonly string[] = ['protocol/routes.ts'];

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.css'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !/^(?:test|scripts)\//u.test(file) && existsSync(path.join(root, file)));
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Import {
  readonly from: string;
  readonly to: string;
}
const imports: readonly Import[] = tracked
  .filter((file) => file.endsWith('.ts'))
  .flatMap((from) =>
    ts
      .preProcessFile(textOf(from))
      .importedFiles.filter(({ fileName }) => /^\.{1,2}\/.*\.ts$/u.test(fileName))
      .map(({ fileName }) => ({ from, to: path.posix.join(path.posix.dirname(from), fileName) })),
  );

const roomOf = (file: string): string => file.split('/', 1)[0] ?? '';
/** -1 outside the worker's floors. */
const floorOf = (file: string): number => {
  const [room, folder = ''] = file.split('/');
  return room === 'worker' ? workerFloors.findIndex((floor) => floor.includes(folder)) : -1;
};
function goesUp({ from, to }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room !== other) return rooms[room]?.includes(other) !== true;
  return floorOf(to) > floorOf(from);
}

const isAccounted = (file: string): boolean => roomOf(file) in rooms && (roomOf(file) !== 'worker' || floorOf(file) >= 0);

/** Groups of nodes that reach each other (Tarjan). */
function circlesOf(edges: readonly (readonly [string, string])[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    next.set(from, (next.get(from) ?? new Set()).add(to));
    next.set(to, next.get(to) ?? new Set());
  }
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node) ?? 0);
    stack.push(node);
    for (const other of next.get(node) ?? []) {
      if (!index.has(other)) visit(other);
      if (stack.includes(other)) low.set(node, Math.min(low.get(node) ?? 0, low.get(other) ?? 0));
    }
    if (low.get(node) !== index.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) circles.push(circle);
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return circles;
}

const folderOf = (file: string): string => path.posix.dirname(file);
const arrowsUp = imports.filter(goesUp);
const circles = [
  ...circlesOf(imports.map(({ from, to }) => [from, to])),
  ...circlesOf(imports.map(({ from, to }) => [folderOf(from), folderOf(to)] as const).filter(([from, to]) => from !== to)),
];
const long = tracked.filter((file) => !lists.includes(file) && textOf(file).split('\n').length - 1 > mostLines);
const unaccounted = tracked.filter((file) => !isAccounted(file));

for (const { from, to } of arrowsUp) console.log(`arrow up: ${from} imports ${to}`);
for (const circle of circles) console.log(`circle: ${circle.join(', ')}`);
for (const file of long) console.log(`over ${mostLines} lines: ${file}`);
for (const file of unaccounted) console.log(`not in scripts/house.mjs: ${file}`);
const counts = { arrowsUp: arrowsUp.length, circles: circles.length, linesOver400: long.length, unaccounted: unaccounted.length };
console.log(JSON.stringify(counts));
process.exitCode = Object.values(counts).some((count) => count > 0) ? 1 : 0;
