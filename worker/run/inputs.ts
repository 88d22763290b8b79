/** Puts questions to a person through the platform and hears the answers, also those that come late or twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { Input } from '../../protocol/records.ts';
import type { PermissionAnswer, PermissionWish } from '../agents/base/driver.ts';
import type { HeldSession } from '../journal/heldSession.ts';
import { truncate, type ActivitySink } from './sink.ts';

export interface InputsOptions {
  readonly held: Pick<HeldSession, 'ask' | 'fence' | 'inputDelivered'>;
  readonly sink: ActivitySink;
  readonly parkMs: number;
  /** Makes everything written so far durable: a question must not be asked twice after a crash. */
  readonly sync: () => void;
  /** A question has been open for too long. */
  readonly onPark: () => void;
  readonly log: (text: string) => void;
  readonly retryMs?: number;
}

interface Open {
  readonly wish: PermissionWish;
  readonly answered: (answer: PermissionAnswer) => void;
}

export class Inputs {
  readonly #options: InputsOptions;
  readonly #open = new Map<string, Open>();
  /** By the action they were asked about. */
  readonly #standing = new Map<string, Input>();
  readonly #early = new Map<string, Input>();
  /** Answered here, and whether that is being confirmed. The platform tells it again until it is. */
  readonly #settled = new Map<string, 'confirming' | 'told'>();
  #count = 0;
  #closed = false;

  constructor(options: InputsOptions) {
    this.#options = options;
  }

  /** A person is being waited for. */
  get waiting(): boolean {
    return this.#open.size > 0;
  }

  /** Answers that came while the run was parked, for when the agent asks the very same again; each is used once. */
  keep(answered: readonly Input[]): void {
    for (const input of answered) this.#standing.set(input.actionHash, input);
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

  /** `actionHash` names what is asked about. Null means that nobody will answer any more. */
  async ask(wish: PermissionWish, actionHash: string): Promise<PermissionAnswer> {
    const { held, onPark, parkMs, sink, sync } = this.#options;
    const standing = this.#standing.get(actionHash);
    this.#standing.delete(actionHash);
    if (standing) return answerOf(standing, wish);
    this.#count += 1;
    sync();
    // The same name until there is a reply, also under a later claim: a question that arrived is not put a second time.
    const input = await this.#post(wish, actionHash, `ask-${held.fence}-${this.#count}`);
    if (input === null) return null;
    sink.write({ kind: 'progress', body: { type: 'input_asked', inputId: input.id, title: truncate(wish.title, 2000) } });
    return await new Promise<PermissionAnswer>((resolve) => {
      const timer = setTimeout(onPark, parkMs);
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

  async #post(wish: PermissionWish, actionHash: string, key: string): Promise<Input | null> {
    while (!this.#closed) {
      try {
        return await this.#options.held.ask({
          key,
          kind: wish.options.some((option) => option.effect !== 'answer') ? 'approval' : 'question',
          actionHash,
          title: truncate(wish.title || 'The agent asks', 2000),
          detail: truncate(wish.detail, 60_000),
          options: wish.options
            .slice(0, 20)
            .map((option) => ({ ...option, id: option.id.slice(0, 80), label: truncate(option.label, 300) })),
          acceptsText: wish.acceptsText,
          expiresInMs: 7 * 86_400_000,
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
    this.#options.sink.write({ kind: 'progress', body: { type: 'input_answered', inputId: input.id, answer: truncate(said, 2000) } });
  }

  /** Tells the platform that the agent has it. Where that does not arrive, the answer comes again, and so does this. */
  async #confirm(inputId: string): Promise<void> {
    this.#settled.set(inputId, 'confirming');
    await this.#sayDelivered(inputId);
    this.#settled.set(inputId, 'told');
  }

  async #sayDelivered(inputId: string): Promise<void> {
    for (let attempt = 0; attempt < 5 && !this.#closed; attempt += 1) {
      try {
        await this.#options.held.inputDelivered(inputId);
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
}

function answerOf(input: Input, wish: PermissionWish): PermissionAnswer {
  if (input.state !== 'answered' || !input.answer) return null;
  const chosen = wish.options.find((option) => option.id.slice(0, 80) === input.answer?.optionId);
  return { optionId: chosen?.id ?? null, text: input.answer.text };
}
