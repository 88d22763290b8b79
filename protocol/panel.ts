/**
 * The panel's message contract. The page sends requests, each answered once; the host sends
 * notifications with whole snapshots of what the page shows. The host checks every message by schema.
 */
import * as z from 'zod';
import { Activity, auditEvents, LateActivity, policyClasses } from './activities.ts';
import { linkChars } from './links.ts';
import * as r from './records.ts';

export const PanelPage = z.discriminatedUnion('page', [
  z.object({ page: z.literal('work') }),
  z.object({ page: z.literal('queue') }),
  z.object({ page: z.literal('audit') }),
  z.object({ page: z.literal('item'), key: z.string().max(80) }),
  z.object({ page: z.literal('session'), id: z.string().max(80) }),
]);
export type PanelPage = z.infer<typeof PanelPage>;

/** A request of the page: what the host must do, and the shape of its answer. */
interface PanelRequest {
  readonly params: z.ZodType;
  readonly reply: z.ZodType;
}
const done = z.object({});
const sessionId = z.strictObject({ sessionId: r.Id });
const filePlace = z.strictObject({ sessionId: r.Id, path: z.string().max(4096) });
const itemKey = z.strictObject({ key: z.string().min(1).max(80) });

const itemFields = z
  .strictObject({
    title: z.string().min(1).max(r.limits.titleChars),
    description: z.string().max(r.limits.descriptionChars),
    status: r.ItemStatus,
    priority: r.Priority,
  })
  .partial();
export type ItemFields = z.infer<typeof itemFields>;

export const panelRequests = {
  /** The page is there, or visible again: the host answers with `setup` and the snapshots of `page`. */
  ready: { params: z.strictObject({ page: PanelPage }), reply: done },
  /** The page now shown: the host sends its snapshots, and changes until the next `show`. */
  show: { params: z.strictObject({ page: PanelPage }), reply: done },
  refresh: { params: z.strictObject({}), reply: done },

  createItem: {
    params: z.strictObject({ kind: r.ItemKind, title: z.string().min(1).max(r.limits.titleChars) }),
    reply: z.object({ key: z.string() }),
  },
  /**
   * `version` and `seen` are what the person saw, the latter of the fields they change. When another changed one of
   * these, that comes back as the error `version_conflict`; what happened to other fields is none.
   */
  updateItem: {
    params: z.strictObject({ key: z.string(), version: z.int(), patch: itemFields, seen: itemFields }),
    reply: done,
  },
  addComment: { params: z.strictObject({ key: z.string(), body: z.string().min(1).max(r.limits.commentChars) }), reply: done },
  /** Opens the host's target and mode pick, or goes to the last used target when `again` is set. */
  send: { params: z.strictObject({ key: z.string(), again: z.boolean() }), reply: done },
  /** Queues the item for the default local agent, asking for what is missing. */
  queue: { params: itemKey, reply: done },
  recordHandoff: { params: z.strictObject({ handoffId: r.Id }), reply: done },
  /** Opens the diff of what was recorded. */
  reviewHandoff: { params: z.strictObject({ handoffId: r.Id }), reply: done },
  closeHandoff: { params: z.strictObject({ handoffId: r.Id }), reply: done },

  answerInput: {
    params: z.strictObject({
      inputId: r.Id,
      actionHash: z.string().max(128),
      optionId: z.string().max(80).nullable(),
      text: z.string().max(r.limits.messageChars).nullable(),
    }),
    reply: done,
  },
  stopSession: { params: sessionId, reply: done },
  retrySession: { params: sessionId, reply: done },
  archiveSession: { params: sessionId, reply: done },
  messageSession: { params: z.strictObject({ sessionId: r.Id, body: z.string().min(1).max(r.limits.messageChars) }), reply: done },
  copyPrompt: { params: sessionId, reply: done },
  openTerminal: { params: sessionId, reply: done },
  /** Activities before `before`, oldest first, for scrolling up. */
  loadActivities: {
    params: z.strictObject({ sessionId: r.Id, before: z.int().positive() }),
    reply: z.object({ entries: z.array(Activity) }),
  },

  reviewChanges: { params: sessionId, reply: done },
  openChange: { params: filePlace, reply: done },
  /** `hostExecuted`: the host-executed files the person said yes to; the others stay out. */
  accept: { params: z.strictObject({ sessionId: r.Id, hostExecuted: z.array(z.string().max(4096)).max(5000) }), reply: done },
  /** Settles a result of which nothing came out. */
  close: { params: sessionId, reply: done },
  undoAccept: { params: sessionId, reply: done },
  /** What is in the person's own file beside what the result has, and that file. */
  compareMine: { params: filePlace, reply: done },
  openMine: { params: filePlace, reply: done },
  /** Opens the editor's source control, with a message for the accepted result. */
  commit: { params: sessionId, reply: done },
  sendBack: { params: z.strictObject({ sessionId: r.Id, note: z.string().min(1).max(r.limits.messageChars) }), reply: done },
  discard: { params: sessionId, reply: done },

  showSourceControl: { params: z.strictObject({}), reply: done },
  openFolder: { params: z.strictObject({}), reply: done },
  manageTrust: { params: z.strictObject({}), reply: done },
  toggleWorker: { params: z.strictObject({ on: z.boolean() }), reply: done },
  openLink: { params: z.strictObject({ url: z.string().max(linkChars) }), reply: done },
  copyText: { params: z.strictObject({ text: z.string().max(10_000) }), reply: done },
} as const satisfies Record<string, PanelRequest>;
export type PanelRequestName = keyof typeof panelRequests;
export type PanelParams<N extends PanelRequestName> = z.output<(typeof panelRequests)[N]['params']>;
export type PanelReply<N extends PanelRequestName> = z.output<(typeof panelRequests)[N]['reply']>;

