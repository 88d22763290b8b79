/**
 * The panel's message contract. The page sends requests, each answered once; the host sends
 * notifications with whole snapshots of what the page shows. The host checks every message by schema.
 */
import * as z from 'zod';
import { Activity } from './activities.ts';
import { linkChars } from './links.ts';
import { ItemRow, panelPages, PanelPage, type PageAddress, type PageSnapshot, type SnapshotPage } from './panelPages.ts';
import * as r from './records.ts';

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

export type PanelConnection = z.infer<typeof Connection>;
export type PanelWorkerStrip = z.infer<typeof WorkerStrip>;

/** How many sessions need the person, over all items. */
const needs = z.int();

/** What a page shows, or why that cannot be had. */
const PageNotice = z
  .object({ type: z.literal('page'), of: PanelPage, snapshot: z.unknown(), problem: PanelProblem.nullable() })
  .superRefine(({ of, snapshot }, context) => {
    if (snapshot === null) return;
    const schema = panelPages[of.page].snapshot;
    const issues = schema ? (schema.safeParse(snapshot).error?.issues ?? []) : [{ path: [], message: `${of.page} has no snapshot` }];
    for (const { path, message } of issues) context.addIssue({ code: 'custom', path: ['snapshot', ...path], message });
  });
export type PageNotice<N extends SnapshotPage = SnapshotPage> = {
  readonly [P in N]: {
    readonly type: 'page';
    readonly of: PageAddress<P>;
    readonly snapshot: PageSnapshot<P> | null;
    readonly problem: PanelProblem | null;
  };
}[N];

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
  PageNotice,
  /** The newest activities, oldest first; `reset` replaces what the page had. */
  z.object({ type: z.literal('activities'), sessionId: r.Id, reset: z.boolean(), entries: z.array(Activity) }),
  /** Show this page (a command or a link asked for it). */
  z.object({ type: z.literal('navigate'), page: PanelPage, focus: z.enum(['none', 'quickAdd', 'search', 'comment']) }),
]);
export type PanelNotice = Exclude<z.infer<typeof PanelNotice>, { type: 'page' }> | PageNotice;
export type PanelNoticeOf<T extends PanelNotice['type']> = Extract<PanelNotice, { type: T }>;
