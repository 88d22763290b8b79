/** The workspace and its members. */
import type { Caller } from '../../domain/caller.ts';
import type { Row, Tx } from '../base/engine.ts';
import { memberOf, text } from '../base/rows.ts';
import { exportedTables } from '../base/schema.ts';
import { unfoldAll } from './history.ts';

export async function ensureWorkspace(tx: Tx, now: number, names: { workspace: string; member: string }): Promise<Caller> {
  await tx.get('alone', ['workspace']);
  const found = await tx.get('firstWorkspace');
  const workspaceId = found ? text(found, 'id') : tx.newId('wsp');
  if (!found) await tx.insert('workspace', { id: workspaceId, name: names.workspace, created_at: now });
  const owner = await tx.get('workspaceOwner', [workspaceId]);
  if (owner) {
    const member = memberOf(owner);
    return { workspaceId, memberId: member.id, memberName: member.name, role: member.role };
  }
  const memberId = tx.newId('mem');
  await tx.insert('member', { id: memberId, workspace_id: workspaceId, name: names.member, role: 'owner', created_at: now });
  return { workspaceId, memberId, memberName: names.member, role: 'owner' };
}

export async function exportAll(tx: Tx): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  const folded = await unfoldAll(tx);
  for (const table of exportedTables) tables[table] = [...(folded.get(table) ?? []), ...(await tx.dump(table))];
  return tables;
}
