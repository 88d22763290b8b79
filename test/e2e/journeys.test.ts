import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../protocol/records.ts';
import { finishSession } from '../support/finishedSession.ts';
import { fingerprint, git, removeTempFolders, writeFiles } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { WorkflowApprovals } from '../../worker/workflowFile/approvals.ts';
import { answerTrust, openContainer, openFolder } from '../vscode/workbench.ts';
import { root, Stage } from './stage.ts';

const title = 'Dates shift by one day';
const practiceFile = 'belay-practice/BUG-2.md';
const agents = (name: string) => path.join(root, 'test/agents/node_modules', name);

describe('what a person does around the main job', function () {
  this.timeout(240_000);
  let stage: Stage;
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await stage.picture(`failed-${this.currentTest.title.replaceAll(/\W+/gu, '-').slice(0, 60)}`);
    await stage.close();
    removeTempFolders();
  });

  const openItem = async () => {
    const panel = await stage.openPanel();
    await panel.getByText(title).first().click();
    await panel.getByRole('button', { name: 'Queue', exact: true }).waitFor();
    return panel;
  };
  /** Queues the item, allows what the practice agent asks, and waits for its result. */
  const runQueued = async (): Promise<Session> => {
    const panel = await openItem();
    await panel.getByRole('button', { name: 'Queue', exact: true }).click();
    await stage.pick('fix');
    await panel.getByRole('button', { name: 'Allow', exact: true }).click();
    const item = await stage.item(title);
    return stage.sessionWhere(item.id, ({ state }) => state === 'complete');
  };

  it('queues, sends back with a note, accepts the follow-up, undoes it, meets a change of its own, and discards it', async () => {
    stage = await Stage.open();
    const first = await runQueued();
    const panel = stage.panel();
    const item = await stage.item(title);

    await panel.getByRole('button', { name: 'Send back' }).first().click();
    await panel.locator('textarea:visible, [contenteditable]:visible').first().fill('Name the time zone in the text.');
    await panel
      .getByRole('button', { name: /^Send back$/ })
      .last()
      .click();
    const followUp = await stage.sessionWhere(item.id, (session) => session.parentSessionId === first.id);
    assert.equal(followUp.lineId, first.lineId);
    await panel.getByText(title).first().waitFor();
    await stage.connectionAllow(followUp.id);
    const second = await stage.sessionWhere(item.id, (session) => session.id === followUp.id && session.state === 'complete');
    assert.match(git(stage.repository, 'show', `${second.result?.headCommit ?? ''}:${practiceFile}`), /Name the time zone/);

    const before = fingerprint(stage.repository);
    await stage.showSession(second.id);
    await panel.getByRole('button', { name: 'Accept', exact: true }).click();
    await stage.sessionWhere(item.id, (session) => session.review === 'accepted');
    assert.ok(existsSync(path.join(stage.repository, practiceFile)));
    await panel.getByRole('button', { name: 'Commit …' }).click();
    await stage.page.locator('.scm-editor .view-line', { hasText: /BUG-2.Dates.shift/u }).waitFor();
    await stage.openPanelView();
    await panel.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await stage.sessionWhere(item.id, (session) => session.review === 'undone');
    assert.deepEqual(fingerprint(stage.repository), before);

    mkdirSync(path.dirname(path.join(stage.repository, practiceFile)));
    writeFileSync(path.join(stage.repository, practiceFile), 'mine\n');
    await panel.getByRole('button', { name: 'Accept', exact: true }).click();
    await panel.getByRole('button', { name: `Compare ${practiceFile}` }).click();
    await stage.page.locator('.tab', { hasText: `${practiceFile}: mine` }).waitFor();
    await stage.picture('conflict-compare');
    await panel.getByRole('button', { name: `Open mine of ${practiceFile}` }).click();
    await stage.page.locator('.tab.active', { hasText: /^BUG-2\.md/u }).waitFor();
    assert.equal(readFileSync(path.join(stage.repository, practiceFile), 'utf8'), 'mine\n');

    await panel.getByRole('button', { name: 'Discard', exact: true }).first().click();
    await panel
      .getByRole('button', { name: /Discard/ })
      .last()
      .click();
    await stage.sessionWhere(item.id, (session) => session.review === 'discarded');
    await until('the end of its folder', () => (existsSync(path.join(stage.stateDir, 'lines', first.lineId)) ? null : true));
  });

  it('goes on through a reload of the window, the death of the extension host and the death of the platform', async () => {
    stage = await Stage.open();
    const panel = await openItem();
    await panel.getByRole('button', { name: 'Queue', exact: true }).click();
    await stage.pick('fix');
    const item = await stage.item(title);
    const allow = panel.getByRole('button', { name: 'Allow', exact: true });
    await allow.waitFor();

    await stage.page.reload();
    await stage.page.locator('.monaco-workbench').waitFor();
    await allow.waitFor();
    const [running] = await stage.sessions(item.id);
    assert.equal(running?.fence, 1, 'the run was not claimed anew');

    process.kill(stage.extensionHost(), 'SIGKILL');
    process.kill(stage.connection.about.pid, 'SIGKILL');
    await stage.connectionAllow(running.id);
    const done = await stage.sessionWhere(item.id, ({ state }) => state === 'complete');
    assert.equal(done.fence, 1);
    assert.equal(done.result?.outcome, 'changes');
  });

  it('reviews a result of 2,000 files a part at a time, and can be used meanwhile', async () => {
    stage = await Stage.open();
    const { page } = stage;
    const files = (text: string) => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`many/part${i % 40}/${i}.js`, `${text}\n`]));
    writeFiles(stage.repository, files('old'));
    git(stage.repository, 'add', '-A');
    git(stage.repository, 'commit', '-qm', 'many');
    const item = await stage.item(title);
    const { session } = await finishSession(stage.connection.api, stage.stateDir, stage.repository, item, files('new'));
    const panel = await stage.openPanel();
    await panel.getByText(title).first().waitFor();
    await stage.showSession(session.id);
    await panel.getByRole('button', { name: 'Review changes' }).click();
    const tab = page.locator('.tab', { hasText: 'BUG-2: changes by Elsewhere' });
    const shows = async (part: string) => {
      await tab.filter({ hasText: `${part} of 2000` }).waitFor();
      await page.locator('.multiDiffEditor .view-lines', { hasText: 'new' }).first().waitFor();
      await until('the end of earlier parts', async () => ((await tab.count()) === 1 ? true : null));
    };
    await shows('1 to 50');
    await page.getByRole('button', { name: 'Next Files of the Review' }).click();
    await shows('51 to 100');
    await stage.command('Belay: Previous Files of the Review');
    await shows('1 to 50');
    assert.equal(await page.getByRole('button', { name: 'Previous Files of the Review' }).count(), 0);
    await panel.getByTitle('many/part1/1.js').click();
    await page.locator('.tab', { hasText: 'many/part1/1.js (BUG-2)' }).waitFor();
  });

  it('opens a link outside with the address as it is written, and lists a title as it is written', async () => {
    stage = await Stage.open();
    const { page } = stage;
    const address = 'https://example.test/?q=a%26b%3Dc&d=%C3%A9#x%20y';
    const { id } = await stage.item(title);
    await stage.connection.api.addComment({ params: { id }, body: { body: `See <${address}>.` } });
    const asked = Promise.withResolvers<string>();
    await page.context().route('https://example.test/**', async (route) => {
      asked.resolve(route.request().url());
      await route.fulfill({ body: '' });
    });
    const panel = await openItem();
    const link = panel.getByRole('link', { name: 'example.test' });
    await link.click();
    const opened = page.context().waitForEvent('page');
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: /^Open$/ }).click();
    const url = new URL(await asked.promise);
    assert.equal(`${url.origin}${url.pathname}${url.search}`, address.split('#')[0]);
    const other = await opened;
    await other.waitForURL(address);

    const hostile = '$(rocket) lift off \\$(x)';
    await stage.connection.api.createItem({ body: { kind: 'todo', title: hostile } });
    await stage.command('Belay: Open Item');
    const row = page.locator('.quick-input-list .monaco-list-row', { hasText: 'lift off' });
    await row.waitFor();
    assert.match(await row.innerText(), /\$\(rocket\) lift off/u);
    assert.equal(await row.locator('.codicon-rocket').count(), 0);
  });

  it('shows the list and starts no agent before the workspace is trusted, and works after', async () => {
    stage = await Stage.open({ workspaceTrust: true });
    await openFolder(stage.page, stage.editor, stage.repository);
    await answerTrust(stage.page, false);
    await openContainer(stage.page, 'Belay');
    const panel = stage.panel();
    await panel.getByText(title).first().click();
    await panel.getByRole('button', { name: 'Queue', exact: true }).waitFor();
    await stage.picture('untrusted-item');
    await panel.locator('vscode-button[disabled]', { hasText: 'Queue' }).waitFor();
    const item = await stage.item(title);
    assert.deepEqual(await stage.sessions(item.id), []);
    assert.equal(readdirSync(stage.stateDir).includes('runs'), false);

    await panel.getByRole('button', { name: 'Manage trust' }).click();
    await stage.page
      .getByRole('button', { name: /^Trust/ })
      .first()
      .click();
    await stage.page.keyboard.press('Escape');
    await panel.getByText(/Restricted mode/).waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Queue', exact: true }).click();
    await stage.pick('fix');
    const session = await stage.sessionWhere(item.id, ({ openInputs }) => openInputs > 0);
    assert.equal(session.state, 'awaiting_input');
  });

  it('asks before a task that nobody clicked, and ends with the exit code of its session', async () => {
    stage = await Stage.open();
    mkdirSync(path.join(stage.repository, '.vscode'));
    writeFileSync(
      path.join(stage.repository, '.vscode/tasks.json'),
      JSON.stringify({ version: '2.0.0', tasks: [{ type: 'belay', item: 'BUG-2', mode: 'fix', label: 'fix the dates' }] }),
    );
    // The panel takes the keyboard when it has loaded, which would close the pick.
    await (await stage.openPanel()).getByText(title).first().waitFor();
    await stage.command('Tasks: Run Task');
    await stage.pick('fix the dates');
    const confirm = stage.page.locator('.monaco-dialog-box', { hasText: 'BUG-2' });
    await confirm.waitFor();
    assert.deepEqual(await stage.sessions((await stage.item(title)).id), []);
    await confirm.locator('.monaco-button', { hasText: 'Start' }).click();
    await stage.pick(/From the last commit/);
    const item = await stage.item(title);
    const asked = await stage.sessionWhere(item.id, ({ openInputs }) => openInputs > 0);
    await stage.connectionAllow(asked.id);
    await stage.sessionWhere(item.id, ({ state }) => state === 'complete');
    await stage.page.locator('.part.panel .title-actions .codicon-check').first().waitFor();
  });

  for (const { id, name, folder, argv } of [
    { id: 'codex', name: 'Codex', folder: '.bin', argv: (prompt: string) => [/codex/, prompt] },
    { id: 'opencode', name: 'OpenCode', folder: 'opencode-linux-x64/bin', argv: (prompt: string) => [/opencode/, '--prompt', prompt] },
  ]) {
    it(`opens ${name}'s own command line with the prompt as one argument, and keeps the hand-off on the item`, async () => {
      stage = await Stage.open({ path: [agents(folder)], home: { '.codex/config.toml': '' } });
      const panel = await openItem();
      await panel
        .getByRole('button', { name: /More|Choose|Other target|menu/i })
        .first()
        .click();
      // Its own row: that of another target may name it as the agent that would run.
      await stage.pick(new RegExp(`^\\s*${name}`, 'u'));
      await stage.pick('fix');
      await stage.page
        .locator('.codelens-decoration a', { hasText: `Send to ${name}` })
        .first()
        .click();
      const item = await stage.item(title);
      const handoff = await stage.handoffOf(item.id);
      assert.equal(handoff.target, id);
      assert.equal(handoff.state, 'open');
      assert.equal(handoff.baseCommit, git(stage.repository, 'rev-parse', 'HEAD'));
      const prompt = readFileSync(await stage.promptFile(id), 'utf8');
      const wanted = argv(prompt);
      const started = await stage.processWith((parts) =>
        wanted.every((part) => parts.some((have) => (typeof part === 'string' ? have === part : part.test(have)))),
      );
      assert.equal(readlinkSync(`/proc/${started}/cwd`), stage.repository);
      await panel.getByText(`In ${name}`).first().waitFor();

      writeFileSync(path.join(stage.repository, 'src/export.js'), 'export const exportDay = () => "";\n');
      git(stage.repository, 'commit', '-qam', 'BUG-2 write the day in the time zone of the shop');
      await panel.getByRole('button', { name: 'Record result' }).first().click();
      await stage.pick(/Commits on this branch/);
      await panel.getByText('Recap').first().waitFor();
      const closed = await stage.handoffOf(item.id);
      assert.equal(closed.state, 'recorded');
      assert.deepEqual(
        closed.result?.files.map((file) => file.path),
        ['src/export.js'],
      );
      await stage.picture(`handoff-${id}`);
    });
  }

  it('is told once that a workflow file is not approved, looks at it and approves it', async () => {
    stage = await Stage.open();
    writeFileSync(path.join(stage.repository, 'WORKFLOW.md'), '---\nversion: 1\n---\nGo by the file.\n');
    git(stage.repository, 'add', '-A');
    git(stage.repository, 'commit', '-qm', 'workflow');
    const panel = await openItem();
    await panel.getByRole('button', { name: 'Queue', exact: true }).click();
    await stage.pick('fix');
    const { page } = stage;
    const toast = page.locator('.notification-toast', { hasText: 'WORKFLOW.md is not approved on this machine' });
    // At once: the editor puts a notice away after some seconds.
    await toast.getByRole('button', { name: 'Review', exact: true }).click();
    const question = page.locator('.notification-toast', { hasText: 'Use this version of WORKFLOW.md' });
    await question.hover();
    await page
      .locator('.view-line', { hasText: /Go.by.the.file/u })
      .first()
      .waitFor();
    const item = await stage.item(title);
    const [session] = await stage.sessions(item.id);
    const approvals = new WorkflowApprovals(stage.stateDir, session?.repositoryId ?? '');
    assert.equal(approvals.last(), null, 'looking is no yes');
    await question.getByRole('button', { name: 'Approve', exact: true }).click();
    await until('the approval', () => approvals.last());
    assert.match(approvals.last()?.text ?? '', /Go by the file/u);
    await stage.connectionAllow(session?.id ?? '');
    await stage.sessionWhere(item.id, ({ state }) => state === 'complete');
    assert.equal(await toast.count(), 0);
  });
});
