import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import * as records from '../../protocol/records.ts';
import type { Belay } from '../support/belay.ts';
import { ready } from '../support/programs.ts';
import { git, makeRepository, removeTempFolders } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { places } from './places.ts';

for (const place of places())
  describe(`whole jobs in a terminal, on ${place.name}`, function () {
    this.timeout(180_000);
    let belay: Belay;
    let repository: string;
    before(() => ready('belay', 'platform', 'runHost', 'practiceAgent'));
    beforeEach(async () => {
      repository = makeRepository({ 'a.txt': 'a\n' }, 'mein Projekt – ü');
      belay = await place.open(repository);
    });
    afterEach(async () => {
      await place.close(belay);
      removeTempFolders();
    });
    after(() => place.end());

    const text = (...args: string[]) => belay.text(...args);
    const data = <T extends z.ZodType>(shape: T, ...args: string[]) => belay.data(shape, ...args);
    /** A tool that works on the branch that is checked out. */
    const committingTool = () => {
      belay.tool(
        'claude',
        '#!/bin/sh\necho done > tool.txt\ngit add -A\ngit -c user.name=t -c user.email=t@t commit -qm "BUG-1: by the tool"\n',
      );
    };

    it('through pipes: a job with a question, a send-back, and what came of both', async () => {
      const added = await belay.begin(['add', '--kind', 'bug', '--label', 'component:shop'], 'Fix the greeting\n\n- [ ] say hello\n').ended;
      assert.equal(added.out, 'BUG-1 Fix the greeting\n');
      assert.match(await text('items'), /^BUG-1 {2}open +Fix the greeting \[component:shop\]$/mu);
      assert.match(
        await text('queue', 'bug-1'),
        /Queued ses_\w+\.\nIn .*mein Projekt – ü, branch main\.\nNo worker is on that could run it/u,
      );
      const watch = belay.begin(['watch', 'BUG-1/1']);
      await until('what it says of workers', () => (watch.said().includes('No worker is on') ? true : null));
      await belay.withWorker(async () => {
        const question = await until('its question', () => /belay answer (inp_\w+)/u.exec(watch.said())?.[1] ?? null);
        assert.match(watch.said(), /^1 \S/mu, 'the options stand there');
        assert.match(await text('inputs'), new RegExp(`^${question.slice(0, 12)}\\w*  `, 'u'));
        const wrong = await belay.run('answer', 'BUG-1/1', 'perhaps');
        assert.deepEqual([wrong.code, /"perhaps" is no answer.*\n.*1 \(/u.test(wrong.err)], [2, true], wrong.err);
        await text('answer', 'bug-1/1', '1');
        assert.equal((await watch.ended).code, 0);
        assert.equal(await text('inputs'), 'Nothing is asked.\n');

        assert.match(await text('diff', 'BUG-1/1'), /^\+.*say hello/mu);
        assert.match(await text('diff', 'BUG-1/1', '--stat'), /^\+(\d+) {2}-0 {2}belay-practice\/BUG-1\.md\n1 file, \+\1 -0\n$/u);
        assert.match((await belay.run('diff', 'BUG-1/1', 'a.txt')).err, /no a\.txt/u);
        const back = await belay.begin(['back', 'BUG-1/1'], 'Please again.\n').ended;
        assert.match(back.out, /Queued the follow-up ses_/u);
        const second = belay.begin(['watch', 'BUG-1/2', '--yes']);
        assert.equal((await second.ended).code, 0, second.said());
      });
      assert.match(await text('accept', 'BUG-1/2'), /^Accepted 1 file into .*mein Projekt – ü\.\nBranch: main\.$/mu);
      const shown = await text('show', 'BUG-1');
      assert.match(shown, /^BUG-1\/1 .*sent back/mu);
      assert.match(shown, /^BUG-1\/2 .*accepted/mu);
      assert.match(await text('undo', 'BUG-1/2'), /back in .*mein Projekt/u);
    });

    it('as JSON: the same, each value in the shape that the docs name', async () => {
      const item = await data(records.WorkItem, 'add', 'Fix it', '--kind', 'bug', '--priority', 'high', '--description', '- [ ] say hello');
      const part = await data(records.WorkItem, 'add', 'A part', '--parent', 'bug-1');
      assert.equal(part.parentId, item.id);
      const edited = await data(
        records.WorkItem,
        'edit',
        'BUG-1',
        '--status',
        'planned',
        '--label',
        'component:shop',
        '--label',
        'goal:calm',
      );
      assert.deepEqual([edited.status, edited.priority, edited.labels.length], ['planned', 'high', 2]);
      assert.equal((await data(records.WorkItem, 'edit', 'BUG-1', '--unlabel', 'GOAL:calm', '--assignee', 'none')).labels.length, 1);
      assert.deepEqual(
        (await data(z.array(records.WorkItem), 'items')).map(({ key }) => key),
        ['TODO-1'],
      );
      assert.deepEqual(
        (await data(z.array(records.WorkItem), 'items', '--anyone', '--label', 'component:shop', '--kind', 'bug', '--search', 'fix')).map(
          ({ key }) => key,
        ),
        ['BUG-1'],
      );
      assert.deepEqual(
        (await data(z.array(records.WorkItem), 'items', '--parent', 'bug-1')).map(({ key }) => key),
        ['TODO-1'],
      );
      assert.equal((await data(records.Comment, 'comment', 'BUG-1', 'It', 'also', 'happens.')).body, 'It also happens.');
      assert.equal((await data(records.WorkItem, 'link', 'BUG-1', 'https://example.com/x', '--title', 'X')).links.length, 1);
      assert.equal((await data(records.WorkItem, 'link', 'BUG-1', 'https://example.com/x', '--remove')).links.length, 0);

      const queued = await data(records.Session, 'queue', 'BUG-1');
      await belay.withWorker(async () => {
        const [input] = await until('its question', async () => {
          const found = await data(z.array(records.Input), 'inputs');
          return found.length > 0 ? found : null;
        });
        assert.equal(input?.sessionId, queued.id);
        assert.equal((await data(records.Message, 'message', 'BUG-1/1', 'Slowly, please.')).kind, 'follow_up');
        assert.equal((await data(records.Input, 'answer', queued.id.slice(0, 30), '1')).state, 'answered');
        assert.equal((await data(records.Session, 'watch', 'BUG-1/1', '--yes')).state, 'complete');
      });
      assert.deepEqual(
        (await data(z.array(records.Session), 'sessions', '--review')).map(({ id }) => id),
        [queued.id],
      );
      const { files, diff } = await data(z.object({ files: z.array(records.ResultFile), diff: z.string() }), 'diff', 'BUG-1/1');
      assert.deepEqual([files.length, diff.startsWith('diff --git ')], [1, true]);
      const accepted = await data(z.object({ paths: z.array(z.string()), folder: z.string(), branch: z.string() }), 'accept', 'BUG-1/1');
      assert.deepEqual(accepted, { paths: ['belay-practice/BUG-1.md'], folder: repository, branch: 'main' });
      const shown = await data(z.object({ sessions: z.array(records.Session), comments: z.array(records.Comment) }), 'show', 'bug-1');
      assert.deepEqual(
        shown.comments.map(({ origin }) => origin),
        ['person', 'recap'],
      );
      assert.ok((await data(records.Session, 'archive', 'BUG-1/1')).archivedAt);
      assert.deepEqual(await data(z.array(records.Session), 'sessions'), []);
      assert.equal((await data(z.array(records.Session), 'sessions', '--archived')).length, 1);
      assert.deepEqual(
        (await data(z.array(z.object({ folder: z.string() })), 'folders')).map(({ folder }) => folder),
        [repository],
      );
      const failed = await belay.run('retry', 'BUG-1/1', '--json');
      assert.deepEqual([failed.code, (JSON.parse(failed.out) as { error: { code: string } }).error.code], [1, 'invalid_transition']);
    });

    it('a hand-off and its result: from commits, from changes, from a branch that is named, or none', async () => {
      for (const n of [1, 2, 3, 4]) await text('add', `Number ${n}`, '--kind', 'bug');
      committingTool();
      await text('send', 'bug-1', '--target', 'claude-code');
      assert.match(await text('handoffs'), /BUG-1 +fix +open +Claude Code/u);
      assert.match(
        await text('handoffs', 'record', 'BUG-1'),
        /^Recorded on BUG-1 from the branch that is checked out of .*: 1 file, \+1 -0\.$/mu,
      );
      assert.equal(await text('handoffs', 'list'), 'No hand-offs.\n');
      assert.match(await text('show', 'BUG-1'), /in review[\s\S]*tool\.txt/u);

      belay.tool('claude', '#!/bin/sh\necho more >> a.txt\n');
      await text('send', 'BUG-2', '--target', 'claude-code');
      const recorded = await data(z.object({ handoff: z.string(), result: records.SessionResult }), 'handoffs', 'record', 'BUG-2');
      assert.deepEqual(
        recorded.result.files.map((file) => file.path),
        ['a.txt'],
      );

      belay.tool('claude', '#!/bin/sh\nexit 0\n');
      await text('send', 'BUG-3', '--target', 'claude-code');
      git(repository, 'checkout', '-q', '-b', 'fix/three');
      git(repository, 'commit', '-qam', 'Three');
      git(repository, 'checkout', '-q', 'main');
      writeFileSync(path.join(repository, 'b.txt'), 'b\n');
      const several = await belay.run('handoffs', 'record', 'BUG-3');
      assert.deepEqual([several.code, /--from with one of .*fix\/three/u.test(several.err)], [2, true], several.err);
      assert.match(await text('handoffs', 'record', 'BUG-3', '--from', 'fix/three'), /from the branch fix\/three of/u);

      await text('send', 'BUG-4', '--target', 'claude-code');
      const [open] = await data(z.array(records.Handoff), 'handoffs', 'list', 'BUG-4');
      assert.equal(await text('handoffs', 'close', open?.id.slice(0, 20) ?? ''), 'Closed.\n');
      assert.match((await belay.run('handoffs', 'close', 'BUG-4')).err, /no open hand-off/u);
      assert.match(await text('items', 'BUG-4'), /in progress/u);
    });

    it('shows what others wrote harmlessly, wherever it stands', async () => {
      const hostile = 'Red \u001b[31malert\u0007 \u202etxt.exe \u009b2K';
      await text('add', hostile, '--kind', 'bug', '--label', `x:${hostile}`, '--description', hostile);
      await text('add', 'Child', '--parent', 'BUG-1');
      await text('comment', 'BUG-1', `one\r${hostile}`);
      await text('link', 'BUG-1', 'https://example.com/x', '--title', hostile);
      await text('queue', 'BUG-1', '--note', hostile);
      belay.tool('claude', '#!/bin/sh\nexit 0\n');
      await text('send', 'BUG-1', '--target', 'claude-code');
      for (const args of [
        ['items'],
        ['items', '--parent', 'BUG-1'],
        ['show', 'BUG-1'],
        ['sessions'],
        ['show', 'BUG-1/1'],
        ['handoffs'],
        ['stop', 'BUG-1/1'],
      ]) {
        const said = await text(...args);
        assert.doesNotMatch(said, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/u, args.join(' '));
        const whole = await belay.run(...args, '--json');
        assert.doesNotMatch(whole.out, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/u, args.join(' '));
      }
      assert.match(await text('show', 'BUG-1'), /^\| one$/mu);
    });
  });
