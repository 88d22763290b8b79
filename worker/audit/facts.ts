/** What is recorded outside of a run: decisions of a person on results and on files of rules. */
import type { ReviewDecision } from '../../protocol/records.ts';
import { openMachine } from '../base/machine.ts';
import type { AuditFact } from './entry.ts';
import { AuditLog } from './log.ts';

const blank = {
  session: null,
  fence: null,
  class: null,
  decision: null,
  rules: [],
  policyHash: '',
  detail: '',
} as const satisfies Partial<AuditFact>;

/** A person approved a workflow file, or one of its hooks, by its hash. Throws when it cannot be recorded: it is no approval then. */
export function recordApproval(
  stateDir: string,
  approved: { readonly what: string; readonly hash: string; readonly detail: string },
): void {
  write(stateDir, {
    ...blank,
    event: 'approval',
    decision: 'allow',
    resource: approved.what,
    rules: [`sha256:${approved.hash}`],
    detail: approved.detail,
  });
}

/** A person's decision on a result. */
export function recordReview(
  stateDir: string,
  session: { readonly id: string; readonly fence: number },
  review: { readonly decision: ReviewDecision; readonly resource: string; readonly detail: string },
): void {
  write(stateDir, {
    ...blank,
    session: session.id,
    fence: session.fence,
    event: 'review',
    resource: review.resource,
    rules: ['a person'],
    detail: review.detail === '' ? review.decision : `${review.decision}: ${review.detail}`,
  });
}

function write(stateDir: string, fact: Omit<AuditFact, 'rules'> & { readonly rules: readonly string[] }): void {
  // The name that the anchors go by exists before the first line does.
  openMachine(stateDir);
  new AuditLog({ stateDir }).append({ ...fact, rules: [...fact.rules] });
}
