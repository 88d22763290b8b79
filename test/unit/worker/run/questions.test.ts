import assert from 'node:assert/strict';
import { anAnsweredInput, anInput } from '../../../builders/input.ts';
import { BelayError } from '../../../../protocol/errors.ts';
import type { Input } from '../../../../protocol/records.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import type { PermissionWish } from '../../../../worker/agents/base/driver.ts';
import { takeAnswers } from '../../../../worker/run/firstPrompt.ts';
import { Inputs } from '../../../../worker/run/inputs.ts';
import { Permissions } from '../../../../worker/run/permissions.ts';
import type { PolicyEntry } from '../../../../worker/run/policyRecord.ts';
import { Questions } from '../../../../worker/run/questions.ts';
import { Policy } from '../../../../worker/policy/decide.ts';
import { practice, scripted, shape, Workbench } from '../../../fakes/workbench.ts';
import { heldOn } from '../../../support/held.ts';
import { situation } from '../../../support/situation.ts';

describe('questions of an agent', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  const question = (id: string) =>
    bench.until('a question', async () => (await bench.api.listInputs({ query: { session: id, state: ['open'] } })).entries[0]);

  it('park the run when nobody answers, and the answer starts it again in the same folder', async () => {
    bench = await Workbench.open({ settings: { parkMs: 300 } });
    await bench.worker.start();
    const { id } = await bench.queue();
    const input = await question(id);
    await bench.until('the parked session', async () => {
      const session = await bench.session(id);
      return session.state === 'awaiting_input' && session.claim === null;
    });
    await bench.until('the end of every process', () => bench.processes().length === 0);
    await bench.api.answerInput({ params: { id: input.id }, body: { optionId: 'allow', text: null, actionHash: input.actionHash } });
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.fence, 2);
    assert.equal(session.result?.outcome, 'changes', 'the same question is not put to the person twice');
  });

  it('go unanswered with a no that the agent hears', async () => {
    bench = await Workbench.open();
    await bench.worker.start();
    const { id } = await bench.queue();
    await bench.answer(id, 'deny');
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.result?.outcome, 'no_changes');
    assert.match(session.result.summary, /did not allow/);
  });

  it('are denied by policy where nobody is there to answer', async () => {
    bench = await Workbench.open({ settings: { unattended: true } });
    await bench.worker.start();
    const { id } = await bench.queue();
    const session = await bench.ended(id);
    assert.equal(session.result?.outcome, 'no_changes');
    const denied = (await bench.activities(id)).filter((entry) => entry.kind === 'policy' && entry.body.decision === 'deny');
    assert.equal(denied.length, 1);
    assert.ok(!shape(await bench.activities(id)).includes('input_asked'));
  });

  it('end with the run that asked them when it is cancelled', async () => {
    bench = await Workbench.open({ agents: [practice, scripted('idle')] });
    await bench.worker.start();
    const { id } = await bench.queue();
    await question(id);
    await bench.api.cancelSession({ params: { id }, body: {} });
    assert.equal((await bench.ended(id)).state, 'cancelled');
    await bench.until('the end of every process', () => bench.processes().length === 0);
  });

  it('do not come up in a plan session, which changes nothing', async () => {
    bench = await Workbench.open();
    await bench.worker.start();
    const { id } = await bench.queue({ mode: 'plan' });
    const session = await bench.ended(id);
    assert.equal(session.result?.outcome, 'plan');
    assert.deepEqual(session.result.files, []);
    assert.match(session.result.summary, /find the cause/);
  });
});

type Options = ConstructorParameters<typeof Inputs>[0];

/** Inputs of a run of their own, with what a test is about. */
function inputsOf(api: object, over: Partial<Options> = {}): Inputs {
  return new Inputs({
    held: heldOn(api),
    sink: { write: () => undefined, touch: () => undefined } as unknown as Options['sink'],
    parkMs: 60_000,
    sync: () => undefined,
    onPark: () => undefined,
    log: () => undefined,
    ...over,
  });
}

/** Questions that the policy decides on, or else those inputs. */
function questionsOf(inputs: Inputs, policy: Policy, record: (entry: PolicyEntry) => void = () => undefined): Questions {
  return new Questions({ inputs, records: { record }, policy, permissions: new Permissions(policy, null), log: () => undefined });
}

const which = {
  class: 'effect' as const,
  resource: 'which',
  title: 'Which?',
  detail: '',
  options: [{ id: 'a', label: 'A', effect: 'answer' as const }],
  acceptsText: false,
};

describe('a question whose reply is lost', () => {
  it('is put again under the same name, also when the session was claimed anew meanwhile', async () => {
    const keys: string[] = [];
    let posted: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (posted = resolve));
    const ask = ({ body }: Parameters<BelayApi['ask']>[0]): ReturnType<BelayApi['ask']> => {
      keys.push(`${body.holder.fence}: ${body.key}`);
      held.take({ fence: body.holder.fence + 1, claimToken: 't' });
      if (keys.length === 3) posted();
      return Promise.reject(new BelayError('unavailable', 'The reply was lost.'));
    };
    const held = heldOn({ ask });
    const inputs = inputsOf({}, { held, parkMs: 1000, retryMs: 1 });
    const asking = inputs.ask(which, 'hash');
    await done;
    inputs.close();
    await asking;
    assert.deepEqual(keys.slice(0, 3), ['1: ask-1-1', '2: ask-1-1', '3: ask-1-1']);
  });
});

