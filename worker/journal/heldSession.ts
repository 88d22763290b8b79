/**
 * The one client of a session that is held: it owns the claim, which may be taken again under another fence, and says
 * everything under the claim as it is at that moment.
 */
import type { ClaimGrant } from '../../protocol/exchange.ts';
import type { Input } from '../../protocol/records.ts';
import type { BelayApi, CallInput } from '../../protocol/typedClient.ts';

/** Under which claim a session is held. */
export interface SessionClaim {
  readonly sessionId: string;
  readonly instanceId: string;
  readonly fence: number;
  readonly claimToken: string;
}

type HeldCall =
  | 'appendActivities'
  | 'ask'
  | 'cancelled'
  | 'complete'
  | 'fail'
  | 'inputDelivered'
  | 'itemEffect'
  | 'messageDelivered'
  | 'park'
  | 'release'
  | 'updateStanding';
/** What a call under the claim says beside the claim. */
type Said<N extends HeldCall> = Omit<NonNullable<CallInput<N>['body']>, 'holder'>;
/** A run says much, and tries again: it waits for no single reply for long. */
const replyMs = 5000;
/** What is said once, at the end or for a person. */
const lastReplyMs = 10_000;

export class HeldSession {
  readonly #api: Pick<BelayApi, HeldCall | 'listInputs'>;
  #claim: SessionClaim;

  constructor(api: Pick<BelayApi, HeldCall | 'listInputs'>, claim: SessionClaim) {
    this.#api = api;
    this.#claim = claim;
  }

  get id(): string {
    return this.#claim.sessionId;
  }
  get instanceId(): string {
    return this.#claim.instanceId;
  }
  get fence(): number {
    return this.#claim.fence;
  }

  /** The session was claimed again. */
  take({ fence, claimToken }: Pick<ClaimGrant, 'fence' | 'claimToken'>): void {
    this.#claim = { ...this.#claim, fence, claimToken };
  }

  append(activities: Said<'appendActivities'>['activities']) {
    return this.#api.appendActivities({ ...this.#call(replyMs), body: { ...this.#holder, activities } });
  }

  /** With nothing to change it says whether the claim still holds. */
  async updateStanding(change: Said<'updateStanding'> = {}): Promise<void> {
    await this.#api.updateStanding({ ...this.#call(replyMs), body: { ...this.#holder, ...change } });
  }

  ask(question: Said<'ask'>): Promise<Input> {
    return this.#api.ask({ ...this.#call(replyMs), body: { ...this.#holder, ...question } });
  }

  /** Questions that were answered, or whose time was over, and that no run has heard of yet. */
  async settledInputs(): Promise<readonly Input[]> {
    const { entries } = await this.#api.listInputs({ query: { session: this.id, state: ['answered', 'expired'] } });
    return entries.filter((input) => input.deliveredAt === null);
  }

  async inputDelivered(inputId: string): Promise<void> {
    const { params, ...call } = this.#call(replyMs);
    await this.#api.inputDelivered({ ...call, params: { ...params, inputId }, body: this.#holder });
  }

  async messageDelivered(messageId: string): Promise<void> {
    const { params, ...call } = this.#call(replyMs);
    await this.#api.messageDelivered({ ...call, params: { ...params, messageId }, body: this.#holder });
  }

  async itemEffect(effect: Said<'itemEffect'>): Promise<void> {
    await this.#api.itemEffect({ ...this.#call(lastReplyMs), body: { ...this.#holder, ...effect } });
  }

  async complete(end: Said<'complete'>): Promise<void> {
    await this.#api.complete({ ...this.#call(lastReplyMs), body: { ...this.#holder, ...end } });
  }
  async fail(end: Said<'fail'>): Promise<void> {
    await this.#api.fail({ ...this.#call(lastReplyMs), body: { ...this.#holder, ...end } });
  }
  async cancelled(end: Said<'cancelled'>): Promise<void> {
    await this.#api.cancelled({ ...this.#call(lastReplyMs), body: { ...this.#holder, ...end } });
  }
  async release(end: Said<'release'>): Promise<void> {
    await this.#api.release({ ...this.#call(lastReplyMs), body: { ...this.#holder, ...end } });
  }
  async park(): Promise<void> {
    await this.#api.park({ ...this.#call(lastReplyMs), body: this.#holder });
  }

  #call(timeoutMs: number) {
    return { params: { id: this.id }, claimToken: this.#claim.claimToken, timeoutMs };
  }
  get #holder() {
    return { holder: { instanceId: this.instanceId, fence: this.fence } };
  }
}
