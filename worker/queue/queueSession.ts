/** Queues one item for an agent of this machine: binds its repository, keeps the person's choice of base, stores the session. */
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Session, SessionMode } from '../../protocol/records.ts';
import type { PromptWish } from '../../protocol/routes.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { folderSize, refuseProtected, type FolderSize } from '../workspace/plainFolder.ts';
import { openCheckout, repositoryIdentity, snapshotCommit, uncommittedPaths, type Checkout } from '../workspace/repository.ts';

export interface BoundRepository {
  readonly id: string;
  readonly name: string;
  readonly checkout: Checkout;
  /** The folder that was meant, from the top of the checkout; empty for all of it. */
  readonly within: string;
}

/** Makes the repository known to the platform and bound to its folder on this machine. */
export async function bindFolder(
  api: BelayApi,
  folder: string,
  bind: (repositoryId: string, folder: string) => Promise<void>,
): Promise<BoundRepository> {
  const checkout = await openCheckout(folder);
  const identity = await repositoryIdentity(checkout);
  const repository = await api.ensureRepository({ body: identity });
  await bind(repository.id, checkout.path);
  const within = path.relative(realpathSync(checkout.path), realpathSync(folder));
  return { id: repository.id, name: repository.name, checkout, within };
}

export interface QueueRequest {
  readonly api: BelayApi;
  readonly stateDir: string;
  readonly itemId: string;
  readonly agentId: string;
  readonly mode: SessionMode;
  readonly repository: BoundRepository;
  readonly prompt: PromptWish;
  /** `snapshot` starts from a commit of the working tree as it is now. */
  readonly base: 'head' | 'snapshot';
  /** Only this worker may claim it. */
  readonly workerId: string | null;
}

/** Stores the session. It is queued, nothing runs by this. */
export async function queueSession(request: QueueRequest): Promise<Session> {
  const { api, repository } = request;
  return api.createSession({
    body: {
      itemId: request.itemId,
      agentId: request.agentId,
      mode: request.mode,
      repositoryId: repository.id,
      prompt: request.prompt,
      folder: repository.within,
      workerId: request.workerId,
      baseCommit: await baseCommit(request),
    },
  });
}

async function baseCommit(request: QueueRequest): Promise<string | null> {
  if (request.base === 'head') return null;
  const scratch = path.join(request.stateDir, 'scratch');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const name = randomUUID();
  const indexFile = path.join(scratch, name);
  return snapshotCommit(request.repository.checkout, name, indexFile).finally(() => rm(indexFile, { force: true }));
}

/**
 * How much is copied for a run; null where git makes a clone instead. Throws where the folder must not be copied, such as one
 * that Belay's own lies in.
 */
export async function copySize({ checkout }: BoundRepository, stateDir: string): Promise<FolderSize | null> {
  if (checkout.git) return null;
  await refuseProtected(checkout.path, await realpath(stateDir).catch(() => stateDir));
  return folderSize(checkout.path);
}

/** How many files differ from HEAD, for the question where to start from. */
export async function uncommittedCount(repository: BoundRepository): Promise<number> {
  return (await uncommittedPaths(repository.checkout)).length;
}
