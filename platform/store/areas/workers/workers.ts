/** Agents, workers with their instances, repositories. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { StoredAgent, Instance, Repository, Worker } from '../../../../protocol/records.ts';
import { authorize } from '../../../domain/authorize.ts';
import type { Bodies, Call, Queries, Slice } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { afterNameCursor, longPage, sliceOf } from '../../base/pages.ts';
import { integer, integerOrNull, text } from '../../base/rows.ts';
import { baseSql } from '../../base/sql.ts';
import type { Row } from '../../base/values.ts';
import { emit } from '../events/events.ts';
import { agentOf, instanceOf, repositoryOf, workerOf } from './rows.ts';
import { workerSql } from './sql.ts';

/** Instances not seen for this long are history. */
const instanceMemoryMs = 24 * 60 * 60_000;
/** So many of a worker's instances are listed. */
const mostInstances = 20;
/** How old a "seen" may be before a poll writes it again: a commit per poll would cost a disk write each. */
const seenStepMs = 5_000;

export async function findAgent(tx: Tx, call: Call, id: string): Promise<StoredAgent> {
  const row = await tx.get(workerSql.agentById, { workspace: call.caller.workspaceId, agent: id });
  if (!row) throw new BelayError('not_found', `There is no agent "${id}".`);
  return agentOf(row);
}

export async function listAgents(tx: Tx, call: Call, query: Queries['paging']): Promise<Slice<StoredAgent>> {
  const limit = query.limit ?? longPage;
  const rows = await tx.all(workerSql.agentList, {
    workspace: call.caller.workspaceId,
    ...afterNameCursor(query.cursor),
    limit: limit + 1,
  });
  return sliceOf(rows, limit, agentOf, (row) => [text(row, 'name'), text(row, 'id')]);
}

export async function ensureAgent(tx: Tx, call: Call, body: Bodies['ensureAgent']): Promise<StoredAgent> {
  const { workspaceId, memberId } = call.caller;
  await tx.get(baseSql.alone, { name: `agents:${workspaceId}` });
  const found = await tx.get(workerSql.agentBySlug, {
    workspace: workspaceId,
    slug: body.slug,
    execution: body.execution,
    owner: memberId,
  });
  if (found) {
    const agent = agentOf(found);
    if (agent.name === body.name && agent.driver === body.driver && agent.instructions === body.instructions) return agent;
    await tx.run(workerSql.agentUpdate, { agent: agent.id, name: body.name, driver: body.driver, instructions: body.instructions });
    emit(tx, call.now, workspaceId, 'agent.changed', {});
    return findAgent(tx, call, agent.id);
  }
  const id = tx.newId('agt');
  await tx.insert('agent', {
    id,
    workspace_id: workspaceId,
    slug: body.slug,
    name: body.name,
    execution: body.execution,
    owner_id: body.execution === 'local' ? memberId : null,
    driver: body.driver,
    instructions: body.instructions,
    policy: '{}',
    created_at: call.now,
  });
  emit(tx, call.now, workspaceId, 'agent.changed', {});
  return findAgent(tx, call, id);
}

export async function findWorker(tx: Tx, call: Call, id: string): Promise<Worker> {
  const row = await tx.get(workerSql.workerById, { workspace: call.caller.workspaceId, worker: id });
  if (!row) throw new BelayError('not_found', `There is no worker "${id}".`, { hint: 'Register the worker first.' });
  return workerOf(row);
}

type ListedWorker = Worker & { instances: Instance[]; running: number };

export async function listWorkers(tx: Tx, call: Call, query: Queries['paging']): Promise<Slice<ListedWorker>> {
  const limit = query.limit ?? longPage;
  const rows = await tx.all(workerSql.workerList, {
    workspace: call.caller.workspaceId,
    ...afterNameCursor(query.cursor),
    limit: limit + 1,
  });
  const ids = JSON.stringify(rows.map((row) => text(row, 'id')));
  const instances = (await tx.all(workerSql.instanceList, { workers: ids, since: call.now - instanceMemoryMs, most: mostInstances })).map(
    instanceOf,
  );
  const listed = (row: Row): ListedWorker => ({
    ...workerOf(row),
    instances: instances.filter((instance) => instance.workerId === text(row, 'id')),
    running: integer(row, 'running'),
  });
  return sliceOf(rows, limit, listed, (row) => [text(row, 'machine'), text(row, 'id')]);
}

