/**
 * The head of `WORKFLOW.md`. Keys that mean the same as in OpenAI Symphony's file have its names. Every key here has an
 * effect; one that has none does not belong here.
 */
import * as z from 'zod';
import { Rules } from '../../../protocol/policy.ts';

const Script = z.union([
  z.string().min(1).max(20_000).describe('A POSIX shell script.'),
  z.array(z.string().max(8000)).min(1).max(100).describe('A program and its arguments.'),
]);
const Hook = z
  .union([
    Script,
    z.strictObject({
      linux: Script.optional(),
      macos: Script.optional(),
      windows: z.array(z.string().max(8000)).min(1).max(100).optional().describe('A program and its arguments.'),
    }),
  ])
  .describe('Runs in the working folder, inside the sandbox of the run.');

export const WorkflowHead = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  hooks: z
    .strictObject({
      after_create: Hook.optional().describe('Once, after the working folder was made. When it fails, the run fails.'),
      before_run: Hook.optional().describe('Before the agent starts, each time. When it fails, the run fails.'),
      after_run: Hook.optional().describe('After the agent ended its work, before the result is judged. A failure is told and ignored.'),
      timeout_ms: z.int().min(1000).max(3_600_000).default(60_000).describe('How long one hook may take, in ms.'),
    })
    .prefault({})
    .describe('Programs around the work of the agent.'),
  limits: z
    .strictObject({
      stall_timeout_ms: z
        .int()
        .min(10_000)
        .max(3_600_000)
        .optional()
        .describe('No sign of life from the agent for this long ends the run, in ms.'),
      turn_timeout_ms: z.int().min(10_000).max(86_400_000).optional().describe('How long the agent may work in one run, in ms.'),
    })
    .prefault({})
    .describe('Limits of a run; they can only be tighter than those of the machine.'),
  policy: Rules.default([]).describe(
    'Rules for agents here. They narrow what the machine allows; an "allow" is a request, granted when you approve the file.',
  ),
  secrets: z
    .array(
      z
        .string()
        .regex(/^[A-Z][A-Z0-9_]*$/u, 'A variable name in capitals.')
        .max(100),
    )
    .max(50)
    .default([])
    .describe('Names of values that runs need in their environment. Each person binds the values on their own machine.'),
});
export type WorkflowHead = z.infer<typeof WorkflowHead>;
export type HookName = 'after_create' | 'before_run' | 'after_run';

/** For editors. */
export const workflowJsonSchema = (): object => z.toJSONSchema(WorkflowHead, { io: 'input' });

/** Keys of Symphony's file that Belay has elsewhere, with where. */
export const symphonyKeys: Readonly<Record<string, string>> = {
  tracker: 'items come from Belay itself',
  polling: 'the worker waits for work instead of asking in intervals',
  workspace: 'working folders are private clones in the state folder',
  agent: 'how many runs go on at once is set in the worker settings of each machine',
  codex: 'agents, and how they are confined, are set in the worker settings of each machine',
  'hooks.before_remove': 'working folders are removed by the host, which runs nothing in them',
};