export const PanelCall = z.strictObject({
  type: z.literal('call'),
  id: z.int(),
  name: z.enum(Object.keys(panelRequests) as [PanelRequestName, ...PanelRequestName[]]),
  params: z.unknown(),
});
export type PanelCall = z.infer<typeof PanelCall>;

/** What the row of an item says about its newest work, in the order of how much it asks of the person. */
export const RowActivity = z.object({
  sessionId: r.Id.nullable(),
  state: z.enum(['needs_me', 'running', 'queued', 'review', 'failed', 'stale', 'handed_off', 'accepted']),
  /** One short line: "Codex asks: install a package?", "Step 3 of 5", "3 files, +41 −12". */
  text: z.string(),
  since: r.Time,
});
export const ItemRow = z.object({
  id: r.Id,
  key: z.string(),
  kind: r.ItemKind,
  title: z.string(),
  status: r.ItemStatus,
  priority: r.Priority,
  labels: z.array(z.string()),
  assignedToMe: z.boolean(),
  parentKey: z.string().nullable(),
  parentTitle: z.string().nullable(),
  /** For initiatives: how many children are done, of how many. */
  children: z.object({ done: z.int(), total: z.int() }).nullable(),
  /** How many of its sessions need the person. */
  needs: z.int(),
  activity: RowActivity.nullable(),
  updatedAt: r.Time,
});
export type ItemRow = z.infer<typeof ItemRow>;
export type RowActivity = z.infer<typeof RowActivity>;

/** A failure as the page shows it: what happened, what to do, and whether Retry makes sense. */
export const PanelProblem = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  canRetry: z.boolean(),
  /** The files it is about. */
  paths: z.array(z.string()).optional(),
});
export type PanelProblem = z.infer<typeof PanelProblem>;

const Connection = z.object({
  state: z.enum(['connecting', 'online', 'offline']),
  asOf: r.Time.nullable(),
  problem: PanelProblem.nullable(),
});
const WorkerStrip = z.object({ on: z.boolean(), running: z.int(), capacity: z.int(), note: z.string().nullable(), canToggle: z.boolean() });

