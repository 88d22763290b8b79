/** What one line of the audit log says, and the hash that ties it to the line before. Pure. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { auditEvents, policyClasses } from '../../protocol/activities.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/u);

export const AuditEntry = z.strictObject({
  /** 1, 2, 3 … on this machine. */
  n: z.int().positive(),
  /** Wall clock, ms since the epoch. */
  at: z.int(),
  /** Null where it belongs to no session. */
  session: z.string().nullable(),
  fence: z.int().nullable(),
  event: z.enum(auditEvents),
  /** Null where nothing of a class was decided: a claim, a result, a review. */
  class: z.enum(policyClasses).nullable(),
  decision: z.enum(['ask', 'deny', 'allow']).nullable(),
  resource: z.string(),
  rules: z.array(z.string()),
  policyHash: z.string(),
  detail: z.string(),
  /** The hash of the line before; zeros for the first. */
  prev: Hash,
  hash: Hash,
});
export type AuditEntry = z.infer<typeof AuditEntry>;
/** What is to be recorded; the log gives number, time and hashes. */
export type AuditFact = Omit<AuditEntry, 'n' | 'at' | 'prev' | 'hash'>;

/** The end of a chain: what the next line builds on. */
export interface AuditHead {
  readonly n: number;
  readonly head: string;
}
export const noHead: AuditHead = { n: 0, head: '0'.repeat(64) };

export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(canonical(entry)).digest('hex');
}

/** JSON with sorted keys and no space, so that the same content always has the same hash. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The entry on a line, or null when it is none. Whether its hash is right is for the chain to say. */
export function readEntry(line: string): AuditEntry | null {
  try {
    return AuditEntry.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