describe('an answer whose delivery does not arrive', () => {
  it('is confirmed when it comes again, and given to the agent once', async () => {
    const input = anAnsweredInput('a', { id: 'inp' });
    let confirmations = 0;
    const written: unknown[] = [];
    const confirmed = Promise.withResolvers<undefined>();
    const lost = Promise.withResolvers<undefined>();
    const inputDelivered = (): Promise<unknown> => {
      confirmations += 1;
      if (confirmations === 2) confirmed.resolve(undefined);
      return confirmations === 1 ? Promise.reject(new BelayError('claim_lost', 'Not now.')) : Promise.resolve({});
    };
    const api = { ask: () => Promise.resolve({ ...input, state: 'open' }), inputDelivered };
    const inputs = inputsOf(api, {
      sink: { write: (entry: unknown) => written.push(entry), touch: () => undefined } as unknown as Options['sink'],
      log: () => {
        lost.resolve(undefined);
      },
    });
    const asking = inputs.ask(which, 'hash');
    while (!inputs.waiting) await new Promise(setImmediate);
    inputs.deliver([input]);
    assert.equal((await asking)?.optionId, 'a');
    await lost.promise;
    await new Promise(setImmediate);
    inputs.deliver([input]);
    await confirmed.promise;
    assert.equal(written.length, 2, 'asked and answered');
    inputs.close();
  });
});

describe('what a parked run asked', () => {
  const put = (id: string, state: Input['state'], answer: Input['answer'], deliveredAt: number | null = null) =>
    anInput({ id, state, answer, deliveredAt, title: `Question ${id}`, options: [] });

  it('is confirmed, whether it was answered or nobody came in time', async () => {
    const inputs = [
      put('1', 'answered', { optionId: null, text: 'Yes' }),
      put('2', 'expired', null),
      put('3', 'answered', { optionId: null, text: 'No' }, 1),
    ];
    const confirmed: string[] = [];
    const api = {
      listInputs: ({ query }: { query: { state: readonly string[] } }) =>
        Promise.resolve({ entries: inputs.filter(({ state }) => query.state.includes(state)) }),
      inputDelivered: ({ params }: { params: { inputId: string } }) => Promise.resolve(confirmed.push(params.inputId)),
    };
    const settled = await takeAnswers(heldOn(api, 2));
    assert.deepEqual(confirmed, ['1', '2']);
    assert.deepEqual(settled, inputs.slice(0, 2));
  });
});

describe('an answer that cannot be recorded', () => {
  const wish = {
    class: 'run' as const,
    resource: 'npm publish',
    title: 'Run npm publish',
    detail: '',
    options: [
      { id: 'yes', label: 'Yes', effect: 'allow_once' as const },
      { id: 'no', label: 'No', effect: 'deny' as const },
    ],
    acceptsText: false,
  };
  /** A person who says yes at once, and a log that takes `lines` lines and no more. */
  const answered = async (lines: number) => {
    const policy = new Policy([], situation({ step: 'mediated' }));
    const input = anAnsweredInput('belay-once', { id: 'inp' });
    let left = lines;
    const api = { ask: () => Promise.resolve(input), inputDelivered: () => Promise.resolve({}) };
    const inputs = inputsOf(api);
    const questions = questionsOf(inputs, policy, () => {
      left -= 1;
      if (left < 0) throw new Error('The disk is full.');
    });
    const answer = await questions.ask(wish);
    inputs.close();
    return answer?.optionId;
  };

  it('is a no, whether the question or the yes could not be put down', async () => {
    assert.equal(await answered(2), 'yes');
    assert.equal(await answered(1), 'no');
    assert.equal(await answered(0), 'no');
  });
});

describe('a wish that cannot be answered', () => {
  const run = { class: 'run' as const, resource: 'npm publish', title: 'Run npm publish', detail: '', options: [], acceptsText: false };
  const no = { id: 'no', label: 'No', effect: 'deny' as const };
  /** What the agent hears, what is recorded, and whether a person was asked. */
  const told = async (wish: PermissionWish, step: 'ours' | 'mediated') => {
    const recorded: string[] = [];
    let asked = 0;
    const api = {
      ask: () => {
        asked += 1;
        return Promise.resolve(anAnsweredInput('no', { id: 'inp' }));
      },
      inputDelivered: () => Promise.resolve({}),
    };
    const inputs = inputsOf(api);
    const questions = questionsOf(inputs, new Policy([], situation({ step })), ({ decision }) => recorded.push(decision));
    const answer = await questions.ask(wish);
    inputs.close();
    return { answer: answer?.optionId ?? null, recorded: recorded.at(-1), asked };
  };

  it('is a no that is recorded and put to nobody, whatever the policy says', async () => {
    for (const step of ['ours', 'mediated'] as const)
      assert.deepEqual(await told(run, step), { answer: null, recorded: 'deny', asked: 0 }, step);
  });

  it('is a no as well where the policy allows it and the agent offers nothing but a no', async () => {
    assert.deepEqual(await told({ ...run, options: [no] }, 'ours'), { answer: null, recorded: 'deny', asked: 0 });
  });

  it('is put to a person where a no or words can be given', async () => {
    assert.deepEqual(await told({ ...run, options: [no] }, 'mediated'), { answer: 'no', recorded: 'deny', asked: 1 });
    assert.equal((await told({ ...run, class: 'effect', acceptsText: true }, 'mediated')).asked, 1);
  });
});
