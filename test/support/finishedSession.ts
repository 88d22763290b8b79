/** A session with a result made of real commits, as a worker elsewhere would have reported it: no agent runs for it. */
import { randomUUID } from 'node:crypto';
import type { Session, SessionResult, WorkItem } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { bindRepository } from '../../worker/base/machine.ts';
import { aResult, aResultFile } from '../builders/result.ts';
import { git, writeFiles } from './repository.ts';

export interface FinishedSession {
  readonly session: Session;
  readonly result: SessionResult;
}

/** `files`: what the result's commit holds beside what the repository has. The repository itself stays as it is. */
export async function finishSession(
  api: BelayApi,
  stateDir: string,
  repository: string,
  item: WorkItem,
  files: Readonly<Record<string, string>>,
): Promise<FinishedSession> {
  const baseCommit = git(repository, 'rev-parse', 'HEAD');
  git(repository, 'checkout', '--quiet', '--detach');
  writeFiles(repository, { ...files });
  git(repository, 'add', '-A');
  git(repository, 'commit', '--quiet', '--message', 'By the agent');
  const headCommit = git(repository, 'rev-parse', 'HEAD');
  git(repository, 'checkout', '--quiet', '--force', 'main');
  const names = git(repository, 'diff', '--name-status', '--no-renames', '-z', baseCommit, headCommit).split('\0').filter(Boolean);
  const result = aResult({
    baseCommit,
    headCommit,
    files: Array.from({ length: names.length / 2 }, (_, index) =>
      aResultFile(names[index * 2 + 1] ?? '', { status: names[index * 2] === 'A' ? 'added' : 'modified' }),
    ),
    added: names.length / 2,
    deleted: names.length / 2,
  });

  const agent = await api.ensureAgent({ body: { slug: 'elsewhere', name: 'Elsewhere', execution: 'cloud', driver: 'test' } });
  const bound = await api.ensureRepository({ body: { name: 'sample', remote: null, rootCommit: baseCommit, defaultBranch: 'main' } });
  bindRepository(stateDir, bound.id, repository);
  const instanceId = randomUUID();
  const worker = await api.ensureWorker({
    body: { machine: 'elsewhere', execution: 'cloud', agentIds: [agent.id], capacity: 1, instanceId, program: 'test', version: '1' },
  });
  const { id } = await api.createSession({
    body: {
      itemId: item.id,
      agentId: agent.id,
      mode: 'fix',
      repositoryId: bound.id,
      baseCommit,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
    },
  });
  const poll = { workerId: worker.id, instanceId, requestId: randomUUID(), capacity: 1, sessionId: id, repositoryIds: [bound.id] };
  const [grant] = (await api.poll({ body: poll })).claims;
  if (!grant) throw new Error('The session was not claimed.');
  await api.complete({
    params: { id },
    claimToken: grant.claimToken,
    body: { holder: { instanceId, fence: grant.fence }, result, usage: null },
  });
  return { session: await api.getSession({ params: { id } }), result };
}
