/**
 * The store: whole operations, each one transaction. `Call` says when and who; no operation reads a
 * clock. Refusals are BelayErrors: `not_found`, `forbidden`, `invalid_transition`, `claim_lost`,
 * `session_final`, `version_conflict`, `idempotency_mismatch`, `storage_full`, `storage_read_only`.
 */
import type * as z from 'zod';
import type { Activity, LateActivity } from '../../../protocol/activities.ts';
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import type * as x from '../../../protocol/exchange.ts';
import type * as r from '../../../protocol/records.ts';
import type { routes } from '../../../protocol/routes.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Retention } from '../../domain/retention.ts';
import type { Row } from './engine.ts';

export interface Call {
  /** Milliseconds; the only time an operation knows. */
  readonly now: number;
  readonly caller: Caller;
  /** Makes a create repeatable: the same key with the same hash gives the first reply. */
  readonly once?: { readonly key: string; readonly hash: string } | undefined;
}

type Named = typeof routes;
type BodyOf<N extends keyof Named> = Named[N] extends { body: infer B extends z.ZodType } ? z.output<B> : never;
type QueryOf<N extends keyof Named> = Named[N] extends { query: infer Q extends z.ZodType } ? z.output<Q> : never;

export interface Bodies {
  readonly createItem: BodyOf<'createItem'>;
  readonly patchItem: BodyOf<'patchItem'>;
  readonly addComment: BodyOf<'addComment'>;
  readonly addDocument: BodyOf<'addDocument'>;
  readonly createHandoff: BodyOf<'createHandoff'>;
  readonly closeHandoff: BodyOf<'closeHandoff'>;
  readonly ensureAgent: BodyOf<'ensureAgent'>;
  readonly ensureWorker: BodyOf<'ensureWorker'>;
  readonly ensureRepository: BodyOf<'ensureRepository'>;
  readonly createSession: BodyOf<'createSession'>;
  readonly answerInput: BodyOf<'answerInput'>;
  readonly sendMessage: BodyOf<'sendMessage'>;
  readonly addReview: BodyOf<'addReview'>;
  readonly append: z.output<typeof x.AppendRequest>;
  readonly ask: z.output<typeof x.AskRequest>;
  readonly standing: z.output<typeof x.StandingRequest>;
  readonly itemEffect: z.output<typeof x.ItemEffectRequest>;
  readonly complete: z.output<typeof x.CompleteRequest>;
  readonly fail: z.output<typeof x.FailRequest>;
  readonly release: z.output<typeof x.ReleaseRequest>;
  readonly cancelled: z.output<typeof x.CancelledRequest>;
}
export interface Queries {
  readonly listItems: QueryOf<'listItems'>;
  readonly listHandoffs: QueryOf<'listHandoffs'>;
  /** Of lists without a filter. */
  readonly paging: QueryOf<'listAgents'>;
  readonly listSessions: QueryOf<'listSessions'>;
  readonly listInputs: QueryOf<'listInputs'>;
  readonly listActivities: QueryOf<'listActivities'>;
}

/** A part of a list; `next` is the cursor of the following part, null after the last. */
export interface Slice<T> {
  readonly entries: T[];
  readonly next: string | null;
}
export interface Page<T> extends Slice<T> {
  readonly total: number;
}

/** A poll, after the service has decided how long to hold it. */
export interface PollInput extends Omit<z.output<typeof x.PollRequest>, 'waitMs' | 'renewals'> {
  readonly renewals: readonly { readonly sessionId: string; readonly fence: number }[];
  /** Held sessions to look at for cancels, answers and messages without renewing them again. */
  readonly watch: readonly { readonly sessionId: string; readonly fence: number }[];
}
/** A grant without its claim token: the store has no key. */
export type StoredGrant = Omit<x.ClaimGrant, 'claimToken' | 'leaseMs' | 'serverNow' | 'policy'>;
export type PollOutcome = Omit<x.PollReply, 'claims' | 'serverNow' | 'leaseMs' | 'renewMs' | 'nextMs'> & { readonly claims: StoredGrant[] };

export interface ReapSummary {
  readonly extended: number;
  readonly lost: number;
  readonly requeued: number;
  readonly ended: number;
  readonly readied: number;
  readonly expiredInputs: number;
}

/** How much a step did; all zeros: nothing more is due. */
export interface RetentionSummary {
  readonly events: number;
  readonly folded: number;
  readonly forgotten: number;
}

export interface Store {
  readonly schema: number;
  /** Finds the workspace and its owner, or makes them on first use. */
  ensureWorkspace(now: number, names: { readonly workspace: string; readonly member: string }): Promise<Caller>;

