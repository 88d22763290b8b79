/** The ways of running agents: a new one is a folder and a line here. Nothing else asks for the name of one. */
import { BelayError } from '../../protocol/errors.ts';
import { acp } from './acp/entry.ts';
import type { DriverEntry } from './base/driver.ts';
import { codex } from './codex/entry.ts';
import { command } from './command/entry.ts';

const drivers = new Map<string, DriverEntry>(Object.entries({ acp, codex, command }));

export const driverNames: readonly string[] = [...drivers.keys()];

/** Throws `bad_request` for a name that there is none of. */
export function driverOf(name: string): DriverEntry {
  const driver = drivers.get(name);
  if (!driver)
    throw new BelayError('bad_request', `There is no driver of agents called "${name}".`, {
      hint: `Name one of ${driverNames.join(', ')} in the settings of the agent.`,
    });
  return driver;
}
