/** What can be said about a workflow file, each with its place. Lines and columns begin at 1. */

export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}
export type WorkflowCode =
  | 'workflow_parse_error'
  | 'front_matter_not_a_map'
  | 'invalid_value'
  | 'unknown_key'
  | 'missing_version'
  | 'symphony_key'
  | 'template_parse_error'
  | 'template_render_error';
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: WorkflowCode;
  readonly message: string;
  readonly place: Place;
  /** A known key that may be meant. */
  readonly suggestion?: string;
}

/** As compilers say it. */
export function diagnosticLine(file: string, { severity, code, message, place }: Diagnostic): string {
  return `${file}:${place.line}:${place.column}: ${severity}: ${message} [${code}]`;
}
