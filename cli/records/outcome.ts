/** What came of a session, in words. */
import type { Session } from '../../protocol/records.ts';
import { pathsOfFile } from '../../protocol/resultFiles.ts';
import { noChangesText } from '../../protocol/reviews.ts';
import { barredLines, oneLine, quotedName } from '../../protocol/shownText.ts';
import { isFinal } from '../../protocol/states.ts';
import { fileCount } from '../base/output.ts';

/** What was not handed over, and why. */
export function heldBackLines({ result }: Pick<Session, 'result'>): string[] {
  return (result?.heldBack ?? []).map((file) => `  ${quotedName(file.path)} held back: ${oneLine(file.reason)}`);
}

/** What the agent says of its work. */
const summaryLines = (summary: string): string[] => (summary.trim() === '' ? [] : barredLines(summary));

export function outcomeText(session: Session): string {
  const result = session.result;
  if (!isFinal(session.state))
    return `The session goes on: it is ${session.state.replaceAll('_', ' ')}. "belay stop ${session.id}" cancels it.`;
  if (session.state !== 'complete')
    return session.error
      ? [session.error.message, session.error.hint ?? '']
          .filter((text) => text !== '')
          .map(oneLine)
          .join('\n')
      : `The session is ${session.state}.`;
  if (!result) return 'Finished without changes.';
  const held = heldBackLines(session);
  if (!result.headCommit)
    return [
      ...summaryLines(result.summary),
      ...(result.outcome === 'no_changes' ? [`${noChangesText(session)}.`] : []),
      ...held,
      ...(held.length > 0 ? [`Send back: belay back ${session.id} --text …`] : []),
      result.outcome === 'no_changes' ? `Close: belay close ${session.id}` : `Accept: belay accept ${session.id}`,
    ].join('\n');
  const files = result.files.map(
    (file) =>
      `  ${pathsOfFile(file).map(quotedName).join(' → ')} +${file.added ?? 0} -${file.deleted ?? 0}${file.class === 'host_executed' ? ` (runs on your machine: ${oneLine(file.reason ?? '')})` : ''}`,
  );
  return [
    ...summaryLines(result.summary),
    `${fileCount(result.files.length)}, +${result.added} -${result.deleted}`,
    ...files,
    ...held,
    `Review: belay accept ${session.id}`,
  ].join('\n');
}
