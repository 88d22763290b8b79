/** Every route, once: what the service serves, the client calls and OpenAPI describes. */
import * as z from 'zod';
import { Activity, LateActivity } from './activities.ts';
import * as x from './exchange.ts';
import * as r from './records.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** `claim`: the claim token is needed. `create`: honours Idempotency-Key. `stream`: replies with SSE. */
  readonly traits?: readonly ('claim' | 'create' | 'stream' | 'ifMatch')[];
}

const cursorPage = <T extends z.ZodType>(entry: T) => z.object({ entries: z.array(entry), next: z.string().nullable(), total: z.int() });
/** Query strings carry text: numbers are coerced, lists come comma-separated. */
const number = z.coerce.number().int();
const list = <T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)));
const paging = { cursor: z.string().max(200).optional(), limit: number.min(1).max(r.limits.pageSize).optional() };

const title = z.string().min(1).max(r.limits.titleChars);
const itemFields = {
  title,
  description: z.string().max(r.limits.descriptionChars),
  status: r.ItemStatus,
  priority: r.Priority,
  assigneeIds: z.array(r.Id).max(50),
  parentId: r.Id.nullable(),
  labels: z.array(r.Label).max(r.limits.labels),
  repositoryId: r.Id.nullable(),
  links: z.array(r.ItemLink).max(100),
};
export const CreateItem = z
  .strictObject({ kind: r.ItemKind, ...itemFields, source: r.ItemSource.nullable() })
  .partial()
  .required({ kind: true, title: true });
export const PatchItem = z.strictObject(itemFields).partial();
export const CreateSession = z.strictObject({
  itemId: r.Id.nullable(),
  title: title.optional(),
  agentId: r.Id,
  mode: r.SessionMode,
  repositoryId: r.Id.nullable(),
  baseCommit: r.Commit.nullable().optional(),
  context: z.array(r.PromptSection).max(50),
  parentSessionId: r.Id.nullable().optional(),
  notBefore: r.Time.nullable().optional(),
  maxAttempts: z.int().min(1).max(20).optional(),
  /** Only this worker may claim it: the in-editor task, and runs started from a terminal. */
  workerId: r.Id.nullable().optional(),
});
export const AnswerInput = z.strictObject({
  optionId: z.string().max(80).nullable(),
  text: z.string().max(r.limits.messageChars).nullable(),
  actionHash: z.string().max(128),
});

export const About = z.object({
  name: z.literal('belay'),
  version: z.string(),
  protocol: z.int(),
  schema: z.int(),
  mode: z.enum(['embedded', 'team']),
  machine: z.string(),
  pid: z.int(),
  startedAt: r.Time,
  workspaceId: r.Id,
  memberId: r.Id,
  memberName: z.string(),
  leaseProfile: z.enum(['standard', 'fast']),
});
export type About = z.infer<typeof About>;

const holderWrite = <P extends string, B extends z.ZodType>(path: P, summary: string, body: B) =>
  ({ method: 'POST', path, summary, body, reply: x.HolderReply, traits: ['claim'] }) as const satisfies Route;

