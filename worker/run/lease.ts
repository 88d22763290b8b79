/**
 * Keeps one claim alive through the poll exchange, and hears through the same exchange what the
 * platform has for the run. Time is counted on the monotonic clock, from when a renewal was sent.
 */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant, PollReply, PollRequest } from '../../protocol/exchange.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { HeldSession } from '../journal/heldSession.ts';
import { AwakeTime, systemClock, type Clock } from './clock.ts';

export interface LeaseEvents {
  readonly onCancel: () => void;
  readonly onAnswers: (answers: PollReply['answers']) => void;
  readonly onMessages: (messages: PollReply['messages']) => void;
  /** Without a good renewal for too long: close every exit. `open` when it is good again. */
  readonly onExits: (state: 'closed' | 'open') => void;
  /** The claim is gone for good. */
  readonly onLost: (reason: string) => void;
  /** The same session was claimed again, under a new fence. */
  readonly onReclaimed: (grant: ClaimGrant) => void;
  readonly log: (text: string) => void;
}

export interface LeaseOptions extends LeaseEvents {
  readonly api: Pick<BelayApi, 'poll'>;
  readonly held: HeldSession;
  readonly workerId: string;
  readonly leaseMs: number;
  /** How long to go on and ask again after the claim was lost or the platform went away, ms. */
  readonly offlineMs: number;
  readonly retryMs?: number;
  readonly clock?: Clock;
}

/** At this share of the lease without a good renewal the exits close. */
const fenceShare = 0.8;

export class Lease {
  readonly #options: LeaseOptions;
  readonly #stop = new AbortController();
  #leaseMs: number;
  #renewMs: number;
  readonly #clock: Clock;
  readonly #checkMs: number;
  readonly #awake: AwakeTime;
  #goodAt: number;
  #exits: 'closed' | 'open' = 'open';
  /** The claim is not ours, and we ask for it again. */
  #lost = false;
  /** Since when nothing good was heard, in time awake. */
  #inVainSince: number | null = null;
  #reclaimId: string | null = null;
  #endWatch: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs;
    this.#renewMs = options.leaseMs / 3;
    this.#clock = options.clock ?? systemClock;
    this.#checkMs = Math.max(50, Math.min(1000, options.leaseMs / 30));
    this.#awake = new AwakeTime(this.#clock, this.#checkMs);
    this.#goodAt = this.#clock.now();
  }

  start(): void {
    this.#endWatch = this.#clock.every(this.#checkMs, () => {
      this.#check();
    });
    this.#running = this.#loop();
  }

  /** Nothing more is asked or renewed. */
  async stop(): Promise<void> {
    this.#endWatch();
    this.#stop.abort();
    await this.#running;
  }

  /** Decided by the time of the question: a process that was stopped must not act on what it knew before. */
  get exitsOpen(): boolean {
    this.#closeIfStale();
    return this.#exits === 'open';
  }

  /** The claim was refused on another way: ask for the session again. */
  noteLost(): void {
    this.#lost = true;
    this.#closeExits();
  }

  #check(): void {
    this.#awake.tick();
    this.#closeIfStale();
    if (this.#inVainSince !== null && this.#awake.now() - this.#inVainSince > this.#options.offlineMs)
      this.#giveUp('the claim could not be renewed or taken again in time');
  }

  #closeIfStale(): void {
    if (this.#clock.now() - this.#goodAt > this.#leaseMs * fenceShare) this.#closeExits();
  }

  #closeExits(): void {
    this.#inVainSince ??= this.#awake.now();
    this.#setExits('closed');
  }

  #setExits(state: 'closed' | 'open'): void {
    if (state === this.#exits) return;
    this.#exits = state;
    this.#options.onExits(state);
  }

  #giveUp(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#endWatch();
    this.#options.onLost(reason);
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const sentAt = this.#clock.now();
      try {
        const reply = this.#lost ? await this.#reclaim() : await this.#renew();
        this.#heard(reply, sentAt);
        if (this.#lost) await this.#pause();
        else await this.#clock.sleep(this.#restMs(reply, sentAt), this.#stop.signal);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#options.log(`The claim could not be renewed: ${messageOf(error)}`);
        await this.#pause();
      }
    }
  }

  /** What was not confirmed as delivered yet is told again at once, so the platform says when to come; the claim must be renewed in time. */
  #restMs({ nextMs }: PollReply, sentAt: number): number {
    const quick = this.#clock.now() - sentAt < 100;
    return Math.max(quick ? 100 : 0, Math.min(nextMs, this.#renewMs));
  }

  #pause(): Promise<void> {
    return this.#clock.sleep(this.#options.retryMs ?? 2000, this.#stop.signal);
  }

  #renew(): Promise<PollReply> {
    const waitMs = Math.round(Math.min(this.#renewMs, 20_000));
    const renewals = [{ sessionId: this.#options.held.id, fence: this.#options.held.fence }];
    return this.#poll({ requestId: randomUUID(), renewals, capacity: 0, waitMs });
  }

  /** Asks under one name until there is a reply: a claim whose reply was lost is given again, not refused as taken. */
  async #reclaim(): Promise<PollReply> {
    const sessionId = this.#options.held.id;
    this.#reclaimId ??= randomUUID();
    const reply = await this.#poll({ requestId: this.#reclaimId, reclaim: [sessionId], sessionId, capacity: 1, waitMs: 0 });
    this.#reclaimId = null;
    return reply;
  }

  #poll(part: Omit<PollRequest, 'workerId' | 'instanceId'> & { waitMs: number }): Promise<PollReply> {
    const { api, workerId, held } = this.#options;
    return api.poll({ body: { workerId, instanceId: held.instanceId, ...part }, timeoutMs: part.waitMs + 5000, signal: this.#stop.signal });
  }

  #heard(reply: PollReply, sentAt: number): void {
    if (this.#stop.signal.aborted) return;
    const { held } = this.#options;
    const sessionId = held.id;
    const grant = reply.claims.find((claim) => claim.session.id === sessionId);
    if (grant) this.#take(grant, sentAt);
    if (reply.renewed.some((entry) => entry.sessionId === sessionId && entry.fence === held.fence)) this.#good(sentAt);
    const lost = reply.lost.find((entry) => entry.sessionId === sessionId && entry.fence === held.fence);
    if (lost?.code === 'session_final') {
      this.#giveUp('the session has ended on the platform');
      return;
    }
    if (lost) this.noteLost();
    this.#leaseMs = reply.leaseMs;
    this.#renewMs = reply.renewMs;
    if (reply.cancels.some((entry) => entry.sessionId === sessionId)) this.#options.onCancel();
    const answers = reply.answers.filter((input) => input.sessionId === sessionId);
    if (answers.length > 0) this.#options.onAnswers(answers);
    const messages = reply.messages.filter((message) => message.sessionId === sessionId);
    if (messages.length > 0) this.#options.onMessages(messages);
  }

  #take(grant: ClaimGrant, sentAt: number): void {
    this.#options.held.take(grant);
    this.#leaseMs = grant.leaseMs;
    this.#lost = false;
    this.#options.onReclaimed(grant);
    this.#good(sentAt);
  }

  #good(sentAt: number): void {
    this.#goodAt = sentAt;
    this.#inVainSince = null;
    this.#setExits('open');
  }
}
