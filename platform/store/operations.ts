/** Every operation of the store. Routes call these and nothing else; the tests go through them by this list. */
import type { Permission } from '../../protocol/permissions.ts';
import * as claims from './areas/claims/poll.ts';
import * as events from './areas/events/events.ts';
import * as handoffs from './areas/handoffs/handoffs.ts';
import * as itemEffects from './areas/holders/itemEffects.ts';
import * as holder from './areas/holders/writes.ts';
import * as findItem from './areas/items/findItem.ts';
import * as items from './areas/items/items.ts';
import * as newSessions from './areas/newSessions/newSessions.ts';
import * as people from './areas/people/people.ts';
import * as reaper from './areas/reaper/reap.ts';
import * as retention from './areas/retention/retain.ts';
import * as reviews from './areas/reviews/reviews.ts';
import * as sessionRows from './areas/sessions/sessionRows.ts';
import * as sessions from './areas/sessions/sessions.ts';
import * as workers from './areas/workers/workers.ts';
import * as workspace from './areas/workspace/workspace.ts';
import { background, create, repeatable, holderOnly, read, readSettled, write } from './base/operation.ts';

export const operations = {
  listItems: read('item.read', items.listItems),
  /** By its id or its key, here and below. */
  getItem: read('item.read', findItem.findItem),
  getItemBundle: read('item.read', items.getItemBundle),
  createItem: create('item.write', items.createItem),
  patchItem: write('item.write', items.patchItem),
  addComment: create('item.comment', items.addComment),
  listComments: read('item.read', items.listComments),
  addDocument: create('item.write', items.addDocument),
  listHandoffs: read('item.read', handoffs.listHandoffs),
  createHandoff: create('handoff.write', handoffs.createHandoff),
  takeHandoff: write('handoff.write', handoffs.takeHandoff),
  closeHandoff: write('handoff.write', handoffs.closeHandoff),

  listAgents: read('agent.read', workers.listAgents),
  ensureAgent: write('agent.write', workers.ensureAgent),
  listWorkers: read('worker.read', workers.listWorkers),
  ensureWorker: write('worker.register', workers.ensureWorker),
  listRepositories: read('repository.read', workers.listRepositories),
  ensureRepository: write('repository.write', workers.ensureRepository),

  listSessions: read('session.read', sessions.listSessions),
  getSession: read('session.read', sessionRows.findSession),
  getSessionPrompt: read('session.read', sessions.getSessionPrompt),
  createSession: create('session.create', newSessions.createSession),
  cancelSession: write('session.steer', sessions.cancelSession),
  retrySession: write('session.steer', sessions.retrySession),
  archiveSession: write('session.steer', sessions.archiveSession),
  listActivities: read('session.read', sessions.listActivities),
  listLateActivities: read('session.read', sessions.listLateActivities),
  listInputs: read('session.read', people.listInputs),
  answerInput: write('session.answer', people.answerInput),
  sendMessage: create('session.answer', people.sendMessage),
  listMessages: read('session.read', people.listMessages),
  addReview: create('session.review', reviews.addReview),
  listReviews: read('session.read', reviews.listReviews),

  /** Renews, re-claims and claims. The same request id gives the same claims. */
  poll: repeatable('worker.poll', claims.poll),
  append: holderOnly('write', holder.append),
  ask: holderOnly('write', holder.ask),
  inputDelivered: holderOnly('write', holder.inputDelivered),
  withdrawInput: holderOnly('write', holder.withdrawInput),
  messageDelivered: holderOnly('write', holder.messageDelivered),
  updateStanding: holderOnly('write', holder.updateStanding),
  itemEffect: holderOnly('write', itemEffects.itemEffect),
  complete: holderOnly('each', holder.complete),
  fail: holderOnly('each', holder.fail),
  release: holderOnly('write', holder.release),
  park: holderOnly('write', holder.park),
  cancelled: holderOnly('each', holder.cancelled),

  /** At most `limit` events after number `after`, in order. */
  eventsAfter: readSettled('events.read', events.eventsAfter),
  lastEvent: readSettled('events.read', events.lastEvent),
  /** Events up to this number are not kept any more. */
  eventFloor: read('events.read', events.eventFloor),
  exportAll: read('platform.export', workspace.exportAll),

  /** One tick of the reaper. */
  reap: background('write', reaper.reap),
  /** True while any claim lives. */
  anyLive: background('read', reaper.anyLive),
  /** One small step of what time takes away. */
  retain: background('write', retention.retain),
} satisfies Record<string, { readonly needs: Permission | null }>;
export type OperationName = keyof typeof operations;
