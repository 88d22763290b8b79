/**
 * The records everyone shares. Times are integer milliseconds since the Unix epoch, taken from the
 * platform's clock unless a field says otherwise. Sizes are UTF-16 code units unless said otherwise.
 */
import * as z from 'zod';
import { PlanStep } from './activities.ts';
import { sessionStates } from './states.ts';
import { itemKinds, itemStatuses, priorities, sandboxSteps, sessionModes } from './vocabulary.ts';

export { itemKinds, itemStatuses, priorities, sandboxSteps, sessionModes } from './vocabulary.ts';

export const limits = {
  titleChars: 500,
  descriptionChars: 2_000_000,
  commentChars: 100_000,
  documentChars: 2_000_000,
  labels: 50,
  sectionChars: 2_100_000,
  messageChars: 100_000,
  activityBatch: 100,
  activityBatchBytes: 256 * 1024,
  activityBodyBytes: 64 * 1024,
  pollHoldMs: 25_000,
  pageSize: 500,
} as const;

export const Id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}*$/u, 'No control characters.');
export const Time = z.int().nonnegative();
/** A commit's full name: it goes into git's arguments, where any other text could be an option or a range. */
export const Commit = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u, 'A full commit name: 40 or 64 hexadecimal digits in lower case.');
const maybe = <T extends z.ZodType>(type: T) => type.nullable();

export const ItemKind = z.enum(itemKinds);
export const ItemStatus = z.enum(itemStatuses);
export const Priority = z.enum(priorities);
export const SessionMode = z.enum(sessionModes);
export const Execution = z.enum(['local', 'cloud']);
export const SessionState = z.enum(sessionStates);

/** What the caller may do with a record now, by their permission and by its state: no client works that out. */
const can = <T extends readonly [string, ...string[]]>(actions: T) => z.array(z.enum(actions)).default([]);

export const Workspace = z.object({ id: Id, name: z.string(), createdAt: Time });
export const Member = z.object({
  id: Id,
  workspaceId: Id,
  name: z.string(),
  role: z.enum(['owner', 'admin', 'member', 'guest']),
  createdAt: Time,
});

/** A taxonomy label: `group` is the axis (goal, product, component, skill, …), `name` the value on it. */
export const Label = z.object({ group: z.string().min(1).max(60), name: z.string().min(1).max(100) });
export const ItemLink = z.object({ url: z.url().max(4000), title: z.string().max(300) });
/** Where an item came from when it is a tracker's. */
export const ItemSource = z.object({
  kind: z.string().max(60),
  id: z.string().max(300),
  url: z.url().max(4000),
  etag: maybe(z.string().max(300)),
});

/** A record as it is stored; what follows it by its own name is the same as one caller sees it. */
export const StoredItem = z.object({
  id: Id,
  workspaceId: Id,
  key: z.string(),
  kind: ItemKind,
  title: z.string(),
  description: z.string(),
  status: ItemStatus,
  priority: Priority,
  assigneeIds: z.array(Id),
  parentId: maybe(Id),
  labels: z.array(Label),
  repositoryId: maybe(Id),
  links: z.array(ItemLink),
  source: maybe(ItemSource),
  /** Grows by one with each change; sent as the ETag. */
  version: z.int(),
  createdAt: Time,
  updatedAt: Time,
});
export const itemActions = ['edit', 'comment', 'hand_off'] as const;
export const WorkItem = StoredItem.extend({ can: can(itemActions) });

export const Comment = z.object({
  id: Id,
  itemId: Id,
  authorId: maybe(Id),
  authorName: z.string(),
  /** `recap` is written with an accepted or recorded result; `person` and `agent` say whose credential it came with. */
  origin: z.enum(['person', 'agent', 'recap']),
  sessionId: maybe(Id),
  body: z.string(),
  createdAt: Time,
});

export const Document = z.object({
  id: Id,
  itemId: Id,
  title: z.string(),
  body: z.string(),
  version: z.int(),
  createdAt: Time,
  updatedAt: Time,
});

/** A repository as the platform knows it. Which folder it is, each machine knows for itself. */
export const Repository = z.object({
  id: Id,
  workspaceId: Id,
  name: z.string(),
  remote: maybe(z.string()),
  rootCommit: maybe(Commit),
  subdirectory: z.string(),
  defaultBranch: z.string(),
  createdAt: Time,
});

/** The capability people send work to. `driver` names how a worker runs it. */
export const StoredAgent = z.object({
  id: Id,
  workspaceId: Id,
  slug: z.string(),
  name: z.string(),
  execution: Execution,
  /** Local agents are delegated to by this member only. */
  ownerId: maybe(Id),
  driver: z.string(),
  instructions: z.string(),
  policy: z.record(z.string(), z.unknown()),
  createdAt: Time,
});
export const agentActions = ['delegate'] as const;
export const Agent = StoredAgent.extend({ can: can(agentActions) });

