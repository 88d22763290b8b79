/** Error codes of the API and the one error class that carries them (problem details, RFC 9457). */
import type { Problem } from './problem.ts';

/** Code → HTTP status. Codes are stable; texts are not. */
export const errorStatus = {
  bad_request: 400,
  invalid_body: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  claim_lost: 409,
  conflict: 409,
  invalid_transition: 409,
  idempotency_mismatch: 409,
  session_final: 410,
  version_conflict: 412,
  too_large: 413,
  unsupported_media_type: 415,
  precondition_required: 428,
  rate_limited: 429,
  headers_too_large: 431,
  internal: 500,
  unavailable: 503,
  storage_full: 507,
  storage_read_only: 507,
} as const;
export type ErrorCode = keyof typeof errorStatus;
export const errorCodes = Object.keys(errorStatus) as ErrorCode[];

export interface BelayErrorOptions {
  readonly hint?: string;
  readonly issues?: readonly { path: string; message: string }[];
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

/** An error with a stable code, on both sides of the wire. `message` says what happened, `hint` what to do. */
export class BelayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly issues: readonly { path: string; message: string }[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: BelayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BelayError';
    this.code = code;
    this.hint = options.hint;
    this.issues = options.issues;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return errorStatus[this.code];
  }

  toProblem(): Problem {
    return {
      type: `urn:belay:problem:${this.code}`,
      title: this.code.replaceAll('_', ' '),
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.hint && { hint: this.hint }),
      ...(this.issues && { issues: [...this.issues] }),
    };
  }

  static fromProblem(problem: Problem, retryAfterMs?: number): BelayError {
    const code = Object.hasOwn(errorStatus, problem.code) ? (problem.code as ErrorCode) : 'internal';
    return new BelayError(code, problem.detail, { hint: problem.hint, issues: problem.issues, retryAfterMs });
  }
}

export function isBelayError(error: unknown, code?: ErrorCode): error is BelayError {
  return error instanceof BelayError && (code === undefined || error.code === code);
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
