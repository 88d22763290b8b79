/**
 * The pages of the panel. Each has one entry here, one in `extension/panel/pageRegistry.ts` and one in `webview/pageRegistry.ts`:
 * both are of a type made from this one, so a page without its other half does not compile.
 */
import * as z from 'zod';
import { auditEvents, LateActivity, policyClasses } from './activities.ts';
import * as r from './records.ts';

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

/** A session as the lists show it. */
export const SessionRow = z.object({ session: r.Session, itemTitle: z.string().nullable(), heldHere: z.boolean() });
export const SessionPage = z.object({
  session: r.Session,
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
    answer: z.boolean(),
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

const place = z.string().max(80);

/** `address`: what says which one of its kind a page is. `snapshot`: what the host sends for it; null where the rows are all of it. */
export const panelPages = {
  work: { address: {}, snapshot: null },
  queue: { address: {}, snapshot: QueuePage },
  audit: { address: {}, snapshot: AuditPage },
  item: { address: { key: place }, snapshot: ItemPage },
  session: { address: { id: place }, snapshot: SessionPage },
} as const satisfies Record<string, { readonly address: z.ZodRawShape; readonly snapshot: z.ZodType | null }>;

type Pages = typeof panelPages;
export type PageName = keyof Pages;
export const pageNames = Object.keys(panelPages) as PageName[];
export type PageAddress<N extends PageName = PageName> = {
  [P in N]: { page: P } & { [K in keyof Pages[P]['address']]: z.infer<Pages[P]['address'][K]> };
}[N];
/** Pages that the host builds a snapshot for. */
export type SnapshotPage = { [N in PageName]: Pages[N]['snapshot'] extends z.ZodType ? N : never }[PageName];
export type PageSnapshot<N extends SnapshotPage> = z.infer<Pages[N]['snapshot']>;
/** Pages of which there is one: they are the panel's tabs. */
export type RootPage = { [N in PageName]: keyof Pages[N]['address'] extends never ? N : never }[PageName];

export type PanelPage = PageAddress;
export const PanelPage = z.union(
  pageNames.map((name) => z.object({ page: z.literal(name), ...panelPages[name].address })),
) as unknown as z.ZodType<PanelPage>;
