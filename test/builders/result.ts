import type { ResultFile, SessionResult } from '../../protocol/records.ts';

export const baseCommit = 'a'.repeat(40);
export const headCommit = 'b'.repeat(40);

export const aResultFile = (path: string, over: Partial<ResultFile> = {}): ResultFile => ({
  path,
  oldPath: null,
  status: 'modified',
  added: 1,
  deleted: 1,
  mode: '100644',
  class: 'ordinary',
  reason: null,
  ...over,
});

/** With a commit, of no files. */
export const aResult = (over: Partial<SessionResult> = {}): SessionResult => ({
  outcome: 'changes',
  summary: 'Done.',
  baseCommit,
  headCommit,
  ref: null,
  agentCommits: 1,
  files: [],
  heldBack: [],
  added: 0,
  deleted: 0,
  checks: [],
  ...over,
});
