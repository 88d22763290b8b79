/** The store over an engine: each operation in a transaction of its own. */
import type { Engine, Tx } from './base/engine.ts';
import * as claims from './operations/claims.ts';
import * as events from './operations/events.ts';
import { findItem } from './operations/findItem.ts';
import * as handoffs from './operations/handoffs.ts';
import * as holder from './operations/holder.ts';
import * as itemEffects from './operations/itemEffects.ts';
import * as items from './operations/items.ts';
import { once } from './operations/once.ts';
import * as people from './operations/people.ts';
import * as reaper from './operations/reaper.ts';
import * as retention from './operations/retention.ts';
import * as sessions from './operations/sessions.ts';
import * as workers from './operations/workers.ts';
import * as workspace from './operations/workspace.ts';
import type { Call, Store } from './base/store.ts';

export function createStore(engine: Engine): Store {
  const timed = (tx: Tx, call: Call): Call => (tx.now === null ? call : { ...call, now: tx.now });
  const by =
    (way: 'read' | 'write' | 'each') =>
    <T>(call: Call, work: (tx: Tx, call: Call) => Promise<T>): Promise<T> =>
      engine[way](call.caller.workspaceId, (tx) => work(tx, timed(tx, call)));
  const [read, write, each] = [by('read'), by('write'), by('each')];
  const create = <T>(call: Call, work: (tx: Tx, call: Call) => Promise<T>): Promise<T> =>
    write(call, (tx, at) => once(tx, at, () => work(tx, at)));
  return {
    schema: engine.schema,
    ensureWorkspace: (now, names) => engine.write('', (tx) => workspace.ensureWorkspace(tx, tx.now ?? now, names)),

    listItems: (call, query) => read(call, (tx, call) => items.listItems(tx, call, query)),
    getItem: (call, id) => read(call, (tx, call) => findItem(tx, call, id)),
    getItemBundle: (call, id) => read(call, (tx, call) => items.getItemBundle(tx, call, id)),
    createItem: (call, body) => create(call, (tx, call) => items.createItem(tx, call, body)),
    patchItem: (call, id, version, body) => write(call, (tx, call) => items.patchItem(tx, call, id, version, body)),
    addComment: (call, id, body) => create(call, (tx, call) => items.addComment(tx, call, id, body)),
    listComments: (call, id, query) => read(call, (tx, call) => items.listComments(tx, call, id, query)),
    addDocument: (call, id, body) => create(call, (tx, call) => items.addDocument(tx, call, id, body)),
    listHandoffs: (call, query) => read(call, (tx, call) => handoffs.listHandoffs(tx, call, query)),
    createHandoff: (call, id, body) => create(call, (tx, call) => handoffs.createHandoff(tx, call, id, body)),
    closeHandoff: (call, id, body) => write(call, (tx, call) => handoffs.closeHandoff(tx, call, id, body)),

    listAgents: (call, query) => read(call, (tx, call) => workers.listAgents(tx, call, query)),
    ensureAgent: (call, body) => write(call, (tx, call) => workers.ensureAgent(tx, call, body)),
    listWorkers: (call, query) => read(call, (tx, call) => workers.listWorkers(tx, call, query)),
    ensureWorker: (call, body) => write(call, (tx, call) => workers.ensureWorker(tx, call, body)),
    listRepositories: (call, query) => read(call, (tx, call) => workers.listRepositories(tx, call, query)),
    ensureRepository: (call, body) => write(call, (tx, call) => workers.ensureRepository(tx, call, body)),

    listSessions: (call, query) => read(call, (tx, call) => sessions.listSessions(tx, call, query)),
    getSession: (call, id) => read(call, async (tx, call) => sessions.detailOf(tx, await sessions.findSession(tx, call, id))),
    createSession: (call, body) => create(call, (tx, call) => sessions.createSession(tx, call, body)),
    cancelSession: (call, id) => write(call, (tx, call) => sessions.cancelSession(tx, call, id)),
    retrySession: (call, id) => write(call, (tx, call) => sessions.retrySession(tx, call, id)),
    archiveSession: (call, id) => write(call, (tx, call) => sessions.archiveSession(tx, call, id)),
    listActivities: (call, id, query) => read(call, (tx, call) => sessions.listActivities(tx, call, id, query)),
    listLateActivities: (call, id, query) => read(call, (tx, call) => sessions.listLateActivities(tx, call, id, query)),
    listInputs: (call, query) => read(call, (tx, call) => people.listInputs(tx, call, query)),
    answerInput: (call, id, body) => write(call, (tx, call) => people.answerInput(tx, call, id, body)),
    sendMessage: (call, id, body) => create(call, (tx, call) => people.sendMessage(tx, call, id, body)),
    listMessages: (call, id, query) => read(call, (tx, call) => people.listMessages(tx, call, id, query)),
    addReview: (call, id, body) => create(call, (tx, call) => people.addReview(tx, call, id, body)),
    listReviews: (call, id, query) => read(call, (tx, call) => people.listReviews(tx, call, id, query)),

    poll: (call, input) => each(call, (tx, call) => claims.poll(tx, call, input)),
    append: (call, id, body) => write(call, (tx, call) => holder.append(tx, call, id, body)),
    ask: (call, id, body) => write(call, (tx, call) => holder.ask(tx, call, id, body)),
    inputDelivered: (call, id, inputId, by) => write(call, (tx, call) => holder.inputDelivered(tx, call, id, inputId, by)),
    withdrawInput: (call, id, inputId, by) => write(call, (tx, call) => holder.withdrawInput(tx, call, id, inputId, by)),
    messageDelivered: (call, id, messageId, by) => write(call, (tx, call) => holder.messageDelivered(tx, call, id, messageId, by)),
    updateStanding: (call, id, body) => write(call, (tx, call) => holder.updateStanding(tx, call, id, body)),
    itemEffect: (call, id, body) => write(call, (tx, call) => itemEffects.itemEffect(tx, call, id, body)),
    complete: (call, id, body) => each(call, (tx, call) => holder.complete(tx, call, id, body)),
    fail: (call, id, body) => each(call, (tx, call) => holder.fail(tx, call, id, body)),
    release: (call, id, body) => write(call, (tx, call) => holder.release(tx, call, id, body)),
    park: (call, id, by) => write(call, (tx, call) => holder.park(tx, call, id, by)),
    cancelled: (call, id, body) => each(call, (tx, call) => holder.cancelled(tx, call, id, body)),

    reap: (call) => write(call, (tx, call) => reaper.reap(tx, call)),
    anyLive: (call) => read(call, async (tx) => (await tx.get('anyLive')) !== undefined),
    eventsAfter: async (call, after, limit) => {
      await engine.settleEvents();
      return read(call, (tx) => events.eventsAfter(tx, call.caller.workspaceId, after, limit));
    },
    lastEvent: async (call) => {
      await engine.settleEvents();
      return read(call, (tx) => events.lastEvent(tx, call.caller.workspaceId));
    },
    eventFloor: (call) => read(call, (tx) => events.eventFloor(tx, call.caller.workspaceId)),
    retain: (call, keep) => write(call, (tx, call) => retention.retain(tx, call, keep)),
    exportAll: (call) => read(call, (tx) => workspace.exportAll(tx)),
    close: () => engine.close(),
  };
}
