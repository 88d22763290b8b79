import { watch } from 'node:fs';
import { auditDir, makeAuditDir } from '../../../worker/audit/files.ts';
import type { PageSource } from './page.ts';

export const auditPage: PageSource<'audit'> = {
  // What reads and checks the log is loaded by who looks at it.
  build: async (_of, context) => (await import('./auditSnapshot.ts')).auditSnapshot(context),
  // The log names sessions, whose titles the snapshot has.
  concernedBy: ['session.created', 'session.changed', 'session.input', 'session.review'],
  /** Lines are written by whichever window or run. */
  follow: (_of, { link, changed, left }) => {
    makeAuditDir(link.stateDir);
    const watcher = watch(auditDir(link.stateDir), { signal: left }, (_event, name) => {
      if (name?.endsWith('.ndjson') ?? true) changed();
    });
    watcher.on('error', () => undefined);
  },
};
