/** Appends to the audit log as another process does: `appendAudit.ts STATE COUNT NAME`. */
import { AuditLog } from '../../worker/audit/log.ts';
import { fact } from './auditFact.ts';

const [stateDir = '', count = '0', name = ''] = process.argv.slice(2);
const log = new AuditLog({ stateDir });
for (let index = 0; index < Number(count); index += 1) log.append(fact(`${name}-${index}`));
