/** A line of work on a real repository: its clone, and what the gate makes of it. */
import path from 'node:path';
import type { AcceptRequest } from '../../worker/workspace/acceptPlan.ts';
import { createClone } from '../../worker/workspace/clone.ts';
import { runGate } from '../../worker/workspace/gate.ts';
import type { GateOutcome, LineClone } from '../../worker/workspace/types.ts';
import { tempFolder } from './repository.ts';

export interface Line {
  readonly repo: string;
  readonly lineDir: string;
  readonly clone: LineClone;
}
export async function lineOn(repo: string): Promise<Line> {
  const lineDir = path.join(tempFolder(), 'all lines, here', 'ses_a');
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  return { repo, lineDir, clone };
}
export const gateOf = (line: Line): Promise<GateOutcome> =>
  runGate({ repositoryPath: line.repo, lineDir: line.lineDir, clone: line.clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });

/** What leaves, a move as `old → new`, and what is held back. */
export function told(outcome: GateOutcome): { leaves: string[]; held: Record<string, string> } {
  return {
    leaves: outcome.files.map((file) => `${file.status} ${file.oldPath === null ? '' : `${file.oldPath} → `}${file.path}`).sort(),
    held: Object.fromEntries(outcome.heldBack.map((entry) => [entry.path, entry.reason])),
  };
}

export const acceptOf = (line: Line, outcome: GateOutcome): AcceptRequest => ({
  recordsDir: path.join(path.dirname(line.lineDir), 'accepts'),
  repositoryPath: line.repo,
  lineDir: line.lineDir,
  sessionId: 'ses_a',
  baseCommit: outcome.baseCommit,
  headCommit: outcome.headCommit ?? '',
  leaveOut: [],
});
