/** Starts a run host for a claim, within the room its repository has on this machine; what cannot be started goes back at once. */
import path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import { HeldSession } from '../journal/heldSession.ts';
import { notStarted, sayEnd, type RunEnd } from '../run/end.ts';
import { launchRun } from '../run/launch.ts';
import type { RunSpec } from '../run/spec.ts';
import { effectSecretNames } from '../workerConfig/effectSettings.ts';
import { liveRuns, startWithin } from './repositoryRoom.ts';
import { runSpecOf } from './runSpec.ts';
import type { WorkerOptions } from './types.ts';

/** For so long a session is not offered again whose repository had no room. */
const fullMs = 5000;

export class RunStarter {
  readonly #options: WorkerOptions;
  readonly #instanceId: string;
  /** How many runs of a repository its workflow file allows at once, as it was when it was last read. */
  readonly #limits = new Map<string, number>();

  constructor(options: WorkerOptions, instanceId: string) {
    this.#options = options;
    this.#instanceId = instanceId;
  }

  /** Whether another run of the repository may begin here. */
  hasRoom(repositoryId: string): boolean {
    const limit = this.#limits.get(repositoryId) ?? Infinity;
    return limit === Infinity || liveRuns(this.#options.stateDir, repositoryId) < limit;
  }

  /** Returns the run's folder. A claim that cannot be started goes back at once, not when its lease ends, and this throws why. */
  async start(grant: ClaimGrant, workerId: string): Promise<string> {
    const { api, stateDir, log } = this.#options;
    const { fence, claimToken, session } = grant;
    try {
      const spec = await runSpecOf({ ...this.#options, workerId, instanceId: this.#instanceId }, grant);
      const limit = spec.workflow?.config.agent.max_concurrent_agents ?? Infinity;
      const repositoryId = session.repositoryId ?? '';
      this.#limits.set(repositoryId, limit);
      const started = await startWithin(stateDir, repositoryId, limit, async () => await this.#launch(spec));
      if (started === null) throw new RepositoryFull(limit);
      const { runDir, pid } = started;
      log(`Run ${path.relative(stateDir, runDir)} started as process ${pid}.`);
      return runDir;
    } catch (error) {
      const held = new HeldSession(api, { sessionId: session.id, instanceId: this.#instanceId, fence, claimToken });
      await sayEnd(held, endOfFailedStart(error)).catch((failure: unknown) => {
        log(`The failed start could not be told: ${messageOf(failure)}`);
      });
      throw error;
    }
  }

  /** An agent gets the values it is known to use and no others. */
  async #launch(spec: RunSpec): Promise<{ readonly runDir: string; readonly pid: number }> {
    const { runHostBundle, runtime, platform, secrets, path: searchPath } = this.#options;
    const bound = (await secrets?.()) ?? {};
    const valuesOf = (names: readonly string[]): Record<string, string> =>
      Object.fromEntries(
        names.flatMap((name) => {
          const value = bound[name] ?? process.env[name];
          return value === undefined ? [] : [[name, value]];
        }),
      );
    const { secretNames = [], masked = [] } = spec.workflow ?? {};
    return await launchRun({
      spec,
      secrets: valuesOf([...(spec.agent.secretNames ?? []), ...secretNames, ...masked.map(({ name }) => name)]),
      credential: 'url' in platform ? platform.credential : '',
      effectSecrets: valuesOf(effectSecretNames(spec.settings.effects)),
      program: runHostBundle,
      path: searchPath,
      ...(runtime !== undefined && { runtime }),
    });
  }
}

/** As many runs of the repository are alive as its workflow file allows. */
class RepositoryFull extends BelayError {
  constructor(limit: number) {
    super('conflict', `WORKFLOW.md lets ${limit} of this repository's sessions run at once on one machine, and so many do.`, {
      hint: 'The session stays queued: wait for another to end, or raise "agent.max_concurrent_agents".',
    });
  }
}

/** What keeps a run from starting ends its session, but for want of room: that passes. */
function endOfFailedStart(error: unknown): RunEnd {
  if (error instanceof RepositoryFull) return { verb: 'release', reason: messageOf(error).slice(0, 2000), notBeforeMs: fullMs };
  return notStarted(error);
}
