/** The words that stay on the item when a session's result is accepted. Pure. */
import type { Session, SessionResult } from '../../protocol/records.ts';
import { pathsOfFile } from '../../protocol/resultFiles.ts';
import { codeSpan, oneLine } from '../../protocol/shownText.ts';
import { lineSum } from '../workspace/diff.ts';

export interface RecapFacts {
  /** Where the work was done: a hand-off's tool works in the person's own folder. */
  readonly place: 'private_clone' | 'own_folder';
  readonly session: Pick<Session, 'agentName' | 'mode' | 'startedAt' | 'finishedAt' | 'usage' | 'sandboxStep' | 'id'>;
  readonly result: SessionResult;
  /** Changed paths the person left out. */
  readonly leftOut: readonly string[];
  readonly merged: readonly string[];
}

const shownFiles = 20;

export function recapText({ place, session, result, leftOut, merged }: RecapFacts): string {
  const accepted = result.files.filter((file) => !leftOut.includes(file.path));
  const sum = lineSum(accepted);
  const facts = [
    `${session.agentName}, ${session.mode}`,
    ...(session.startedAt !== null && session.finishedAt !== null ? [duration(session.finishedAt - session.startedAt)] : []),
    ...(session.usage ? [`${session.usage.totalTokens.toLocaleString('en')} tokens`] : []),
    ...(result.baseCommit ? [`${place === 'private_clone' ? 'on a private clone of' : 'since'} \`${result.baseCommit.slice(0, 8)}\``] : []),
  ];
  const parts = [
    result.summary.trim() || 'The agent left no summary.',
    accepted.length > 0
      ? `**Files** (+${sum.added} −${sum.deleted})\n${fileList(accepted.map((file) => `${nameSpan(...pathsOfFile(file))}${counts(file)}`))}`
      : '**Files.** None changed.',
    ...(result.checks.length > 0
      ? [`**Checks**\n${fileList(result.checks.map((check) => `${codeSpan(check.command)} ${checkOutcome(check.exitCode)}`))}`]
      : ['**Checks.** None were seen.']),
    ...(leftOut.length > 0 ? [`**Left out by the reviewer**\n${fileList(leftOut.map((file) => nameSpan(file)))}`] : []),
    ...(result.heldBack.length > 0
      ? [`**Held back**\n${fileList(result.heldBack.map((file) => `${nameSpan(file.path)}: ${oneLine(file.reason)}`))}`]
      : []),
    ...(merged.length > 0 ? [`**Merged with uncommitted work**\n${fileList(merged.map((file) => nameSpan(file)))}`] : []),
    `_${facts.join(', ')}._`,
  ];
  return parts.join('\n\n');
}

const nameSpan = (...names: string[]): string => codeSpan(names.join(' → '));

function fileList(entries: readonly string[]): string {
  const more = entries.length - shownFiles;
  return [...entries.slice(0, shownFiles).map((entry) => `- ${entry}`), ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

function counts(file: SessionResult['files'][number]): string {
  if (file.status === 'deleted') return ' removed';
  return file.added === null ? '' : ` +${file.added} −${file.deleted ?? 0}`;
}

function checkOutcome(exitCode: number | null): string {
  if (exitCode === null) return 'did not end';
  return exitCode === 0 ? 'passed' : `failed (${exitCode})`;
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
