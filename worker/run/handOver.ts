/** What leaves a run's clone: its commits as words while it works, its changes through the gate at the end. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { SessionResult } from '../../protocol/records.ts';
import { cloneHead } from '../workspace/agentObjects.ts';
import { runGate } from '../workspace/gate.ts';
import { countHeldBack } from '../workspace/heldBack.ts';
import { judgeCommits, type CommitsVerdict } from '../workspace/judgeCommits.ts';
import { SecretFinder } from '../workspace/secrets.ts';
import type { GateOutcome, LineClone } from '../workspace/types.ts';
import { commitsBetween } from './commits.ts';
import { claimInDoubt } from './halt.ts';
import type { PolicyRecord } from './policyRecord.ts';
import { countFiles, makeResult } from './result.ts';
import type { ActivitySink } from './sink.ts';
import type { RunSpec } from './spec.ts';

/** An agent that still runs could keep the gate waiting on what it puts into its way. */
const gateMs = 300_000;

export interface HandOverOptions {
  readonly spec: RunSpec;
  readonly clone: LineClone;
  readonly fence: () => number;
  readonly sink: ActivitySink;
  readonly records: Pick<PolicyRecord, 'note'>;
  /** Values that must not leave with a file. */
  readonly secrets: readonly string[];
  /** False while the claim may be another's: nothing leaves then. */
  readonly exitsOpen: () => boolean;
  /** Throws when the run was interrupted. */
  readonly check: () => void;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
}

export class HandOver {
  readonly #options: HandOverOptions;
  #head: string;
  #gating: Promise<unknown> = Promise.resolve();

  constructor(options: HandOverOptions) {
    this.#options = options;
    this.#head = options.clone.baseCommit;
  }

  get #handsOver(): boolean {
    const { mode } = this.#options.spec.grant.session;
    return mode !== 'plan' && mode !== 'review';
  }

  /** Tells of each commit since the last time. */
  async reportCommits(): Promise<void> {
    const { clone, secrets, sink, spec } = this.#options;
    const finder = new SecretFinder(secrets);
    const head = await cloneHead(path.join(clone.path, '.git'));
    if (head === null) return;
    for (const { commit, subject } of await commitsBetween(spec.lineDir, this.#head, head)) {
      sink.write({ kind: 'progress', body: { type: 'commit', commit, subject: finder.conceal(subject) } });
    }
    this.#head = head;
  }

  /** The gate's outcome once the exits are open; null in modes that hand nothing over. */
  async gate(): Promise<GateOutcome | null> {
    const { exitsOpen, check, signal, spec } = this.#options;
    if (!this.#handsOver) return null;
    // The hand-over is an exit: it stays shut while the claim may be another's.
    while (!exitsOpen()) {
      check();
      await delay(100);
    }
    const { itemKey, title } = spec.grant.session;
    return await this.#runGate(`${itemKey === null ? '' : `${itemKey}: `}${title}`, AbortSignal.any([signal, AbortSignal.timeout(gateMs)]));
  }

  /** The clone as it is now, for what goes out while the agent works. */
  async gateNow(subject: string): Promise<GateOutcome> {
    if (!this.#handsOver) throw new BelayError('conflict', 'Nothing is handed over in this mode.');
    if (!this.#options.exitsOpen()) throw claimInDoubt();
    return await this.#runGate(subject, AbortSignal.any([this.#options.signal, AbortSignal.timeout(120_000)]), true);
  }

  /** Each of the agent's commits, judged. */
  history(): Promise<CommitsVerdict> {
    const { spec, clone, secrets, signal } = this.#options;
    return this.#inTurn(() =>
      judgeCommits({
        repositoryPath: spec.repositoryPath,
        lineDir: spec.lineDir,
        clone,
        sessionId: spec.grant.session.id,
        secrets,
        signal,
      }),
    );
  }

  /** What there is so far, for a run that was cut short. */
  async salvage(): Promise<SessionResult | null> {
    const { clone, exitsOpen, log, sink, spec } = this.#options;
    const { mode, title } = spec.grant.session;
    if (!this.#handsOver || !exitsOpen()) return null;
    try {
      await this.reportCommits();
      const gate = await this.#runGate(`Unfinished: ${title}`, AbortSignal.timeout(20_000));
      if (gate.headCommit === null) return null;
      return makeResult({ mode, gate, summary: sink.said, checks: sink.checks, baseCommit: clone.baseCommit });
    } catch (error) {
      log(`What there was could not be kept: ${messageOf(error)}`);
      return null;
    }
  }

  #runGate(subject: string, signal: AbortSignal, staysInGate = false): Promise<GateOutcome> {
    return this.#inTurn(() => this.#judge(subject, signal, staysInGate));
  }

  /** One at a time: they share the gate's repository. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const outcome = this.#gating.catch(() => undefined).then(work);
    this.#gating = outcome;
    return await outcome;
  }

  async #judge(subject: string, signal: AbortSignal, staysInGate: boolean): Promise<GateOutcome> {
    const { spec, clone, fence, records, secrets } = this.#options;
    const outcome = await runGate({
      repositoryPath: spec.repositoryPath,
      lineDir: spec.lineDir,
      clone,
      secrets,
      sessionId: spec.grant.session.id,
      fence: fence(),
      staysInGate,
      subject: subject.replaceAll(/\s+/g, ' ').slice(0, 200),
      signal,
    });
    const { headCommit, files, heldBack } = outcome;
    records.note('result', headCommit ?? 'nothing', `${countFiles(files.length)} may leave, ${countHeldBack(heldBack)} held back`);
    return outcome;
  }
}
