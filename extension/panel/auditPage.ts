/** The audit page's snapshots: this machine's log, checked, with the sessions it names. */
import { watch, type FSWatcher } from 'node:fs';
import type { AuditPage, AuditRow } from '../../protocol/panel.ts';
import { auditEntriesBackwards } from '../../worker/audit/chain.ts';
import type { AuditEntry } from '../../worker/audit/entry.ts';
import { auditDir, makeAuditDir } from '../../worker/audit/files.ts';
import { anchorsOf, verifyAudit, type PlacedAnchor } from '../../worker/audit/verify.ts';
import { openMachine } from '../../worker/base/machine.ts';
import type { PageContext } from './pages.ts';

const rowsShown = 500;
/** The platform is not asked for all anchors each time a line is written. */
const anchorsFreshMs = 30_000;

export class AuditPages {
  readonly #stateDir: string;
  readonly #watcher: FSWatcher;
  #anchors: { readonly at: number; readonly known: readonly PlacedAnchor[] } | null = null;

  /** `changed`: a line was written, by whichever window or run. */
  constructor(stateDir: string, changed: () => void) {
    this.#stateDir = stateDir;
    makeAuditDir(stateDir);
    this.#watcher = watch(auditDir(stateDir), (_event, name) => {
      if (name?.endsWith('.ndjson') ?? true) changed();
    });
    this.#watcher.on('error', () => undefined);
  }

  dispose(): void {
    this.#watcher.close();
  }

  async page({ api, model }: PageContext): Promise<AuditPage> {
    // Before the log is read: what is written meanwhile is no contradiction.
    const anchors = await this.#anchorsNow(api);
    const verdict = verifyAudit(this.#stateDir, anchors);
    const row = ({ prev: _prev, hash: _hash, fence: _fence, session, ...entry }: AuditEntry): AuditRow => {
      const known = session === null ? undefined : model.sessions.get(session);
      return {
        ...entry,
        session: session === null ? null : { id: session, title: known?.title ?? session, itemKey: known?.itemKey ?? null },
      };
    };
    const rows: AuditRow[] = [];
    for (const entry of auditEntriesBackwards(this.#stateDir)) if (rows.push(row(entry)) >= rowsShown) break;
    return {
      rows,
      total: verdict.entries,
      problems: verdict.problems.map(({ message }) => message),
      anchored: verdict.anchors && { until: verdict.anchors.until },
    };
  }

  async #anchorsNow(api: PageContext['api']): Promise<readonly PlacedAnchor[] | null> {
    const known = this.#anchors;
    if (known && performance.now() - known.at < anchorsFreshMs) return known.known;
    try {
      const found = await anchorsOf(api, openMachine(this.#stateDir).id);
      this.#anchors = { at: performance.now(), known: found };
      return found;
    } catch {
      return null;
    }
  }
}
