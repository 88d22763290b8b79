/** Works out what an Accept or Undo does to each file, and writes aside what that takes. Nothing in the working tree changes. */
import path from 'node:path';
import { refuseForeign } from './acceptConflicts.ts';
import type { AcceptRecord, Change } from './acceptRecord.ts';
import { viewCheckout } from './checkoutView.ts';
import { gateDir } from './clone.ts';
import { absent, rawChanges } from './diff.ts';
import { captureState, type FileState, hasRoom, isSkipped, matches, storeFile } from './fileState.ts';
import { safeGit } from './git.ts';
import { openCheckout } from './repository.ts';
import { WrittenReader } from './writtenReader.ts';

export interface AcceptRequest {
  /** Where accept records live, outside every repository: `<state>/accepts`. */
  readonly recordsDir: string;
  readonly repositoryPath: string;
  readonly lineDir: string;
  readonly sessionId: string;
  readonly baseCommit: string;
  readonly headCommit: string;
  /** Changed paths that stay out: host-executed files without their yes. */
  readonly leaveOut: readonly string[];
}

export interface Plan {
  readonly top: string;
  readonly fileMode: boolean;
  readonly changes: Change[];
  readonly conflicts: string[];
  readonly merged: string[];
}

const emptyPlan = (top: string, fileMode: boolean): Plan => ({ top, fileMode, changes: [], conflicts: [], merged: [] });
/** Names what is kept for the next file of a plan. */
const slotIn = (plan: Plan): number => plan.changes.length + plan.conflicts.length;

interface Sides {
  readonly file: string;
  /** What stands there now. */
  readonly mine: FileState;
  readonly from: FileState;
  readonly to: FileState;
}

/** Adds to the plan what brings one file from `from` to `to` and keeps what the person changed in it. `going`: the paths that the plan takes away. */
async function planFile(plan: Plan, sides: Sides, going: ReadonlySet<string>, folder: string, slot: string): Promise<void> {
  const { file, mine, from, to } = sides;
  // The person did it already.
  if (!isSkipped(to) && matches(mine, to, plan.fileMode)) return;
  const next = await nextState(plan, sides, folder, slot);
  if (!next || (next.kind !== 'absent' && !(await hasRoom(plan.top, file, going)))) {
    plan.conflicts.push(file);
    return;
  }
  plan.changes.push({ path: file, before: mine, after: next });
  if (!matches(mine, from, plan.fileMode) && mine.kind !== 'absent') plan.merged.push(file);
}

async function nextState({ fileMode }: Plan, { mine, from, to }: Sides, folder: string, slot: string): Promise<FileState | null> {
  if (isSkipped(to) && mine.kind === 'absent') return to;
  if (!matches(mine, from, fileMode)) return mergeStates(folder, { mine, from, to }, `${slot}-merged`);
  return mine.kind === 'file' && from.kind === 'file' && to.kind === 'file' ? { ...to, executable: mergedBit(mine, from, to) } : to;
}

export async function planAccept(request: AcceptRequest, folder: string): Promise<Plan> {
  const checkout = await openCheckout(request.repositoryPath);
  const { gitDir } = checkout.git ?? { gitDir: gateDir(request.lineDir) };
  const view = await viewCheckout(checkout);
  const leaveOut = new Set(request.leaveOut);
  const plan = emptyPlan(checkout.path, view.fileMode);
  const wanted = (await rawChanges(request.baseCommit, request.headCommit, { gitDir })).filter((change) => !leaveOut.has(change.path));
  const going = new Set(wanted.filter((change) => change.newMode === absent).map((change) => change.path));
  refuseForeign(
    checkout.path,
    wanted.map((change) => change.path),
  );
  const at = { gitDir, workTree: checkout.path };
  // In a folder without git a file is what the copy of it is.
  const readers = {
    written: new WrittenReader({ ...at, filters: checkout.git !== null }),
    raw: new WrittenReader({ ...at, filters: false }),
  };
  try {
    for (const { path: file, oldMode, newMode, oldId, newId } of wanted) {
      const slot = String(slotIn(plan));
      const seen = await captureState(checkout.path, file, folder, `${slot}-mine`);
      const entry = view.entry(file);
      // A link that stands there is one, whatever git writes.
      const links = view.symlinks || seen.kind === 'link';
      const write = (mode: string, id: string, side: string): Promise<FileState> =>
        writtenState({ mode, id, file, links }, readers, folder, `${slot}-${side}`);
      const skipped = seen.kind === 'absent' && entry?.isSkipped ? entry : null;
      const mine = skipped ? asSkipped(await write(skipped.mode, skipped.id, 'mine')) : seen;
      const isAsIndex = skipped !== null || (seen.kind !== 'absent' && view.isUntouched(file));
      const isAsBase = isAsIndex && entry?.mode === oldMode && entry.id === oldId;
      const from = isAsBase ? withBit(mine, oldMode) : await write(oldMode, oldId, 'base');
      await planFile(plan, { file, mine, from, to: await write(newMode, newId, 'theirs') }, going, folder, slot);
    }
  } finally {
    readers.written.dispose();
    readers.raw.dispose();
  }
  return plan;
}

