/** A fact for the audit log, as a run records it. */
import type { AuditFact } from '../../worker/audit/entry.ts';

export function fact(resource: string, over: Partial<AuditFact> = {}): AuditFact {
  return {
    session: 'ses_a',
    fence: 1,
    event: 'deny',
    class: 'run',
    decision: 'deny',
    resource,
    rules: ['worker: run curl'],
    policyHash: 'p'.repeat(64),
    detail: '',
    ...over,
  };
}
