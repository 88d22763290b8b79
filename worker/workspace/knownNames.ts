/** What a changed path's name says about it. Names are given folded: lower case, nothing invisible, no dot or space at the end. */
import { byTools } from './names/byTools.ts';
import { bareNames, families } from './names/families.ts';
import { inert } from './names/inert.ts';
import { control, obeyed } from './names/onOpening.ts';
import { matcher } from './names/pattern.ts';
import { programs } from './names/programs.ts';

export const gitNames: ReadonlySet<string> = new Set(['.git', 'git~1', '.gitmodules', '.gitconfig']);

const controls = matcher(control);
const known = matcher([...obeyed, ...byTools, ...programs]);
const harmless = matcher(inert);
const byHabit = matcher(families);
const bare = matcher(bareNames);

/** Why a path is a control file, or null. */
export function controlReason(names: readonly string[]): string | null {
  return controls(names.join('/'));
}

/** Why a person's machine would run or obey a path, or null. What looks like a tool's own and is not known to be harmless counts. */
export function hostReason(names: readonly string[]): string | null {
  const path = names.join('/');
  const why = known(path);
  if (why !== null || harmless(path) !== null) return why;
  return byHabit(path) ?? ((names.at(-1) ?? '').includes('.') ? null : bare(path));
}
