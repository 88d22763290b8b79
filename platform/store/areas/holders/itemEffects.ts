/** What a holder does to its own item in its agent's name: under its claim only, and each effect once. */
import { createHash } from 'node:crypto';
import { BelayError } from '../../../../protocol/errors.ts';
import type { StoredItem } from '../../../../protocol/records.ts';
import type { Bodies, Call } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { text } from '../../base/rows.ts';
import { ownItem } from '../items/findItem.ts';
import { patchItem, writeComment } from '../items/items.ts';
import { itemSql } from '../items/sql.ts';
import { viewSession } from '../sessions/sessionRows.ts';
import { sessionSql } from '../sessions/sql.ts';
import { holderSql } from './sql.ts';
import { holderValues, refusal } from './writes.ts';

type Request = Bodies['itemEffect'];

export async function itemEffect(
  tx: Tx,
  call: Call,
  sessionId: string,
  { holder, key, effect }: Request,
): Promise<{ item: StoredItem; repeated: boolean }> {
  await tx.get(sessionSql.lockSession, { session: sessionId });
  const held = await tx.get(holderSql.heldBy, holderValues(sessionId, holder));
  if (!held) throw await refusal(tx, sessionId, holder);
  if (held.item_id === null)
    throw new BelayError('not_found', 'This session belongs to no item.', { hint: 'Say it in the result of the session instead.' });
  const item = await ownItem(tx, call, text(held, 'item_id'));
  if (effect.type === 'status') {
    const repeated = item.status === effect.status;
    return { item: repeated ? item : await patchItem(tx, call, item.id, item.version, { status: effect.status }), repeated };
  }
  // The same comment of the same session is one comment, whoever holds it by now.
  const id = `com_${createHash('sha256').update(`${sessionId}\n${key}`).digest('hex').slice(0, 32)}`;
  if (await tx.get(itemSql.commentById, { comment: id })) return { item, repeated: true };
  const session = await viewSession(tx, sessionId);
  const author = { authorId: null, authorName: session.agentName, origin: 'agent', sessionId } as const;
  await writeComment(tx, call, item, { id, ...author, body: effect.body });
  return { item, repeated: false };
}