export const routes = {
  about: { method: 'GET', path: '/v1/about', summary: 'Who answers, and for whom', reply: About },
  openapi: { method: 'GET', path: '/v1/openapi.json', summary: 'This description', reply: z.record(z.string(), z.unknown()) },
  quit: {
    method: 'POST',
    path: '/v1/quit',
    summary: 'Ask an embedded platform to end for a newer version',
    body: z.strictObject({ version: z.string() }),
    reply: z.object({ quitting: z.boolean() }),
  },
  exportAll: { method: 'GET', path: '/v1/export', summary: 'Everything in an embedded database', reply: z.record(z.string(), z.unknown()) },

  listItems: {
    method: 'GET',
    path: '/v1/items',
    summary: 'Items, newest change first',
    query: z.strictObject({
      ...paging,
      assignee: r.Id.optional(),
      kind: list(r.itemKinds).optional(),
      status: list(r.itemStatuses).optional(),
      parent: r.Id.optional(),
      q: z.string().max(500).optional(),
      /** Descriptions come back empty: for lists of thousands. */
      brief: z.enum(['yes', 'no']).optional(),
    }),
    reply: cursorPage(r.WorkItem),
  },
  createItem: { method: 'POST', path: '/v1/items', summary: 'Create an item', body: CreateItem, reply: r.WorkItem, traits: ['create'] },
  /** `id` is the item's id or its key. */
  getItem: { method: 'GET', path: '/v1/items/:id', summary: 'One item', reply: r.WorkItem },
  getItemBundle: {
    method: 'GET',
    path: '/v1/items/:id/bundle',
    summary: 'An item with what a prompt or a page needs of it',
    reply: x.ItemBundle,
  },
  patchItem: {
    method: 'PATCH',
    path: '/v1/items/:id',
    summary: 'Change an item; If-Match carries the version',
    body: PatchItem,
    reply: r.WorkItem,
    traits: ['ifMatch'],
  },
  addComment: {
    method: 'POST',
    path: '/v1/items/:id/comments',
    summary: 'Comment on an item',
    body: z.strictObject({
      body: z.string().min(1).max(r.limits.commentChars),
      origin: z.enum(['person', 'agent', 'recap']).default('person'),
      sessionId: r.Id.nullable().default(null),
    }),
    reply: r.Comment,
    traits: ['create'],
  },
  addDocument: {
    method: 'POST',
    path: '/v1/items/:id/documents',
    summary: 'Attach a document',
    body: z.strictObject({ title, body: z.string().max(r.limits.documentChars) }),
    reply: r.Document,
    traits: ['create'],
  },

  listHandoffs: {
    method: 'GET',
    path: '/v1/handoffs',
    summary: 'Hand-offs to tools that report nothing',
    query: z.strictObject({ item: r.Id.optional(), state: list(['open', 'recorded', 'closed']).optional() }),
    reply: z.object({ entries: z.array(r.Handoff) }),
  },
  createHandoff: {
    method: 'POST',
    path: '/v1/items/:id/handoffs',
    summary: 'Record a hand-off',
    body: z.strictObject({
      target: z.string().min(1).max(60),
      targetName: z.string().min(1).max(100),
      mode: r.SessionMode,
      detail: z.string().max(2000),
      repositoryId: r.Id.nullable(),
      baseCommit: r.Commit.nullable(),
    }),
    reply: r.Handoff,
    traits: ['create'],
  },
  closeHandoff: {
    method: 'POST',
    path: '/v1/handoffs/:id/close',
    summary: 'Record what came of a hand-off, or close it',
    body: z.strictObject({ result: r.SessionResult.nullable() }),
    reply: r.Handoff,
  },

  listAgents: { method: 'GET', path: '/v1/agents', summary: 'Agents', reply: z.object({ entries: z.array(r.Agent) }) },
  ensureAgent: {
    method: 'POST',
    path: '/v1/agents',
    summary: 'Find or create an agent by its slug',
    body: z.strictObject({
      slug: z
        .string()
        .min(1)
        .max(60)
        .regex(/^[a-z0-9-]+$/),
      name: z.string().min(1).max(100),
      execution: r.Execution,
      driver: z.string().min(1).max(60),
      instructions: z.string().max(100_000).default(''),
    }),
    reply: r.Agent,
  },
  listWorkers: {
    method: 'GET',
    path: '/v1/workers',
    summary: 'Workers with their instances',
    reply: z.object({ entries: z.array(r.Worker.extend({ instances: z.array(r.Instance), running: z.int() })) }),
  },
  ensureWorker: {
    method: 'POST',
    path: '/v1/workers',
    summary: 'Find or create the worker of this owner and machine, and register one running instance of it',
    body: z.strictObject({
      machine: z.string().min(1).max(200),
      execution: r.Execution,
      agentIds: z.array(r.Id).min(1).max(50),
      capacity: z.int().min(0).max(100),
      instanceId: r.Id,
      program: z.string().max(60),
      version: z.string().max(40),
    }),
    reply: r.Worker,
  },
  ensureRepository: {
    method: 'POST',
    path: '/v1/repositories',
    summary: 'Find or create a repository by remote, root commit and subdirectory',
    body: z.strictObject({
      name: z.string().min(1).max(200),
      remote: z.string().max(2000).nullable(),
      rootCommit: r.Commit.nullable(),
      subdirectory: z.string().max(1000).default(''),
      defaultBranch: z.string().max(300),
    }),
    reply: r.Repository,
  },
  listRepositories: {
    method: 'GET',
    path: '/v1/repositories',
    summary: 'Repositories',
    reply: z.object({ entries: z.array(r.Repository) }),
  },

  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    summary: 'Sessions, newest first',
    query: z.strictObject({
      ...paging,
      item: r.Id.optional(),
      state: list(['pending', 'queued', 'active', 'awaiting_input', 'stale', 'complete', 'error', 'cancelled']).optional(),
      line: r.Id.optional(),
      archived: z.enum(['yes', 'no']).optional(),
    }),
    reply: cursorPage(r.Session),
  },
  createSession: {
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Queue a session. Nothing runs by this alone',
    body: CreateSession,
    reply: r.Session,
    traits: ['create'],
  },
  getSession: { method: 'GET', path: '/v1/sessions/:id', summary: 'One session with its snapshots', reply: r.SessionDetail },
  cancelSession: {
    method: 'POST',
    path: '/v1/sessions/:id/cancel',
    summary: 'Cancel, or ask the holder to',
    body: z.strictObject({}),
    reply: r.Session,
  },
  retrySession: {
    method: 'POST',
    path: '/v1/sessions/:id/retry',
    summary: 'Queue a stale session again',
    body: z.strictObject({}),
    reply: r.Session,
  },
  archiveSession: {
    method: 'POST',
    path: '/v1/sessions/:id/archive',
    summary: 'Take a finished session out of the lists',
    body: z.strictObject({}),
    reply: r.Session,
  },
  listActivities: {
    method: 'GET',
    path: '/v1/sessions/:id/activities',
    summary: 'Activities in order',
    query: z.strictObject({ after: number.min(0).optional(), limit: number.min(1).max(1000).optional() }),
    reply: z.object({ entries: z.array(Activity), lastSeq: z.int() }),
  },
  listLateActivities: {
    method: 'GET',
    path: '/v1/sessions/:id/late-activities',
    summary: 'What was reported after the claim was lost',
    reply: z.object({ entries: z.array(LateActivity) }),
  },
  listInputs: {
    method: 'GET',
    path: '/v1/inputs',
    summary: 'Questions and approvals',
    query: z.strictObject({ session: r.Id.optional(), state: list(['open', 'answered', 'expired', 'withdrawn']).optional() }),
    reply: z.object({ entries: z.array(r.Input) }),
  },
  answerInput: {
    method: 'POST',
    path: '/v1/inputs/:id/answer',
    summary: 'Answer a question; only the owner may',
    body: AnswerInput,
    reply: r.Input,
  },
  sendMessage: {
    method: 'POST',
    path: '/v1/sessions/:id/messages',
    summary: 'Say something to a running session',
    body: z.strictObject({ kind: z.enum(['follow_up', 'steer']), body: z.string().min(1).max(r.limits.messageChars) }),
    reply: r.Message,
    traits: ['create'],
  },
  listMessages: {
    method: 'GET',
    path: '/v1/sessions/:id/messages',
    summary: 'Messages to a session',
    reply: z.object({ entries: z.array(r.Message) }),
  },
  addReview: {
    method: 'POST',
    path: '/v1/sessions/:id/reviews',
    summary: 'Record a review decision',
    body: z.strictObject({
      decision: r.ReviewDecision,
      commit: r.Commit.nullable(),
      note: z.string().max(r.limits.commentChars),
    }),
    reply: r.Review,
    traits: ['create'],
  },
  listReviews: {
    method: 'GET',
    path: '/v1/sessions/:id/reviews',
    summary: 'Reviews of a session',
    reply: z.object({ entries: z.array(r.Review) }),
  },

  poll: {
    method: 'POST',
    path: '/v1/worker/poll',
    summary: 'Renew, say what is free, get what there is to do',
    body: x.PollRequest,
    reply: x.PollReply,
  },
  appendActivities: {
    method: 'POST',
    path: '/v1/sessions/:id/activities',
    summary: 'Report',
    body: x.AppendRequest,
    reply: x.AppendReply,
    traits: ['claim'],
  },
  ask: { method: 'POST', path: '/v1/sessions/:id/inputs', summary: 'Ask a person', body: x.AskRequest, reply: r.Input, traits: ['claim'] },
  inputDelivered: holderWrite('/v1/sessions/:id/inputs/:inputId/delivered', 'The answer reached the agent', x.DeliveredRequest),
  withdrawInput: holderWrite('/v1/sessions/:id/inputs/:inputId/withdraw', 'The question no longer stands', x.DeliveredRequest),
  messageDelivered: holderWrite('/v1/sessions/:id/messages/:messageId/delivered', 'The message reached the agent', x.DeliveredRequest),
  updateStanding: holderWrite('/v1/sessions/:id/standing', 'Plan, usage and sandbox step as they are now', x.StandingRequest),
  complete: holderWrite('/v1/sessions/:id/complete', 'Finish with a result', x.CompleteRequest),
  fail: holderWrite('/v1/sessions/:id/fail', 'Finish with an error', x.FailRequest),
  release: holderWrite('/v1/sessions/:id/release', 'Give the session back; not counted as an attempt', x.ReleaseRequest),
  park: holderWrite('/v1/sessions/:id/park', 'Wait for an answer without holding the claim', x.ParkRequest),
  cancelled: holderWrite('/v1/sessions/:id/cancelled', 'Acknowledge a cancellation with what there is', x.CancelledRequest),

  workspaceEvents: {
    method: 'GET',
    path: '/v1/events',
    summary: 'What changes in the workspace (SSE, Last-Event-ID)',
    reply: z.unknown(),
    traits: ['stream'],
  },
  sessionEvents: {
    method: 'GET',
    path: '/v1/sessions/:id/events',
    summary: 'Activities of a session as they come (SSE, Last-Event-ID)',
    reply: z.unknown(),
    traits: ['stream'],
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
/** The newest protocol this program speaks; it understands the one before it too. */
export const protocolVersion = 1;
