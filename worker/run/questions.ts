/** What an agent asks: decided by policy where it can be, else put to a person, never left hanging. */
import { messageOf } from '../../protocol/errors.ts';
import type { PermissionAnswer, PermissionWish } from '../agents/base/driver.ts';
import { actionHash, type Policy } from '../policy/decide.ts';
import type { Verdict } from '../../protocol/policy.ts';
import type { Action } from '../policy/facts.ts';
import type { Inputs } from './inputs.ts';
import { ends, type Permissions } from './permissions.ts';
import type { PolicyRecord } from './policyRecord.ts';

export interface QuestionsOptions {
  readonly inputs: Inputs;
  readonly records: Pick<PolicyRecord, 'record'>;
  readonly policy: Policy;
  readonly permissions: Permissions;
  readonly log: (text: string) => void;
}

/** Why an agent that asked hears nothing but a no. */
const noAnswer = 'the agent offers no answer for it';

export class Questions {
  readonly #options: QuestionsOptions;

  constructor(options: QuestionsOptions) {
    this.#options = options;
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
    if (isQuestion) return await this.#askPerson(wish, wish.options);
    this.#record(wish, 'ask', rules);
    const offered = permissions.optionsFor(wish);
    const answer = await this.#askPerson(wish, offered);
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

  async #askPerson(wish: PermissionWish, options: PermissionWish['options']): Promise<PermissionAnswer> {
    const { inputs, policy } = this.#options;
    return await inputs.ask(
      { ...wish, options },
      actionHash({ class: wish.class, resource: wish.resource }, wish.detail, policy.situation),
    );
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
