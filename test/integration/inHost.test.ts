/** The tests in `host/`, run inside the extension host of a real editor, each shown here as a test of its own. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { connectEmbedded } from '../../client/embedded.ts';
import { socketPath } from '../../client/stateDir.ts';
import manifest from '../../package.json' with { type: 'json' };
import { Teams, token } from '../support/teams.ts';
import { makeRepository, removeTempFolders, tempFolder } from '../support/repository.ts';
import { runInHost, type InHostResult } from '../vscode/inHost.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(import.meta.dirname, 'host');

/** The platform that the extension started would live on for minutes. */
async function endPlatform(stateDir: string): Promise<void> {
  if (!existsSync(socketPath(stateDir))) return;
  const platformBundle = path.join(root, 'dist', 'platform.mjs');
  const connection = await connectEmbedded({ stateDir, program: 'test', version: manifest.version, platformBundle });
  const { pid } = connection.about;
  connection.close();
  process.kill(pid, 'SIGTERM');
}

async function run(): Promise<InHostResult> {
  const scratch = tempFolder('belay-in-host-');
  const home = path.join(scratch, 'home');
  const stateDir = path.join(scratch, 'state');
  mkdirSync(home);
  const tasks = { version: '2.0.0', tasks: [{ label: 'Fix the first bug', type: 'belay', item: 'BUG-1', mode: 'fix' }] };
  const teams = new Teams();
  try {
    const { url } = await teams.start();
    return await runInHost({
      tests: readdirSync(folder).map((name) => path.join(folder, name)),
      extension: root,
      workspace: makeRepository(
        {
          'README.md': '# Sample\n',
          '.vscode/tasks.json': JSON.stringify(tasks),
          'WORKFLOW.md': '---\nversion: 1\nagent:\n  max_turn: 3\n---\nWork on {{ item.key }}. {% render "checks" %}\n',
          '.belay/sections/checks.md': 'Check {{ item.key }} twice.\n',
          'notes.txt': 'BUG-1 is next, NO-1 is not one.\nSee BUG-\n',
        },
        'sample',
      ),
      scratch,
      home,
      environment: { BELAY_STATE_DIR: stateDir, TEST_TEAM_URL: url, TEST_TEAM_TOKEN: token },
    });
  } finally {
    await endPlatform(stateDir);
    await teams.end();
    removeTempFolders();
  }
}

const result = await run();

describe('inside the extension host', () => {
  it('tests were found and run', () => {
    assert.ok(result.tests.length > 0);
  });
  for (const { title, state, error } of result.tests)
    it(title, function () {
      if (state === 'pending') this.skip();
      assert.equal(state, 'passed', error ?? '');
    });
});
