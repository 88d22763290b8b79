/** The workspace and its members. */
import type { Member } from '../../../../protocol/records.ts';
import type { Caller } from '../../../domain/caller.ts';
import type { Tx } from '../../base/engine.ts';
import { text } from '../../base/rows.ts';
import { baseSql } from '../../base/sql.ts';
import type { Row } from '../../base/values.ts';
import { unfoldAll } from '../sessions/history.ts';
import { exportedTables } from './exportedTables.ts';
import { memberOf } from './rows.ts';
import { workspaceSql } from './sql.ts';

const callerOf = ({ id, workspaceId, name, role }: Member): Caller => ({
  kind: 'person',
  workspaceId,
  memberId: id,
  memberName: name,
  role,
  credential: id,
});

export async function ensureWorkspace(tx: Tx, now: number, names: { workspace: string; member: string }): Promise<Caller> {
  await tx.get(baseSql.alone, { name: 'workspace' });
  const found = await tx.get(workspaceSql.firstWorkspace);
  const workspaceId = found ? text(found, 'id') : tx.newId('wsp');
  if (!found) await tx.insert('workspace', { id: workspaceId, name: names.workspace, created_at: now });
  const owner = await tx.get(workspaceSql.workspaceOwner, { workspace: workspaceId });
  if (owner) {
    const member = memberOf(owner);
    return callerOf(member);
  }
  const memberId = tx.newId('mem');
  const row = { id: memberId, workspace_id: workspaceId, name: names.member, role: 'owner', created_at: now };
  await tx.insert('member', row);
  return callerOf(memberOf(row));
}

export async function exportAll(tx: Tx): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  const folded = await unfoldAll(tx);
  for (const table of exportedTables) tables[table] = [...(folded.get(table) ?? []), ...(await tx.dump(table))];
  return tables;
}
