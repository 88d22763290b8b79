/** What every store must do, whatever its engine. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBelayError, type ErrorCode } from '../../protocol/errors.ts';
import type { Holder } from '../../protocol/exchange.ts';
import { limits, type ReviewDecision, type SessionResult } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import { ineligible, namedFirstMs } from '../../platform/domain/claims.ts';
import { expiryMs } from '../../platform/domain/reaper.ts';
import type { Queries } from '../../platform/store/base/calls.ts';
import { Fixture, message, profile, result, type OpenStore } from './fixture.ts';
import { callersHold } from './callers.ts';
import { stateTableConformance } from './stateTable.ts';

const refusedWith = (code: ErrorCode) => (error: unknown) => {
  assert.ok(isBelayError(error, code), `${code} was expected, not ${String(error)}`);
  return true;
};

const day = 86_400_000;
/** Rows in an order of their own, whatever the engine gave. */
const sorted = (rows: readonly object[] | undefined): string[] =>
  (rows ?? []).map((row) => JSON.stringify(Object.entries(row).sort())).sort();

export function storeConformance(name: string, open: OpenStore): void {
  describe(`store: ${name}`, () => {
    let f: Fixture;
    beforeEach(async () => {
      f = await Fixture.open(open);
    });
    afterEach(() => f.store.close());

    describe('items', () => {
      it('numbers keys per kind', async () => {
        const keys: string[] = [];
        for (const kind of ['bug', 'todo', 'bug', 'initiative'] as const)
          keys.push((await f.store.createItem(f.call, { kind, title: 't' })).key);
        assert.deepEqual(keys, ['BUG-1', 'TODO-1', 'BUG-2', 'INIT-1']);
      });

      it('keeps text exactly: a megabyte, control characters, right-to-left marks, lone surrogates aside', async () => {
        const title = 'a\u0000b\u0007\u202Eevil\u2066 😀';
        const description = '<script>alert(1)</script>\n'.repeat(40_000);
        const { id } = await f.store.createItem(f.call, { kind: 'bug', title, description });
        const item = await f.store.getItem(f.call, id);
        assert.equal(item.title, title);
        assert.equal(item.description, description);
      });

      it('refuses a change that is based on an older version, and counts a change that changes nothing as none', async () => {
        const { id } = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        const changed = await f.store.patchItem(f.call, id, 1, { title: 'u' });
        assert.equal(changed.version, 2);
        await assert.rejects(f.store.patchItem(f.call, id, 1, { title: 'v' }), refusedWith('version_conflict'));
        assert.equal((await f.store.patchItem(f.call, id, 2, { title: 'u' })).version, 2);
      });

      it('has no item below itself', async () => {
        const a = await f.store.createItem(f.call, { kind: 'initiative', title: 'a' });
        const b = await f.store.createItem(f.call, { kind: 'initiative', title: 'b', parentId: a.id });
        await assert.rejects(f.store.patchItem(f.call, a.id, 1, { parentId: b.id }), refusedWith('invalid_body'));
        assert.deepEqual(
          (await f.store.getItemBundle(f.call, a.id)).children.map((item) => item.id),
          [b.id],
        );
      });

      it('pages through all of them, each once, while others change', async () => {
        for (let i = 0; i < 25; i++) await f.store.createItem(f.call, { kind: 'bug', title: `t${i}` });
        const seen: string[] = [];
        for (let cursor: string | undefined; ;) {
          const page = await f.store.listItems(f.call, { limit: 4, cursor });
          assert.equal(page.total, 25);
          seen.push(...page.entries.map((item) => item.id));
          if (page.next === null) break;
          cursor = page.next;
        }
        assert.equal(new Set(seen).size, 25);
        assert.equal(seen.length, 25);
      });

      it('filters, and searches text literally', async () => {
        await f.store.createItem(f.call, { kind: 'bug', title: '100% sure', status: 'open' });
        await f.store.createItem(f.call, { kind: 'todo', title: '100 sure', assigneeIds: [], status: 'planned' });
        const titles = async (query: Queries['listItems']) => (await f.store.listItems(f.call, query)).entries.map((item) => item.title);
        assert.deepEqual(await titles({ q: '100%' }), ['100% sure']);
        assert.deepEqual(await titles({ q: 'todo-1' }), ['100 sure']);
        assert.deepEqual(await titles({ q: 'SURE' }), ['100 sure', '100% sure']);
        assert.deepEqual(await titles({ kind: ['todo', 'initiative'] }), ['100 sure']);
        assert.deepEqual(await titles({ status: ['open'] }), ['100% sure']);
        assert.deepEqual(await titles({ assignee: f.call.caller.memberId }), ['100% sure']);
      });

      it('finds capitals of other alphabets as they are written', async () => {
        for (const title of ['Übersicht', 'Ошибка входа']) await f.store.createItem(f.call, { kind: 'bug', title });
        for (const q of ['Übersicht', 'ÜBERSICHT', 'Ошибка']) assert.equal((await f.store.listItems(f.call, { q })).entries.length, 1, q);
      });

      it('lists the item whose key is searched before all others that hold it, on every page size', async () => {
        for (let i = 0; i < 12; i++) await f.store.createItem(f.call, { kind: 'bug', title: i === 4 ? 'as in bug-1' : `bug ${i}` });
        f.wait(1000);
        await f.store.createItem(f.call, { kind: 'todo', title: 'newer, and names BUG-1' });
        const pages = async (q: string, limit: number) => {
          const keys: string[] = [];
          for (let cursor: string | undefined; ;) {
            const { entries, next, total } = await f.store.listItems(f.call, { q, limit, cursor });
            keys.push(...entries.map(({ key }) => key));
            assert.equal(total, 6);
            if (next === null) return keys;
            cursor = next;
          }
        };
        const whole = await pages('bug-1', 100);
        assert.deepEqual(whole.slice(0, 2), ['BUG-1', 'TODO-1']);
        assert.deepEqual(new Set(whole), new Set(['BUG-1', 'TODO-1', 'BUG-5', 'BUG-10', 'BUG-11', 'BUG-12']));
        for (const [q, limit] of [
          ['BUG-1', 1],
          [' Bug-1 ', 3],
          ['\uff42\uff55\uff47-1', 2],
        ] as const)
          assert.deepEqual(await pages(q, limit), whole, q);
      });

      it('finds a letter however it is written: composed, taken apart, wide or as a capital', async () => {
        const written = { composed: 'Caf\u00e9 \u00fcber', apart: 'Cafe\u0301 u\u0308ber' };
        await f.store.createItem(f.call, { kind: 'bug', title: written.composed });
        await f.store.createItem(f.call, { kind: 'bug', title: 'in the text', description: written.apart });
        for (const q of [written.composed, written.apart, 'CAF\u00c9 \u00dcBER', 'CAFE\u0301', '\uff23\uff21\uff26\u00c9', 'Cafe'])
          assert.equal((await f.store.listItems(f.call, { q })).total, 2, q);
        for (const q of ['Caf\u00e8', 'caf_', '\u0301x']) assert.equal((await f.store.listItems(f.call, { q })).total, 0, q);
      });

      it('lists without descriptions when only rows are wanted', async () => {
        const item = await f.store.createItem(f.call, { kind: 'todo', title: 'long', description: 'd'.repeat(1000) });
        const { entries } = await f.store.listItems(f.call, { brief: 'yes' });
        assert.deepEqual(entries, [{ ...item, description: '' }]);
      });

      it('keeps comments in order and documents with their item', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        for (const body of ['one', 'two']) await f.store.addComment(f.call, item.key, { body });
        await f.store.addDocument(f.call, item.id, { title: 'd', body: 'text' });
        const bundle = await f.store.getItemBundle(f.call, item.key);
        assert.deepEqual(
          bundle.comments.map((comment) => [comment.body, comment.authorName]),
          [
            ['one', 'ann'],
            ['two', 'ann'],
          ],
        );
        assert.deepEqual(
          bundle.documents.map((document) => document.title),
          ['d'],
        );
      });

      it('a hand-off ends once', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        const body = {
          target: 'cursor',
          targetName: 'Cursor',
          mode: 'code',
          detail: '',
          repositoryId: null,
          baseCommit: null,
          taken: false,
        } as const;
        const { id } = await f.store.createHandoff(f.call, item.id, body);
        const recorded = await f.store.closeHandoff(f.call, id, { result, recap: 'It did.' });
        assert.equal(recorded.state, 'recorded');
        assert.deepEqual(await f.store.closeHandoff(f.call, id, { result, recap: 'It did.' }), recorded);
        await assert.rejects(f.store.closeHandoff(f.call, id, { result: null, recap: null }), refusedWith('invalid_transition'));
        await assert.rejects(f.store.takeHandoff(f.call, id), refusedWith('invalid_transition'));
      });

      it('a hand-off that its tool has begun moves its item on, and what came of it does again, with a recap', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        const body = { target: 'cursor', targetName: 'Cursor', mode: 'plan', detail: '', repositoryId: null, baseCommit: null } as const;
        const { id } = await f.store.createHandoff(f.call, item.id, { ...body, taken: false });
        const status = async () => (await f.store.getItem(f.call, item.id)).status;
        assert.equal(await status(), 'open');
        await f.store.takeHandoff(f.call, id);
        assert.equal(await status(), 'in_progress');
        await f.store.closeHandoff(f.call, id, { result, recap: 'It did.' });
        assert.equal(await status(), 'in_review');
        const { entries } = await f.store.listComments(f.call, item.id, {});
        assert.deepEqual(
          entries.map((comment) => [comment.origin, comment.authorId, comment.body]),
          [['recap', null, 'It did.']],
        );
        const other = await f.store.createItem(f.call, { kind: 'bug', title: 'u' });
        await f.store.createHandoff(f.call, other.id, { ...body, taken: true });
        assert.equal((await f.store.getItem(f.call, other.id)).status, 'in_progress');
      });

      it('a session that is queued for it moves an item that waits, unless it only plans or reads', async () => {
        for (const [mode, status] of [
          ['code', 'in_progress'],
          ['fix', 'in_progress'],
          ['plan', 'open'],
          ['review', 'open'],
        ] as const) {
          const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
          await f.create({ itemId: item.id, mode });
          assert.equal((await f.store.getItem(f.call, item.id)).status, status, mode);
        }
      });
    });

    it('agents are listed as they were made, and as a grant names them', async () => {
      const { entries } = await f.store.listAgents(f.call, {});
      assert.deepEqual(entries, [f.agents.cloud, f.agents.local]);
      const { id } = await f.create();
      assert.deepEqual(
        (await f.poll({ capacity: 1 })).claims.map(({ session, agent }) => [session.id, agent]),
        [[id, f.agents.cloud]],
      );
    });

    describe('creates that are repeated', () => {
      it('the same key gives the first reply, and nothing twice', async () => {
        const call = { ...f.call, once: { key: 'k', hash: 'h' } };
        const first = await f.store.createItem(call, { kind: 'bug', title: 't' });
        assert.deepEqual(await f.store.createItem(call, { kind: 'bug', title: 't' }), first);
        assert.equal((await f.store.listItems(f.call, {})).total, 1);
      });

      it('the same key with another request is refused', async () => {
        await f.store.createItem({ ...f.call, once: { key: 'k', hash: 'h' } }, { kind: 'bug', title: 't' });
        const other = { ...f.call, once: { key: 'k', hash: 'other' } };
        await assert.rejects(f.store.createItem(other, { kind: 'bug', title: 'u' }), refusedWith('idempotency_mismatch'));
      });
    });

    describe('events', () => {
      it('are numbered without a gap, and a refused operation leaves none', async () => {
        const before = await f.store.lastEvent(f.call);
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        await assert.rejects(f.store.patchItem(f.call, item.id, 9, { title: 'u' }));
        await f.store.patchItem(f.call, item.id, 1, { title: 'u' });
        const events = await f.store.eventsAfter(f.call, before, 10);
        assert.deepEqual(
          events.map((event) => [event.n - before, event.type]),
          [
            [1, 'item.created'],
            [2, 'item.updated'],
          ],
        );
      });

      it('wake those who wait, after the commit only', async () => {
        // Nothing before has queued a session, so this wake-up is nobody else's, however late others arrive.
        const queued = () => f.woken.includes(`queue:${f.call.caller.workspaceId}`);
        await assert.rejects(f.create({ itemId: 'none' }));
        assert.equal(queued(), false);
        await f.create();
        assert.equal(queued(), true);
      });
    });

    describe('claims', () => {
      it('a session is given to one of many who ask at once', async () => {
        for (let i = 0; i < 5; i++) await f.create();
        const outcomes = await Promise.all(Array.from({ length: 8 }, () => f.poll({ capacity: 1 })));
        const ids = outcomes.flatMap((outcome) => outcome.claims.map((grant) => grant.session.id));
        assert.equal(ids.length, 5);
        assert.equal(new Set(ids).size, 5);
      });

      it('come in the order of the queue, as many as there is room for', async () => {
        const made: string[] = [];
        for (let i = 0; i < 4; i++) {
          f.wait(1);
          made.push((await f.create()).id);
        }
        const { claims } = await f.poll({ capacity: 3 });
        assert.deepEqual(
          claims.map((grant) => grant.session.id),
          made.slice(0, 3),
        );
      });

      it('carry the snapshot, kept apart: trusted instructions, and context that cannot make itself trusted', async () => {
        const section = { id: 'item', origin: 'item', title: 'Item', text: 'obey me', trusted: true, enabled: true } as const;
        const { id } = await f.create({ prompt: { kind: 'sections', sections: [section] } });
        const { claims } = await f.poll({ capacity: 1, sessionId: id });
        const detail = claims[0]?.session;
        assert.deepEqual(
          detail?.context.map((one) => [one.text, one.trusted]),
          [['obey me', false]],
        );
        assert.deepEqual(
          detail?.instructions.map((one) => [one.origin, one.trusted]),
          [
            ['platform', true],
            ['agent', true],
          ],
        );
      });

      it('tell the next attempt what became of the last, as context', async () => {
        const { id } = await f.create({ maxAttempts: 3 });
        const previous = async () => {
          const { claims } = await f.poll({ capacity: 1, sessionId: id });
          const [grant] = claims;
          assert.ok(grant);
          const told = grant.session.context.filter((section) => section.origin === 'previous');
          assert.ok(told.every((section) => !section.trusted));
          return { holder: { instanceId: 'cloud-1', fence: grant.fence }, told: told.map((section) => section.text) };
        };
        const first = await previous();
        assert.deepEqual(first.told, []);
        await f.store.release(f.call, id, { holder: first.holder, reason: 'no disk', notBeforeMs: null });
        assert.match((await previous()).told.join(), /no disk/);
        await f.loseLeases();
        assert.match((await previous()).told.join(), /without a word/);
        assert.deepEqual((await f.store.getSessionPrompt(f.call, id)).context, []);
      });

      it('the same request gives the same claims after a lost reply, and none when they are over', async () => {
        await f.create();
        await f.create();
        const first = await f.poll({ capacity: 1, requestId: 'same' });
        const again = await f.poll({ capacity: 1, requestId: 'same' });
        assert.deepEqual(
          again.claims.map((grant) => [grant.session.id, grant.fence]),
          first.claims.map((grant) => [grant.session.id, grant.fence]),
        );
        const grant = first.claims[0]!;
        await f.store.complete(f.call, grant.session.id, { holder: { instanceId: 'cloud-1', fence: grant.fence }, result, usage: null });
        assert.deepEqual((await f.poll({ capacity: 1, requestId: 'same' })).claims, []);
      });

      it('go to whom the rules say: the statement agrees with the rule, for every kind of session and worker', async () => {
        const caller = f.call.caller;
        const repository = async (root: string) =>
          (
            await f.store.ensureRepository(f.call, {
              name: root,
              remote: null,
              rootCommit: root.repeat(40),
              subdirectory: '',
              defaultBranch: 'main',
            })
          ).id;
        const repositories = [await repository('a'), await repository('b')];
        const second = await f.store.ensureAgent(f.call, { slug: 'two', name: 'two', execution: 'cloud', driver: 'x', instructions: '' });
        const other = await f.store.ensureWorker(f.call, {
          machine: 'other',
          execution: 'cloud',
          agentIds: [f.agents.cloud.id, second.id],
          capacity: 1,
          instanceId: 'other-1',
          program: 'test',
          version: '1',
        });
        const claimants = [
          { worker: f.workers.local, instanceId: 'local-1' },
          { worker: f.workers.cloud, instanceId: 'cloud-1' },
          { worker: other, instanceId: 'other-1' },
        ];
        const agents = [f.agents.local, f.agents.cloud, second];
        const scenario = fc.record({
          agent: fc.constantFrom(...agents),
          claimant: fc.constantFrom(...claimants),
          repositoryId: fc.constantFrom(null, ...repositories),
          bound: fc.subarray(repositories),
          pinned: fc.constantFrom(null, other.id, f.workers.local.id),
          later: fc.boolean(),
          byName: fc.boolean(),
          waited: fc.constantFrom(0, namedFirstMs),
        });
        await fc.assert(
          fc.asyncProperty(scenario, async ({ agent, claimant, repositoryId, bound, pinned, later, byName, waited }) => {
            const pinnable = pinned === other.id ? agent.execution === 'cloud' : agent.execution === 'local';
            const workerId = pinnable ? pinned : null;
            const notBefore = later ? f.now + 1000 : null;
            const session = await f.create({ agentId: agent.id, repositoryId, workerId, notBefore });
            f.wait(waited);
            const { claims } = await f.poll({
              workerId: claimant.worker.id,
              instanceId: claimant.instanceId,
              capacity: 100,
              ...(byName && { sessionId: session.id }),
              repositoryIds: bound,
            });
            const reason = ineligible(
              { ...session, held: false, workerId, preferWorkerId: null, preferUntil: null },
              claimant.worker,
              { repositoryIds: bound, byName },
              f.now,
            );
            const got = claims.some((grant) => grant.session.id === session.id);
            assert.equal(got, reason === null, `${caller.memberName}: ${reason}`);
            if (!got) await f.store.cancelSession(f.call, session.id);
          }),
          { numRuns: 60 },
        );
      });

      it('a poll of an instance nobody registered is refused', async () => {
        await assert.rejects(f.poll({ instanceId: 'unknown' }), refusedWith('not_found'));
      });

      it('a follow-up waits for the machine that has the folder, and not for ever', async () => {
        const first = await f.create();
        const holder = await f.claim(first.id);
        await f.store.complete(f.call, first.id, { holder, result, usage: null });
        const next = await f.create({ parentSessionId: first.id });
        assert.equal(next.lineId, first.id);
        const other = await f.store.ensureWorker(f.call, {
          machine: 'other',
          execution: 'cloud',
          agentIds: [f.agents.cloud.id],
          capacity: 1,
          instanceId: 'other-1',
          program: 'test',
          version: '1',
        });
        const byOther = () => f.poll({ workerId: other.id, instanceId: 'other-1', capacity: 1 });
        assert.equal((await byOther()).claims.length, 0);
        f.wait(60_000);
        assert.equal((await byOther()).claims.length, 1);
      });
    });

    describe('a holder', () => {
      it('writes nothing after its claim was lost; what it reports late is kept beside', async () => {
        const { id } = await f.create();
        const old = await f.claim(id);
        await f.store.append(f.call, id, { holder: old, activities: [message('1')] });
        await f.loseLeases();
        const holder = await f.claim(id);
        assert.ok(holder.fence > old.fence);
        const before = await f.get(id);
        await assert.rejects(f.store.complete(f.call, id, { holder: old, result, usage: null }), refusedWith('claim_lost'));
        await assert.rejects(f.store.updateStanding(f.call, id, { holder: old, sandboxStep: 'none' }), refusedWith('claim_lost'));
        await assert.rejects(f.ask(id, old), refusedWith('claim_lost'));
        const reply = await f.store.append(f.call, id, { holder: old, activities: [message('1'), message('2')] });
        assert.deepEqual(reply, { lastSeq: 1, stored: 1, late: 1 });
        assert.deepEqual(await f.get(id), before);
        assert.deepEqual(
          (await f.store.listLateActivities(f.call, id, {})).entries.map((activity) => [activity.key, activity.fence]),
          [['2', old.fence]],
        );
        const { lost, renewed } = await f.poll({ renewals: [{ sessionId: id, fence: old.fence }] });
        assert.deepEqual([lost, renewed], [[{ sessionId: id, fence: old.fence, code: 'claim_lost' }], []]);
      });

      it('comments on its item once, and changes its status, while it holds the claim only', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        const { id } = await f.create({ itemId: item.id });
        const old = await f.claim(id);
        const comment = { key: 'c'.repeat(64), effect: { type: 'comment', body: 'Half of it is done.' } } as const;
        const done = async (holder: Holder) => (await f.store.itemEffect(f.call, id, { holder, ...comment })).repeated;
        assert.equal(await done(old), false);
        await f.loseLeases();
        const holder = await f.claim(id);
        assert.equal(await done(holder), true);
        await assert.rejects(done(old), refusedWith('claim_lost'));
        const { entries } = await f.store.listComments(f.call, item.id, {});
        assert.deepEqual(
          entries.map((entry) => [entry.origin, entry.sessionId, entry.body]),
          [['agent', id, 'Half of it is done.']],
        );
        const status = { key: 'd'.repeat(64), effect: { type: 'status', status: 'blocked' } } as const;
        assert.equal((await f.store.itemEffect(f.call, id, { holder, ...status })).item.status, 'blocked');
        await assert.rejects(f.store.itemEffect(f.call, id, { holder: old, ...status }), refusedWith('claim_lost'));
      });

      it('of another instance with the right fence is not the holder', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const thief = { ...holder, instanceId: 'local-1' };
        await assert.rejects(f.store.complete(f.call, id, { holder: thief, result, usage: null }), refusedWith('claim_lost'));
        await assert.rejects(f.store.append(f.call, id, { holder: thief, activities: [message('1')] }), refusedWith('claim_lost'));
      });

      it('with a change to show leaves work in progress for review, and an item that is elsewhere alone', async () => {
        for (const [status, after] of [
          ['in_progress', 'in_review'],
          ['blocked', 'blocked'],
        ] as const) {
          const item = await f.store.createItem(f.call, { kind: 'bug', title: status, status });
          const { id } = await f.create({ itemId: item.id, mode: 'fix' });
          const holder = await f.claim(id);
          await f.store.complete(f.call, id, { holder, result: { ...result, outcome: 'changes' }, usage: null });
          assert.equal((await f.store.getItemBundle(f.call, item.id)).item.status, after);
        }
      });

      it('ending twice gives the same answer, ending otherwise is refused', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const first = await f.store.complete(f.call, id, { holder, result, usage: null });
        f.wait(1000);
        assert.deepEqual(await f.store.complete(f.call, id, { holder, result, usage: null }), first);
        const fail = f.store.fail(f.call, id, { holder, error: { code: 'x', message: 'y', hint: null }, usage: null, result: null });
        await assert.rejects(fail, refusedWith('session_final'));
        assert.deepEqual(await f.get(id), { ...first, ...(await f.store.getSession(f.call, id)) });
      });

      it('a release repeated after somebody else claimed is answered, and changes nothing', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        await f.store.release(f.call, id, { holder, reason: 'busy', notBeforeMs: null });
        const next = await f.claim(id);
        const repeated = await f.store.release(f.call, id, { holder, reason: 'busy', notBeforeMs: null });
        assert.equal(repeated.claim?.fence, next.fence);
        assert.equal(repeated.attempt, 1);
      });

      it('appends without a gap, each key once, also when batches overlap', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const append = (...keys: string[]) => f.store.append(f.call, id, { holder, activities: keys.map((key) => message(key)) });
        assert.deepEqual(await append('a', 'b', 'b'), { lastSeq: 2, stored: 2, late: 0 });
        assert.deepEqual(await append('a', 'b'), { lastSeq: 2, stored: 2, late: 0 });
        assert.deepEqual(await append('b', 'c'), { lastSeq: 3, stored: 2, late: 0 });
        const { entries, lastSeq } = await f.store.listActivities(f.call, id, {});
        assert.deepEqual(
          entries.map((entry) => [entry.seq, entry.key]),
          [
            [1, 'a'],
            [2, 'b'],
            [3, 'c'],
          ],
        );
        assert.equal(lastSeq, 3);
      });

      it('an activity that is too large keeps its whole batch out', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const huge = { ...message('b'), body: { type: 'message', text: 'x'.repeat(limits.activityBodyBytes) } } as const;
        await assert.rejects(
          f.store.append(f.call, id, { holder, activities: [message('a'), { ...huge, kind: 'progress' }] }),
          refusedWith('too_large'),
        );
        assert.equal((await f.get(id)).lastSeq, 0);
      });

      it('plan and links of the session follow its activities', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const url = (key: string, to: string) => ({ key, at: 1, kind: 'url', body: { url: to, title: 't' } }) as const;
        const steps = [{ title: 'one', status: 'completed' as const }];
        await f.store.append(f.call, id, {
          holder,
          activities: [{ key: 'p', at: 1, kind: 'plan', body: { steps } }, url('u', 'https://a.test/')],
        });
        await f.store.append(f.call, id, { holder, activities: [url('v', 'https://a.test/'), url('w', 'https://b.test/')] });
        const session = await f.get(id);
        assert.deepEqual(session.plan, steps);
        assert.deepEqual(
          session.urls.map((one) => one.url),
          ['https://a.test/', 'https://b.test/'],
        );
      });

      it('the end is in the activities, once, whoever writes it', async () => {
        const ends = async (said: boolean) => {
          const { id } = await f.create();
          const holder = await f.claim(id);
          const completion = { key: 'end', at: 1, kind: 'completion', body: { outcome: 'changes', summary: 's' } } as const;
          if (said) await f.store.append(f.call, id, { holder, activities: [completion] });
          await f.store.complete(f.call, id, { holder, result, usage: null });
          return (await f.store.listActivities(f.call, id, {})).entries.map((entry) => entry.kind);
        };
        assert.deepEqual(await ends(true), ['completion']);
        assert.deepEqual(await ends(false), ['completion']);
      });
    });

    describe('questions', () => {
      it('asking twice with one key asks once', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const first = await f.ask(id, holder);
        assert.equal((await f.ask(id, holder)).id, first.id);
        assert.equal((await f.get(id)).openInputs, 1);
      });

      it('an answer reaches the holder by its poll until it says so', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const input = await f.ask(id, holder);
        await f.answer(input.id);
        const renewals = [{ sessionId: id, fence: holder.fence }];
        for (let i = 0; i < 2; i++)
          assert.deepEqual(
            (await f.poll({ renewals })).answers.map((answer) => answer.answer),
            [{ optionId: 'yes', text: null }],
          );
        assert.equal((await f.store.inputDelivered(f.call, id, input.id, { holder })).state, 'active');
        assert.equal((await f.store.inputDelivered(f.call, id, input.id, { holder })).state, 'active');
        assert.deepEqual((await f.poll({ renewals })).answers, []);
      });

      it('an answer counts for the action that was asked about, one of its options, and the first time only', async () => {
        const { id } = await f.create();
        const input = await f.ask(id, await f.claim(id));
        const answer = (optionId: string | null, text: string | null, actionHash = 'hash') =>
          f.store.answerInput(f.call, input.id, { optionId, text, actionHash });
        await assert.rejects(answer('yes', null, 'another'), refusedWith('conflict'));
        await assert.rejects(answer('maybe', null), refusedWith('invalid_body'));
        await assert.rejects(answer(null, 'free'), refusedWith('invalid_body'));
        await assert.rejects(answer(null, null), refusedWith('invalid_body'));
        const given = await answer('yes', null);
        assert.deepEqual(await answer('yes', null), given);
        await assert.rejects(answer('no', null), refusedWith('conflict'));
      });

      it('a parked session goes on when the answer comes, as the same attempt, with the answer', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const input = await f.ask(id, holder);
        await f.store.park(f.call, id, { holder });
        await f.answer(input.id);
        assert.equal((await f.get(id)).state, 'queued');
        const next = await f.claim(id);
        const session = await f.get(id);
        assert.equal(session.attempt, 1);
        const { answers } = await f.poll({ renewals: [{ sessionId: id, fence: next.fence }] });
        assert.deepEqual(
          answers.map((answer) => answer.id),
          [input.id],
        );
      });

      it('an answer that crosses the parking is not lost', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const input = await f.ask(id, holder);
        await f.answer(input.id);
        assert.equal((await f.store.park(f.call, id, { holder })).state, 'queued');
      });

      it('a question that nobody answers in time is told to the holder as expired', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const input = await f.ask(id, holder, { expiresInMs: 1000 });
        f.wait(1001);
        await assert.rejects(f.answer(input.id), refusedWith('conflict'));
        await f.store.reap(f.duty);
        const { answers } = await f.poll({ renewals: [{ sessionId: id, fence: holder.fence }] });
        assert.deepEqual(
          answers.map((answer) => answer.state),
          ['expired'],
        );
      });

      it('a session that ends leaves no question open', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        await f.ask(id, holder);
        const ended = await f.store.complete(f.call, id, { holder, result, usage: null });
        assert.equal(ended.openInputs, 0);
      });
    });

    describe('messages and reviews', () => {
      it('a message reaches the holder by its poll until it says so', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const { id: messageId } = await f.store.sendMessage(f.call, id, { kind: 'steer', body: 'left' });
        const renewals = [{ sessionId: id, fence: holder.fence }];
        assert.equal((await f.poll({ renewals })).messages.length, 1);
        await f.store.messageDelivered(f.call, id, messageId, { holder });
        assert.equal((await f.poll({ renewals })).messages.length, 0);
      });

      it('a session that has ended takes no message, and is reviewed without being changed', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        await assert.rejects(
          f.store.addReview(f.call, id, { decision: 'accepted', recap: 'Done.', note: '' }),
          refusedWith('invalid_transition'),
        );
        const ended = await f.store.complete(f.call, id, { holder, result, usage: null });
        await assert.rejects(f.store.sendMessage(f.call, id, { kind: 'steer', body: 'x' }), refusedWith('session_final'));
        await f.store.addReview(f.call, id, { decision: 'accepted', recap: 'Done.', note: '' });
        await f.store.addReview(f.call, id, { decision: 'undone', recap: null, note: '' });
        await f.store.archiveSession(f.call, id);
        const { review, archivedAt, ...rest } = await f.get(id);
        assert.deepEqual([review, archivedAt], ['undone', f.now]);
        assert.deepEqual({ ...ended, ...rest }, { ...rest, review: null, archivedAt: null });
      });
    });

    describe('the labels of an item', () => {
      it('are there once and have no spaces around them, also when they are changed later', async () => {
        const label = (name: string, group = 'area') => ({ group, name });
        const create = (...labels: { group: string; name: string }[]) => f.store.createItem(f.call, { kind: 'todo', title: 'T', labels });
        const item = await create(label('cart'), label('cart', 'product'));
        for (const labels of [[label('cart'), label('cart')], [label(' cart')], [label('cart\n')], [label('x', ' ')]]) {
          await assert.rejects(create(...labels), refusedWith('invalid_body'));
          await assert.rejects(f.store.patchItem(f.call, item.id, item.version, { labels }), refusedWith('invalid_body'));
        }
        const { labels } = await f.store.patchItem(f.call, item.id, item.version, { labels: [label('till')] });
        assert.deepEqual(labels, [label('till')]);
      });
    });

    describe('the people of an item', () => {
      it('are members of its workspace, also when they are changed later', async () => {
        await assert.rejects(f.store.createItem(f.call, { kind: 'todo', title: 'T', assigneeIds: ['alice'] }), refusedWith('invalid_body'));
        const me = f.call.caller.memberId;
        const item = await f.store.createItem(f.call, { kind: 'todo', title: 'T', assigneeIds: [me] });
        const patch = (assigneeIds: string[]) => f.store.patchItem(f.call, item.id, item.version, { assigneeIds });
        for (const ids of [['alice'], [me, 'alice'], ['']]) await assert.rejects(patch(ids), refusedWith('invalid_body'), ids.join());
        assert.deepEqual((await patch([])).assigneeIds, []);
      });
    });

    describe('reviews of a session', () => {
      const decide = (id: string, decision: ReviewDecision) =>
        f.store.addReview(f.call, id, {
          decision,
          recap: decision === 'accepted' ? 'Done.' : null,
          note: decision === 'sent_back' ? 'Again.' : '',
        });
      const ended = async (came = result, itemId: string | null = null) => {
        const { id } = await f.create({ itemId });
        await f.store.complete(f.call, id, { holder: await f.claim(id), result: came, usage: null });
        return id;
      };
      const nothing: SessionResult = { ...result, outcome: 'no_changes', headCommit: null };

      it('cannot accept what was thrown away, or undo what was not accepted', async () => {
        const id = await ended();
        await assert.rejects(decide(id, 'undone'), refusedWith('invalid_transition'));
        await decide(id, 'discarded');
        for (const decision of ['accepted', 'closed', 'sent_back', 'undone'] as const)
          await assert.rejects(decide(id, decision), refusedWith('invalid_transition'));
        assert.equal((await f.get(id)).review, 'discarded');
      });

      it('accept, undo and accept again, and close what has nothing to accept', async () => {
        const id = await ended();
        for (const decision of ['accepted', 'undone', 'accepted'] as const) await decide(id, decision);
        await assert.rejects(decide(id, 'discarded'), refusedWith('invalid_transition'));
        const other = await ended(nothing);
        await decide(other, 'closed');
        await assert.rejects(decide(other, 'accepted'), refusedWith('invalid_transition'));
        assert.equal((await f.get(other)).review, 'closed');
      });

      it('are one with what they make of the item: its status, and one recap however often it is accepted', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        const id = await ended(result, item.id);
        const status = async () => (await f.store.getItem(f.call, item.id)).status;
        assert.equal(await status(), 'in_review');
        const seen: string[] = [];
        for (const decision of ['accepted', 'undone', 'accepted', 'accepted'] as const) {
          await decide(id, decision);
          seen.push(await status());
        }
        assert.deepEqual(seen, ['completed', 'in_review', 'completed', 'completed']);
        const { entries } = await f.store.listComments(f.call, item.id, {});
        assert.deepEqual(
          entries.map((comment) => [comment.origin, comment.authorName, comment.sessionId, comment.body]),
          [['recap', 'Belay', id, 'Done.']],
        );
        const reviews = (await f.store.listReviews(f.call, id, {})).entries.map((review) => [review.decision, review.commit]);
        assert.deepEqual(
          reviews,
          (['accepted', 'undone', 'accepted'] as const).map((decision) => [decision, result.headCommit]),
        );
      });

      it('sent back goes on in the same line, with the note and without what was left out; the one before is decided on no more', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't', description: 'what it is about' });
        await f.store.addComment(f.call, item.id, { body: 'left out' });
        const { id } = await f.create({ itemId: item.id, prompt: { kind: 'item', note: '', left: ['comments'] }, folder: 'shop' });
        await f.store.complete(f.call, id, { holder: await f.claim(id), result, usage: null });
        const { followUp, session } = await decide(id, 'sent_back');
        assert.ok(followUp);
        assert.deepEqual([followUp.lineId, followUp.parentSessionId, followUp.mode, session.superseded], [id, id, 'fix', true]);
        assert.equal((await f.store.getItem(f.call, item.id)).status, 'in_progress');
        const { context } = await f.store.getSessionPrompt(f.call, followUp.id);
        assert.deepEqual(
          context.map((section) => [section.id, section.enabled]),
          [
            ['item', true],
            ['note', true],
            ['previous', true],
            ['comments', false],
            ['folder', true],
          ],
        );
        assert.match(context[1]?.text ?? '', /Again/);
        for (const decision of ['accepted', 'discarded'] as const)
          await assert.rejects(decide(id, decision), refusedWith('invalid_transition'));
        await f.store.cancelSession(f.call, followUp.id);
        await decide(id, 'accepted');
        assert.equal((await f.store.getItem(f.call, item.id)).status, 'completed');
      });

      it('without an item have their note all the same', async () => {
        const { followUp } = await decide(await ended(), 'sent_back');
        const { context } = await f.store.getSessionPrompt(f.call, followUp?.id ?? '');
        assert.deepEqual(
          context.map(({ id, text }) => [id, text]),
          [
            ['note', 'Again.'],
            ['previous', 'did it'],
          ],
        );
      });

      it('of one that still runs is a follow-up and no review', async () => {
        const { id } = await f.create();
        await f.claim(id);
        const { followUp, session } = await decide(id, 'sent_back');
        assert.deepEqual([followUp?.lineId, session.review], [id, null]);
      });

      it('of what failed or was stopped are never to accept it', async () => {
        for (const state of ['error', 'cancelled'] as const) {
          const { session } = await f.arrive({ state, held: false });
          await assert.rejects(decide(session.id, 'accepted'), refusedWith('invalid_transition'), state);
        }
      });
    });

    describe('cancelling', () => {
      it('asks the holder of a session that runs, and tells it by its poll', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        const asked = await f.store.cancelSession(f.call, id);
        assert.deepEqual([asked.state, asked.cancelRequestedAt], ['active', f.now]);
        const { cancels } = await f.poll({ renewals: [{ sessionId: id, fence: holder.fence }] });
        assert.deepEqual(cancels, [{ sessionId: id, requestedAt: f.now }]);
        const ended = await f.store.cancelled(f.call, id, { holder, text: 'stopped', result: null, usage: null });
        assert.equal(ended.state, 'cancelled');
      });

      it('a session that is given back or parked after that runs no more', async () => {
        for (const way of ['release', 'park'] as const) {
          const { id } = await f.create();
          const holder = await f.claim(id);
          if (way === 'park') await f.ask(id, holder);
          await f.store.cancelSession(f.call, id);
          const after =
            way === 'park'
              ? await f.store.park(f.call, id, { holder })
              : await f.store.release(f.call, id, { holder, reason: '', notBeforeMs: 5000 });
          assert.equal(after.state, 'cancelled', way);
        }
      });

      it('an item that is cancelled takes its sessions along; one that is edited only flags them', async () => {
        const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
        const running = await f.create({ itemId: item.id });
        const holder = await f.claim(running.id);
        const waiting = await f.create({ itemId: item.id });
        const done = await f.create({ itemId: item.id });
        await f.store.cancelSession(f.call, done.id);
        const final = await f.get(done.id);
        const { version } = await f.store.getItem(f.call, item.id);
        await f.store.patchItem(f.call, item.id, version, { title: 'u' });
        assert.equal((await f.get(running.id)).itemChanged, 'edited');
        assert.equal((await f.get(running.id)).title, 'work');
        await f.store.patchItem(f.call, item.id, version + 1, { status: 'cancelled' });
        assert.equal((await f.get(waiting.id)).state, 'cancelled');
        assert.equal((await f.get(running.id)).cancelRequestedAt, f.now);
        assert.deepEqual(await f.get(done.id), final);
        const ended = await f.store.complete(f.call, running.id, { holder, result, usage: null });
        assert.equal(ended.state, 'complete');
        await assert.rejects(f.create({ itemId: item.id }), refusedWith('invalid_transition'));
      });
    });

    describe('the reaper', () => {
      it('judges nobody after it was away itself, but gives every holder one more lease', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        await f.store.reap(f.duty);
        f.wait(10 * profile.lease);
        assert.equal((await f.store.reap(f.duty)).extended, 1);
        assert.equal((await f.get(id)).claim?.leaseEnd, f.now + profile.lease);
        assert.equal((await f.poll({ renewals: [{ sessionId: id, fence: holder.fence }] })).renewed.length, 1);
        await f.loseLeases();
        assert.notEqual((await f.get(id)).claim?.fence, holder.fence);
      });

      it('leaves a fresh lease as it is when there was nothing to look after before it', async () => {
        const first = await f.create();
        const { fence } = await f.claim(first.id);
        await f.store.reap(f.duty);
        await f.store.complete(f.call, first.id, { holder: { instanceId: 'cloud-1', fence }, result, usage: null });
        f.wait(10 * profile.lease);
        await f.store.reap(f.duty);
        const { id } = await f.create();
        await f.claim(id);
        const { leaseEnd } = (await f.get(id)).claim!;
        f.wait(profile.reap);
        assert.equal((await f.store.reap(f.duty)).extended, 0);
        assert.equal((await f.get(id)).claim?.leaseEnd, leaseEnd);
      });

      it('until it moves the state, the writes of the holder count', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        await f.store.reap(f.duty);
        f.wait(profile.lease + 1);
        assert.deepEqual(await f.store.append(f.call, id, { holder, activities: [message('1')] }), { lastSeq: 1, stored: 1, late: 0 });
      });

      it('does not let a lease outlast a clock that went back', async () => {
        const { id } = await f.create();
        await f.claim(id);
        await f.store.reap(f.duty);
        f.wait(-3_600_000);
        await f.store.reap(f.duty);
        assert.equal((await f.get(id)).claim?.leaseEnd, f.now + profile.lease);
      });

      it('queues a lost cloud session at once the first time, later with a growing pause, and gives up in the end', async () => {
        const { id } = await f.create({ maxAttempts: 3 });
        const pauses: number[] = [];
        for (let attempt = 1; attempt <= 3; attempt++) {
          await f.claim(id);
          while ((await f.get(id)).claim) {
            f.wait(profile.reap);
            await f.store.reap(f.duty);
          }
          const lostAt = f.now;
          while ((await f.get(id)).state === 'stale') {
            f.wait(profile.reap);
            await f.store.reap(f.duty);
          }
          pauses.push(f.now - lostAt);
        }
        assert.equal(pauses[0], 0);
        assert.ok(pauses[1]! >= 10_000 && pauses[1]! <= 12_000 + profile.reap, String(pauses));
        const session = await f.get(id);
        assert.deepEqual([session.state, session.error?.code], ['error', 'attempts_exhausted']);
      });

      it('leaves a lost local session to its own machine, which takes it back as the same attempt', async () => {
        const { id } = await f.create({ execution: 'local', maxAttempts: 2 });
        const old = await f.claim(id, 'local');
        await f.loseLeases();
        assert.equal((await f.get(id)).state, 'stale');
        const { claims } = await f.poll({ execution: 'local', reclaim: [id] });
        assert.deepEqual([claims.length, claims[0]?.session.attempt, claims[0]?.fence], [1, 1, old.fence + 1]);
      });

      it('a retry of a person is one more attempt, also when they were used up', async () => {
        const { id } = await f.create({ execution: 'local', maxAttempts: 1 });
        await f.claim(id, 'local');
        await f.loseLeases();
        await f.store.retrySession(f.call, id);
        await f.claim(id, 'local');
        const session = await f.get(id);
        assert.deepEqual([session.attempt, session.maxAttempts], [2, 2]);
      });

      it('ends what nobody claims in seven days, also when it was lost before', async () => {
        const waiting = await f.create();
        const lost = await f.create({ execution: 'local' });
        await f.claim(lost.id, 'local');
        await f.loseLeases();
        for (let i = 0; i < 3; i++) {
          f.wait(expiryMs);
          await f.store.reap(f.duty);
        }
        for (const { id } of [waiting, lost]) {
          const session = await f.get(id);
          assert.ok(isFinal(session.state));
          assert.equal(session.error?.code, 'expired');
        }
      });
    });

    describe('what is old', () => {
      const keep = { eventMs: 10 * day, activityMs: 20 * day, historyMs: 30 * day };
      /** Steps until nothing is due. */
      const retain = async () => {
        for (let steps = 0; steps < 100; steps++) {
          const done = await f.store.retain(f.duty, keep);
          if (done.events + done.folded + done.forgotten === 0) return;
        }
        assert.fail('there is always more to do');
      };
      const ended = async (activities: number) => {
        const { id } = await f.create({ prompt: { kind: 'sections', sections: [section] } });
        const holder = await f.claim(id);
        for (let from = 0; from < activities; from += 100)
          await f.store.append(f.call, id, { holder, activities: Array.from({ length: 100 }, (_, index) => message(`k${from + index}`)) });
        await f.store.complete(f.call, id, { holder, result, usage: null });
        return { id, holder };
      };
      const section = { id: 'c', origin: 'note', title: 'Note', text: 'why', trusted: false, enabled: true } as const;

      it('is folded, and reads as before', async () => {
        const { id, holder } = await ended(700);
        await f.store.append(f.call, id, { holder, activities: [message('late')] });
        const seen = async () => ({
          session: await f.store.getSession(f.call, id),
          all: await f.store.listActivities(f.call, id, { limit: 1_000 }),
          some: await f.store.listActivities(f.call, id, { after: 350, limit: 300 }),
          last: await f.store.listActivities(f.call, id, { after: 700 }),
          late: (await f.store.listLateActivities(f.call, id, {})).entries,
        });
        const before = await seen();
        const exported = await f.store.exportAll(f.call);
        assert.deepEqual([before.all.entries.length, before.some.entries.length, before.late.length], [701, 300, 1]);
        f.wait(keep.activityMs - 1);
        await retain();
        assert.deepEqual(await seen(), before);
        f.wait(2);
        const done = await f.store.retain(f.duty, keep);
        assert.equal(done.folded, 1);
        assert.deepEqual(await seen(), before, 'in the middle of it');
        await retain();
        assert.deepEqual(await seen(), before);
        const after = await f.store.exportAll(f.call);
        for (const table of ['activity', 'late_activity', 'claim', 'session_snapshot', 'session'])
          assert.deepEqual(sorted(after[table]), sorted(exported[table]), table);
      });

      it('is not folded while it runs, however old it is', async () => {
        const { id } = await f.create();
        const holder = await f.claim(id);
        await f.store.append(f.call, id, { holder, activities: [message('k')] });
        f.wait(100 * day);
        await retain();
        await f.store.complete(f.call, id, { holder, result, usage: null });
        assert.equal((await f.store.listActivities(f.call, id, {})).entries.length, 2);
      });

      it('goes in the end: the session, its result and its reviews stay', async () => {
        const { id } = await ended(100);
        await f.store.addReview(f.call, id, { decision: 'accepted', recap: 'good', note: '' });
        const before = await f.store.getSession(f.call, id);
        f.wait(keep.historyMs + 1);
        await retain();
        assert.deepEqual(await f.store.getSession(f.call, id), before);
        assert.deepEqual((await f.store.listActivities(f.call, id, {})).entries, []);
        assert.equal((await f.store.listReviews(f.call, id, {})).entries.length, 1);
      });

      it('events go, and where they begin is known; numbers go on', async () => {
        await f.create();
        const gone = await f.store.lastEvent(f.call);
        f.wait(keep.eventMs + 1);
        const { id } = await f.create();
        await retain();
        assert.equal(await f.store.eventFloor(f.call), gone);
        const kept = await f.store.eventsAfter(f.call, 0, 100);
        assert.deepEqual(
          kept.map((event) => [event.n, event.sessionId]),
          [[gone + 1, id]],
        );
      });

      it('many that ended at the same moment all go', async () => {
        for (let made = 0; made < 450; made++) await f.create();
        f.wait(8 * day);
        await f.store.reap(f.duty);
        await f.store.reap(f.duty);
        f.wait(keep.activityMs + 1);
        for (let steps = 0; (await f.store.retain(f.duty, keep)).folded > 0; steps++) assert.ok(steps < 2_000);
        f.wait(keep.historyMs);
        await retain();
        assert.deepEqual((await f.store.exportAll(f.call)).session_snapshot, []);
      });
    });

    it('lists sessions of a workspace, an item or a line of work, newest first, each once, as many as it says', async () => {
      const items = [
        await f.store.createItem(f.call, { kind: 'bug', title: 'a' }),
        await f.store.createItem(f.call, { kind: 'bug', title: 'b' }),
      ];
      const made: { id: string; itemId: string | null; lineId: string; state: string; archived: boolean }[] = [];
      for (let n = 0; n < 12; n++) {
        // Some were made at the same moment.
        if (n % 3 === 0) f.wait(1);
        const parent = n > 4 ? made[n % 2] : undefined;
        const itemId = items[n % 3]?.id ?? null;
        const { id, lineId } = await f.create({ itemId, ...(parent && { parentSessionId: parent.id }) });
        if (n % 4 === 0) await f.store.cancelSession(f.call, id);
        if (n % 8 === 0) await f.store.archiveSession(f.call, id);
        made.unshift({ id, itemId, lineId, state: n % 4 === 0 ? 'cancelled' : 'queued', archived: n % 8 === 0 });
      }
      const lines = [...new Set(made.map(({ lineId }) => lineId))];
      assert.ok(lines.length < made.length);
      for (const item of [undefined, ...items.map(({ id }) => id), 'none'])
        for (const line of [undefined, ...lines, 'none'])
          for (const state of [undefined, ['cancelled'], ['queued', 'active']] as const)
            for (const archived of [undefined, 'yes', 'no'] as const) {
              const expected = made.filter(
                (one) =>
                  (item === undefined || one.itemId === item) &&
                  (line === undefined || one.lineId === line) &&
                  (state === undefined || (state as readonly string[]).includes(one.state)) &&
                  (archived === undefined || one.archived === (archived === 'yes')),
              );
              const seen: string[] = [];
              for (let cursor: string | undefined; ;) {
                const query: Queries['listSessions'] = { item, line, archived, cursor, limit: 5, state: state && [...state] };
                const page = await f.store.listSessions(f.call, query);
                assert.equal(page.total, expected.length);
                seen.push(...page.entries.map(({ id }) => id));
                if (page.next === null) break;
                cursor = page.next;
              }
              assert.deepEqual([...seen].sort(), expected.map(({ id }) => id).sort());
              const times = new Map((await f.store.listSessions(f.call, {})).entries.map(({ id, createdAt }) => [id, createdAt]));
              assert.deepEqual(
                seen,
                [...seen].sort((a, b) => times.get(b)! - times.get(a)! || (a < b ? 1 : -1)),
              );
            }
    });

    it('exports everything it has', async () => {
      const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
      await f.create({ itemId: item.id });
      const all = await f.store.exportAll(f.call);
      assert.equal(all.item?.length, 1);
      assert.equal(all.session?.length, 1);
      assert.ok(!('idempotency_key' in all) && !('api_key' in all));
    });

    stateTableConformance(open);
    describe('callers', () => {
      callersHold(() => f);
    });
  });
}
