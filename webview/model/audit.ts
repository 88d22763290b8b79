/** Words and icons of audit entries. The words are English: the views translate them. */
import type { AuditRow } from '../../protocol/panelPages.ts';
import { decisionLooks as personLooks, type Look } from './describe.ts';

export const classWords = { read: 'read', write: 'write', run: 'run', network: 'network', effect: 'effect' } as const;
export const decisionWords = { ask: 'Asked', deny: 'Denied', allow: 'Allowed' } as const;

const eventLooks: Partial<Record<AuditRow['event'], Look>> = {
  grant: { icon: 'key', tone: 'ok', word: 'Allowed for longer' },
  effect: { icon: 'link-external', tone: 'run', word: 'Effect' },
  network: { icon: 'circle-slash', tone: 'bad', word: 'Connection refused' },
  claim: { icon: 'play', tone: 'dim', word: 'Claimed' },
  approval: { icon: 'verified', tone: 'ok', word: 'File approved' },
  result: { icon: 'package', tone: 'dim', word: 'Handed over' },
  review: { icon: 'checklist', tone: 'dim', word: 'Reviewed' },
};
const reviewLooks: Readonly<Record<string, Look>> = personLooks;
const decisionLooks: Record<keyof typeof decisionWords, Look> = {
  ask: { icon: 'question', tone: 'wait', word: decisionWords.ask },
  deny: { icon: 'circle-slash', tone: 'bad', word: decisionWords.deny },
  allow: { icon: 'pass', tone: 'ok', word: decisionWords.allow },
};

export function auditLook({ event, decision, detail }: Pick<AuditRow, 'event' | 'decision' | 'detail'>): Look {
  // A review says first what was decided.
  const reviewed = event === 'review' ? reviewLooks[/^[a-z_]*/.exec(detail)?.[0] ?? ''] : undefined;
  return reviewed ?? eventLooks[event] ?? decisionLooks[decision ?? 'allow'];
}
