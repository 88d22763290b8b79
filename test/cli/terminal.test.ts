import assert from 'node:assert/strict';
import type { Belay } from '../support/belay.ts';
import { ready } from '../support/programs.ts';
import { git, makeRepository, removeTempFolders } from '../support/repository.ts';
import { Screen } from '../support/screen.ts';
import { until } from '../support/until.ts';
import { places } from './places.ts';

for (const place of places())
  describe(`belay on a terminal, on ${place.name}`, function () {
    this.timeout(180_000);
    let belay: Belay;
    let repository: string;
    let screen: Screen;
    before(() => ready('belay', 'platform', 'runHost', 'practiceAgent'));
    beforeEach(async () => {
      repository = makeRepository({ 'a.txt': 'a\n' });
      belay = await place.open(repository);
      screen = new Screen(repository, belay.environment);
    });
    afterEach(async () => {
      screen.close();
      await place.close(belay);
      removeTempFolders();
    });
    after(() => place.end());

    const seen = async (pattern: RegExp): Promise<RegExpExecArray> => {
      try {
        return await until(String(pattern), () => pattern.exec(screen.text()));
      } catch (error) {
        throw new Error(`The terminal shows something else:\n${screen.text()}`, { cause: error });
      }
    };
    let commands = 0;
    /** Types a command and waits for its end; returns its exit code. */
    const done = async (line: string): Promise<string> => {
      const mark = `done-${(commands += 1)}`;
      screen.type(`${line}; echo ${mark}=$?`);
      return (await seen(new RegExp(`^${mark}=(\\d+)`, 'mu')))[1] ?? '';
    };

    it('plays the main job: its question is asked and answered, the result looked at, sent back, accepted', async () => {
      assert.equal(await done('belay add Fix the greeting --kind bug --description "- [ ] say hello"'), '0');
      screen.type('belay run bug-1; echo ended=$?');
      await seen(/^In .*, branch main\.$/mu);
      await seen(/^1 .*\n(?:.*\n)*> $/mu);
      screen.type('1');
      await seen(/^ended=0$/mu);
      await seen(/Review: belay accept ses_/u);
      assert.equal(await done('belay diff BUG-1/1'), '0');
      await seen(/^\+.*say hello/mu);
      assert.equal(await done('belay back BUG-1/1 "Once more."'), '0');
      screen.type('belay watch BUG-1/2; echo watched=$?');
      await seen(/belay watch BUG-1\/2; .*\n(?:.*\n)*No worker is on that could run it/u);
      screen.press('C-c');
      await seen(/^watched=130$/mu);
      const { out } = await belay.run('show', 'BUG-1/2', '--json');
      const { state, cancelRequestedAt } = JSON.parse(out) as { state: string; cancelRequestedAt: number | null };
      assert.deepEqual([state, cancelRequestedAt], ['queued', null], 'Ctrl+C only stopped watching');
      assert.equal(await done('belay accept BUG-1/1'), '1', 'it was sent back');
      await belay.withWorker(async () => {
        assert.equal(await done('belay watch BUG-1/2 --yes'), '0');
      });
      assert.equal(await done('belay accept BUG-1/2'), '0');
      await seen(/^Accepted 1 file into .*\.\nBranch: main\.$/mu);
      assert.equal(await done('belay items'), '0');
      assert.match(git(repository, 'status', '--porcelain'), /belay-practice/u);
    });

    it('leaves a question open when Ctrl+C ends watching, and takes the answer of who watches next', async () => {
      await belay.run('add', 'Asks', '--kind', 'bug', '--description', '- [ ] say hello');
      const run = belay.begin(['run', 'BUG-1']);
      await until('its question', () => (run.said().includes('belay answer') ? true : null));
      screen.type('belay watch BUG-1/1; echo first=$?');
      await seen(/^> $/mu);
      screen.press('C-c');
      await seen(/^first=130$/mu);
      assert.match((await belay.run('show', 'BUG-1/1')).out, /awaiting input[\s\S]*belay inputs/u);
      screen.type('clear; belay watch BUG-1/1; echo second=$?');
      await seen(/^1 .*\n(?:.*\n)*> $/mu);
      screen.type('1');
      await seen(/^second=0$/mu);
      assert.equal((await run.ended).code, 0);
    });

    it('brings back the result of a tool that it opened in this very terminal', async () => {
      belay.tool('claude', '#!/bin/sh\nprintf "name? "; read -r name; echo "hello $name" > greeting.txt\n');
      await belay.run('add', 'Over to you', '--kind', 'bug');
      screen.type('belay send BUG-1 --target claude-code; echo tool=$?');
      await seen(/name\? $/mu);
      screen.type('you');
      await seen(/^tool=0$/mu);
      assert.equal(await done('belay handoffs'), '0');
      await seen(/BUG-1 +fix +open/u);
      assert.equal(await done('belay handoffs record BUG-1'), '0');
      await seen(/^Recorded on BUG-1 from uncommitted changes of .*: 1 file/mu);
    });

    it('fits tables into it, in colours unless they are not wanted, and pages what is longer than it', async () => {
      const title = `${'A long title '.repeat(20)}end`;
      await belay.run('add', title, '--kind', 'bug');
      assert.equal(await done('clear; belay items'), '0');
      const line = (await seen(/^BUG-1 .*…$/mu))[0];
      assert.ok(line.length <= 100 && line.length > 90, line);
      assert.match(screen.colours(), /\u001b\[[0-9;]*1mBUG-1/u);
      assert.equal(await done('clear; NO_COLOR=1 belay items'), '0');
      await seen(/^BUG-1 .*…$/mu);
      assert.doesNotMatch(screen.colours(), /\u001b\[[0-9;]*1mBUG-1/u);
      assert.ok((await belay.run('items')).out.includes(title), 'elsewhere nothing is cut');
      for (let n = 0; n < 40; n += 1) await belay.run('comment', 'BUG-1', `Comment ${n}`);
      screen.type('clear; PAGER="sed s/^/paged:/" belay show BUG-1; echo shown');
      await seen(/^paged:\| Comment 39\n(?:.*\n)*shown$/mu);
    });
  });
