/** Entries of the audit log for other programs: which ones, and as what. Pure. */
import { BelayError } from '../../protocol/errors.ts';
import { terminalLine } from '../base/encode.ts';
import type { AuditEntry } from './entry.ts';

export interface AuditWish {
  readonly session: string | undefined;
  /** A date, or how long ago: `90m`, `12h`, `7d`. */
  readonly since: string | undefined;
}

/** Whether an entry is wanted. Throws `bad_request` for a time that is none. */
export function auditFilter({ session, since }: AuditWish, now: number): (entry: AuditEntry) => boolean {
  const from = since === undefined ? null : timeOf(since, now);
  return (entry) => (session === undefined || entry.session === session) && (from === null || entry.at >= from);
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function timeOf(text: string, now: number): number {
  const ago = /^(\d{1,6})([mhd])$/u.exec(text);
  if (ago) return now - Number(ago[1]) * units[ago[2] as keyof typeof units];
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new BelayError('bad_request', `"${text}" is no time.`, { hint: 'As in 2026-11-26, 2026-11-26T08:00:00Z, 90m, 12h or 7d.' });
  return at;
}

const columns = ['n', 'at', 'session', 'fence', 'event', 'class', 'decision', 'resource', 'rules', 'policyHash', 'detail', 'hash'] as const;
export const csvHeader = `${columns.join(',')}\r\n`;

export function auditCsv(entry: AuditEntry): string {
  const fields: Record<(typeof columns)[number], string> = {
    ...entry,
    n: String(entry.n),
    at: new Date(entry.at).toISOString(),
    session: entry.session ?? '',
    fence: entry.fence === null ? '' : String(entry.fence),
    class: entry.class ?? '',
    decision: entry.decision ?? '',
    rules: entry.rules.join('; '),
  };
  return `${columns.map((name) => csvField(fields[name])).join(',')}\r\n`;
}

/** A table program runs what begins like a formula: an agent chooses some of these texts. */
function csvField(text: string): string {
  const shown = terminalLine(text);
  const inert = /^[=+\-@\t\r]/u.test(shown) ? `'${shown}` : shown;
  return /[",\n\r]/u.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
