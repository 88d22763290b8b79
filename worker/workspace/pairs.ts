/** Keeps together what belongs together: both halves of a move, and what goes with what takes its place. Pure. */
import { absent, type Move, type RawChange } from './diff.ts';
import type { Verdict } from './judge.ts';
import type { Elsewhere } from './moves.ts';
import type { HeldBack } from './types.ts';

export interface Left {
  readonly changes: readonly RawChange[];
  readonly verdictOf: (change: RawChange) => Verdict;
  /** Moves within the tree. */
  readonly moves: readonly Move[];
  /** Moves to what the tree has not. */
  readonly elsewhere: readonly (Move & Elsewhere)[];
  /** What was not even read. */
  readonly unread: readonly HeldBack[];
}

/** Paths that stay with their other half, with the reason; the new halves that nothing else names are among them. */
export function heldWithOtherHalf({ changes, verdictOf, moves, elsewhere, unread }: Left): Map<string, string> {
  const held = new Map<string, string>();
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const isHeld = (path: string): boolean => {
    const change = byPath.get(path);
    return held.has(path) || !change || verdictOf(change).class === 'control';
  };
  holdReplaced(changes, unread, isHeld, held);
  const byOld = new Map<string, (Move & Partial<Elsewhere>)[]>();
  for (const move of [...moves, ...elsewhere]) byOld.set(move.from, [...(byOld.get(move.from) ?? []), move]);
  for (const [from, targets] of byOld) {
    const leaving = targets.filter((move) => !('why' in move) && !isHeld(move.to));
    if (isHeld(from)) for (const move of leaving) held.set(move.to, `moved from ${from}, which is held back`);
    else if (leaving.length === 0) holdOld(from, targets, unread, byPath, held);
  }
  return held;
}

function holdOld(
  from: string,
  targets: readonly (Move & Partial<Elsewhere>)[],
  unread: readonly HeldBack[],
  byPath: ReadonlyMap<string, RawChange>,
  held: Map<string, string>,
): void {
  const [first] = targets;
  if (!first) return;
  held.set(from, `moved to ${first.to}, which is ${first.why ?? 'held back'}`);
  for (const { to, why } of targets)
    if (why !== undefined && !byPath.has(to) && !unread.some((entry) => entry.path === to)) held.set(to, `${why}; moved from ${from}`);
}

/** What would go for a file, link or folder that stays behind, stays too. */
function holdReplaced(
  changes: readonly RawChange[],
  unread: readonly HeldBack[],
  isHeld: (path: string) => boolean,
  held: Map<string, string>,
): void {
  const come = changes.filter((change) => change.newMode !== absent);
  const staying = new Set([...come.filter((change) => isHeld(change.path)), ...unread].map(({ path }) => path));
  const coming = new Set(come.filter((change) => !isHeld(change.path)).flatMap(({ path }) => parentsOf(path)));
  const below = new Map([...staying].flatMap((path) => parentsOf(path).map((parent): [string, string] => [parent, path])));
  for (const { path, newMode } of changes) {
    if (newMode !== absent) continue;
    const over = parentsOf(path).find((parent) => staying.has(parent));
    const inside = coming.has(path) ? undefined : below.get(path);
    const by = over ?? inside;
    if (by !== undefined) held.set(path, `replaced by ${by}, which is held back`);
  }
}

/** The folders that a path lies in, the top one left out. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
