/** The first phases of a run: its line of work is taken, the clone and everything beside it is made. */
import path from 'node:path';
import { messageOf } from '../../protocol/errors.ts';
import { RunEffects } from '../effects/runEffects.ts';
import { createClone } from '../workspace/clone.ts';
import type { LineClone } from '../workspace/types.ts';
import { prepareSandbox, type PreparedSandbox } from './agentSandbox.ts';
import { bindLine } from './bind.ts';
import type { Cleanups } from './cleanups.ts';
import { endProcesses, type RunContext } from './context.ts';
import { describeClone } from './describeClone.ts';
import { claimInDoubt } from './halt.ts';
import { HandOver } from './handOver.ts';
import { heldSecrets } from './heldSecrets.ts';
import { holdLogin, takesLogin } from './login.ts';
import { copyLogin, returnLogin } from './loginCopy.ts';
import { truncate } from './sink.ts';

export interface Prepared {
  readonly clone: LineClone;
  readonly preparedSandbox: PreparedSandbox;
  readonly handOver: HandOver;
  readonly effects: RunEffects;
}
/** When what was taken is given back. */
export interface RunCleanups {
  /** Once nothing of the run lives. */
  readonly atEnd: Cleanups;
  /** Once its end was told. */
  readonly afterTold: Cleanups;
}

export async function prepare(context: RunContext, cleanups: RunCleanups): Promise<Prepared> {
  const { parts, held, phases, processes, records } = context;
  const { spec } = parts;
  records.note('claim', spec.repositoryPath, `${spec.grant.agent.name}, ${spec.grant.session.mode}`);
  await phases.during('bind', async () => {
    const lock = await bindLine(spec, held.fence);
    cleanups.afterTold.add('The line of work', () => {
      lock.release();
    });
    return { value: null, detail: path.basename(spec.repositoryPath) };
  });
  const effects = await openEffects(context);
  cleanups.atEnd.add('The broker', () => effects.close());
  const preparing = prepareSandbox(parts, effects.openings, processes);
  cleanups.atEnd.add('The sandbox', async () => {
    await (await preparing.catch(() => null))?.close();
  });
  preparing.catch(() => undefined);
  const clone = await phases.during('clone', async () => {
    const value = await createClone({
      repositoryPath: spec.repositoryPath,
      lineDir: spec.lineDir,
      sessionId: spec.grant.session.id,
      base: spec.base,
      signal: parts.interruption.signal,
    });
    return { value, detail: describeClone(value) };
  });
  const preparedSandbox = await phases.during('bootstrap', async () => {
    const value = await preparing;
    const own = 'The agent has its own home and temp folder.';
    const hasLogin = takesLogin(parts);
    if (hasLogin) await lendLogin(context, cleanups.atEnd);
    return { value, detail: hasLogin ? `${own} What it runs can read your login of it.` : own };
  });
  return { clone, preparedSandbox, effects, handOver: handOverOf(context, clone) };
}

function openEffects({ parts, held, lease, sink }: RunContext): Promise<RunEffects> {
  const { spec, api, log, effectSecrets } = parts;
  const { session, repository } = spec.grant;
  return RunEffects.open({
    api,
    held,
    log,
    settings: spec.settings.effects,
    secrets: effectSecrets,
    sessionId: session.id,
    itemKey: session.itemKey,
    lineDir: spec.lineDir,
    repositoryPath: spec.repositoryPath,
    defaultBranch: repository?.defaultBranch ?? 'main',
    fence: () => held.fence,
    confirmClaim: async () => {
      if (!lease.exitsOpen) throw claimInDoubt();
      await held.updateStanding();
    },
    onUrl: (url, title) => {
      sink.write({ kind: 'url', body: { url, title: truncate(title, 300) } });
    },
  });
}

/** The agent works by the person's login until nothing of it lives; what it renewed goes back then. */
async function lendLogin(context: RunContext, atEnd: Cleanups): Promise<void> {
  const { parts, sink } = context;
  const { spec, interruption, log } = parts;
  const { stateDir, lineDir, grant, agent } = spec;
  const onWait = (first: boolean): void => {
    sink.touch();
    if (first) sink.phase('bootstrap', `Another session has the login of ${grant.agent.name}; it goes to one at a time.`, null);
  };
  const lock = await holdLogin(stateDir, agent.slug, onWait, interruption.signal).catch((error: unknown) => {
    interruption.check();
    throw error;
  });
  atEnd.add('The login', async () => {
    if (await endProcesses(context))
      await returnLogin(lineDir, agent).catch((error: unknown) => {
        log(`What the agent renewed of its login could not be taken over: ${messageOf(error)}`);
      });
    lock.release();
  });
  await copyLogin(lineDir, agent);
}

function handOverOf({ parts, held, lease, records, sink }: RunContext, clone: LineClone): HandOver {
  const { spec, interruption, log } = parts;
  return new HandOver({
    spec,
    clone,
    fence: () => held.fence,
    sink,
    records,
    secrets: heldSecrets(parts),
    exitsOpen: () => lease.exitsOpen,
    check: () => {
      interruption.check();
    },
    signal: interruption.signal,
    log,
  });
}