export const Worker = z.object({
  id: Id,
  workspaceId: Id,
  ownerId: Id,
  machine: z.string(),
  execution: Execution,
  agentIds: z.array(Id),
  /** Newest poll of any of its instances. */
  seenAt: maybe(Time),
  capacity: z.int(),
  createdAt: Time,
});

export const Instance = z.object({ id: Id, workerId: Id, program: z.string(), version: z.string(), startedAt: Time, seenAt: Time });

/**
 * One part of a prompt. `trusted` sections come from platform policy, agent profile, worker
 * configuration and workflow file only; everything else is context.
 */
export const PromptSection = z.object({
  id: z.string().min(1).max(60),
  origin: z.enum(['platform', 'agent', 'worker', 'workflow', 'mode', 'item', 'comments', 'documents', 'parent', 'note', 'previous']),
  title: z.string().max(300),
  text: z.string().max(limits.sectionChars),
  trusted: z.boolean(),
  enabled: z.boolean(),
});

export const fileClasses = ['ordinary', 'host_executed', 'control'] as const;
export const ResultFile = z.object({
  path: z.string(),
  /** Where a moved file stood. */
  oldPath: maybe(z.string()),
  status: z.enum(['added', 'modified', 'deleted', 'mode', 'renamed']),
  added: maybe(z.int()),
  deleted: maybe(z.int()),
  mode: z.string(),
  class: z.enum(fileClasses),
  /** Why the gate put it in its class, for people. */
  reason: maybe(z.string()),
});

export const sessionOutcomes = ['changes', 'no_changes', 'plan', 'review'] as const;
export const SessionResult = z.object({
  outcome: z.enum(sessionOutcomes),
  summary: z.string(),
  baseCommit: maybe(Commit),
  /** The commit the gate made of what may leave; its parent is `baseCommit`. */
  headCommit: maybe(Commit),
  /** The ref in the main repository that keeps `headCommit`. */
  ref: maybe(z.string()),
  agentCommits: z.int(),
  files: z.array(ResultFile),
  /** What the gate did not let out, with the reason. */
  heldBack: z.array(z.object({ path: z.string(), reason: z.string() })),
  added: z.int(),
  deleted: z.int(),
  /** Commands of the run that look like checks, with how they ended. */
  checks: z.array(z.object({ command: z.string(), exitCode: maybe(z.int()) })),
});

export const SessionUsage = z.object({ inputTokens: z.int(), outputTokens: z.int(), totalTokens: z.int(), costUsd: maybe(z.number()) });
export const SessionError = z.object({ code: z.string().max(80), message: z.string().max(10_000), hint: maybe(z.string().max(2000)) });

export const SandboxStep = z.enum(sandboxSteps);

/** `closed`: there was nothing to take over, and the person has seen so. */
export const ReviewDecision = z.enum(['accepted', 'sent_back', 'discarded', 'undone', 'closed']);

export const Claim = z.object({ sessionId: Id, workerId: Id, instanceId: Id, fence: z.int(), leaseEnd: Time });

export const StoredSession = z.object({
  id: Id,
  workspaceId: Id,
  itemId: maybe(Id),
  itemKey: maybe(z.string()),
  title: z.string(),
  agentId: Id,
  agentName: z.string(),
  mode: SessionMode,
  execution: Execution,
  initiatorId: Id,
  ownerId: Id,
  repositoryId: maybe(Id),
  /** What the person chose to start from: null is HEAD at the time of the clone. */
  baseCommit: maybe(Commit),
  state: SessionState,
  attempt: z.int(),
  maxAttempts: z.int(),
  parentSessionId: maybe(Id),
  /** The line of work: the first session's id, shared by its follow-ups. Names the working folder. */
  lineId: Id,
  /** The live claim, if any. */
  claim: maybe(Claim),
  /** The newest fence ever given; only grows. */
  fence: z.int(),
  lastSeq: z.int(),
  plan: z.array(PlanStep),
  urls: z.array(z.object({ url: z.string(), title: z.string() })),
  sandboxStep: maybe(SandboxStep),
  result: maybe(SessionResult),
  usage: maybe(SessionUsage),
  error: maybe(SessionError),
  cancelRequestedAt: maybe(Time),
  notBefore: maybe(Time),
  /** The item was completed, edited or reassigned while the run kept its snapshot. */
  itemChanged: maybe(z.enum(['completed', 'edited', 'reassigned'])),
  openInputs: z.int(),
  review: maybe(ReviewDecision),
  /** A newer session of its line goes on with the work, or has. */
  superseded: z.boolean().default(false),
  createdAt: Time,
  queuedAt: maybe(Time),
  startedAt: maybe(Time),
  finishedAt: maybe(Time),
  expiresAt: Time,
  archivedAt: maybe(Time),
});

