import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { Questions } from '../../cli/session/questions.ts';
import type { Input } from '../../protocol/records.ts';
import { anInput } from '../builders/input.ts';

const input = (id: string, change: Partial<Input> = {}): Input =>
  anInput({
    id,
    title: `May I (${id})?`,
    options: [
      { id: 'yes', label: 'Allow', effect: 'allow_once' },
      { id: 'no', label: 'Do not allow', effect: 'deny' },
    ],
    ...change,
  });

describe('questions at the terminal', () => {
  let typed: PassThrough;
  let screen: PassThrough;
  let shown: string;
  let interrupts: number;
  let questions: Questions;
  beforeEach(() => {
    typed = new PassThrough();
    screen = new PassThrough();
    shown = '';
    interrupts = 0;
    screen.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')));
    questions = new Questions({ input: typed, output: screen }, () => {
      interrupts += 1;
    });
  });
  /** Resolves once `words` stand on the screen. */
  const seen = async (words: string): Promise<void> => {
    while (!shown.includes(words)) await new Promise((resolve) => screen.once('data', resolve));
  };

  it('spells out what would steer the terminal or reorder a command that is to be approved', async () => {
    const hostile = input('q', {
      title: 'Run \u001b[2K\u001b[1Als\n9 Allow\u0007?',
      detail: 'rm -rf ~ \u001b[8mhidden\u001b[0m \u202e/pmt \u2066x\u2069 zero\u200bwidth \u009b31m\r\n1 Deny',
      options: [{ id: 'yes', label: 'Allow\u001b]0;x\u0007\u200f\n2 Deny', effect: 'allow_once' }],
    });
    const reply = questions.ask(hostile);
    await seen('> ');
    // Readline itself moves the cursor; what the agent sent must not be in it.
    assert.doesNotMatch(shown, /\u001b\[(?:8m|2K|1A)|\u001b\]|[\u0007\u009b\u200f\u202a-\u202e\u2066-\u2069]/u);
    for (const part of [
      '<U+001B>[8mhidden',
      '<U+202E>/pmt',
      '<U+2066>x<U+2069>',
      '<U+009B>31m',
      'zero<U+200B>width',
      '<U+0007>',
      '<U+200F>',
    ])
      assert.ok(shown.includes(part), part);
    assert.doesNotMatch(shown, /^\s*(?:9 Allow|1 Deny|2 Deny)/mu, 'no line of the agent passes for an option');
    typed.write('1\r');
    assert.deepEqual(await reply, { optionId: 'yes', text: null });
  });

  it('asks two questions one after the other', async () => {
    const first = questions.ask(input('first'));
    const second = questions.ask(input('second', { acceptsText: true }));
    await seen('(first)');
    assert.doesNotMatch(shown, /\(second\)/);
    typed.write('2\r');
    assert.deepEqual(await first, { optionId: 'no', text: null });
    await seen('(second)');
    typed.write('in words\r');
    assert.deepEqual(await second, { optionId: null, text: 'in words' });
  });

  it('puts what is told meanwhile above what is being typed', async () => {
    const reply = questions.ask(input('q', { acceptsText: true }));
    await seen('> ');
    typed.write('in wo');
    await seen('in wo');
    shown = '';
    questions.aside(() => screen.write('news\n'));
    await seen('> in wo');
    assert.match(shown, /^\u001b\[2K\u001b\[1Gnews\n/u);
    typed.write('rds\r');
    assert.deepEqual(await reply, { optionId: null, text: 'in words' });
    shown = '';
    questions.aside(() => screen.write('more\n'));
    assert.equal(shown, 'more\n', 'nobody types any more');
  });

  it('passes Ctrl+C on, and leaves the question', async () => {
    const reply = questions.ask(input('q'));
    await seen('> ');
    typed.write('\u0003');
    assert.equal(await reply, 'withdrawn');
    assert.equal(interrupts, 1);
  });

  it('leaves the question at the end of input', async () => {
    const reply = questions.ask(input('q'));
    await seen('> ');
    typed.write('\u0004');
    assert.equal(await reply, 'left');
    assert.equal(interrupts, 0);
  });

  it('goes on to the next when one is answered elsewhere', async () => {
    const first = questions.ask(input('first'));
    const second = questions.ask(input('second'));
    const third = questions.ask(input('third'));
    await seen('(first)');
    questions.withdraw('second');
    questions.withdraw('first');
    assert.equal(await first, 'withdrawn');
    assert.equal(await second, 'withdrawn');
    await seen('(third)');
    assert.doesNotMatch(shown, /\(second\)/);
    questions.withdrawAll();
    assert.equal(await third, 'withdrawn');
  });

  it('takes only an option, or words where words are asked for', async () => {
    const reply = questions.ask(input('q'));
    for (const line of ['maybe', '3', '', '1']) {
      await seen('> ');
      shown = '';
      typed.write(`${line}\r`);
    }
    assert.deepEqual(await reply, { optionId: 'yes', text: null });
  });
});
