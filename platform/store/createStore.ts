/** The store over an engine: each operation in a transaction of its own. */
import type { Engine, Tx } from './engine.ts';
import * as claims from './operations/claims.ts';
import * as events from './operations/events.ts';
import * as handoffs from './operations/handoffs.ts';
import * as holder from './operations/holder.ts';
import * as items from './operations/items.ts';
import { once } from './operations/once.ts';
import * as people from './operations/people.ts';
import * as reaper from './operations/reaper.ts';
import * as sessions from './operations/sessions.ts';
import * as workers from './operations/workers.ts';
import * as workspace from './operations/workspace.ts';
import type { Call, Store } from './store.ts';

export function createStore(engine: Engine): Store {
  const { read, write } = engine;
  const create = <T>(call: Call, work: (tx: Tx) => Promise<T>): Promise<T> => write((tx) => once(tx, call, () => work(tx)));
  return {
    schema: engine.schema,
    ensureWorkspace: (now, names) => write((tx) => workspace.ensureWorkspace(tx, now, names)),

    listItems: (call, query) => read((tx) => items.listItems(tx, call, query)),
    getItem: (call, id) => read((tx) => items.findItem(tx, call, id)),
    getItemBundle: (call, id) => read((tx) => items.getItemBundle(tx, call, id)),
    createItem: (call, body) => create(call, (tx) => items.createItem(tx, call, body)),
    patchItem: (call, id, version, body) => write((tx) => items.patchItem(tx, call, id, version, body)),
    addComment: (call, id, body) => create(call, (tx) => items.addComment(tx, call, id, body)),
    addDocument: (call, id, body) => create(call, (tx) => items.addDocument(tx, call, id, body)),
    listHandoffs: (call, query) => read((tx) => handoffs.listHandoffs(tx, call, query)),
    createHandoff: (call, id, body) => create(call, (tx) => handoffs.createHandoff(tx, call, id, body)),
    closeHandoff: (call, id, body) => write((tx) => handoffs.closeHandoff(tx, call, id, body)),

    listAgents: (call) => read((tx) => workers.listAgents(tx, call)),
    ensureAgent: (call, body) => write((tx) => workers.ensureAgent(tx, call, body)),
    listWorkers: (call) => read((tx) => workers.listWorkers(tx, call)),
    ensureWorker: (call, body) => write((tx) => workers.ensureWorker(tx, call, body)),
    listRepositories: (call) => read((tx) => workers.listRepositories(tx, call)),
    ensureRepository: (call, body) => write((tx) => workers.ensureRepository(tx, call, body)),

    listSessions: (call, query) => read((tx) => sessions.listSessions(tx, call, query)),
    getSession: (call, id) => read(async (tx) => sessions.detailOf(tx, await sessions.findSession(tx, call, id))),
    createSession: (call, body) => create(call, (tx) => sessions.createSession(tx, call, body)),
    cancelSession: (call, id) => write((tx) => sessions.cancelSession(tx, call, id)),
    retrySession: (call, id) => write((tx) => sessions.retrySession(tx, call, id)),
    archiveSession: (call, id) => write((tx) => sessions.archiveSession(tx, call, id)),
    listActivities: (call, id, query) => read((tx) => sessions.listActivities(tx, call, id, query)),
    listLateActivities: (call, id) => read((tx) => sessions.listLateActivities(tx, call, id)),
    listInputs: (call, query) => read((tx) => people.listInputs(tx, call, query)),
    answerInput: (call, id, body) => write((tx) => people.answerInput(tx, call, id, body)),
    sendMessage: (call, id, body) => create(call, (tx) => people.sendMessage(tx, call, id, body)),
    listMessages: (call, id) => read((tx) => people.listMessages(tx, call, id)),
    addReview: (call, id, body) => create(call, (tx) => people.addReview(tx, call, id, body)),
    listReviews: (call, id) => read((tx) => people.listReviews(tx, call, id)),

    poll: (call, input) => write((tx) => claims.poll(tx, call, input)),
    append: (call, id, body) => write((tx) => holder.append(tx, call, id, body)),
    ask: (call, id, body) => write((tx) => holder.ask(tx, call, id, body)),
    inputDelivered: (call, id, inputId, by) => write((tx) => holder.inputDelivered(tx, call, id, inputId, by)),
    withdrawInput: (call, id, inputId, by) => write((tx) => holder.withdrawInput(tx, call, id, inputId, by)),
    messageDelivered: (call, id, messageId, by) => write((tx) => holder.messageDelivered(tx, call, id, messageId, by)),
    updateStanding: (call, id, body) => write((tx) => holder.updateStanding(tx, call, id, body)),
    complete: (call, id, body) => write((tx) => holder.complete(tx, call, id, body)),
    fail: (call, id, body) => write((tx) => holder.fail(tx, call, id, body)),
    release: (call, id, body) => write((tx) => holder.release(tx, call, id, body)),
    park: (call, id, by) => write((tx) => holder.park(tx, call, id, by)),
    cancelled: (call, id, body) => write((tx) => holder.cancelled(tx, call, id, body)),

    reap: (call) => write((tx) => reaper.reap(tx, call)),
    anyLive: () => read(async (tx) => (await tx.get('anyLive')) !== undefined),
    eventsAfter: (call, after, limit) => read((tx) => events.eventsAfter(tx, call.caller.workspaceId, after, limit)),
    lastEvent: (call) => read((tx) => events.lastEvent(tx, call.caller.workspaceId)),
    exportAll: () => read((tx) => workspace.exportAll(tx)),
    close: () => engine.close(),
  };
}
