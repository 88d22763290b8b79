/** The driver an agent's launch settings name. */
import type { AgentLaunch } from './launch.ts';
import { AcpDriver } from './acp.ts';
import { CodexDriver } from './codex.ts';
import { readCodexLogin } from './codexLogin.ts';
import { CommandDriver } from './command.ts';
import type { AgentDriver, DriverContext } from './driver.ts';

/** `env` is the agent's whole environment. */
export async function makeDriver(launch: AgentLaunch, context: DriverContext, env: Readonly<Record<string, string>>): Promise<AgentDriver> {
  const { argv } = launch;
  switch (launch.driver) {
    case 'acp':
      return new AcpDriver(context, { argv, env, ...(launch.freeMode !== undefined && { freeMode: launch.freeMode }) });
    case 'codex':
      return new CodexDriver(context, { argv, env, login: launch.codexHome === null ? null : await readCodexLogin(launch.codexHome) });
    case 'command':
      return new CommandDriver(context, { argv, env });
  }
}
