import assert from 'node:assert/strict';
import { SessionTerminal } from '../../../extension/tasks/sessionTerminal.ts';
import { BelayError } from '../../../protocol/errors.ts';
import { until } from '../../support/until.ts';

describe('the terminal of a task', () => {
  let shown: string;
  let open: {
    id: string;
    title: string;
    detail: string;
    actionHash: string;
    acceptsText: boolean;
    options: { id: string; label: string }[];
  }[];
  let answers: unknown[];
  let messages: string[];
  let refuse: BelayError | null;
  let tell: (type: 'input_asked' | 'input_answered', inputId: string) => void;
  let terminal: SessionTerminal;

  const question = (id: string, acceptsText = false) => ({
    id,
    title: `May I (${id})?`,
    detail: 'npm test\n1 Yes to all\u001b[2J',
    actionHash: `hash-${id}`,
    acceptsText,
    options: [
      { id: 'yes', label: 'Allow once' },
      { id: 'no', label: 'Deny' },
    ],
  });

  beforeEach(async () => {
    shown = '';
    open = [];
    answers = [];
    messages = [];
    refuse = null;
    const ready = Promise.withResolvers<undefined>();
    const api = {
      listInputs: () => Promise.resolve({ entries: open }),
      answerInput: ({ params, body }: { params: { id: string }; body: object }) => {
        answers.push({ ...params, ...body });
        return refuse ? Promise.reject(refuse) : Promise.resolve({});
      },
      sendMessage: ({ body }: { body: { body: string } }) => Promise.resolve(messages.push(body.body)),
    };
    const connection = {
      api,
      subscribeSession: (_id: string, _after: number, take: (activity: unknown) => void) => {
        tell = (type, inputId) => {
          take({ kind: 'progress', body: { type, inputId, title: `May I (${inputId})?`, answer: 'Allow once' } });
        };
        ready.resolve(undefined);
        return Promise.resolve();
      },
      subscribeWorkspace: () => Promise.resolve(),
    };
    const session = { id: 's1', itemKey: 'BUG-1', title: 'Mend it', agentName: 'Agent', mode: 'fix' };
    terminal = new SessionTerminal({
      connect: () => Promise.resolve(connection),
      start: () => Promise.resolve(session),
    } as unknown as ConstructorParameters<typeof SessionTerminal>[0]);
    terminal.onDidWrite((text) => (shown += text));
    terminal.open();
    await ready.promise;
  });
  const asks = async (...questions: typeof open) => {
    open = questions;
    for (const { id } of questions) tell('input_asked', id);
    await until('the answers', () => (shown.includes('2 Deny') ? true : null));
  };
  const says = (text: string) => until(text, () => (shown.includes(text) ? true : null));

  it('shows a question with its answers, which nothing of the agent can imitate, and takes a number', async () => {
    await asks(question('a'));
    assert.match(shown, /\r\n {2}\| 1 Yes to all<U\+001B>\[2J\r\n1 Allow once\r\n2 Deny\r\n/u);
    terminal.handleInput('2\r');
    await until('the answer', () => (answers.length > 0 ? true : null));
    assert.deepEqual([answers, messages], [[{ id: 'a', optionId: 'no', text: null, actionHash: 'hash-a' }], []]);
    terminal.handleInput('and the footer\r');
    await until('the message', () => (messages.length > 0 ? true : null));
    assert.deepEqual(messages, ['and the footer']);
  });

  it('takes words only where they are an answer, and sends none to the agent meanwhile', async () => {
    await asks(question('a'), question('b', true));
    shown = '';
    terminal.handleInput('yes please\r');
    await says('Type the number of your answer');
    terminal.handleInput('1\r');
    await says('May I (b)?');
    terminal.handleInput('yes please\r');
    await until('both answers', () => (answers.length === 2 ? true : null));
    assert.deepEqual(answers[1], { id: 'b', optionId: null, text: 'yes please', actionHash: 'hash-b' });
    assert.deepEqual(messages, []);
  });

  it('lets go of a question that was answered elsewhere, before or at the same time', async () => {
    await asks(question('a'));
    tell('input_answered', 'a');
    terminal.handleInput('1\r');
    await until('a message', () => (messages.length > 0 ? true : null));
    assert.deepEqual(answers, []);
    await asks(question('b'));
    refuse = new BelayError('conflict', 'It was answered.');
    terminal.handleInput('1\r');
    await says('It was answered.');
    terminal.handleInput('go on\r');
    await until('a second message', () => (messages.length > 1 ? true : null));
  });
});
