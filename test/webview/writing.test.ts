/** What a person writes in the panel: it is kept, goes out once, and is theirs alone while an input method composes it. */
import assert from 'node:assert/strict';
import type { PanelProblem, PanelRequestName } from '../../protocol/panel.ts';
import type { Data, FakeHost } from './fakeHost.ts';
import { item, itemPage, question, runningPage } from './fixtures.ts';
import { sampleData } from './sample.ts';
import { stagePanel } from './stage.ts';

describe('writing in the panel', function () {
  this.timeout(60_000);
  const now = Date.now();
  let host: FakeHost;
  let data: Data;

  const goToItem = () => host.go({ page: 'item', key: 'BUG-12' });
  const box = (name: string) => host.page.getByRole('textbox', { name, exact: true });
  const button = (name: string) => host.page.getByRole('button', { name, exact: true });
  const title = () => box('Title');
  const description = () => box('Description, in Markdown');
  /** Lets calls of this name wait for their answer until the function given back is called. */
  const hold = (name: PanelRequestName): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<{ key: string }>();
    host.answers[name] = () => promise;
    return () => resolve({ key: 'TODO-99' });
  };

  const stage = stagePanel(
    () => {
      data = sampleData(now);
      const asked = question(now, { kind: 'question', title: 'Which region?', detail: '', options: [], acceptsText: true });
      data.sessions['session-run'] = runningPage(now, [asked]);
      return data;
    },
    { width: 340, height: 900 },
  );
  beforeEach(() => {
    host = stage();
  });

  /** Every box that is sent, with its page, its send button, the key that sends, and what the host is asked. */
  interface Box {
    readonly name: string;
    readonly open: () => Promise<unknown>;
    readonly send: string;
    readonly key: 'Enter' | 'Control+Enter';
    readonly call: PanelRequestName;
    readonly param: string;
  }
  const openNote = async (): Promise<void> => {
    await host.go({ page: 'session', id: 'session-done' });
    await button('Send back').click();
  };
  const boxes: Record<string, Box> = {
    'a comment': {
      name: 'Write a comment',
      open: goToItem,
      send: '.composer button',
      key: 'Control+Enter',
      call: 'addComment',
      param: 'body',
    },
    'a message': {
      name: 'Add a message to this run',
      open: () => host.go({ page: 'session', id: 'session-run' }),
      send: '.composer button',
      key: 'Control+Enter',
      call: 'messageSession',
      param: 'body',
    },
    'an answer': {
      name: 'Your answer',
      open: () => host.go({ page: 'session', id: 'session-run' }),
      send: '.question vscode-button',
      key: 'Control+Enter',
      call: 'answerInput',
      param: 'text',
    },
    'a note that sends back': {
      name: 'What should be different?',
      open: openNote,
      send: '.quiet-card vscode-button:not([secondary])',
      key: 'Control+Enter',
      call: 'sendBack',
      param: 'note',
    },
    'a new item': {
      name: 'Title',
      open: () => host.go({ page: 'work' }, 'quickAdd'),
      send: '.quick-add button',
      key: 'Enter',
      call: 'createItem',
      param: 'title',
    },
  };

  for (const [what, { name, open, send, key, call, param }] of Object.entries(boxes)) {
    it(`sends ${what} once, and keeps what is written before the reply`, async () => {
      const { page } = host;
      await open();
      await box(name).fill('First');
      const answer = hold(call);
      await page.keyboard.press(key);
      await page.keyboard.press(key);
      await page.locator(`${send}[disabled]`).waitFor();
      await page.keyboard.type(', and more');
      answer();
      await host.settled();
      assert.deepEqual(
        host.called(call).map(({ params }) => params[param]),
        ['First'],
      );
      // The card of the note closes when it was sent.
      if (call === 'sendBack') await button('Send back').click();
      assert.equal(await box(name).inputValue(), 'First, and more');
      await box(name).press(key);
      assert.equal((await host.waitForCall(call, 2)).params[param], 'First, and more');
      await page.waitForFunction(() => !sessionStorage.getItem('state')?.includes('and more'));
    });

    it(`leaves Enter and Escape to an input method that composes ${what}`, async () => {
      await open();
      await box(name).fill('First');
      await box(name).dispatchEvent('keydown', { key: 'Enter', ctrlKey: key === 'Control+Enter', isComposing: true });
      await box(name).dispatchEvent('keydown', { key: 'Escape', isComposing: true });
      await host.settled();
      assert.equal(host.called(call).length, 0);
      assert.equal(await box(name).inputValue(), 'First');
    });
  }

  it('keeps the keys that write in every box, and hands the others on to the editor', async () => {
    const { page } = host;
    const heard = (): Promise<string[]> => page.evaluate(() => (window as unknown as { heard?: string[] }).heard?.splice(0) ?? []);
    const fields: [name: string, open: () => Promise<unknown>][] = [
      ['Search my work', () => host.go({ page: 'work' })],
      [
        'Description, in Markdown',
        async () => {
          await goToItem();
          await button('Edit the description').click();
        },
      ],
      ...Object.values(boxes).map(({ name, open }): [string, () => Promise<unknown>] => [name, open]),
    ];
    await page.evaluate(() => {
      const list: string[] = [];
      (window as unknown as { heard: string[] }).heard = list;
      // Where the editor's own frame listens.
      window.addEventListener('keydown', ({ key }) => list.push(key));
    });
    for (const [name, open] of fields) {
      await open();
      await box(name).focus();
      await heard();
      for (const key of [
        'x',
        'Control+a',
        'Control+x',
        'Control+z',
        'Control+Shift+Z',
        'Control+v',
        'Control+Backspace',
        'Delete',
        'Control+y',
      ])
        await page.keyboard.press(key);
      assert.deepEqual(new Set(await heard()), new Set(['Control', 'Shift']), name);
      await page.keyboard.press('Control+p');
      await page.keyboard.press('F1');
      assert.deepEqual(await heard(), ['Control', 'p', 'F1'], name);
      await box(name).fill('one two');
      await box(name).press('Control+z');
      assert.notEqual(await box(name).inputValue(), 'one two', name);
    }
  });

  it('leaves Enter and Escape to an input method that composes a title or a search', async () => {
    await box('Search my work').fill('coupon');
    for (const key of ['Enter', 'Escape']) await box('Search my work').dispatchEvent('keydown', { key, isComposing: true });
    await host.settled();
    assert.equal(await box('Search my work').inputValue(), 'coupon');
    assert.ok(await box('Search my work').evaluate((input) => input.matches(':focus')));
    await goToItem();
    await button('Edit the title').click();
    for (const key of ['Enter', 'Escape']) await title().dispatchEvent('keydown', { key, isComposing: true });
    await host.settled();
    assert.equal(host.called('updateItem').length, 0);
    assert.equal(await title().count(), 1);
  });

  it('keeps changed texts of an item when its page is left or dropped, with the version they started from', async () => {
    await goToItem();
    await button('Edit the title').click();
    await title().fill('My title');
    await button('Edit the description').click();
    await description().fill('My text');
    await button('Back').click();
    data.items['BUG-12'] = itemPage(now, item(now, { title: 'Their title', version: 4 }));
    await goToItem();
    assert.equal(await title().inputValue(), 'My title');
    assert.equal(await description().inputValue(), 'My text');
    await host.load();
    assert.equal(await title().inputValue(), 'My title');
    assert.equal(await description().inputValue(), 'My text');

    host.answers.updateItem = () => {
      throw { code: 'version_conflict', message: 'It changed.', hint: null, canRetry: false } satisfies PanelProblem;
    };
    await title().press('Enter');
    assert.deepEqual((await host.waitForCall('updateItem')).params, {
      key: 'BUG-12',
      version: 3,
      patch: { title: 'My title' },
      seen: { title: item(now).title },
    });
    await host.page.locator('.difference .deleted', { hasText: 'Their title' }).waitFor();
    await button('Take theirs').click();
    await host.page.getByRole('heading', { name: 'Their title' }).waitFor();

    delete host.answers.updateItem;
    await button('Save').click();
    assert.deepEqual((await host.waitForCall('updateItem', 2)).params, {
      key: 'BUG-12',
      version: 3,
      patch: { description: 'My text' },
      seen: { description: item(now).description },
    });
    await button('Edit the description').waitFor();
    await host.load();
    await button('Edit the title').waitFor();
    await button('Edit the description').waitFor();
  });

  it('closes an edit with Escape only while it changes nothing; Cancel throws it away', async () => {
    await goToItem();
    await button('Edit the title').click();
    await title().press('Escape');
    await button('Edit the title').click();
    await title().fill('My title');
    await title().press('Escape');
    await host.settled();
    assert.equal(await title().inputValue(), 'My title');
    await button('Cancel').click();
    await button('Edit the title').waitFor();
    await host.load();
    await button('Edit the title').waitFor();
  });

  it('stores an edit once, also for a person who leaves and comes back before the reply', async () => {
    await goToItem();
    await button('Edit the title').click();
    await title().fill('My title');
    const answer = hold('updateItem');
    await title().press('Enter');
    await button('Back').click();
    await host.page.getByRole('treegrid').waitFor();
    await host.send({ type: 'navigate', page: { page: 'item', key: 'BUG-12' }, focus: 'none' });
    await title().press('Enter');
    await host.page.keyboard.type('!');
    assert.equal(await title().inputValue(), 'My title');
    answer();
    await button('Edit the title').waitFor();
    assert.equal(host.called('updateItem').length, 1);
  });
});
