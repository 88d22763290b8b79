/** What of a repository's workflow file waits for the person: for the command line and the editor alike. */
import type { Checkout } from '../workspace/repository.ts';
import { headCommit } from '../workspace/repository.ts';
import { WorkflowApprovals } from './approvals.ts';
import { hasErrors, parseWorkflow, sectionFile, type ParsedWorkflow } from './parse.ts';
import { workflowFile } from './schema.ts';
import { readSource, type WorkflowSource } from './source.ts';

export interface WorkflowStanding {
  /** The file of HEAD, or of the commit that was asked for. */
  readonly source: WorkflowSource;
  readonly parsed: ParsedWorkflow;
  readonly usable: boolean;
  readonly approved: boolean;
  readonly last: WorkflowSource | null;
  /** Rules that ask to be allowed. */
  readonly requests: readonly string[];
  readonly approvals: WorkflowApprovals;
}

/** Null when the commit, which is HEAD where none is named, has no workflow file. */
export async function workflowStanding(
  stateDir: string,
  repositoryId: string,
  checkout: Checkout,
  commit?: string,
): Promise<WorkflowStanding | null> {
  const head = commit ?? (await headCommit(checkout));
  const source = checkout.git && head !== null ? await readSource(checkout.git.gitDir, head) : null;
  if (source === null) return null;
  const parsed = parseWorkflow(source.text, source.sections);
  const approvals = new WorkflowApprovals(stateDir, repositoryId);
  const allows = (parsed.workflow?.config.policy ?? []).filter((rule) => rule.decision === 'allow');
  return {
    source,
    parsed,
    usable: !hasErrors(parsed),
    approved: approvals.approved(source.hash),
    last: approvals.last(),
    requests: allows.map((rule) => `${rule.class} ${rule.match?.join(' | ') ?? '(all)'}`),
    approvals,
  };
}

/** All of it as one text, for a diff. */
export function wholeText(source: WorkflowSource | null): string {
  if (source === null) return '';
  const sections = Object.entries(source.sections).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `# ${workflowFile}\n\n${source.text.trimEnd()}`,
    ...sections.map(([name, text]) => `# ${sectionFile(name)}\n\n${text.trimEnd()}`),
    '',
  ].join('\n\n');
}
