/** What a worker reports about a session: kinds, bodies, and the batch it travels in. */
import * as z from 'zod';

export const PlanStep = z.object({ title: z.string().max(1000), status: z.enum(['pending', 'in_progress', 'completed']) });
export type PlanStep = z.infer<typeof PlanStep>;

const text = (max: number) => z.string().max(max);
export const runPhases = ['bind', 'clone', 'bootstrap', 'sandbox', 'prompt', 'agent', 'gate', 'result'] as const;
export type RunPhase = (typeof runPhases)[number];

/** Bodies of `progress`, told apart by `type`. `callId` joins the updates of one tool call or command. */
export const ProgressBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('phase'), phase: z.enum(runPhases), detail: text(2000), ms: z.int().nullable() }),
  z.object({ type: z.literal('message'), text: text(60_000) }),
  z.object({ type: z.literal('thought'), text: text(60_000) }),
  z.object({
    type: z.literal('tool_call'),
    callId: text(200),
    title: text(2000),
    tool: text(60),
    status: z.enum(['running', 'done', 'failed']),
    detail: text(16_000).nullable(),
  }),
  z.object({
    type: z.literal('command'),
    callId: text(200),
    command: text(8000),
    status: z.enum(['running', 'done', 'failed']),
    exitCode: z.int().nullable(),
    output: text(16_000).nullable(),
    ms: z.int().nullable(),
  }),
  z.object({
    type: z.literal('file_change'),
    path: text(4000),
    change: z.enum(['added', 'modified', 'deleted']),
    added: z.int().nullable(),
    deleted: z.int().nullable(),
  }),
  z.object({ type: z.literal('commit'), commit: text(80), subject: text(1000) }),
  z.object({ type: z.literal('blocker'), text: text(8000) }),
  z.object({ type: z.literal('input_asked'), inputId: text(80), title: text(2000) }),
  z.object({ type: z.literal('input_answered'), inputId: text(80), answer: text(2000) }),
  z.object({ type: z.literal('message_delivered'), messageId: text(80), text: text(8000) }),
  z.object({ type: z.literal('usage'), inputTokens: z.int(), outputTokens: z.int(), totalTokens: z.int(), costUsd: z.number().nullable() }),
]);
export type ProgressBody = z.infer<typeof ProgressBody>;

/** What a line of a machine's audit log is about. */
export const auditEvents = ['ask', 'deny', 'allow', 'grant', 'effect', 'network', 'claim', 'approval', 'result', 'review'] as const;
export const policyClasses = ['read', 'write', 'run', 'network', 'effect'] as const;
/** Where a machine's audit log stood: kept here, a log that was cut or rewritten since shows. */
export const AuditAnchor = z.object({
  machine: z.string().min(1).max(80),
  n: z.int().positive(),
  /** Hash of line `n`. */
  head: z.string().regex(/^[0-9a-f]{64}$/u),
});
export type AuditAnchor = z.infer<typeof AuditAnchor>;
const bodies = {
  progress: ProgressBody,
  plan: z.object({ steps: z.array(PlanStep).max(200) }),
  url: z.object({ url: z.url().max(4000), title: text(300) }),
  completion: z.object({ outcome: text(40), summary: text(20_000) }),
  failure: z.object({ code: text(80), message: text(10_000), hint: text(2000).nullable() }),
  release: z.object({ reason: text(2000), notBefore: z.int().nullable() }),
  cancellation: z.object({ by: z.enum(['person', 'worker', 'platform']), text: text(2000) }),
  policy: z.object({
    class: z.enum(policyClasses),
    decision: z.enum(['ask', 'deny', 'allow']),
    resource: text(4000),
    rule: text(400),
    detail: text(2000),
    audit: AuditAnchor.optional(),
  }),
} as const;

export const activityKinds = ['progress', 'plan', 'url', 'completion', 'failure', 'release', 'cancellation', 'policy'] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** A kind with its body, as a worker sends it. */
export const ActivityContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), body: bodies.progress }),
  z.object({ kind: z.literal('plan'), body: bodies.plan }),
  z.object({ kind: z.literal('url'), body: bodies.url }),
  z.object({ kind: z.literal('completion'), body: bodies.completion }),
  z.object({ kind: z.literal('failure'), body: bodies.failure }),
  z.object({ kind: z.literal('release'), body: bodies.release }),
  z.object({ kind: z.literal('cancellation'), body: bodies.cancellation }),
  z.object({ kind: z.literal('policy'), body: bodies.policy }),
]);
export type ActivityContent = z.infer<typeof ActivityContent>;

/**
 * One entry of a batch. `key` is the worker's own name for it (journal number), unique in the
 * session for ever: the same key twice is stored once. `at` is the worker's clock.
 */
export const ActivityDraft = z.intersection(
  z.object({
    key: z
      .string()
      .min(1)
      .max(120)
      .regex(/^(?!platform\/)/u, 'Keys that begin with "platform/" are the platform\'s own.'),
    at: z.int(),
  }),
  ActivityContent,
);
export type ActivityDraft = z.infer<typeof ActivityDraft>;

/** One stored activity. `seq` runs 1, 2, 3 … in the session without a gap. */
export const Activity = z.intersection(
  z.object({ sessionId: z.string(), seq: z.int(), fence: z.int(), key: z.string(), at: z.int(), receivedAt: z.int() }),
  ActivityContent,
);
export type Activity = z.infer<typeof Activity>;

/** What a worker that had lost its claim still reported: kept beside the session, never part of it. */
export const LateActivity = z.intersection(
  z.object({ sessionId: z.string(), fence: z.int(), key: z.string(), at: z.int(), receivedAt: z.int() }),
  ActivityContent,
);
export type LateActivity = z.infer<typeof LateActivity>;
