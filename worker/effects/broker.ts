/**
 * The one way from a run to the outside: each effect is made exact, decided by policy or a person, done under a claim
 * that is confirmed at that moment, and done once for each wish. Until the agent has heard of it, the same request is
 * the same wish. The agent never gets what it is done with.
 */
import { createHash } from 'node:crypto';
import { messageOf } from '../../protocol/errors.ts';
import type { PermissionAnswer, PermissionWish } from '../agents/base/driver.ts';
import type { PlannedEffect } from './effect.ts';
import type { EffectLedger } from './ledger.ts';

export interface BrokerPorts {
  readonly sessionId: string;
  readonly ledger: EffectLedger;
  /** Decides by policy, or asks a person; null when nobody answered. */
  readonly ask: (wish: PermissionWish) => Promise<PermissionAnswer>;
  /** Throws when the claim is not ours any more, or cannot be confirmed. */
  readonly confirmClaim: () => Promise<void>;
  /** Notes, on disk before this returns, what is about to be done or what came of it. */
  readonly record: (planned: PlannedEffect, words: string) => void;
  readonly log: (text: string) => void;
}
export interface EffectOutcome {
  readonly state: 'done' | 'refused' | 'failed';
  readonly words: string;
  /** To be called once the agent has the answer. */
  readonly told?: () => void;
}

const options: PermissionWish['options'] = [
  { id: 'allow', label: 'Do it', effect: 'allow_once' },
  { id: 'deny', label: 'Do not', effect: 'deny' },
];
const notAllowed = 'It was not allowed. Go on without it.';

export function wishFor(effect: Pick<PlannedEffect, 'resource' | 'title' | 'detail'>): PermissionWish {
  return { class: 'effect', ...effect, options, acceptsText: false };
}

/** The policy forbids an effect before it was made exact: nothing was read for it. */
export class EffectRefused extends Error {
  constructor() {
    super(notAllowed);
    this.name = 'EffectRefused';
  }
}

export class EffectBroker {
  readonly #ports: BrokerPorts;
  /** The same request while it is under way is the same effect. */
  readonly #running = new Map<string, Promise<EffectOutcome>>();

  readonly #performing = new Set<Promise<string>>();

  constructor(ports: BrokerPorts) {
    this.#ports = ports;
  }

  /** Never throws: what went wrong is the outcome. */
  async request(plan: () => Promise<PlannedEffect>): Promise<EffectOutcome> {
    let planned: PlannedEffect;
    try {
      planned = await plan();
    } catch (error) {
      return { state: error instanceof EffectRefused ? 'refused' : 'failed', words: messageOf(error) };
    }
    const key = createHash('sha256')
      .update(JSON.stringify([this.#ports.sessionId, planned.resource, planned.detail]))
      .digest('hex');
    const running = this.#running.get(key);
    if (running) return await running;
    const work = this.#carryOut(key, planned).finally(() => this.#running.delete(key));
    this.#running.set(key, work);
    return await work;
  }

  async #carryOut(key: string, planned: PlannedEffect): Promise<EffectOutcome> {
    const { ledger, log } = this.#ports;
    try {
      const known = ledger.get(key);
      if (known?.state === 'done' && !known.told) return this.#outcome(key, planned, known.words);
      // Begun and not finished: the process ended in between, and only the outside knows. Done and told: it may have been undone.
      const standing = known === undefined ? 'not_done' : await planned.standing(known.state);
      if (typeof standing === 'object')
        return known?.state === 'done' ? { state: 'done', words: standing.done } : this.#done(key, planned, standing.done);
      const again = standing === 'unknown' ? 'This was begun before and may have happened already. ' : '';
      const { resource, title, detail } = planned;
      const answer = await this.#ports.ask(wishFor({ resource, title: `${again}${title}`, detail }));
      if (answer?.optionId !== 'allow')
        return {
          state: 'refused',
          words: answer === null ? 'Nobody answered, so it was not done.' : notAllowed,
        };
      await this.#ports.confirmClaim();
      ledger.put(key, { state: 'begun', resource: planned.resource, words: '' });
      this.#ports.record(planned, 'about to be done');
      const doing = planned.perform(key);
      this.#performing.add(doing);
      return this.#done(key, planned, await doing.finally(() => this.#performing.delete(doing)));
    } catch (error) {
      const words = messageOf(error);
      log(`The effect ${planned.resource} failed: ${words}`);
      if (ledger.get(key)?.state === 'begun') {
        ledger.put(key, { state: 'failed', resource: planned.resource, words });
        this.#ports.record(planned, `failed: ${words}`);
      }
      return { state: 'failed', words };
    }
  }

  /** Once nothing is being done any more: what waits for a person is not waited for. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#performing);
  }

  #done(key: string, planned: PlannedEffect, words: string): EffectOutcome {
    this.#ports.ledger.put(key, { state: 'done', resource: planned.resource, words });
    this.#ports.record(planned, `done: ${words}`);
    return this.#outcome(key, planned, words);
  }

  #outcome(key: string, { resource }: PlannedEffect, words: string): EffectOutcome {
    const told = () => {
      this.#ports.ledger.put(key, { state: 'done', resource, words, told: true });
    };
    return { state: 'done', words, told };
  }
}
