/** The result of a run, from what the gate let out and what the agent said. */
import type { SessionMode, SessionResult } from '../../protocol/records.ts';
import type { GateOutcome } from '../workspace/types.ts';
import { truncate } from './sink.ts';

export interface ResultInput {
  readonly mode: SessionMode;
  /** Null where nothing is handed over. */
  readonly gate: GateOutcome | null;
  readonly summary: string;
  readonly checks: SessionResult['checks'];
  readonly baseCommit: string;
}

export function makeResult({ mode, gate, summary, checks, baseCommit }: ResultInput): SessionResult {
  const outcome = mode === 'plan' || mode === 'review' ? mode : gate?.headCommit ? 'changes' : 'no_changes';
  return {
    outcome,
    summary: truncate(summary, 20_000),
    baseCommit: gate?.baseCommit ?? baseCommit,
    headCommit: gate?.headCommit ?? null,
    ref: gate?.ref ?? null,
    agentCommits: gate?.agentCommits ?? 0,
    files: [...(gate?.files ?? [])],
    heldBack: [...(gate?.heldBack ?? [])],
    added: gate?.added ?? 0,
    deleted: gate?.deleted ?? 0,
    checks: [...checks],
  };
}

export const countFiles = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

export function describeResult(result: SessionResult): string {
  const held = result.heldBack.length > 0 ? `, ${result.heldBack.length} held back` : '';
  if (result.outcome === 'changes') return `${countFiles(result.files.length)} changed, +${result.added} −${result.deleted}${held}`;
  return `${result.outcome === 'no_changes' ? 'Finished without changes' : `Finished with a ${result.outcome}`}${held}`;
}