  listItems(call: Call, query: Queries['listItems']): Promise<Page<r.WorkItem>>;
  /** `id` is the item's id or its key, here and below. */
  getItem(call: Call, id: string): Promise<r.WorkItem>;
  getItemBundle(call: Call, id: string): Promise<x.ItemBundle>;
  createItem(call: Call, body: Bodies['createItem']): Promise<r.WorkItem>;
  patchItem(call: Call, id: string, version: number, body: Bodies['patchItem']): Promise<r.WorkItem>;
  addComment(call: Call, itemId: string, body: Bodies['addComment']): Promise<r.Comment>;
  listComments(call: Call, itemId: string, query: Queries['paging']): Promise<Slice<r.Comment>>;
  addDocument(call: Call, itemId: string, body: Bodies['addDocument']): Promise<r.Document>;
  listHandoffs(call: Call, query: Queries['listHandoffs']): Promise<Slice<r.Handoff>>;
  createHandoff(call: Call, itemId: string, body: Bodies['createHandoff']): Promise<r.Handoff>;
  closeHandoff(call: Call, id: string, body: Bodies['closeHandoff']): Promise<r.Handoff>;

  listAgents(call: Call, query: Queries['paging']): Promise<Slice<r.Agent>>;
  ensureAgent(call: Call, body: Bodies['ensureAgent']): Promise<r.Agent>;
  listWorkers(call: Call, query: Queries['paging']): Promise<Slice<r.Worker & { instances: r.Instance[]; running: number }>>;
  ensureWorker(call: Call, body: Bodies['ensureWorker']): Promise<r.Worker>;
  listRepositories(call: Call, query: Queries['paging']): Promise<Slice<r.Repository>>;
  ensureRepository(call: Call, body: Bodies['ensureRepository']): Promise<r.Repository>;

  listSessions(call: Call, query: Queries['listSessions']): Promise<Page<r.Session>>;
  getSession(call: Call, id: string): Promise<r.SessionDetail>;
  createSession(call: Call, body: Bodies['createSession']): Promise<r.Session>;
  cancelSession(call: Call, id: string): Promise<r.Session>;
  retrySession(call: Call, id: string): Promise<r.Session>;
  archiveSession(call: Call, id: string): Promise<r.Session>;
  listActivities(call: Call, id: string, query: Queries['listActivities']): Promise<{ entries: Activity[]; lastSeq: number }>;
  listLateActivities(call: Call, id: string, query: Queries['paging']): Promise<Slice<LateActivity>>;
  listInputs(call: Call, query: Queries['listInputs']): Promise<Slice<r.Input>>;
  answerInput(call: Call, id: string, body: Bodies['answerInput']): Promise<r.Input>;
  sendMessage(call: Call, sessionId: string, body: Bodies['sendMessage']): Promise<r.Message>;
  listMessages(call: Call, sessionId: string, query: Queries['paging']): Promise<Slice<r.Message>>;
  addReview(call: Call, sessionId: string, body: Bodies['addReview']): Promise<r.Review>;
  listReviews(call: Call, sessionId: string, query: Queries['paging']): Promise<Slice<r.Review>>;

  /** Renews, re-claims and claims. The same request id gives the same claims. */
  poll(call: Call, input: PollInput): Promise<PollOutcome>;
  append(call: Call, sessionId: string, body: Bodies['append']): Promise<{ lastSeq: number; stored: number; late: number }>;
  ask(call: Call, sessionId: string, body: Bodies['ask']): Promise<r.Input>;
  inputDelivered(call: Call, sessionId: string, inputId: string, holder: x.Holder): Promise<r.Session>;
  withdrawInput(call: Call, sessionId: string, inputId: string, holder: x.Holder): Promise<r.Session>;
  messageDelivered(call: Call, sessionId: string, messageId: string, holder: x.Holder): Promise<r.Session>;
  updateStanding(call: Call, sessionId: string, body: Bodies['standing']): Promise<r.Session>;
  itemEffect(call: Call, sessionId: string, body: Bodies['itemEffect']): Promise<z.output<typeof x.ItemEffectReply>>;
  complete(call: Call, sessionId: string, body: Bodies['complete']): Promise<r.Session>;
  fail(call: Call, sessionId: string, body: Bodies['fail']): Promise<r.Session>;
  release(call: Call, sessionId: string, body: Bodies['release']): Promise<r.Session>;
  park(call: Call, sessionId: string, holder: x.Holder): Promise<r.Session>;
  cancelled(call: Call, sessionId: string, body: Bodies['cancelled']): Promise<r.Session>;

  /** One tick of the reaper over the caller's workspace. */
  reap(call: Call): Promise<ReapSummary>;
  /** True while any claim lives. */
  anyLive(call: Call): Promise<boolean>;
  /** At most `limit` events after number `after`, in order. */
  eventsAfter(call: Call, after: number, limit: number): Promise<WorkspaceEvent[]>;
  lastEvent(call: Call): Promise<number>;
  /** Events up to this number are not kept any more. */
  eventFloor(call: Call): Promise<number>;
  /** One small step of what time takes away from the caller's workspace. */
  retain(call: Call, keep: Retention): Promise<RetentionSummary>;
  exportAll(call: Call): Promise<Record<string, Row[]>>;
  close(): Promise<void>;
}
