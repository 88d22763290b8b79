/** What an agent asks: decided by policy where it can be, else put to a person, never left hanging. */
import { setTimeout as delay } from 'node:timers/promises';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { Input } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { PermissionAnswer, PermissionWish } from '../agents/driver.ts';
import type { ClaimHold } from '../journal/outbox.ts';
import { actionHash, type Policy } from '../policy/decide.ts';
import type { Verdict } from '../../protocol/policy.ts';
import type { Action } from '../policy/facts.ts';
import { ends, type Permissions } from './permissions.ts';
import type { PolicyRecord } from './policyRecord.ts';
import { cut, type ActivitySink } from './sink.ts';

export interface QuestionsOptions {
  readonly api: Pick<BelayApi, 'ask' | 'inputDelivered' | 'withdrawInput'>;
  readonly hold: () => ClaimHold;
  readonly sink: ActivitySink;
  readonly records: Pick<PolicyRecord, 'record'>;
  readonly policy: Policy;
  readonly permissions: Permissions;
  readonly parkMs: number;
  /** Makes everything written so far durable: a question must not be asked twice after a crash. */
  readonly sync: () => void;
  /** Answers that came while the run was parked, for when the agent asks the very same again; each is used once. */
  readonly standing: readonly Input[];
  /** A question has been open for too long. */
  readonly onPark: () => void;
  readonly log: (text: string) => void;
  readonly retryMs?: number;
}

interface Open {
  readonly wish: PermissionWish;
  readonly answered: (answer: PermissionAnswer) => void;
}

/** Why an agent that asked hears nothing but a no. */
const noAnswer = 'the agent offers no answer for it';

export class Questions {
  readonly #options: QuestionsOptions;
  readonly #open = new Map<string, Open>();
  readonly #standing = new Map<string, Input>();
  readonly #early = new Map<string, Input>();
  /** Answered here, and whether that is being confirmed. The platform tells it again until it is. */
  readonly #settled = new Map<string, 'confirming' | 'told'>();
  #count = 0;
  #closed = false;

  constructor(options: QuestionsOptions) {
    this.#options = options;
    for (const input of options.standing) this.#standing.set(input.actionHash, input);
  }

  /** A person is being waited for. */
  get waiting(): boolean {
    return this.#open.size > 0;
  }

  /** Answers a wish. Null means that nobody will answer any more. What cannot be recorded is denied. */
  async ask(wish: PermissionWish): Promise<PermissionAnswer> {
    try {
      return await this.#answer(wish);
    } catch (error) {
      this.#options.log(`Denied, since it could not be decided or recorded: ${messageOf(error)}`);
      return this.#own(wish, 'deny');
    }
  }

