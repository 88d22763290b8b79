import { isBelayError, messageOf, type BelayError } from '../../protocol/errors.ts';
import type { PanelProblem } from '../../protocol/panel.ts';

/** Anything thrown, as the panel shows it. */
export function toProblem(error: unknown): PanelProblem {
  if (!isBelayError(error)) return { code: 'internal', message: messageOf(error), hint: null, canRetry: true };
  const final = ['bad_request', 'invalid_body', 'forbidden', 'not_found', 'session_final', 'invalid_transition'];
  return { code: error.code, message: error.message, hint: error.hint ?? null, canRetry: !final.includes(error.code), ...paths(error) };
}

function paths({ code, issues }: BelayError): Pick<PanelProblem, 'paths'> {
  return code === 'conflict' && issues && issues.length > 0 ? { paths: issues.map(({ path }) => path) } : {};
}
