/**
 * Where every decision of a run is put down: first in this machine's audit log, on the disk, then as a `policy`
 * activity that carries the log's head to the platform.
 */
import type { AuditAnchor } from '../../protocol/activities.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { PolicyClass, Verdict } from '../../protocol/policy.ts';
import type { AuditEntry, AuditFact, AuditHead } from '../audit/entry.ts';
import { truncate, type ActivitySink } from './sink.ts';

export interface PolicyEntry {
  readonly event: Extract<AuditEntry['event'], 'ask' | 'deny' | 'allow' | 'grant' | 'effect' | 'network'>;
  readonly class: PolicyClass;
  readonly decision: Verdict;
  readonly resource: string;
  readonly rules: readonly string[];
  /** Empty where no policy of the run was asked. */
  readonly policyHash: string;
  /** For people. */
  readonly detail: string;
}

export interface PolicyRecordOptions {
  readonly audit: { append(fact: AuditFact): AuditHead };
  /** Names this machine in the anchors. */
  readonly machine: string;
  readonly sessionId: string;
  readonly fence: () => number;
  readonly sink: Pick<ActivitySink, 'write'>;
  readonly log: (text: string) => void;
}

/** Refusals an agent can cause at will: after so many of a run only every hundredth is written. */
const refusalsKept = 500;

export class PolicyRecord {
  readonly #options: PolicyRecordOptions;
  #refusals = 0;

  constructor(options: PolicyRecordOptions) {
    this.#options = options;
  }

  /** Throws when it cannot be put down: what it allows must not happen then. */
  record(entry: PolicyEntry): void {
    const { sink } = this.#options;
    const anchor = this.#append(entry);
    sink.write({
      kind: 'policy',
      body: {
        class: entry.class,
        decision: entry.decision,
        resource: truncate(entry.resource, 4000),
        rule: truncate(entry.rules.join(', '), 400),
        detail: truncate(entry.detail, 2000),
        audit: anchor,
      },
    });
  }

  /** A connection the sandbox refused. It is refused whether or not it can be put down. */
  refused(host: string): void {
    this.#refusals += 1;
    if (this.#refusals > refusalsKept && this.#refusals % 100 !== 0) return;
    const more = this.#refusals > refusalsKept ? ` It is number ${this.#refusals} of this run.` : '';
    this.#try(() => {
      this.record({
        event: 'network',
        class: 'network',
        decision: 'deny',
        resource: host,
        rules: ['not in the list of allowed hosts'],
        policyHash: '',
        detail: `The connection was refused.${more}`,
      });
    });
  }

  /** Notes what is no decision: the claim, the result. The log alone has it; the next decision's anchor covers it. */
  note(event: Extract<AuditEntry['event'], 'claim' | 'result'>, resource: string, detail: string): void {
    this.#append({ event, class: null, decision: null, resource, rules: [], policyHash: '', detail });
  }

  /** The same for what has happened already. */
  tryNote(...note: Parameters<PolicyRecord['note']>): void {
    this.#try(() => {
      this.note(...note);
    });
  }

  #append(fact: Omit<AuditFact, 'session' | 'fence' | 'rules'> & { readonly rules: readonly string[] }): AuditAnchor {
    const { audit, machine, sessionId, fence } = this.#options;
    const head = audit.append({ ...fact, rules: [...fact.rules], session: sessionId, fence: fence() });
    return { machine, ...head };
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log(`The audit log was not written: ${messageOf(error)}`);
    }
  }
}
