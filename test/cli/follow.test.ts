import assert from 'node:assert/strict';
import type { Connection } from '../../client/connection.ts';
import { follow } from '../../cli/session/follow.ts';
import { Output } from '../../cli/base/output.ts';
import { BelayError } from '../../protocol/errors.ts';

class Recorded extends Output {
  readonly lines: string[] = [];
  private told: () => void = () => undefined;
  constructor() {
    super(false);
  }
  override progress(text: string): void {
    this.lines.push(text);
    this.told();
  }
  async next(): Promise<void> {
    while (this.lines.length === 0) await new Promise<void>((resolve) => (this.told = resolve));
  }
}

/** A connection to one session, what of the platform the test is about, and how to tell of a change or an activity. */
function connectionTo(api: object) {
  const told = { change: (): void => undefined, activity: (_activity: unknown): void => undefined };
  const connection = {
    api,
    subscribeWorkspace: (handler: (event: unknown) => void) => {
      told.change = () => {
        handler({ sessionId: 'ses_1' });
      };
      return Promise.resolve();
    },
    subscribeSession: (_id: string, _after: number, handler: (activity: unknown) => void) => {
      told.activity = handler;
      return Promise.resolve();
    },
  } as unknown as Connection;
  return { connection, told };
}

describe('following a session', () => {
  it('survives a Ctrl+C that the platform does not take, and lets the next one through', async () => {
    let state = 'in_progress';
    const { connection, told } = connectionTo({
      getSession: () => Promise.resolve({ state }),
      cancelSession: () => Promise.reject(new BelayError('unavailable', 'Gone.')),
    });
    const output = new Recorded();
    const others = process.listeners('SIGINT');
    const own = () => process.listeners('SIGINT').filter((listener) => !others.includes(listener));
    const ended = follow(connection, 'ses_1', { yes: false, output, onInterrupt: 'cancel' });
    const [stop] = own();
    assert.ok(stop);
    stop('SIGINT');
    await output.next();
    assert.match(output.lines.join('\n'), /not stopped: Gone\./);
    assert.deepEqual(own(), []);
    state = 'complete';
    told.change();
    assert.equal((await ended).state, 'complete');
  });

  it('does not advise --yes to somebody who said it, where no answer allows', async () => {
    const question = { id: 'inp_1', title: 'Run make', detail: '', options: [{ id: 'no', label: 'No', effect: 'deny' }], actionHash: 'h' };
    const lines = new Recorded();
    let state = 'in_progress';
    const { connection, told } = connectionTo({
      getSession: () => Promise.resolve({ state }),
      listInputs: () => Promise.resolve({ entries: [question] }),
    });
    const ended = follow(connection, 'ses_1', { yes: true, output: lines, onInterrupt: 'cancel' });
    await new Promise(setImmediate);
    told.activity({ kind: 'progress', body: { type: 'input_asked', inputId: 'inp_1', title: 'Run make' } });
    while (!lines.lines.some((line) => line.startsWith('Waiting'))) await new Promise(setImmediate);
    assert.match(lines.lines.at(-1) ?? '', /in the panel or with "belay answer/);
    assert.doesNotMatch(lines.lines.at(-1) ?? '', /--yes/);
    state = 'complete';
    told.change();
    await ended;
  });

  it('puts a question that no activity told of, and takes it back when it is answered elsewhere', async () => {
    let open = [{ id: 'inp_1', title: 'Which region?', detail: '', options: [], actionHash: 'h' }];
    let state = 'awaiting_input';
    const output = new Recorded();
    const { connection, told } = connectionTo({
      getSession: () => Promise.resolve({ state, openInputs: open.length }),
      listInputs: () => Promise.resolve({ entries: open }),
    });
    const ended = follow(connection, 'ses_1', { yes: false, output, onInterrupt: 'leave' });
    await output.next();
    told.change();
    open = [];
    state = 'complete';
    told.change();
    await ended;
    assert.deepEqual(
      output.lines.filter((line) => line.startsWith('Waiting')),
      ['Waiting: answer "Which region?" in the panel or with "belay answer inp_1 …", or run with --yes.'],
    );
  });
});
