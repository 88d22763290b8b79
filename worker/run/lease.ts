/**
 * Keeps one claim alive through the poll exchange, and hears through the same exchange what the
 * platform has for the run. Time is counted on the monotonic clock, from when a renewal was sent.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant, PollReply, PollRequest } from '../../protocol/exchange.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';

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
  readonly workerId: string;
  readonly instanceId: string;
  readonly sessionId: string;
  readonly fence: number;
  readonly leaseMs: number;
  /** How long to go on and ask again after the claim was lost or the platform went away, ms. */
  readonly offlineMs: number;
  readonly retryMs?: number;
}

/** At this share of the lease without a good renewal the exits close. */
const fenceShare = 0.8;

export class Lease {
  readonly #options: LeaseOptions;
  readonly #stop = new AbortController();
  #fence: number;
  #leaseMs: number;
  #renewMs: number;
  #goodAt = performance.now();
  #exits: 'closed' | 'open' = 'open';
  /** Set while the claim is not ours and we ask for it again. */
  #lostAt: number | null = null;
  #reclaimId: string | null = null;
  #watch: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#fence = options.fence;
    this.#leaseMs = options.leaseMs;
    this.#renewMs = options.leaseMs / 3;
  }

  start(): void {
    this.#watch = setInterval(
      () => {
        this.#check();
      },
      Math.max(50, Math.min(1000, this.#leaseMs / 30)),
    );
    this.#running = this.#loop();
  }

  /** Nothing more is asked or renewed. */
  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#stop.abort();
    await this.#running;
  }

  get exitsOpen(): boolean {
    return this.#exits === 'open';
  }

  /** The claim was refused on another way: ask for the session again. */
  noteLost(): void {
    this.#lostAt ??= performance.now();
    this.#setExits('closed');
  }

  #check(): void {
    const now = performance.now();
    if (now - this.#goodAt > this.#leaseMs * fenceShare) this.#setExits('closed');
    const since = this.#lostAt ?? this.#goodAt + this.#leaseMs * fenceShare;
    if (now - since > this.#options.offlineMs) this.#giveUp('the claim could not be renewed or taken again in time');
  }

  #setExits(state: 'closed' | 'open'): void {
    if (state === this.#exits) return;
    this.#exits = state;
    this.#options.onExits(state);
  }

  #giveUp(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    clearInterval(this.#watch);
    this.#options.onLost(reason);
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const sentAt = performance.now();
      try {
        const reply = this.#lostAt === null ? await this.#renew() : await this.#reclaim();
        this.#heard(reply, sentAt);
        if (this.#lostAt !== null) await this.#pause();
        // What was not confirmed as delivered yet is told again at once: no spinning on it.
        else if (performance.now() - sentAt < 100) await delay(100, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#options.log(`The claim could not be renewed: ${messageOf(error)}`);
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    await delay(this.#options.retryMs ?? 2000, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  #renew(): Promise<PollReply> {
    const waitMs = Math.round(Math.min(this.#renewMs, 20_000));
    const renewals = [{ sessionId: this.#options.sessionId, fence: this.#fence }];
    return this.#poll({ requestId: randomUUID(), renewals, capacity: 0, waitMs });
  }

  /** Asks under one name until there is a reply: a claim whose reply was lost is given again, not refused as taken. */
  async #reclaim(): Promise<PollReply> {
    const { sessionId } = this.#options;
    this.#reclaimId ??= randomUUID();
    const reply = await this.#poll({ requestId: this.#reclaimId, reclaim: [sessionId], sessionId, capacity: 1, waitMs: 0 });
    this.#reclaimId = null;
    return reply;
  }

  #poll(part: Omit<PollRequest, 'workerId' | 'instanceId'> & { waitMs: number }): Promise<PollReply> {
    const { api, workerId, instanceId } = this.#options;
    return api.poll({ body: { workerId, instanceId, ...part }, timeoutMs: part.waitMs + 5000, signal: this.#stop.signal });
  }

  #heard(reply: PollReply, sentAt: number): void {
    if (this.#stop.signal.aborted) return;
    const { sessionId } = this.#options;
    const grant = reply.claims.find((claim) => claim.session.id === sessionId);
    if (grant) this.#take(grant, sentAt);
    if (reply.renewed.some((entry) => entry.sessionId === sessionId && entry.fence === this.#fence)) this.#good(sentAt);
    const lost = reply.lost.find((entry) => entry.sessionId === sessionId && entry.fence === this.#fence);
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
    this.#fence = grant.fence;
    this.#leaseMs = grant.leaseMs;
    this.#lostAt = null;
    this.#options.onReclaimed(grant);
    this.#good(sentAt);
  }

  #good(sentAt: number): void {
    this.#goodAt = sentAt;
    this.#setExits('open');
  }
}
