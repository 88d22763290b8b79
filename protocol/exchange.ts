/** The one exchange of workers with the platform, and the writes a claim allows. */
import * as z from 'zod';
import { ActivityDraft } from './activities.ts';
import { Rules } from './policy.ts';
import {
  Comment,
  Document,
  Id,
  Input,
  InputOption,
  inputKinds,
  ItemStatus,
  limits,
  Message,
  Repository,
  SandboxStep,
  SessionDetail,
  SessionError,
  SessionResult,
  SessionUsage,
  StoredAgent,
  StoredItem,
  StoredSession,
  Time,
  WorkItem,
} from './records.ts';

/** Names the holder in every worker write; the claim token goes in the `Belay-Claim` header. */
export const Holder = z.strictObject({ instanceId: Id, fence: z.int().positive() });
export type Holder = z.infer<typeof Holder>;
export const claimTokenHeader = 'belay-claim';

export const PollRequest = z.strictObject({
  workerId: Id,
  instanceId: Id,
  /** Names this try: a poll repeated with the same id after a lost reply gets the same claims. */
  requestId: Id,
  /** How many new sessions may be claimed now. */
  capacity: z.int().min(0).max(100),
  /** Claim this session and no other. */
  sessionId: Id.optional(),
  /** Sessions of this machine that went stale and that this instance wants back. */
  reclaim: z.array(Id).max(100).default([]),
  /** Repositories bound to a folder on this machine; sessions of others are left alone. */
  repositoryIds: z.array(Id).max(1000).default([]),
  renewals: z
    .array(z.strictObject({ sessionId: Id, fence: z.int().positive() }))
    .max(1000)
    .default([]),
  /** How long the platform may hold the reply when there is nothing to say. */
  waitMs: z.int().min(0).max(limits.pollHoldMs).default(0),
});
export type PollRequest = z.input<typeof PollRequest>;

/** A claim as its winner gets it. Nothing may start before this reply is there. */
export const ClaimGrant = z.object({
  session: SessionDetail,
  agent: StoredAgent,
  /** Without its description, which stands in the session's context as it was when the session was made. */
  item: StoredItem.omit({ description: true }).nullable(),
  repository: Repository.nullable(),
  fence: z.int(),
  leaseMs: z.int(),
  serverNow: Time,
  claimToken: z.string(),
  /** Rules of the organisation: they narrow what this machine allows. */
  policy: Rules.default([]),
});
export type ClaimGrant = z.infer<typeof ClaimGrant>;

export const PollReply = z.object({
  serverNow: Time,
  leaseMs: z.int(),
  renewMs: z.int(),
  /** Poll again after this long. */
  nextMs: z.int(),
  claims: z.array(ClaimGrant),
  renewed: z.array(z.object({ sessionId: Id, fence: z.int(), leaseEnd: Time })),
  lost: z.array(z.object({ sessionId: Id, fence: z.int(), code: z.enum(['claim_lost', 'session_final']) })),
  cancels: z.array(z.object({ sessionId: Id, requestedAt: Time })),
  answers: z.array(Input),
  messages: z.array(Message),
});
export type PollReply = z.infer<typeof PollReply>;

export const AppendRequest = z.strictObject({ holder: Holder, activities: z.array(ActivityDraft).min(1).max(limits.activityBatch) });
/** `lastSeq` after the batch; `late` counts those kept aside because the claim was lost. */
export const AppendReply = z.object({ lastSeq: z.int(), stored: z.int(), late: z.int() });

export const AskRequest = z.strictObject({
  holder: Holder,
  /** The worker's own name for the question; asking twice gives the same input. */
  key: z.string().min(1).max(120),
  kind: z.enum(inputKinds),
  actionHash: z.string().max(128),
  title: z.string().min(1).max(2000),
  detail: z.string().max(60_000),
  options: z.array(InputOption).max(20),
  acceptsText: z.boolean(),
  expiresInMs: z
    .int()
    .positive()
    .max(7 * 86_400_000),
});
export const DeliveredRequest = z.strictObject({ holder: Holder });
/** What no activity says. */
export const StandingRequest = z.strictObject({
  holder: Holder,
  sandboxStep: SandboxStep.optional(),
  usage: SessionUsage.optional(),
});
/** What a holder does to its own item in its agent's name. The same key again changes nothing. */
export const ItemEffectRequest = z.strictObject({
  holder: Holder,
  key: z.string().regex(/^[0-9a-f]{64}$/u, 'A SHA-256 in hexadecimal.'),
  effect: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('comment'), body: z.string().min(1).max(limits.commentChars) }),
    // To close an item is for people.
    z.strictObject({ type: z.literal('status'), status: ItemStatus.exclude(['completed', 'cancelled']) }),
  ]),
});
/** `repeated`: it had been done before. */
export const ItemEffectReply = z.object({ item: StoredItem, repeated: z.boolean() });

export const CompleteRequest = z.strictObject({ holder: Holder, result: SessionResult, usage: SessionUsage.nullable() });
export const FailRequest = z.strictObject({
  holder: Holder,
  error: SessionError,
  usage: SessionUsage.nullable(),
  result: SessionResult.nullable(),
});
export const ReleaseRequest = z.strictObject({
  holder: Holder,
  reason: z.string().max(2000),
  notBeforeMs: z.int().nonnegative().max(86_400_000).nullable(),
});
export const ParkRequest = z.strictObject({ holder: Holder });
export const CancelledRequest = z.strictObject({
  holder: Holder,
  text: z.string().max(2000),
  result: SessionResult.nullable(),
  usage: SessionUsage.nullable(),
});

export const HolderReply = z.object({ session: StoredSession });
export const ItemBundle = z.object({
  item: WorkItem,
  parent: WorkItem.nullable(),
  children: z.array(WorkItem),
  comments: z.array(Comment),
  documents: z.array(Document),
});
export type ItemBundle = z.infer<typeof ItemBundle>;
