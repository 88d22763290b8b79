import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fingerprint, git, removeTempFolders } from '../support/repository.ts';
import { startResponsesServer } from '../fakes/responsesServer.ts';
import { root, Stage, type StageOptions } from './stage.ts';

const title = 'Dates shift by one day';

interface Job {
  /** Names the pictures. */
  readonly agent: string;
  readonly options?: StageOptions;
  /** The practice agent asks once. */
  readonly asks: boolean;
  /** The file the person gets by accepting, and what must be in it. */
  readonly file: string;
  readonly holds: RegExp;
}

/** The main job as a person does it: open, send, answer, review, accept, read the result on the item. */
async function playMainJob(stage: Stage, job: Job): Promise<void> {
  const { page } = stage;
  const item = await stage.item(title);
  const panel = await stage.openPanel();
  const row = panel.getByText(title).first();
  await row.waitFor();
  await stage.picture(`${job.agent}-1-list`);
  await row.click();
  await panel
    .getByRole('button', { name: /Send to/ })
    .first()
    .waitFor();
  await stage.picture(`${job.agent}-2-item`);
  const before = fingerprint(stage.repository);

  await panel.getByRole('button', { name: /Send to In-editor task/ }).click();
  await stage.pick('fix');
  const go = page.locator('.codelens-decoration a', { hasText: 'Send to In-editor task' }).first();
  await go.waitFor();
  await stage.picture(`${job.agent}-3-prompt`);
  await go.click();

  if (job.asks) {
    const allow = panel.getByRole('button', { name: 'Allow', exact: true });
    await allow.waitFor();
    await stage.picture(`${job.agent}-4-question`);
    await allow.click();
  }
  const session = await stage.sessionWhere(item.id, ({ state }) => ['complete', 'error', 'cancelled'].includes(state), 90_000);
  assert.equal(session.state, 'complete', JSON.stringify(session.error));
  assert.equal(session.result?.outcome, 'changes', 'the agent changed something');
  assert.ok(
    session.result.files.some((file) => file.path === job.file),
    JSON.stringify(session.result.files),
  );
  assert.equal(session.sandboxStep, 'ours');
  assert.deepEqual(fingerprint(stage.repository), before, 'the checkout is as it was until Accept');

  const review = panel.getByRole('button', { name: 'Review changes' });
  await review.waitFor();
  await stage.picture(`${job.agent}-5-result`);
  await review.click();
  await page.locator('.multiDiffEditor').first().waitFor();
  await page.locator('.multiDiffEditor .view-lines').first().waitFor();
  await stage.picture(`${job.agent}-6-diff`);

  await panel.getByRole('button', { name: 'Accept', exact: true }).click();
  await stage.sessionWhere(item.id, (now) => now.review === 'accepted', 20_000);
  assert.match(readFileSync(path.join(stage.repository, job.file), 'utf8'), job.holds);

  await panel.getByRole('button', { name: /Back/ }).first().click();
  await panel.getByText('Recap').first().waitFor();
  await panel.getByText('Sessions').first().waitFor();
  await stage.picture(`${job.agent}-7-recap`);
  const bundle = await stage.connection.api.getItemBundle({ params: { id: item.id } });
  assert.equal(bundle.item.status, 'completed');
  assert.ok(bundle.comments.some((comment) => comment.origin === 'recap' && comment.body.includes(job.file)));
}

/** In place of the practice agent: speaks the protocol and does nothing. */
const idle: StageOptions = {
  settings: { 'belay.worker.agents': { practice: { command: [process.execPath, path.join(root, 'test/fakes/agents/idle.mjs')] } } },
};

describe('the main job @main-job', function () {
  this.timeout(240_000);
  let stage: Stage | undefined;
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await stage?.picture(`failed-${this.currentTest.title.replaceAll(/\W+/gu, '-').slice(0, 60)}`);
    await stage?.close();
    stage = undefined;
    removeTempFolders();
  });

  it('from the assigned item to the accepted file and the recap, with the practice agent', async () => {
    // BELAY_E2E_AGENT=idle shows that this test fails when nothing is done.
    stage = await Stage.open(process.env['BELAY_E2E_AGENT'] === 'idle' ? idle : {});
    await playMainJob(stage, { agent: 'practice', asks: true, file: 'belay-practice/BUG-2.md', holds: /Dates shift by one day/ });
  });

  it('cannot be played with an agent that does nothing', async () => {
    stage = await Stage.open(idle);
    await assert.rejects(
      playMainJob(stage, { agent: 'idle', asks: false, file: 'belay-practice/BUG-2.md', holds: /./ }),
      /the agent changed something/,
    );
    assert.equal(existsSync(path.join(stage.repository, 'belay-practice')), false);
  });

  it('the same with the real Codex, its model scripted', async () => {
    const patch = [
      '*** Begin Patch',
      '*** Update File: src/export.js',
      '@@',
      '-  return isoTime.slice(0, 10);',
      "+  return new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin' }).format(new Date(isoTime));",
      '*** End Patch',
      '',
    ].join('\n');
    const shell = (cmd: string) => ({ call: { name: 'exec_command', arguments: { cmd } } });
    const model = await startResponsesServer([
      shell('cat src/export.js'),
      shell(`apply_patch <<'PATCH'\n${patch}PATCH`),
      shell('node --test 2>&1 | tail -3; exit 0'),
      shell('git add -A && git commit -q -m "Write the day in the time zone of the shop"'),
      { text: 'The export now writes the day in the time zone of the shop; the tests pass.' },
    ]);
    try {
      const config = [
        'model = "scripted"',
        'model_provider = "loopback"',
        '[model_providers.loopback]',
        'name = "Scripted"',
        `base_url = "http://localhost:${model.port}/v1"`,
        'wire_api = "responses"',
        'env_key = "SCRIPTED_KEY"',
        '',
      ].join('\n');
      stage = await Stage.open({
        home: { '.codex/config.toml': config },
        path: [path.join(root, 'test/agents/node_modules/.bin')],
        settings: {
          'belay.worker.defaultAgent': 'codex',
          'belay.worker.agents': { codex: { env: { SCRIPTED_KEY: 'scripted' }, allowHosts: [`localhost:${model.port}`] } },
        },
      });
      await playMainJob(stage, { agent: 'codex', asks: false, file: 'src/export.js', holds: /Europe\/Berlin/ });
      assert.equal(git(stage.repository, 'diff', '--name-only'), 'src/export.js');
    } finally {
      await model.close();
    }
  });
});
