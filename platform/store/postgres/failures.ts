/** What went wrong in the database, and what that means for a request. */
import { BelayError, messageOf } from '../../../protocol/errors.ts';

/**
 * `conflict`: somebody was quicker; the same transaction again sees what they did. `lost`: the connection or
 * the server went away; nothing was committed. `busy`: the server has no room or gave up on waiting.
 * `other`: not for us to repeat.
 */
export type Failure = 'conflict' | 'lost' | 'busy' | 'other';

const conflicts = new Set(['40001', '40P01', '23505']);
/** Lock and statement time-outs, too many connections, out of memory. */
const busyCodes = new Set(['55P03', '57014', '53000', '53200', '53300', '53400']);
/** Shut down, crashed, starting; idle in a transaction for too long; a server that became a read-only copy. */
const lostCodes = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04', '25006']);
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENOENT',
]);
/** The driver's own words: these errors have no code. */
const lostTexts = /connection terminated|timeout expired|not queryable|connection ended|query read timeout|pipeline.*(destroyed|closed)/i;
const busyTexts = /timeout exceeded when trying to connect/i;

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

export function failureOf(error: unknown): Failure {
  if (error instanceof BelayError) return 'other';
  const code = codeOf(error);
  if (conflicts.has(code)) return 'conflict';
  if (busyCodes.has(code)) return 'busy';
  if (lostCodes.has(code) || code.startsWith('08') || network.has(code)) return 'lost';
  if (error instanceof AggregateError) return error.errors.some((one) => failureOf(one) === 'lost') ? 'lost' : 'other';
  if (busyTexts.test(messageOf(error))) return 'busy';
  return lostTexts.test(messageOf(error)) ? 'lost' : 'other';
}

const againMs = 1_000;

export function unavailable(what: string, cause: unknown): BelayError {
  return new BelayError('unavailable', what, { cause, retryAfterMs: againMs, hint: 'Try again in a moment.' });
}

/** A failure that ends the request, in our words. Never the driver's: they may name hosts and people. */
export function translate(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof BelayError) return error;
  if (code === '53100')
    return new BelayError('storage_full', 'The disk of the database is full. Nothing was changed.', {
      hint: 'Free some space on it, then try again.',
      cause: error,
    });
  switch (failureOf(error)) {
    case 'conflict':
      return unavailable('Too many changes to the same thing at once. Nothing was changed.', error);
    case 'busy':
      return unavailable('The database is busy. Nothing was changed.', error);
    case 'lost':
      return unavailable('The database cannot be reached. Nothing was changed.', error);
    case 'other':
      return error;
  }
}

/** Why the database could not be opened, with what to do. */
export function refusal(error: unknown): BelayError {
  if (error instanceof BelayError) return error;
  const hints: Record<string, string> = {
    '28P01': 'Check the user and the password (PGPASSWORD or a password file).',
    '28000': 'Check the user, and that the server lets it in from here.',
    '3D000': 'Create the database first.',
    '42501': 'The user needs the right to create a schema in this database, or to use the one that is there.',
  };
  const hint = hints[codeOf(error)] ?? 'Check the address of the database, and that it runs.';
  return new BelayError('unavailable', `The database could not be opened: ${messageOf(error) || codeOf(error)}.`, { hint, cause: error });
}
