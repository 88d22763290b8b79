/**
 * The part of Codex's app-server protocol that Belay uses, as of Codex 0.169. Fields that are not used
 * are not named; unknown messages are let pass, so that other versions keep working.
 */
import * as z from 'zod';

const change = z.object({
  path: z.string(),
  kind: z.object({ type: z.enum(['add', 'delete', 'update']) }),
  diff: z.string().default(''),
});
const runState = z.enum(['inProgress', 'completed', 'failed', 'declined']);

export const CodexItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agentMessage'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('reasoning'), id: z.string(), summary: z.array(z.string()).default([]) }),
  z.object({
    type: z.literal('commandExecution'),
    id: z.string(),
    command: z.string(),
    status: runState,
    aggregatedOutput: z.string().nullish(),
    exitCode: z.int().nullish(),
    durationMs: z.number().nullish(),
  }),
  z.object({ type: z.literal('fileChange'), id: z.string(), changes: z.array(change), status: runState }),
  z.object({ type: z.literal('mcpToolCall'), id: z.string(), server: z.string(), tool: z.string(), status: z.string() }),
  z.object({ type: z.literal('webSearch'), id: z.string(), query: z.string().default('') }),
]);
export type CodexItem = z.infer<typeof CodexItem>;

/**
 * Whose an event or a question is: the threads of an agent's helpers speak on the same stream. Without names it is of the
 * thread that was opened.
 */
export const Origin = z.object({ threadId: z.string().optional(), turnId: z.string().optional() }).catch({});
export type Origin = z.infer<typeof Origin>;
/** What every item has, also of a type that is not known here. */
export const AnyItem = z.object({ item: z.object({ id: z.string(), type: z.string() }) });
/** Items that are the model's or the person's words; any other is a call of something. */
export const wordItems: ReadonlySet<string> = new Set([
  'userMessage',
  'hookPrompt',
  'agentMessage',
  'plan',
  'reasoning',
  'subAgentActivity',
]);

export const ItemEvent = z.object({ item: CodexItem });
export const PlanEvent = z.object({
  plan: z.array(z.object({ step: z.string(), status: z.enum(['pending', 'inProgress', 'completed']) })),
});
export const UsageEvent = z.object({
  tokenUsage: z.object({ total: z.object({ inputTokens: z.int(), outputTokens: z.int(), totalTokens: z.int() }) }),
});
const turnError = z.object({ message: z.string(), codexErrorInfo: z.unknown().optional(), additionalDetails: z.string().nullish() });
export const TurnEvent = z.object({
  turn: z.object({ id: z.string(), status: z.enum(['completed', 'interrupted', 'failed', 'inProgress']), error: turnError.nullish() }),
});
export const ErrorEvent = z.object({ error: turnError, willRetry: z.boolean().default(false) });
export const ThreadReply = z.object({ thread: z.object({ id: z.string() }) });
export const TurnReply = z.object({ turn: z.object({ id: z.string() }) });
export const AccountReply = z.object({ account: z.unknown().nullable(), requiresOpenaiAuth: z.boolean() });

export const CommandApproval = z.object({
  itemId: z.string(),
  reason: z.string().nullish(),
  command: z.string().nullish(),
  cwd: z.string().nullish(),
});
export const FileApproval = z.object({ itemId: z.string(), reason: z.string().nullish(), grantRoot: z.string().nullish() });
export const UserInputRequest = z.object({
  questions: z.array(
    z.object({
      id: z.string(),
      header: z.string(),
      question: z.string(),
      options: z.array(z.object({ label: z.string(), description: z.string().default('') })).nullish(),
    }),
  ),
});

/** JSON-RPC without its version field, as app-server speaks it. */
export const Incoming = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number().optional(), message: z.string() }).optional(),
});
