/** Where the audit log lies: one folder in the state folder, in files named by the number of their first line. */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';

export const auditDir = (stateDir: string): string => inState(stateDir, 'audit');
const name = /^audit-(\d{12})\.ndjson$/u;

export interface Segment {
  readonly file: string;
  /** The number of its first line. */
  readonly first: number;
}

export function segmentAt(stateDir: string, first: number): Segment {
  return { file: path.join(auditDir(stateDir), `audit-${String(first).padStart(12, '0')}.ndjson`), first };
}

/** Oldest first; none when nothing was recorded yet. */
export function segments(stateDir: string): Segment[] {
  let names: string[];
  try {
    names = readdirSync(auditDir(stateDir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((entry) => {
      const first = name.exec(entry)?.[1];
      return first === undefined ? [] : [segmentAt(stateDir, Number(first))];
    })
    .sort((a, b) => a.first - b.first);
}

export function makeAuditDir(stateDir: string): void {
  mkdirSync(auditDir(stateDir), { recursive: true, mode: 0o700 });
}
