/** The workspace and its members. */
import type { Member } from '../../../protocol/records.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Row, Tx } from '../base/engine.ts';
import { memberOf, text } from '../base/rows.ts';
import { exportedTables } from '../base/schema.ts';
import { unfoldAll } from './history.ts';

const callerOf = ({ id, workspaceId, name, role }: Member): Caller => ({
  kind: 'person',
  workspaceId,
  memberId: id,
  memberName: name,
  role,
  credential: id,
});

export async function ensureWorkspace(tx: Tx, now: number, names: { workspace: string; member: string }): Promise<Caller> {
  await tx.get('alone', ['workspace']);
  const found = await tx.get('firstWorkspace');
  const workspaceId = found ? text(found, 'id') : tx.newId('wsp');
  if (!found) await tx.insert('workspace', { id: workspaceId, name: names.workspace, created_at: now });
  const owner = await tx.get('workspaceOwner', [workspaceId]);
  if (owner) {
    const member = memberOf(owner);
    return callerOf(member);
  }
  const memberId = tx.newId('mem');
  const row = { id: memberId, workspace_id: workspaceId, name: names.member, role: 'owner', created_at: now };
  await tx.insert('member', row);
  return callerOf(memberOf(row));
}

export const anyLive = async (tx: Tx): Promise<boolean> => (await tx.get('anyLive')) !== undefined;

export async function exportAll(tx: Tx): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  const folded = await unfoldAll(tx);
  for (const table of exportedTables) tables[table] = [...(folded.get(table) ?? []), ...(await tx.dump(table))];
  return tables;
}
