/** Every setting, read in one place. Settings that execute something have machine scope. */
import * as vscode from 'vscode';
import * as z from 'zod';
import { SandboxStep } from '../../protocol/records.ts';
import { driverNames } from '../../worker/agents/registry.ts';
import { UserTarget } from '../../worker/targets/userTarget.ts';

const AgentSettings = z.record(
  z.string(),
  z.object({
    command: z.array(z.string()).optional(),
    driver: z
      .string()
      .refine((name) => driverNames.includes(name))
      .optional(),
    env: z.record(z.string(), z.string()).optional(),
    allowHosts: z.array(z.string()).optional(),
    secrets: z.array(z.string()).optional(),
  }),
);
export type AgentSettings = z.infer<typeof AgentSettings>;

export interface Settings {
  readonly workerEnabled: boolean;
  readonly capacity: number;
  readonly defaultAgent: string;
  readonly agents: AgentSettings;
  readonly lastWindow: 'finish' | 'stop';
  readonly minimumStep: z.infer<typeof SandboxStep>;
  readonly allowHosts: readonly string[];
  readonly targets: readonly UserTarget[];
  readonly notifications: boolean;
}

/** The settings as they are now. A value of the wrong form counts as not set. */
export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration('belay');
  const read = <T extends z.ZodType>(name: string, type: T, fallback: z.output<T>): z.output<T> =>
    type.safeParse(section.get(name)).data ?? fallback;
  return {
    workerEnabled: read('worker.enabled', z.boolean(), true),
    capacity: read('worker.capacity', z.int().min(1).max(10), 2),
    defaultAgent: read('worker.defaultAgent', z.string(), ''),
    agents: read('worker.agents', AgentSettings, {}),
    lastWindow: read('worker.lastWindow', z.enum(['finish', 'stop']), 'finish'),
    minimumStep: read('sandbox.minimum', SandboxStep, 'ours'),
    allowHosts: read('sandbox.allowHosts', z.array(z.string()), []),
    targets: read('targets', z.array(UserTarget), []),
    notifications: read('notifications', z.boolean(), true),
  };
}
