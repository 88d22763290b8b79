/** Who may call what of the store: every operation, by reflection. */
import assert from 'node:assert/strict';
import { authorization } from '../../platform/domain/authorize.ts';
import type { Person } from '../../platform/domain/caller.ts';
import { operations, type OperationName } from '../../platform/store/operations.ts';
import { isBelayError } from '../../protocol/errors.ts';
import { result, type Fixture } from './fixture.ts';

type Operation = (call: unknown, ...args: unknown[]) => Promise<unknown>;

/** What there is in the workspace, for a stranger to reach for. */
interface Things {
  readonly item: string;
  readonly handoff: string;
  readonly session: string;
  readonly held: string;
  readonly holder: { readonly instanceId: string; readonly fence: number };
  readonly input: string;
  readonly message: string;
  readonly ended: string;
}

async function thingsOf(f: Fixture): Promise<Things> {
  const { store } = f;
  const item = await store.createItem(f.call, { kind: 'bug', title: 'secret' });
  const handoff = await store.createHandoff(f.call, item.id, {
    target: 't',
    targetName: 't',
    mode: 'code',
    detail: '',
    repositoryId: null,
    baseCommit: null,
    taken: false,
  });
  const waiting = await f.create({ itemId: item.id });
  const { id: held } = await f.create({ itemId: item.id });
  const holder = await f.claim(held);
  const input = await f.ask(held, holder);
  const message = await store.sendMessage(f.call, held, { kind: 'steer', body: 'secret' });
  const { session: ended } = await f.arrive({ state: 'complete', held: false });
  return { item: item.id, handoff: handoff.id, session: waiting.id, held, holder, input: input.id, message: message.id, ended: ended.id };
}

const answer = { optionId: 'yes', text: null, actionHash: 'hash' };

/** For each operation what a caller of another workspace would ask for; null where it can only be about what is theirs. */
const reaches: Readonly<Record<OperationName, ((things: Things, f: Fixture) => readonly unknown[]) | null>> = {
  listItems: () => [{}],
  getItem: ({ item }) => [item],
  getItemBundle: ({ item }) => [item],
  createItem: ({ item }) => [{ kind: 'bug', title: 't', parentId: item }],
  patchItem: ({ item }) => [item, 1, { title: 'mine' }],
  addComment: ({ item }) => [item, { body: 'x' }],
  listComments: ({ item }) => [item, {}],
  addDocument: ({ item }) => [item, { title: 't', body: 'b' }],
  listHandoffs: () => [{}],
  createHandoff: ({ item }) => [item, { target: 't', targetName: 't', mode: 'code', detail: '', repositoryId: null, baseCommit: null }],
  takeHandoff: ({ handoff }) => [handoff],
  closeHandoff: ({ handoff }) => [handoff, { result: null }],
  listAgents: () => [{}],
  ensureAgent: null,
  listWorkers: () => [{}],
  ensureWorker: (_, f) => [
    { machine: 'm', execution: 'cloud', agentIds: [f.agents.cloud.id], capacity: 1, instanceId: 'x', program: 't', version: '1' },
  ],
  listRepositories: () => [{}],
  ensureRepository: null,
  listSessions: () => [{}],
  getSession: ({ session }) => [session],
  getSessionPrompt: ({ session }) => [session],
  createSession: (_, f) => [
    {
      itemId: null,
      title: 't',
      agentId: f.agents.cloud.id,
      mode: 'code',
      repositoryId: null,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
    },
  ],
  cancelSession: ({ session }) => [session],
  retrySession: ({ session }) => [session],
  archiveSession: ({ ended }) => [ended],
  listActivities: ({ held }) => [held, {}],
  listLateActivities: ({ held }) => [held, {}],
  listInputs: () => [{}],
  answerInput: ({ input }) => [input, answer],
  sendMessage: ({ held }) => [held, { kind: 'steer', body: 'x' }],
  listMessages: ({ held }) => [held, {}],
  addReview: ({ ended }) => [ended, { decision: 'discarded' }],
  listReviews: ({ ended }) => [ended, {}],
  poll: (_, f) => [
    {
      workerId: f.workers.cloud.id,
      instanceId: 'cloud-1',
      requestId: 'r',
      capacity: 1,
      reclaim: [],
      repositoryIds: [],
      renewals: [],
      watch: [],
    },
  ],
  append: ({ held, holder }) => [held, { holder, activities: [] }],
  ask: ({ held, holder }) => [held, { holder }],
  inputDelivered: ({ held, holder, input }) => [held, input, { holder }],
  withdrawInput: ({ held, holder, input }) => [held, input, { holder }],
  messageDelivered: ({ held, holder, message }) => [held, message, { holder }],
  updateStanding: ({ held, holder }) => [held, { holder }],
  itemEffect: ({ held, holder }) => [held, { holder, key: 'k', effect: { type: 'comment', body: 'x' } }],
  complete: ({ held, holder }) => [held, { holder, result, usage: null }],
  fail: ({ held, holder }) => [held, { holder, error: {}, usage: null, result: null }],
  release: ({ held, holder }) => [held, { holder, reason: '', notBeforeMs: null }],
  park: ({ held, holder }) => [held, { holder }],
  cancelled: ({ held, holder }) => [held, { holder, text: '', result: null, usage: null }],
  eventsAfter: () => [0, 100],
  lastEvent: () => [],
  eventFloor: () => [],
  // The whole database: only an embedded platform, which has one workspace, gives it out.
  exportAll: null,
  reap: null,
  anyLive: null,
  retain: null,
};

const roles = ['owner', 'admin', 'member', 'guest'] as const;

export function callersHold(fixture: () => Fixture): void {
  const all = Object.entries(operations) as [OperationName, (typeof operations)[OperationName]][];
  const run = (name: OperationName, caller: Person, args: readonly unknown[]): Promise<unknown> =>
    (fixture().opened as unknown as Record<string, Operation>)[name]!({ now: fixture().now, caller }, ...args);

  it('every operation refuses whom its permission is never given', async () => {
    const person = fixture().call.caller as Person;
    for (const [name, { needs }] of all)
      for (const role of roles) {
        if (needs === null || needs === 'public') continue;
        if (needs === 'session.hold' || authorization[needs][role] === 'never')
          await assert.rejects(run(name, { ...person, role }, []), { code: 'forbidden' }, `${name}, ${role}`);
      }
  });

  it('no operation shows or changes anything of another workspace', async () => {
    const f = fixture();
    const things = await thingsOf(f);
    const id = 'mem_other';
    const stranger: Person = { kind: 'person', workspaceId: 'wsp_other', memberId: id, memberName: 'eve', role: 'owner', credential: id };
    // Events are numbered after the commit they tell of.
    await f.store.lastEvent(f.call);
    const before = JSON.stringify(await f.store.exportAll(f.call));
    for (const [name] of all) {
      const reach = reaches[name];
      if (!reach) continue;
      const outcome = await run(name, stranger, reach(things, f)).catch((error: unknown) => {
        assert.ok(isBelayError(error), `${name} broke: ${String(error)}`);
        assert.ok(error.code === 'not_found' || error.code === 'forbidden', `${name} refused with ${error.code}`);
        return null;
      });
      const seen = JSON.stringify(outcome ?? null);
      for (const told of [...Object.values(things), 'secret'])
        assert.ok(typeof told !== 'string' || !seen.includes(told), `${name} shows ${told}: edit it in platform/store/areas/.`);
      const isSame = JSON.stringify(await f.store.exportAll(f.call)) === before;
      assert.ok(isSame, `${name} changed something: edit it in platform/store/areas/.`);
    }
  });
}