export const sessionActions = ['stop', 'retry', 'archive', 'answer', 'message', 'accept', 'close', 'undo', 'send_back', 'discard'] as const;
export const Session = StoredSession.extend({ can: can(sessionActions) });

/** What a session was given to work with: trusted instructions and untrusted context, kept apart. */
export const SessionPrompt = z.object({ instructions: z.array(PromptSection), context: z.array(PromptSection) });
/** A session with all that its run needs. */
export const SessionDetail = StoredSession.extend(SessionPrompt.shape);

export const inputKinds = ['approval', 'question'] as const;
export const InputOption = z.object({
  id: z.string().min(1).max(80),
  label: z.string().max(300),
  effect: z.enum(['allow_once', 'allow_session', 'allow_repository', 'deny', 'answer']),
});
export const Input = z.object({
  id: Id,
  sessionId: Id,
  fence: z.int(),
  kind: z.enum(inputKinds),
  /** Names the exact normalised action asked for (SHA-256, hex), so that an answer cannot be used for another. */
  actionHash: z.string(),
  title: z.string(),
  detail: z.string(),
  options: z.array(InputOption),
  /** A free-text answer is accepted as well. */
  acceptsText: z.boolean(),
  state: z.enum(['open', 'answered', 'expired', 'withdrawn']),
  answer: maybe(z.object({ optionId: maybe(z.string()), text: maybe(z.string()) })),
  answeredBy: maybe(Id),
  askedAt: Time,
  expiresAt: Time,
  answeredAt: maybe(Time),
  deliveredAt: maybe(Time),
});

export const Message = z.object({
  id: Id,
  sessionId: Id,
  authorId: Id,
  kind: z.enum(['follow_up', 'steer']),
  body: z.string(),
  createdAt: Time,
  deliveredAt: maybe(Time),
  acknowledgedAt: maybe(Time),
});

/** Reviews stand beside a session: a session in a final state is never written again. */
export const Review = z.object({
  id: Id,
  sessionId: Id,
  decision: ReviewDecision,
  by: Id,
  commit: maybe(Commit),
  note: z.string(),
  at: Time,
});

/** An item given to a tool that reports nothing: open until its result is linked or recorded. */
export const Handoff = z.object({
  id: Id,
  itemId: Id,
  target: z.string(),
  targetName: z.string(),
  mode: SessionMode,
  state: z.enum(['open', 'recorded', 'closed']),
  detail: z.string(),
  repositoryId: maybe(Id),
  baseCommit: maybe(Commit),
  result: maybe(SessionResult),
  by: Id,
  createdAt: Time,
  closedAt: maybe(Time),
});

export type Workspace = z.infer<typeof Workspace>;
export type Member = z.infer<typeof Member>;
export type Label = z.infer<typeof Label>;
export type ItemKind = z.infer<typeof ItemKind>;
export type ItemStatus = z.infer<typeof ItemStatus>;
export type Priority = z.infer<typeof Priority>;
export type StoredItem = z.infer<typeof StoredItem>;
export type WorkItem = z.infer<typeof WorkItem>;
export type ItemAction = (typeof itemActions)[number];
export type Comment = z.infer<typeof Comment>;
export type Document = z.infer<typeof Document>;
export type Repository = z.infer<typeof Repository>;
export type StoredAgent = z.infer<typeof StoredAgent>;
export type Agent = z.infer<typeof Agent>;
export type AgentAction = (typeof agentActions)[number];
export type Worker = z.infer<typeof Worker>;
export type Instance = z.infer<typeof Instance>;
export type PromptSection = z.infer<typeof PromptSection>;
export type ResultFile = z.infer<typeof ResultFile>;
export type SessionMode = z.infer<typeof SessionMode>;
export type Execution = z.infer<typeof Execution>;
export type SessionState = z.infer<typeof SessionState>;
export type SessionResult = z.infer<typeof SessionResult>;
export type SessionUsage = z.infer<typeof SessionUsage>;
export type SessionError = z.infer<typeof SessionError>;
export type SandboxStep = z.infer<typeof SandboxStep>;
export type ReviewDecision = z.infer<typeof ReviewDecision>;
export type Claim = z.infer<typeof Claim>;
export type StoredSession = z.infer<typeof StoredSession>;
export type Session = z.infer<typeof Session>;
export type SessionAction = (typeof sessionActions)[number];
export type SessionPrompt = z.infer<typeof SessionPrompt>;
export type SessionDetail = z.infer<typeof SessionDetail>;
export type InputOption = z.infer<typeof InputOption>;
export type Input = z.infer<typeof Input>;
export type Message = z.infer<typeof Message>;
export type Review = z.infer<typeof Review>;
export type Handoff = z.infer<typeof Handoff>;
