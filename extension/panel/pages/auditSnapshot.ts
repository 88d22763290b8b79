/** The audit page's snapshots: this machine's log, checked, with the sessions it names. */
import type { AuditPage, AuditRow } from '../../../protocol/panelPages.ts';
import { auditEntriesBackwards } from '../../../worker/audit/chain.ts';
import type { AuditEntry } from '../../../worker/audit/entry.ts';
import { anchorsOf, verifyAudit, type PlacedAnchor } from '../../../worker/audit/verify.ts';
import { openMachine } from '../../../worker/base/machine.ts';
import type { PageContext } from './page.ts';

const rowsShown = 500;
/** The platform is not asked for all anchors each time a line is written. */
const anchorsFreshMs = 30_000;

let asked: { readonly of: string; readonly at: number; readonly known: readonly PlacedAnchor[] } | null = null;

export async function auditSnapshot({ api, model, stateDir }: PageContext): Promise<AuditPage> {
  // Before the log is read: what is written meanwhile is no contradiction.
  const anchors = await anchorsNow(api, stateDir);
  const verdict = verifyAudit(stateDir, anchors);
  const row = ({ prev: _prev, hash: _hash, fence: _fence, session, ...entry }: AuditEntry): AuditRow => {
    const known = session === null ? undefined : model.sessions.get(session);
    return {
      ...entry,
      session: session === null ? null : { id: session, title: known?.title ?? session, itemKey: known?.itemKey ?? null },
    };
  };
  const rows: AuditRow[] = [];
  for (const entry of auditEntriesBackwards(stateDir)) if (rows.push(row(entry)) >= rowsShown) break;
  return {
    rows,
    total: verdict.entries,
    problems: verdict.problems.map(({ message }) => message),
    anchored: verdict.anchors && { until: verdict.anchors.until },
  };
}

async function anchorsNow(api: PageContext['api'], stateDir: string): Promise<readonly PlacedAnchor[] | null> {
  if (asked?.of === stateDir && performance.now() - asked.at < anchorsFreshMs) return asked.known;
  try {
    const known = await anchorsOf(api, openMachine(stateDir).id);
    asked = { of: stateDir, at: performance.now(), known };
    return known;
  } catch {
    return null;
  }
}
