/** What a run host is started with: everything it needs, written by the worker loop after the claim. */
import * as z from 'zod';
import { ClaimGrant } from '../../protocol/exchange.ts';
import { Id, SandboxStep } from '../../protocol/records.ts';
import { AgentLaunch } from '../agents/base/launch.ts';
import { EffectSettings } from '../workerConfig/effectSettings.ts';
import { Rules } from '../../protocol/policy.ts';
import { WorkflowConfig } from '../workflowFile/schema.ts';

/** The workflow file a run works under, as it was when the session was claimed. */
export const RunWorkflow = z.strictObject({
  hash: z.string(),
  config: WorkflowConfig,
  body: z.string(),
  sections: z.record(z.string(), z.string()),
  /** The person granted what it asks to be allowed. */
  granted: z.boolean(),
  /** Variables the person gives to its work on this machine. */
  secretNames: z.array(z.string()),
  /** Variables whose values stay outside the sandbox, and the `host:port` pairs that get them in requests. */
  masked: z.array(z.strictObject({ name: z.string(), hosts: z.array(z.string()) })),
});
export type RunWorkflow = z.infer<typeof RunWorkflow>;

export const RunSettings = z.strictObject({
  /** The lowest step a run may go on with. */
  minimumStep: SandboxStep.default('agent'),
  /** Nobody watches: what would be asked is denied, and a sandbox is a must. */
  unattended: z.boolean().default(false),
  hosts: z.array(z.string()).default([]),
  readable: z.array(z.string()).default([]),
  writable: z.array(z.string()).default([]),
  /** Rules of the person for this machine. */
  rules: Rules.default([]),
  /** What the broker may use for effects outside. */
  effects: EffectSettings.prefault({}),
  /** No sign of life from the agent for this long ends the run, ms. */
  stallMs: z.int().positive().default(300_000),
  /** The same while a call of a tool is open, ms. */
  callMs: z.int().positive().default(3_600_000),
  /** What the agent may write to its folders beyond what its clone began with, bytes. */
  diskBytes: z
    .int()
    .positive()
    .default(20 * 1024 ** 3),
  /** A question open for this long parks the run, ms. */
  parkMs: z.int().positive().default(600_000),
  /** Between asking the agent to stop and ending its processes, ms. */
  graceMs: z.int().nonnegative().default(5000),
  /** For the agent's first answer, ms. */
  startMs: z.int().positive().default(30_000),
  /** How long a local run goes on without the platform, ms. */
  offlineMs: z.int().positive().default(600_000),
});
export type RunSettings = z.infer<typeof RunSettings>;

/** Socket or pipe of an embedded platform, or where a team's is; what lets in there is among the secrets. */
const PlatformPlace = z.union([z.strictObject({ socketPath: z.string() }), z.strictObject({ url: z.string() })]);

export const RunSpec = z.strictObject({
  version: z.literal(1),
  grant: ClaimGrant,
  workerId: Id,
  instanceId: Id,
  platform: PlatformPlace,
  stateDir: z.string(),
  lineDir: z.string(),
  repositoryPath: z.string(),
  base: z.discriminatedUnion('kind', [z.object({ kind: z.literal('head') }), z.object({ kind: z.literal('commit'), commit: z.string() })]),
  agent: AgentLaunch,
  settings: RunSettings,
  /** Trusted words of the person to every agent on this machine. */
  instructions: z.string().default(''),
  workflow: RunWorkflow.nullable().default(null),
  /** What is to be said of the workflow file; empty when there is none. */
  workflowNote: z.string().default(''),
});
export type RunSpec = z.infer<typeof RunSpec>;

/** Values that must not stay on disk: the run host reads this file once and removes it. */
export const RunSecrets = z.strictObject({
  /** Bound values by variable name. */
  env: z.record(z.string(), z.string()).default({}),
  /** The agent's own variables and settings files: people put keys there, too. */
  agentEnv: z.record(z.string(), z.string()).default({}),
  homeFiles: z.record(z.string(), z.string()).default({}),
  /** Lets the run host, and nobody else, in at a team's platform. */
  credential: z.string().default(''),
  /** For the broker only. */
  effects: z.record(z.string(), z.string()).default({}),
});
export type RunSecrets = z.infer<typeof RunSecrets>;

const processName = z.object({ pid: z.int(), startTime: z.string().nullable() });
/** What a run host says about itself in `host.json`, for whoever finds the folder later. */
export const HostRecord = z.object({
  host: processName,
  controlSocket: z.string(),
  /** Short private folder for sockets; removed with the run. */
  tempDir: z.string(),
  /** Leader of the agent's process group. */
  agent: processName.nullable(),
  fence: z.int(),
  claimToken: z.string(),
  instanceId: z.string(),
  /** Set when the platform has confirmed the end, or nothing is left to say. */
  settled: z.boolean(),
});
export type HostRecord = z.infer<typeof HostRecord>;

export const runFiles = { spec: 'run.json', secrets: 'secrets.json', host: 'host.json', log: 'host.log', cwd: 'cwd' } as const;
