/** The folders of a line of work beside its clone: the agent's run home and its temp folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { driverOf } from '../agents/registry.ts';
import { within } from '../base/paths.ts';
import { toolChainVariables } from '../sandbox/readable.ts';
import { removeTree } from '../workspace/removeTree.ts';
import type { AgentLaunch } from '../agents/base/launch.ts';

export interface Workplace {
  readonly home: string;
  readonly tmp: string;
}

/** Makes both folders, empties the temp folder, and writes the agent's configuration into the run home, without any login of a session before. */
export async function prepareWorkplace(lineDir: string, agent: AgentLaunch): Promise<Workplace> {
  const home = path.join(lineDir, 'home', agent.slug);
  const tmp = path.join(lineDir, 'tmp');
  await removeTree(tmp, lineDir);
  await mkdir(tmp, { recursive: true, mode: 0o700 });
  await mkdir(home, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(agent.homeFiles)) await putFile(home, name, content);
  for (const { into } of agent.loginFiles) await freePlace(home, into);
  return { home, tmp };
}

async function putFile(home: string, name: string, content: string): Promise<void> {
  await writeFile(await freePlace(home, name), content, { mode: 0o600, flag: 'wx' });
}

/**
 * A free place for a file in the run home. An earlier session wrote there too, so whatever stands at
 * the place is removed first and a link on the way is refused: a write must not land elsewhere.
 */
export async function freePlace(home: string, name: string): Promise<string> {
  const file = path.join(home, name);
  if (path.isAbsolute(name) || !within(file, home)) throw new BelayError('bad_request', `"${name}" is not a path inside the run home.`);
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!within(realpathSync(folder), realpathSync(home)))
    throw new BelayError('conflict', `"${name}" in the run home leads out of it.`, {
      hint: 'Discard the working folder of this line and start again.',
    });
  await removeTree(file, home);
  return file;
}

/** The agent's whole environment: made from scratch, so nothing of the editor or the person leaks in. */
export function agentEnvironment(place: Workplace, agent: AgentLaunch, personHome: string): Record<string, string> {
  return {
    ...toolChainVariables(personHome),
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'true',
    GIT_TERMINAL_PROMPT: '0',
    NODE_USE_ENV_PROXY: '1',
    ...agent.env,
    ...driverOf(agent.driver).prepareHome?.(place.home),
    HOME: place.home,
    TMPDIR: place.tmp,
  };
}