/** Plans to take an accepted result out again, keeping what the person changed since. */
export async function planUndo({ repositoryPath: top, changes, fileMode }: AcceptRecord, folder: string): Promise<Plan> {
  refuseForeign(
    top,
    changes.map((change) => change.path),
  );
  const going = new Set(changes.filter((change) => change.before.kind === 'absent').map((change) => change.path));
  const plan = emptyPlan(top, fileMode);
  for (const { path: file, before, after } of changes) {
    const slot = `undo-${slotIn(plan)}`;
    const mine = await captureState(top, file, folder, `${slot}-mine`);
    await planFile(plan, { file, mine, from: after, to: before }, going, folder, slot);
  }
  return plan;
}

const asSkipped = (state: FileState): FileState => (state.kind === 'absent' ? state : { ...state, skipped: true });
const withBit = (state: FileState, mode: string): FileState =>
  state.kind === 'file' ? { ...state, executable: mode === '100755' } : state;

interface Committed {
  readonly mode: string;
  readonly id: string;
  readonly file: string;
  /** Links are links in this working tree. */
  readonly links: boolean;
}

/**
 * A committed file as a checkout of the person's would write it: line endings and filter drivers of their own. Which of
 * them counts is said by the attributes in their working tree as it is, so by nothing that the result brings along.
 */
async function writtenState(
  { mode, id, file, links }: Committed,
  { written, raw }: { readonly written: WrittenReader; readonly raw: WrittenReader },
  folder: string,
  stored: string,
): Promise<FileState> {
  if (mode === absent) return { kind: 'absent' };
  if (mode === '120000') {
    const target = await raw.read(id, file);
    return links ? { kind: 'link', target: target.toString('utf8') } : storeFile(folder, stored, target, { executable: false });
  }
  return storeFile(folder, stored, await written.read(id, file), { executable: mode === '100755' });
}

type FileSide = FileState & { kind: 'file' };

/** The executable bit, three-way like content: whoever changed it has it. */
const mergedBit = (mine: FileSide, base: FileSide, theirs: FileSide): boolean =>
  theirs.executable === base.executable ? mine.executable : theirs.executable;

/** Mine and theirs over their base; null when they touch the same lines, or are not text files on all three sides. */
async function mergeStates(folder: string, { mine, from, to }: Omit<Sides, 'file'>, stored: string): Promise<FileState | null> {
  if (mine.kind !== 'file' || from.kind !== 'file' || to.kind !== 'file') return null;
  const marks = { executable: mergedBit(mine, from, to), permissions: mine.permissions ?? to.permissions };
  const keep = ({ stored: name, sha256 }: FileSide): FileState => ({ kind: 'file', stored: name, sha256, ...marks });
  if (mine.sha256 === from.sha256) return keep(to);
  if (to.sha256 === from.sha256) return keep(mine);
  const at = (state: { stored: string }) => path.join(folder, state.stored);
  const reply = await safeGit(['merge-file', '-p', '--quiet', at(mine), at(from), at(to)], {
    cwd: folder,
    okCodes: [...Array(128).keys(), 255],
  });
  if (reply.code !== 0) return null;
  return storeFile(folder, stored, reply.stdout, marks);
}
