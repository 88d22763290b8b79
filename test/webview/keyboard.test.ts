/** What is done by the keyboard leaves it in the page, where a second press of the same key does nothing more. */
import assert from 'node:assert/strict';
import type { PanelProblem, PanelRequestName } from '../../protocol/panel.ts';
import type { SessionPage } from '../../protocol/panelPages.ts';
import type { Data, FakeHost } from './fakeHost.ts';
import { item, itemPage, question, runningPage } from './fixtures.ts';
import { sampleData } from './sample.ts';
import { stagePanel } from './stage.ts';

describe('the keyboard in the panel', function () {
  this.timeout(60_000);
  const now = Date.now();
  let host: FakeHost;
  let data: Data;

  const button = (name: string | RegExp) => host.page.getByRole('button', { name, exact: true });
  const press = async (name: string | RegExp): Promise<void> => {
    await button(name).focus();
    await host.page.keyboard.press('Enter');
  };
  /** Where the keyboard is, and what it would press: the control's name, or the part of the page. */
  const focus = async (): Promise<string> => {
    for (let frames = 0; frames < 3; frames += 1) await host.settled();
    return host.page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return 'nowhere';
      return (
        at.getAttribute('aria-label') ??
        (at.matches('button, vscode-button') ? (at.textContent ?? '').trim() : `in ${at.className || at.localName}`)
      );
    });
  };
  const answersWith = (name: PanelRequestName, id: string, change: (page: SessionPage) => SessionPage): void => {
    host.answers[name] = async () => {
      const page = change(data.sessions[id]!);
      data.sessions[id] = page;
      await host.send({ type: 'page', of: { page: 'session', id }, snapshot: page, problem: null });
    };
  };

  const stage = stagePanel(
    () => {
      data = sampleData(now);
      data.sessions['session-run'] = runningPage(now, [question(now, {})]);
      return data;
    },
    { width: 340, height: 700 },
  );
  beforeEach(() => {
    host = stage();
  });

  for (const [field, edit, box] of [
    ['title', 'Edit the title', 'Title'],
    ['description', 'Edit the description', 'Description, in Markdown'],
  ] as const)
    it(`is back on the way into the ${field} after Save, Cancel and Escape`, async () => {
      await host.go({ page: 'item', key: 'BUG-12' });
      const text = host.page.getByRole('textbox', { name: box, exact: true });
      await press(edit);
      await text.waitFor();
      await host.settled();
      await host.page.keyboard.press('Escape');
      assert.equal(await focus(), edit);
      await press(edit);
      await text.fill('Mine');
      await press('Cancel');
      assert.equal(await focus(), edit);
      await press(edit);
      await text.fill('Mine');
      host.answers.updateItem = () =>
        host.send({
          type: 'page',
          of: { page: 'item', key: 'BUG-12' },
          snapshot: itemPage(now, item(now, { [field]: 'Mine' })),
          problem: null,
        });
      await press('Save');
      await host.waitForCall('updateItem');
      assert.equal(await focus(), edit);
    });

  it('is back on what failed after Dismiss', async () => {
    await host.go({ page: 'item', key: 'BUG-12' });
    host.answers.queue = () => {
      throw { code: 'conflict', message: 'No.', hint: null, canRetry: false } satisfies PanelProblem;
    };
    await press('Queue');
    await press('Dismiss');
    assert.equal(await focus(), 'Queue');
  });

  it('stays with the run after an answer, Stop and Archive', async () => {
    await host.go({ page: 'session', id: 'session-run' });
    answersWith('answerInput', 'session-run', () => runningPage(now, []));
    const allow = host.page.locator('.question vscode-button').first();
    await allow.focus();
    await host.page.keyboard.press('Enter');
    await host.page.locator('.question').waitFor({ state: 'detached' });
    assert.match(await focus(), /^in scroll/);
    answersWith('stopSession', 'session-run', (page) => ({ ...page, can: { ...page.can, stop: false } }));
    await press('Stop');
    await button('Stop').waitFor({ state: 'detached' });
    assert.equal(await focus(), 'in bar');
    await host.go({ page: 'session', id: 'session-error' });
    answersWith('archiveSession', 'session-error', (page) => ({ ...page, can: { ...page.can, archive: false } }));
    await press('Archive');
    await button('Archive').waitFor({ state: 'detached' });
    assert.equal(await focus(), 'in bar');
  });

  it('takes a result once, and undoes nothing by a second Enter', async () => {
    await host.go({ page: 'session', id: 'session-done' });
    answersWith('accept', 'session-done', (page) => ({
      ...page,
      session: { ...page.session, review: 'accepted' },
      can: { ...page.can, accept: false, sendBack: false, discard: false, undo: true },
    }));
    await press('Accept');
    await button('Undo').waitFor();
    assert.match(await focus(), /^in actions/);
    await host.page.keyboard.press('Enter');
    await host.settled();
    assert.equal(host.called('undoAccept').length, 0);
    await host.page.keyboard.press('Tab');
    assert.notEqual(await focus(), 'nowhere');
  });

  it('does not throw a result away by a second Enter, and comes back when it is kept', async () => {
    await host.go({ page: 'session', id: 'session-done' });
    await press('Discard');
    assert.equal(await focus(), 'Keep');
    await host.page.keyboard.press('Enter');
    assert.equal(await focus(), 'Discard');
    await host.page.keyboard.press('Enter');
    assert.equal(await focus(), 'Keep');
    await host.page.keyboard.press('Escape');
    assert.equal(await focus(), 'Discard');
    assert.equal(host.called('discard').length, 0);
    answersWith('discard', 'session-done', (page) => ({
      ...page,
      session: { ...page.session, review: 'discarded' },
      can: { ...page.can, review: false, accept: false, sendBack: false, discard: false },
    }));
    await press('Discard');
    assert.equal(await focus(), 'Keep');
    await host.page.locator('.card vscode-button', { hasText: 'Discard' }).focus();
    await host.page.keyboard.press('Enter');
    await host.waitForCall('discard');
    assert.match(await focus(), /^in scroll/);
  });

  it('stays in a box that holds text when Escape is pressed, and leaves an empty one', async () => {
    await host.go({ page: 'item', key: 'BUG-12' });
    const comment = host.page.getByRole('textbox', { name: 'Write a comment' });
    await comment.fill('Mine');
    await comment.press('Escape');
    await host.settled();
    assert.equal(await comment.inputValue(), 'Mine');
    assert.ok(await comment.evaluate((box) => box.matches(':focus')));
    await comment.fill('');
    await comment.press('Escape');
    await host.page.getByRole('treegrid').waitFor();

    await host.go({ page: 'session', id: 'session-done' });
    await press('Send back');
    const note = host.page.getByRole('textbox', { name: 'What should be different?' });
    await note.fill('Mine');
    await note.press('Escape');
    await host.settled();
    assert.equal(await note.inputValue(), 'Mine');
    await note.fill('');
    await note.press('Escape');
    assert.equal(await focus(), 'Send back');
  });

  it('is left alone where the person clicked beside everything, or is in another box by then', async () => {
    await host.go({ page: 'item', key: 'BUG-12' });
    await press('Edit the title');
    await host.page.getByRole('textbox', { name: 'Title', exact: true }).fill('Mine');
    const stored = Promise.withResolvers<undefined>();
    host.answers.updateItem = () => stored.promise;
    await host.page.keyboard.press('Enter');
    const comment = host.page.getByRole('textbox', { name: 'Write a comment' });
    await comment.click();
    stored.resolve(undefined);
    await button('Edit the title').waitFor();
    await host.settled();
    assert.ok(await comment.evaluate((box) => box.matches(':focus')));
    await host.page.locator('.bar-title').click();
    assert.equal(await focus(), 'nowhere');
  });
});
