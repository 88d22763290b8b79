/** What the front matter of `WORKFLOW.md` may say: one schema for reading, completion, hover and diagnostics. Pure. */
import * as z from 'zod';
import { Rules } from '../../protocol/policy.ts';

export const workflowFile = 'WORKFLOW.md';
export const sectionFolder = '.belay/sections';
export type HookName = 'after_create' | 'before_run' | 'after_run' | 'before_remove';

const Command = z.union([z.string().min(1).max(20_000), z.array(z.string().max(4000)).min(1).max(200)]);
export type Command = z.infer<typeof Command>;
const PerSystem = z.object({
  posix: Command.optional().describe('On Linux and macOS: a script for `sh`, or a list of arguments.'),
  windows: Command.optional().describe('On Windows: a script for PowerShell, or a list of arguments.'),
});
const Hook = z.union([Command, PerSystem]);
export type Hook = z.infer<typeof Hook>;

const Mode = z.object({
  enabled: z.boolean().optional().describe('`false`: no session of this mode runs in this repository.'),
  instructions: z.string().max(20_000).optional().describe('Words for this mode alone, after the body. Liquid, as the body.'),
});

export const WorkflowConfig = z.object({
  version: z.literal(1).default(1).describe('The version of this format: 1.'),
  agent: z
    .object({
      max_concurrent_agents: z.int().min(1).max(100).optional().describe('So many sessions of this repository run at once on one machine.'),
      max_turns: z.int().min(1).max(1000).optional().describe('A run that needs more turns than this ends as failed.'),
      turn_timeout_ms: z.int().min(1000).max(86_400_000).optional().describe('One turn of the agent may take so long, in milliseconds.'),
      stall_timeout_ms: z
        .int()
        .min(1000)
        .max(86_400_000)
        .optional()
        .describe("Without a sign of life for so long the run ends as stalled. Never longer than this machine's own limit."),
      call_timeout_ms: z
        .int()
        .min(1000)
        .max(604_800_000)
        .optional()
        .describe("The same while a command or another call of a tool is open. Never longer than this machine's own limit."),
    })
    .prefault({})
    .describe('Limits of agents in this repository.'),
  modes: z
    .object({ plan: Mode.optional(), code: Mode.optional(), review: Mode.optional(), fix: Mode.optional() })
    .prefault({})
    .describe('What is particular to one mode.'),
  base_branch: z
    .string()
    .regex(/^(?!-)[\w./-]{1,200}$/u, 'a branch name')
    .optional()
    .describe('The local branch that sessions start from when the person chose nothing else. Without it: HEAD.'),
  hooks: z
    .object({
      after_create: Hook.optional().describe('Once for each clone, before the first run. Its failure ends the run.'),
      before_run: Hook.optional().describe('Before each run. Its failure ends the run.'),
      after_run: Hook.optional().describe('After each run, before its result is looked at. Its failure is reported and nothing more.'),
      before_remove: Hook.optional().describe(
        "Before a clone is removed, once, in Belay's own sandbox or not at all, without secrets. Its failure is logged and keeps nothing.",
      ),
      timeout_ms: z.int().min(100).max(3_600_000).default(60_000).describe('Each hook may take so long, in milliseconds.'),
    })
    .prefault({})
    .describe('Commands at fixed points of a run and at the removal of its clone. They run inside a sandbox, in the clone.'),
  policy: Rules.default([]).describe(
    'Rules that narrow what agents may do here. An `allow` is a request to the person who approves the file.',
  ),
  secrets: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,60}$/u, 'a variable name in capital letters'))
    .max(50)
    .default([])
    .describe('Names of variables the work needs. Each person binds the values on their own machine.'),
});
export type WorkflowConfig = z.infer<typeof WorkflowConfig>;

/** As far as it is needed here: what zod writes. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly (string | number | boolean)[];
  readonly const?: string | number | boolean;
  readonly default?: unknown;
}

export const workflowJsonSchema = z.toJSONSchema(WorkflowConfig, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** The schema of a key, by its path from the top; a number stands for any place of a list. Null where there is none. */
export function schemaAt(path: readonly (string | number)[], schema: JsonSchema = workflowJsonSchema): JsonSchema | null {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  for (const choice of [schema, ...(schema.anyOf ?? [])]) {
    const next =
      typeof step === 'number' ? choice.items : Object.hasOwn(choice.properties ?? {}, step) ? choice.properties?.[step] : undefined;
    const found = next && schemaAt(rest, next);
    if (found) return found;
  }
  return null;
}

/** The keys that may stand in a map. Null where any may, or where no map belongs. */
export function keysOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | null {
  return schema.properties ?? schema.anyOf?.find((choice) => choice.properties)?.properties ?? null;
}

/** The values a scalar may have, where they can be listed. */
export function valuesOf(schema: JsonSchema): readonly string[] {
  if (schema.type === 'boolean') return ['true', 'false'];
  if (schema.const !== undefined) return [String(schema.const)];
  return [...(schema.enum ?? []).map(String), ...(schema.anyOf ?? []).flatMap(valuesOf)];
}
