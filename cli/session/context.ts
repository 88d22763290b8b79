/** What commands on sessions share: this machine's worker, the folder the work is about. */
import type { Connection } from '../../client/connection.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Session } from '../../protocol/records.ts';
import { findAgents, loginPath } from '../../worker/agents/discovery.ts';
import { boundFolder } from '../../worker/loop/boundFolder.ts';
import { bindRepository, openMachine } from '../../worker/base/machine.ts';
import { createWorker, type OfferedAgent, type Worker } from '../../worker/loop/worker.ts';
import type { HookHost } from '../../worker/review/beforeRemove.ts';
import { finishReviews, sweepSettled, type ReviewContext } from '../../worker/review/review.ts';
import { bindFolder, type BoundRepository } from '../../worker/queue/queueSession.ts';
import { bundle } from '../base/connect.ts';
import { state } from '../base/here.ts';
import { version } from '../base/version.ts';

export async function bindHere(connection: Connection, folder: string | undefined): Promise<BoundRepository> {
  return bindFolder(connection.api, folder ?? process.cwd(), (id, at) => {
    bindRepository(state, id, at);
    return Promise.resolve();
  });
}

/** The agents that were found on this machine and can be started. */
export async function agentsHere(searchPath: string): Promise<OfferedAgent[]> {
  const found = await findAgents({ path: searchPath, practiceAgentBundle: bundle('practiceAgent.mjs') });
  return found.flatMap(({ slug, name, launch }) => (launch ? [{ slug, name, launch }] : []));
}

/** This machine's worker, started; `capacity` 0 claims only what is named. */
export async function startWorker(connection: Connection, capacity: number, log: (text: string) => void): Promise<Worker> {
  const searchPath = await loginPath();
  const agents = await agentsHere(searchPath);
  const problem = (error: unknown): void => {
    log(`An earlier decision is not finished: ${messageOf(error)}`);
  };
  await finishReviews({ api: connection.api, stateDir: state }, problem);
  void sweepSettled({ api: connection.api, stateDir: state, hooks: hookHost(log) }, problem);
  const worker = createWorker({
    api: connection.api,
    platform: connection.address,
    stateDir: state,
    machine: openMachine(state).name,
    program: 'cli',
    version,
    capacity,
    agents,
    bindings: () => openMachine(state).bindings,
    runHostBundle: bundle('runHost.mjs'),
    path: searchPath,
    settings: () => ({ minimumStep: 'ours' }),
    log,
    onChange: () => undefined,
  });
  await worker.start();
  return worker;
}

/** How hooks of a workflow file are run when a clone is removed. */
function hookHost(say: (text: string) => void): HookHost {
  return { program: bundle('runHost.mjs'), path: loginPath, say };
}

/** For decisions on results. `folder` names the checkout of a repository that is not bound yet. */
export async function reviewContext(
  connection: Connection,
  folder: string | undefined,
  say: (text: string) => void = () => undefined,
): Promise<ReviewContext> {
  if (folder !== undefined) await bindHere(connection, folder);
  return {
    api: connection.api,
    stateDir: state,
    folderOf: (session: Session) => Promise.resolve().then(() => boundFolder(state, session)),
    hooks: hookHost(say),
  };
}
