/** Creates that can be repeated after a lost reply. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { Call } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { text } from '../../base/rows.ts';
import { workspaceSql } from './sql.ts';

/** Runs `work` once per key; the same key again gives the first reply, with another request it is refused. */
export async function once<T>(tx: Tx, call: Call, work: () => Promise<T>): Promise<T> {
  if (!call.once) return work();
  const { workspaceId, memberId } = call.caller;
  const seen = await tx.get(workspaceSql.onceReply, { workspace: workspaceId, member: memberId, key: call.once.key });
  if (seen) {
    if (text(seen, 'hash') !== call.once.hash)
      throw new BelayError('idempotency_mismatch', 'This Idempotency-Key was used for another request.', { hint: 'Use a new key.' });
    return JSON.parse(text(seen, 'reply')) as T;
  }
  const reply = await work();
  await tx.insert('idempotency_key', {
    workspace_id: workspaceId,
    member_id: memberId,
    key: call.once.key,
    hash: call.once.hash,
    reply: JSON.stringify(reply),
    created_at: call.now,
  });
  return reply;
}
