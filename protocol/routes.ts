/** Every route, once: what the service serves, the client calls and OpenAPI describes. */
import * as z from 'zod';
import { Activity, LateActivity } from './activities.ts';
import * as x from './exchange.ts';
import * as r from './records.ts';
import { KiB, MiB, type Route } from './route.ts';

export type { Route } from './route.ts';

/** A page of a list that can grow: `next` is the cursor of the following one, null after the last. */
const page = <T extends z.ZodType>(entry: T) => z.object({ entries: z.array(entry), next: z.string().nullable().default(null) });
const countedPage = <T extends z.ZodType>(entry: T) => page(entry).extend({ total: z.int() });
/** A whole number in a query string, as its digits. `parameter` is how OpenAPI describes it. */
const number = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, `A whole number from ${min} to ${max}.`)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .optional()
    .meta({ parameter: { schema: { type: 'integer', minimum: min, maximum: max } } });
/** Some of `values`, separated by commas. */
const list = <T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)))
    .optional()
    .meta({
      parameter: { style: 'form', explode: false, schema: { type: 'array', items: { type: 'string', enum: values }, minItems: 1 } },
    });
const paging = { cursor: z.string().max(3000).optional(), limit: number(1, r.limits.pageSize) };

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
/** What a session's prompt is made of. */
export const PromptWish = z.discriminatedUnion('kind', [
  z.strictObject({
    /** Of the item as it is now. */
    kind: z.literal('item'),
    note: z.string().max(r.limits.messageChars).default(''),
    /** Sections that the person left out. */
    left: z.array(z.string().max(60)).max(50).default([]),
  }),
  /** As a person wrote it, in place of everything else that is not trusted. */
  z.strictObject({ kind: z.literal('written'), text: z.string().min(1).max(r.limits.sectionChars) }),
  z.strictObject({ kind: z.literal('sections'), sections: z.array(r.PromptSection).max(50) }),
]);
export type PromptWish = z.input<typeof PromptWish>;
export const CreateSession = z.strictObject({
  itemId: r.Id.nullable(),
  title: title.optional(),
  agentId: r.Id,
  mode: r.SessionMode,
  repositoryId: r.Id.nullable(),
  baseCommit: r.Commit.nullable().optional(),
  prompt: PromptWish,
  /** The part of the repository that is meant, from its top; empty for all of it. */
  folder: z.string().max(1000).default(''),
  parentSessionId: r.Id.nullable().optional(),
  /** At most the last moment a date can name. */
  notBefore: r.Time.max(8_640_000_000_000_000).nullable().optional(),
  maxAttempts: z.int().min(1).max(20).optional(),
  /** Only this worker may claim it: the in-editor task, and runs started from a terminal. */
  workerId: r.Id.nullable().optional(),
});
/** The words that stay on the item with a result. */
const recap = z.string().min(1).max(r.limits.commentChars);
/** `sent_back` queues a follow-up in the same working folder. A session that still runs gets one too, and is not reviewed by that. */
export const ReviewWish = z
  .strictObject({
    decision: r.ReviewDecision,
    recap: recap.nullable().default(null),
    /** What the follow-up should do. */
    note: z.string().max(r.limits.commentChars).default(''),
  })
  .refine((body) => (body.decision === 'accepted') === (body.recap !== null), {
    path: ['recap'],
    error: 'A result is accepted with a recap, and nothing else is.',
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

const holderWrite = <P extends string, B extends z.ZodType>(path: P, summary: string, body: B, bodyBytes: number = 16 * KiB) =>
  ({ method: 'POST', path, summary, body, bodyBytes, needs: 'session.hold', reply: x.HolderReply }) as const satisfies Route;

export const routes = {
  healthz: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process is alive',
    needs: 'public',
    reply: z.object({ status: z.literal('ok') }),
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether requests can be served: the database answers, its tables are current, and the platform is not ending',
    needs: 'public',
    reply: z.object({ status: z.literal('ok') }),
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Figures in the text format of Prometheus',
    needs: 'platform.read',
    reply: z.string(),
    traits: ['text'],
  },
  about: { method: 'GET', path: '/v1/about', summary: 'Who answers, and for whom', needs: 'platform.read', reply: About },
  openapi: {
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This description',
    needs: 'platform.read',
    reply: z.record(z.string(), z.unknown()),
    traits: ['versioned'],
  },
  quit: {
    method: 'POST',
    path: '/v1/quit',
    summary: 'Ask an embedded platform to end for a newer version',
    needs: 'platform.end',
    body: z.strictObject({ version: z.string().regex(/^\d{1,6}(?:\.\d{1,6}){0,2}(?:[-+][\w.-]{1,40})?$/, 'A version number.') }),
    reply: z.object({ quitting: z.boolean() }),
  },
  exportAll: {
    method: 'GET',
    path: '/v1/export',
    summary: 'Everything in an embedded database',
    needs: 'platform.export',
    reply: z.record(z.string(), z.unknown()),
  },

  listItems: {
    method: 'GET',
    path: '/v1/items',
    summary: 'Items, newest change first',
    needs: 'item.read',
    query: z.strictObject({
      ...paging,
      assignee: r.Id.optional(),
      kind: list(r.itemKinds),
      status: list(r.itemStatuses),
      parent: r.Id.optional(),
      q: z.string().max(500).optional(),
      /** Descriptions come back empty: for lists of thousands. */
      brief: z.enum(['yes', 'no']).optional(),
    }),
    reply: countedPage(r.WorkItem),
  },
  createItem: {
    method: 'POST',
    path: '/v1/items',
    summary: 'Create an item',
    needs: 'item.write',
    body: CreateItem,
    bodyBytes: 8 * MiB,
    reply: r.WorkItem,
    traits: ['create', 'versioned'],
    problems: ['not_found'],
  },
  /** `id` is the item's id or its key. */
  getItem: { method: 'GET', path: '/v1/items/:id', summary: 'One item', needs: 'item.read', reply: r.WorkItem, traits: ['versioned'] },
  getItemBundle: {
    method: 'GET',
    path: '/v1/items/:id/bundle',
    summary: 'An item with what a prompt or a page needs of it: its newest comments, its first children, its documents',
    needs: 'item.read',
    reply: x.ItemBundle,
  },
  patchItem: {
    method: 'PATCH',
    path: '/v1/items/:id',
    summary: 'Change an item; If-Match carries the version',
    needs: 'item.write',
    body: PatchItem,
    bodyBytes: 8 * MiB,
    reply: r.WorkItem,
    traits: ['ifMatch', 'versioned'],
  },
  addComment: {
    method: 'POST',
    path: '/v1/items/:id/comments',
    summary: 'Comment on an item',
    needs: 'item.comment',
    body: z.strictObject({ body: z.string().min(1).max(r.limits.commentChars) }),
    bodyBytes: MiB,
    reply: r.Comment,
    traits: ['create'],
  },
  listComments: {
    method: 'GET',
    path: '/v1/items/:id/comments',
    summary: 'Comments on an item, oldest first',
    needs: 'item.read',
    query: z.strictObject(paging),
    reply: page(r.Comment),
  },
  addDocument: {
    method: 'POST',
    path: '/v1/items/:id/documents',
    summary: 'Attach a document',
    needs: 'item.write',
    body: z.strictObject({ title, body: z.string().max(r.limits.documentChars) }),
    bodyBytes: 8 * MiB,
    reply: r.Document,
    traits: ['create'],
    problems: ['conflict'],
  },

  listHandoffs: {
    method: 'GET',
    path: '/v1/handoffs',
    summary: 'Hand-offs to tools that report nothing',
    needs: 'item.read',
    query: z.strictObject({ ...paging, item: r.Id.optional(), state: list(['open', 'recorded', 'closed']) }),
    reply: page(r.Handoff),
  },
  createHandoff: {
    method: 'POST',
    path: '/v1/items/:id/handoffs',
    summary: 'Record a hand-off',
    needs: 'handoff.write',
    body: z.strictObject({
      target: z.string().min(1).max(60),
      targetName: z.string().min(1).max(100),
      mode: r.SessionMode,
      detail: z.string().max(2000),
      repositoryId: r.Id.nullable(),
      baseCommit: r.Commit.nullable(),
      /** The tool has it: a waiting item is in progress from now on. */
      taken: z.boolean().default(false),
    }),
    reply: r.Handoff,
    traits: ['create'],
  },
  takeHandoff: {
    method: 'POST',
    path: '/v1/handoffs/:id/taken',
    summary: 'Say that the tool has it: a waiting item is in progress from now on',
    needs: 'handoff.write',
    body: z.strictObject({}),
    reply: r.Handoff,
    problems: ['invalid_transition'],
  },
  closeHandoff: {
    method: 'POST',
    path: '/v1/handoffs/:id/close',
    summary: 'Record what came of a hand-off with a recap on its item, or close it',
    needs: 'handoff.write',
    body: z
      .strictObject({ result: r.SessionResult.nullable(), recap: recap.nullable().default(null) })
      .refine((body) => (body.result === null) === (body.recap === null), { path: ['recap'], error: 'A result comes with a recap.' }),
    bodyBytes: 4 * MiB,
    reply: r.Handoff,
    problems: ['invalid_transition'],
  },

  listAgents: {
    method: 'GET',
    path: '/v1/agents',
    summary: 'Agents',
    needs: 'agent.read',
    query: z.strictObject(paging),
    reply: page(r.Agent),
  },
  ensureAgent: {
    method: 'POST',
    path: '/v1/agents',
    summary: 'Find or create an agent by its slug',
    needs: 'agent.write',
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
    bodyBytes: MiB,
    reply: r.Agent,
  },
  listWorkers: {
    method: 'GET',
    path: '/v1/workers',
    summary: 'Workers with the newest of their instances',
    needs: 'worker.read',
    query: z.strictObject(paging),
    reply: page(r.Worker.extend({ instances: z.array(r.Instance), running: z.int() })),
  },
  ensureWorker: {
    method: 'POST',
    path: '/v1/workers',
    summary: 'Find or create the worker of this owner and machine, and register one running instance of it',
    needs: 'worker.register',
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
    problems: ['not_found', 'conflict'],
  },
  ensureRepository: {
    method: 'POST',
    path: '/v1/repositories',
    summary: 'Find or create a repository by remote, root commit and subdirectory',
    needs: 'repository.write',
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
    needs: 'repository.read',
    query: z.strictObject(paging),
    reply: page(r.Repository),
  },

  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    summary: 'Sessions, newest first',
    needs: 'session.read',
    query: z.strictObject({
      ...paging,
      item: r.Id.optional(),
      state: list(['pending', 'queued', 'active', 'awaiting_input', 'stale', 'complete', 'error', 'cancelled']),
      line: r.Id.optional(),
      archived: z.enum(['yes', 'no']).optional(),
    }),
    reply: countedPage(r.Session),
  },
  createSession: {
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Queue a session. Nothing runs by this alone',
    needs: 'session.create',
    body: CreateSession,
    bodyBytes: 8 * MiB,
    reply: r.Session,
    traits: ['create'],
    problems: ['not_found', 'invalid_transition'],
  },
  getSession: {
    method: 'GET',
    path: '/v1/sessions/:id',
    summary: 'One session',
    needs: 'session.read',
    reply: r.Session,
  },
  getSessionPrompt: {
    method: 'GET',
    path: '/v1/sessions/:id/prompt',
    summary: 'What a session was given to work with',
    needs: 'session.read',
    reply: r.SessionPrompt,
  },
  cancelSession: {
    method: 'POST',
    path: '/v1/sessions/:id/cancel',
    summary: 'Cancel, or ask the holder to',
    needs: 'session.steer',
    body: z.strictObject({}),
    reply: r.Session,
    problems: ['session_final', 'invalid_transition'],
  },
  retrySession: {
    method: 'POST',
    path: '/v1/sessions/:id/retry',
    summary: 'Queue a stale session again',
    needs: 'session.steer',
    body: z.strictObject({}),
    reply: r.Session,
    problems: ['session_final', 'invalid_transition'],
  },
  archiveSession: {
    method: 'POST',
    path: '/v1/sessions/:id/archive',
    summary: 'Take a finished session out of the lists',
    needs: 'session.steer',
    body: z.strictObject({}),
    reply: r.Session,
    problems: ['session_final', 'invalid_transition'],
  },
  listActivities: {
    method: 'GET',
    path: '/v1/sessions/:id/activities',
    summary: 'Activities in order; the next page begins after the last number',
    needs: 'session.read',
    query: z.strictObject({ after: number(0, Number.MAX_SAFE_INTEGER), limit: number(1, 1000) }),
    reply: z.object({ entries: z.array(Activity), lastSeq: z.int() }),
  },
  listLateActivities: {
    method: 'GET',
    path: '/v1/sessions/:id/late-activities',
    summary: 'What was reported after the claim was lost',
    needs: 'session.read',
    query: z.strictObject(paging),
    reply: page(LateActivity),
  },
  listInputs: {
    method: 'GET',
    path: '/v1/inputs',
    summary: 'Questions and approvals',
    needs: 'session.read',
    query: z.strictObject({ ...paging, session: r.Id.optional(), state: list(['open', 'answered', 'expired', 'withdrawn']) }),
    reply: page(r.Input),
  },
  answerInput: {
    method: 'POST',
    path: '/v1/inputs/:id/answer',
    summary: 'Answer a question; only the owner may',
    needs: 'session.answer',
    body: AnswerInput,
    bodyBytes: MiB,
    reply: r.Input,
    problems: ['conflict'],
  },
  sendMessage: {
    method: 'POST',
    path: '/v1/sessions/:id/messages',
    summary: 'Say something to a running session',
    needs: 'session.answer',
    body: z.strictObject({ kind: z.enum(['follow_up', 'steer']), body: z.string().min(1).max(r.limits.messageChars) }),
    bodyBytes: MiB,
    reply: r.Message,
    traits: ['create'],
    problems: ['session_final'],
  },
  listMessages: {
    method: 'GET',
    path: '/v1/sessions/:id/messages',
    summary: 'Messages to a session',
    needs: 'session.read',
    query: z.strictObject(paging),
    reply: page(r.Message),
  },
  addReview: {
    method: 'POST',
    path: '/v1/sessions/:id/reviews',
    summary: 'Decide on a result: the review, what it makes of the item, the recap or the follow-up, all of it or nothing',
    needs: 'session.review',
    body: ReviewWish,
    bodyBytes: MiB,
    reply: z.object({ session: r.Session, followUp: r.Session.nullable() }),
    traits: ['create'],
    problems: ['invalid_transition'],
  },
  listReviews: {
    method: 'GET',
    path: '/v1/sessions/:id/reviews',
    summary: 'Reviews of a session',
    needs: 'session.read',
    query: z.strictObject(paging),
    reply: page(r.Review),
  },

  poll: {
    method: 'POST',
    path: '/v1/worker/poll',
    summary: 'Renew, say what is free, get what there is to do',
    needs: 'worker.poll',
    body: x.PollRequest,
    bodyBytes: 256 * KiB,
    reply: x.PollReply,
    problems: ['not_found'],
  },
  appendActivities: {
    method: 'POST',
    path: '/v1/sessions/:id/activities',
    summary: 'Report',
    needs: 'session.hold',
    body: x.AppendRequest,
    bodyBytes: 320 * KiB,
    reply: x.AppendReply,
  },
  ask: {
    method: 'POST',
    path: '/v1/sessions/:id/inputs',
    summary: 'Ask a person; the same key again gives the same question',
    needs: 'session.hold',
    body: x.AskRequest,
    bodyBytes: 512 * KiB,
    reply: r.Input,
  },
  inputDelivered: holderWrite('/v1/sessions/:id/inputs/:inputId/delivered', 'The answer reached the agent', x.DeliveredRequest),
  withdrawInput: holderWrite('/v1/sessions/:id/inputs/:inputId/withdraw', 'The question no longer stands', x.DeliveredRequest),
  messageDelivered: holderWrite('/v1/sessions/:id/messages/:messageId/delivered', 'The message reached the agent', x.DeliveredRequest),
  updateStanding: holderWrite('/v1/sessions/:id/standing', 'Usage and sandbox step as they are now', x.StandingRequest),
  itemEffect: {
    method: 'POST',
    path: '/v1/sessions/:id/item-effects',
    summary: "Comment on the session's item, or change its status, in the agent's name; the same key again does nothing more",
    needs: 'session.hold',
    body: x.ItemEffectRequest,
    bodyBytes: MiB,
    reply: x.ItemEffectReply,
  },
  complete: holderWrite('/v1/sessions/:id/complete', 'Finish with a result', x.CompleteRequest, 4 * MiB),
  fail: holderWrite('/v1/sessions/:id/fail', 'Finish with an error', x.FailRequest, 4 * MiB),
  release: holderWrite('/v1/sessions/:id/release', 'Give the session back; not counted as an attempt', x.ReleaseRequest, 32 * KiB),
  park: holderWrite('/v1/sessions/:id/park', 'Wait for an answer without holding the claim', x.ParkRequest),
  cancelled: holderWrite('/v1/sessions/:id/cancelled', 'Acknowledge a cancellation with what there is', x.CancelledRequest, 4 * MiB),

  workspaceEvents: {
    method: 'GET',
    path: '/v1/events',
    summary: 'What changes in the workspace (SSE, Last-Event-ID)',
    needs: 'events.read',
    reply: z.unknown(),
    traits: ['stream'],
  },
  sessionEvents: {
    method: 'GET',
    path: '/v1/sessions/:id/events',
    summary: 'Activities of a session as they come (SSE, Last-Event-ID)',
    needs: 'session.read',
    reply: z.unknown(),
    traits: ['stream'],
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
/** The newest protocol this program speaks; it understands the one before it too. */
export const protocolVersion = 1;
