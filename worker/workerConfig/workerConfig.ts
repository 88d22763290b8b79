/** `policy.yaml` in Belay's state folder: what the person of this machine allows agents, and forbids them. No agent reaches it. */
import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { inState } from '../base/stateFolder.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { Rules } from '../../protocol/policy.ts';
import { EffectSettings } from './effectSettings.ts';
import { parseHostPort } from '../policy/hosts.ts';

const folder = z.string().min(1).max(4000);
const silence = z.int().min(1000).max(604_800_000);
export const WorkerConfig = z.strictObject({
  version: z.literal(1),
  rules: Rules.default([]),
  /** Further hosts for every agent, each with its port. */
  hosts: z.array(z.string().max(300)).max(500).default([]),
  /** Folders agents may read, and write, beside their own. */
  readable: z.array(folder).max(200).default([]),
  writable: z.array(folder).max(200).default([]),
  effects: EffectSettings.prefault({}),
  limits: z
    .strictObject({
      /** How long an agent may give no sign of life, and how long while a call of a tool is open, ms. */
      stallMs: silence.optional(),
      callMs: silence.optional(),
      /** What a run may write to its folders before it stands still and a person is asked. */
      diskMb: z.int().min(1).max(100_000_000).optional(),
    })
    .prefault({}),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;

export const workerConfigFile = (stateDir: string): string => inState(stateDir, 'policy');

/** The configuration as it is now; the empty one where there is no file. Rejects with `bad_request` for a file with a mistake in it. */
export async function readWorkerConfig(stateDir: string): Promise<WorkerConfig> {
  const file = workerConfigFile(stateDir);
  if (!existsSync(file)) return WorkerConfig.parse({ version: 1 });
  const wrong = (why: string): never => {
    throw new BelayError('bad_request', `The policy of this machine cannot be read: ${why}`, {
      hint: `Mend ${file}; until then no session is claimed. "belay policy check" tells more.`,
    });
  };
  // Most machines have no such file: an editor's window loads the reader of it only then.
  const { parse } = await import('./yaml.ts');
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true, maxAliasCount: 50 });
  } catch (error) {
    return wrong(messageOf(error));
  }
  const read = WorkerConfig.safeParse(raw);
  if (!read.success) return wrong(z.prettifyError(read.error));
  try {
    for (const host of read.data.hosts) parseHostPort(host);
  } catch (error) {
    return wrong(messageOf(error));
  }
  return read.data;
}