export async function ensureWorker(tx: Tx, call: Call, body: Bodies['ensureWorker']): Promise<Worker> {
  const { workspaceId, memberId } = call.caller;
  for (const agentId of body.agentIds) {
    const agent = await findAgent(tx, call, agentId);
    if (agent.execution !== body.execution)
      throw new BelayError('invalid_body', `"${agent.name}" is a ${agent.execution} agent; this is a ${body.execution} worker.`);
    if (agent.execution === 'local' && agent.ownerId !== memberId)
      throw new BelayError('forbidden', `The agent "${agent.name}" belongs to somebody else.`);
  }
  const found = await tx.get(workerSql.workerMatch, {
    workspace: workspaceId,
    owner: memberId,
    machine: body.machine,
    execution: body.execution,
  });
  const agentIds = JSON.stringify(body.agentIds);
  const id = found ? text(found, 'id') : tx.newId('wrk');
  if (found) await tx.run(workerSql.workerUpdate, { worker: id, agents: agentIds, capacity: body.capacity, now: call.now });
  else
    await tx.insert('worker', {
      id,
      workspace_id: workspaceId,
      owner_id: memberId,
      machine: body.machine,
      execution: body.execution,
      agent_ids: agentIds,
      capacity: body.capacity,
      seen_at: call.now,
      created_at: call.now,
    });
  const instance = await tx.get(workerSql.instanceById, { instance: body.instanceId });
  if (!instance)
    await tx.insert('instance', {
      id: body.instanceId,
      worker_id: id,
      program: body.program,
      version: body.version,
      started_at: call.now,
      seen_at: call.now,
    });
  else if (text(instance, 'worker_id') !== id) throw new BelayError('conflict', 'This instance id is in use by another worker.');
  else await tx.run(workerSql.instanceAgain, { instance: body.instanceId, program: body.program, version: body.version, now: call.now });
  emit(tx, call.now, workspaceId, 'worker.changed', {});
  tx.forget(pollingKey(id, body.instanceId));
  return findWorker(tx, call, id);
}

const pollingKey = (workerId: string, instanceId: string): string => `polling ${workerId} ${instanceId}`;

/** The worker of a poll, checked and marked as seen. What it registered elsewhere a moment ago may not be known yet. */
export async function pollingWorker(tx: Tx, call: Call, workerId: string, instanceId: string): Promise<Worker> {
  const worker = await tx.recall(pollingKey(workerId, instanceId), async () => {
    const row = await tx.get(workerSql.pollingWorker, { workspace: call.caller.workspaceId, worker: workerId, instance: instanceId });
    if (!row)
      throw new BelayError('not_found', 'This worker, or this instance of it, is not registered.', {
        hint: 'Register the worker with its instance first.',
      });
    const old = (seen: number | null): boolean => seen === null || Math.abs(call.now - seen) > seenStepMs;
    if (old(integerOrNull(row, 'seen_at'))) await tx.run(workerSql.workerSeen, { worker: workerId, now: call.now });
    if (old(integer(row, 'instance_seen_at'))) await tx.run(workerSql.instanceSeen, { instance: instanceId, now: call.now });
    return workerOf(row);
  });
  if (worker.workspaceId !== call.caller.workspaceId) throw new BelayError('not_found', `There is no worker "${workerId}".`);
  authorize(call.caller, 'worker.poll', worker);
  return worker;
}

export async function listRepositories(tx: Tx, call: Call, query: Queries['paging']): Promise<Slice<Repository>> {
  const limit = query.limit ?? longPage;
  const rows = await tx.all(workerSql.repositoryList, {
    workspace: call.caller.workspaceId,
    ...afterNameCursor(query.cursor),
    limit: limit + 1,
  });
  return sliceOf(rows, limit, repositoryOf, (row) => [text(row, 'name'), text(row, 'id')]);
}

export async function ensureRepository(tx: Tx, call: Call, body: Bodies['ensureRepository']): Promise<Repository> {
  const { workspaceId } = call.caller;
  await tx.get(baseSql.alone, { name: `repositories:${workspaceId}` });
  const found = await tx.get(workerSql.repositoryMatch, {
    workspace: workspaceId,
    remote: body.remote ?? '',
    rootCommit: body.rootCommit ?? '',
    subdirectory: body.subdirectory,
    name: body.name,
  });
  if (found) return repositoryOf(found);
  const row = {
    id: tx.newId('rep'),
    workspace_id: workspaceId,
    name: body.name,
    remote: body.remote,
    root_commit: body.rootCommit,
    subdirectory: body.subdirectory,
    default_branch: body.defaultBranch,
    created_at: call.now,
  };
  await tx.insert('repository', row);
  return repositoryOf(row);
}
