/** The talk with a running agent: one turn at a time, and what people say to it meanwhile. */
import { messageOf } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/records.ts';
import { AgentFailure, type AgentDriver, type TurnInput } from '../agents/base/driver.ts';
import type { HeldSession } from '../journal/heldSession.ts';
import { truncate, type ActivitySink } from './sink.ts';

export interface TurnsOptions {
  readonly held: Pick<HeldSession, 'messageDelivered'>;
  readonly sink: ActivitySink;
  /** Throws when the run was interrupted. */
  readonly check: () => void;
  /** Before the turn of a message. */
  readonly onMessage: () => void;
  /** Limits of the workflow file. */
  readonly maxTurns?: number;
  readonly turnMs?: number;
  readonly log: (text: string) => void;
}

/** Who takes turns. */
export interface TurnTaker {
  readonly driver: AgentDriver;
  readonly onTurnEnd: () => Promise<void>;
}

export class Turns {
  readonly #options: TurnsOptions;
  readonly #waiting: Message[] = [];
  readonly #seen = new Set<string>();
  /** Whose turn it is; null between turns. */
  #turning: AgentDriver | null = null;
  #taken = 0;
  #final = '';
  #reminder = '';

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  get turning(): boolean {
    return this.#turning !== null;
  }
  /** Messages that wait for a turn of their own. */
  get waiting(): number {
    return this.#waiting.length;
  }
  /** The agent's last message of the newest turn that had one. */
  get final(): string {
    return this.#final;
  }

  /** What the platform has for the agent; it may tell the same more than once. */
  take(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#seen.has(message.id)) continue;
      this.#seen.add(message.id);
      if (message.kind === 'steer' && this.#turning) void this.#steer(message, this.#turning);
      else this.#waiting.push(message);
    }
  }

  /** Everything that waits to be said to the agent, one turn each. */
  async sayWaiting(taker: TurnTaker): Promise<void> {
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      this.#options.onMessage();
      // Before it counts as delivered: a message that gets no turn was not.
      this.#checkLimit();
      await this.#confirm(message);
      const text = this.#reminder === '' ? message.body : `${this.#reminder}\n\n${message.body}`;
      this.#reminder = '';
      await this.turn(taker, { kind: 'note', text });
    }
  }

  /** Goes before the next message: the agent was started anew and knows nothing. */
  remind(text: string): void {
    this.#reminder = text;
  }

  /** One turn to its end. Throws an AgentFailure when the agent refused or reached a limit. */
  async turn({ driver, onTurnEnd }: TurnTaker, input: TurnInput): Promise<void> {
    this.#options.check();
    this.#checkLimit();
    this.#taken += 1;
    this.#turning = driver;
    try {
      const end = await this.#within(driver.prompt(input));
      this.#options.check();
      if (end.final !== '') this.#final = end.final;
      if (end.stop === 'refused')
        throw new AgentFailure(
          'agent_refused',
          'The agent refused to go on.',
          'Read its last message, then send it back with a note or use another agent.',
        );
      if (end.stop === 'limit')
        throw new AgentFailure(
          'agent_limit',
          'The agent reached the limit of what it may do in one turn.',
          'Retry to go on in the same folder, or split the item.',
        );
    } finally {
      this.#turning = null;
      this.#options.sink.turnOver();
    }
    await onTurnEnd();
  }

  #checkLimit(): void {
    const { maxTurns = Infinity } = this.#options;
    if (this.#taken >= maxTurns)
      throw new AgentFailure(
        'max_turns',
        `The run took all turns that WORKFLOW.md allows: ${maxTurns}.`,
        'Send it back with a note: a new run counts anew.',
      );
  }

  async #within<T>(turn: Promise<T>): Promise<T> {
    const { turnMs } = this.#options;
    if (turnMs === undefined) return await turn;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const seconds = Math.round(turnMs / 1000);
        reject(
          new AgentFailure(
            'turn_timeout',
            `The turn took longer than the ${seconds} s that WORKFLOW.md allows.`,
            'Retry, or split the item.',
          ),
        );
      }, turnMs);
    });
    try {
      return await Promise.race([turn, over]);
    } finally {
      clearTimeout(timer);
      turn.catch(() => undefined);
    }
  }

  async #steer(message: Message, driver: AgentDriver): Promise<void> {
    if (await driver.steer(message.body).catch(() => false)) await this.#confirm(message);
    else this.#waiting.push(message);
  }

  async #confirm(message: Message): Promise<void> {
    const { held, log, sink } = this.#options;
    sink.write({ kind: 'progress', body: { type: 'message_delivered', messageId: message.id, text: truncate(message.body, 8000) } });
    await held.messageDelivered(message.id).catch((error: unknown) => {
      log(`The delivery of a message could not be confirmed: ${messageOf(error)}`);
    });
  }
}