/** A session as the lists show it. */
export const SessionRow = z.object({ session: r.Session, itemTitle: z.string().nullable(), heldHere: z.boolean() });
export const SessionPage = z.object({
  session: r.SessionDetail,
  itemTitle: z.string().nullable(),
  inputs: z.array(r.Input),
  reviews: z.array(r.Review),
  late: z.array(LateActivity),
  /** What people said to the run and the agent has not been told. */
  undelivered: z.array(r.Message),
  heldHere: z.boolean(),
  /** What the person can do now; the page shows only these. */
  can: z.object({
    stop: z.boolean(),
    retry: z.boolean(),
    message: z.boolean(),
    openTerminal: z.boolean(),
    archive: z.boolean(),
    review: z.boolean(),
    accept: z.boolean(),
    close: z.boolean(),
    undo: z.boolean(),
    commit: z.boolean(),
    sendBack: z.boolean(),
    discard: z.boolean(),
  }),
  /** Why Accept cannot be offered now, if so. */
  acceptBlocked: z.string().nullable(),
});
export const ItemPage = z.object({
  item: r.WorkItem,
  parent: z.object({ key: z.string(), title: z.string(), kind: r.ItemKind }).nullable(),
  children: z.array(ItemRow),
  comments: z.array(r.Comment),
  documents: z.array(r.Document),
  sessions: z.array(r.Session),
  handoffs: z.array(r.Handoff),
  assignees: z.array(z.object({ id: r.Id, name: z.string(), me: z.boolean() })),
  repositoryName: z.string().nullable(),
  /** The target `send` with `again` would use, and whether a local agent could take it from the queue. */
  sendTarget: z.object({ id: z.string(), name: z.string() }).nullable(),
  queueAgent: z.string().nullable(),
  /** What of its work waits for the person now. */
  need: z.object({ sessionId: r.Id, kind: z.enum(['question', 'result', 'failure']), hasChanges: z.boolean() }).nullable(),
  figures: z.object({
    sessions: z.int(),
    queuedMs: z.int(),
    runningMs: z.int(),
    accepted: z.int(),
    sentBack: z.int(),
    failed: z.int(),
    totalTokens: z.int(),
    costUsd: z.number().nullable(),
  }),
});
export const QueuePage = z.object({
  needsMe: z.array(SessionRow),
  running: z.array(SessionRow),
  queued: z.array(SessionRow),
  finished: z.array(SessionRow),
  workers: z.array(
    z.object({
      id: r.Id,
      name: z.string(),
      machine: z.string(),
      here: z.boolean(),
      state: z.enum(['online', 'stale', 'offline']),
      agents: z.array(z.string()),
      running: z.int(),
      capacity: z.int(),
      seenAt: r.Time.nullable(),
    }),
  ),
});
/** An entry of this machine's audit log, with what the platform knows of its session. */
export const AuditRow = z.object({
  n: z.int(),
  at: r.Time,
  session: z.object({ id: r.Id, title: z.string(), itemKey: z.string().nullable() }).nullable(),
  event: z.enum(auditEvents),
  class: z.enum(policyClasses).nullable(),
  decision: z.enum(['ask', 'deny', 'allow']).nullable(),
  resource: z.string(),
  rules: z.array(z.string()),
  policyHash: z.string(),
  detail: z.string(),
});
export const AuditPage = z.object({
  /** The newest, newest first. */
  rows: z.array(AuditRow),
  /** Of the whole log. */
  total: z.int(),
  problems: z.array(z.string()),
  /** Up to where the platform agrees; null when it could not be asked, `until` null when it knows no line yet. */
  anchored: z.object({ until: z.object({ n: z.int(), at: r.Time }).nullable() }).nullable(),
});
export type AuditRow = z.infer<typeof AuditRow>;
export type AuditPage = z.infer<typeof AuditPage>;
export type SessionRow = z.infer<typeof SessionRow>;
export type SessionPage = z.infer<typeof SessionPage>;
export type ItemPage = z.infer<typeof ItemPage>;
export type QueuePage = z.infer<typeof QueuePage>;
export type PanelConnection = z.infer<typeof Connection>;
export type PanelWorkerStrip = z.infer<typeof WorkerStrip>;

/** How many sessions need the person, over all items. */
const needs = z.int();

/** What the host sends. Snapshots are whole, so a lost or repeated one does no harm. */
export const PanelNotice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reply'), id: z.int(), result: z.unknown().optional(), problem: PanelProblem.optional() }),
  z.object({
    type: z.literal('setup'),
    version: z.string(),
    locale: z.string(),
    /** Translated strings by their English text; empty for English. */
    strings: z.record(z.string(), z.string()),
    machine: z.string(),
    /** Why some of it is off: `no_folder`, `untrusted`, `virtual`; null when all of it works. */
    limitedBy: z.enum(['no_folder', 'untrusted', 'virtual']).nullable(),
  }),
  z.object({ type: z.literal('connection'), connection: Connection }),
  z.object({ type: z.literal('worker'), worker: WorkerStrip }),
  /** All rows; `changed` instead carries only rows that are new or different, with removed ids. */
  z.object({ type: z.literal('rows'), rows: z.array(ItemRow), needs }),
  z.object({ type: z.literal('rowsChanged'), rows: z.array(ItemRow), removed: z.array(r.Id), needs }),
  z.object({ type: z.literal('item'), key: z.string(), page: ItemPage.nullable(), problem: PanelProblem.nullable() }),
  z.object({ type: z.literal('session'), id: r.Id, page: SessionPage.nullable(), problem: PanelProblem.nullable() }),
  /** The newest activities, oldest first; `reset` replaces what the page had. */
  z.object({ type: z.literal('activities'), sessionId: r.Id, reset: z.boolean(), entries: z.array(Activity) }),
  z.object({ type: z.literal('queue'), page: QueuePage.nullable(), problem: PanelProblem.nullable() }),
  z.object({ type: z.literal('audit'), page: AuditPage.nullable(), problem: PanelProblem.nullable() }),
  /** Show this page (a command or a link asked for it). */
  z.object({ type: z.literal('navigate'), page: PanelPage, focus: z.enum(['none', 'quickAdd', 'search', 'comment']) }),
]);
export type PanelNotice = z.infer<typeof PanelNotice>;
export type PanelNoticeOf<T extends PanelNotice['type']> = Extract<PanelNotice, { type: T }>;