  async #answer(wish: PermissionWish): Promise<PermissionAnswer> {
    const { policy, permissions } = this.#options;
    const actions = actionsOf(wish);
    const answerable = wish.options.length > 0 || wish.acceptsText;
    // Offered answers that are no permissions make it a question, and only a person has its answer.
    const isQuestion = answerable && wish.options.every((option) => option.effect === 'answer');
    const { decision, rules } =
      isQuestion && !policy.situation.unattended ? { decision: 'ask' as const, rules: ['a question'] } : policy.decideAll(actions);
    const remembered = decision === 'ask' && !isQuestion ? permissions.remembered(actions) : null;
    if (remembered !== null) this.#record(wish, 'allow', [remembered]);
    if (decision !== 'ask' || remembered !== null) {
      const allow = decision !== 'deny';
      const own = this.#own(wish, allow ? 'allow' : 'deny');
      if (!allow) this.#record(wish, 'deny', rules);
      else if (own === null) this.#record(wish, 'deny', [noAnswer]);
      return own;
    }
    if (!answerable) {
      this.#record(wish, 'deny', [noAnswer]);
      return null;
    }
    if (isQuestion) return await this.#askPerson(wish);
    this.#record(wish, 'ask', rules);
    const offered = permissions.optionsFor(wish);
    const answer = await this.#askPerson({ ...wish, options: offered });
    const chosen = offered.find((option) => option.id === answer?.optionId);
    // Before it counts: an approval is on the disk, or it is none.
    if (chosen && chosen.effect !== 'answer')
      this.#record(wish, chosen.effect === 'deny' ? 'deny' : 'allow', [`a person: ${chosen.label}`], chosen);
    return permissions.settle(wish, actions, answer);
  }

  /** True when the policy alone says no, which is recorded: then nothing has to be read to put the question. */
  refuses(wish: PermissionWish): boolean {
    const { decision, rules } = this.#options.policy.decideAll(actionsOf(wish));
    if (decision !== 'deny') return false;
    this.#record(wish, 'deny', rules);
    return true;
  }

  /** The agent's own answer for a yes or a no; null when it offered none. */
  #own(wish: PermissionWish, end: 'allow' | 'deny'): PermissionAnswer {
    const option = ends(wish.options)[end];
    return option ? { optionId: option.id, text: null } : null;
  }

  /** Takes answers as the platform sends them; the same one may come twice. */
  deliver(inputs: readonly Input[]): void {
    for (const input of inputs) {
      const open = this.#open.get(input.id);
      if (open) this.#settle(input, open);
      if (!open && !this.#settled.has(input.id)) this.#early.set(input.id, input);
      else if (this.#settled.get(input.id) !== 'confirming') void this.#confirm(input.id);
    }
  }

  /** Nobody will be asked any more: what is open goes unanswered. */
  close(): void {
    this.#closed = true;
    for (const [id, open] of this.#open) {
      this.#open.delete(id);
      open.answered(null);
    }
  }

  async #askPerson(wish: PermissionWish): Promise<PermissionAnswer> {
    const hash = hashOf(wish, this.#options.policy);
    const standing = this.#standing.get(hash);
    this.#standing.delete(hash);
    if (standing) return answerOf(standing, wish);
    this.#count += 1;
    this.#options.sync();
    // The same name until there is a reply, also under a later claim: a question that arrived is not put a second time.
    const input = await this.#post(wish, `ask-${this.#options.hold().fence}-${this.#count}`);
    if (input === null) return null;
    this.#options.sink.write({ kind: 'progress', body: { type: 'input_asked', inputId: input.id, title: cut(wish.title, 2000) } });
    return await new Promise<PermissionAnswer>((resolve) => {
      const timer = setTimeout(() => {
        this.#options.onPark();
      }, this.#options.parkMs);
      this.#open.set(input.id, {
        wish,
        answered: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
      });
      const early = this.#early.get(input.id) ?? (input.state === 'answered' ? input : undefined);
      if (early) this.deliver([early]);
    });
  }

  async #post(wish: PermissionWish, key: string): Promise<Input | null> {
    while (!this.#closed) {
      const hold = this.#options.hold();
      try {
        return await this.#options.api.ask({
          params: { id: hold.sessionId },
          claimToken: hold.claimToken,
          timeoutMs: 5000,
          body: {
            holder: { instanceId: hold.instanceId, fence: hold.fence },
            key,
            kind: wish.options.some((option) => option.effect !== 'answer') ? 'approval' : 'question',
            actionHash: hashOf(wish, this.#options.policy),
            title: cut(wish.title || 'The agent asks', 2000),
            detail: cut(wish.detail, 60_000),
            options: wish.options.slice(0, 20).map((option) => ({ ...option, id: option.id.slice(0, 80), label: cut(option.label, 300) })),
            acceptsText: wish.acceptsText,
            expiresInMs: 7 * 86_400_000,
          },
        });
      } catch (error) {
        if (isBelayError(error, 'session_final') || isBelayError(error, 'invalid_body')) {
          this.#options.log(`The question could not be asked: ${messageOf(error)}`);
          return null;
        }
        await delay(this.#options.retryMs ?? 2000);
      }
    }
    return null;
  }

  #settle(input: Input, open: Open): void {
    this.#open.delete(input.id);
    this.#early.delete(input.id);
    this.#settled.set(input.id, 'told');
    const answer = answerOf(input, open.wish);
    this.#options.sink.touch();
    open.answered(answer);
    const said = answer?.text ?? open.wish.options.find((option) => option.id === answer?.optionId)?.label ?? 'no answer';
    this.#options.sink.write({ kind: 'progress', body: { type: 'input_answered', inputId: input.id, answer: cut(said, 2000) } });
  }

  /** Tells the platform that the agent has it. Where that does not arrive, the answer comes again, and so does this. */
  async #confirm(inputId: string): Promise<void> {
    this.#settled.set(inputId, 'confirming');
    await this.#sayDelivered(inputId);
    this.#settled.set(inputId, 'told');
  }

  async #sayDelivered(inputId: string): Promise<void> {
    for (let attempt = 0; attempt < 5 && !this.#closed; attempt += 1) {
      const hold = this.#options.hold();
      try {
        await this.#options.api.inputDelivered({
          params: { id: hold.sessionId, inputId },
          claimToken: hold.claimToken,
          timeoutMs: 5000,
          body: { holder: { instanceId: hold.instanceId, fence: hold.fence } },
        });
        return;
      } catch (error) {
        if (!isBelayError(error, 'unavailable')) {
          this.#options.log(`The answer's delivery could not be confirmed: ${messageOf(error)}`);
          return;
        }
        await delay(this.#options.retryMs ?? 1000);
      }
    }
  }

  #record(wish: PermissionWish, decision: Verdict, rules: readonly string[], chosen?: PermissionWish['options'][number]): void {
    const lasting = chosen?.effect === 'allow_session' || chosen?.effect === 'allow_repository';
    this.#options.records.record({
      event: lasting ? 'grant' : decision,
      class: wish.class,
      decision,
      resource: wish.resource,
      rules,
      policyHash: this.#options.policy.hash,
      detail: wish.title,
    });
  }
}

/** A wish may be about several files; all of them have to be right. */
function actionsOf(wish: PermissionWish): Action[] {
  const resources = wish.resources ?? [wish.resource];
  return resources.map((resource) => ({ class: wish.class, resource, ...(wish.cwd !== undefined && { cwd: wish.cwd }) }));
}

function hashOf(wish: PermissionWish, { situation }: Policy): string {
  return actionHash({ class: wish.class, resource: wish.resource }, wish.detail, situation);
}

function answerOf(input: Input, wish: PermissionWish): PermissionAnswer {
  if (input.state !== 'answered' || !input.answer) return null;
  const chosen = wish.options.find((option) => option.id.slice(0, 80) === input.answer?.optionId);
  return { optionId: chosen?.id ?? null, text: input.answer.text };
}
