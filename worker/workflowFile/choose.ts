/** Which workflow a run works under: the one of its base commit if it is good and approved, else the last that was. */
import { messageOf } from '../../protocol/errors.ts';
import { WorkflowApprovals } from './approvals.ts';
import { hasErrors, parseWorkflow, type Workflow } from './parse.ts';
import { workflowFile } from './schema.ts';
import { readSource, type WorkflowSource } from './source.ts';
import type { Sections } from './template.ts';

export interface ChosenWorkflow {
  readonly hash: string;
  readonly workflow: Workflow;
  readonly sections: Sections;
  /** The person granted what it asks to be allowed. */
  readonly granted: boolean;
}
export interface WorkflowChoice {
  /** Null: the usual one. */
  readonly chosen: ChosenWorkflow | null;
  /** For people; empty when there is nothing to say. */
  readonly note: string;
  /** A version that waits for the person's yes. */
  readonly waiting: WorkflowSource | null;
}

export async function chooseWorkflow(where: {
  readonly stateDir: string;
  readonly repositoryId: string;
  readonly gitDir: string;
  readonly commit: string;
}): Promise<WorkflowChoice> {
  const approvals = new WorkflowApprovals(where.stateDir, where.repositoryId);
  const last = (why: string, waiting: WorkflowSource | null = null): WorkflowChoice => {
    const source = approvals.last();
    const chosen = source && usable(source, approvals);
    const instead = chosen ? 'the version approved last is used' : 'it is not used';
    return { chosen, note: `${workflowFile}: ${why}, ${instead}.`, waiting };
  };
  let source: WorkflowSource | null;
  try {
    source = await readSource(where.gitDir, where.commit);
  } catch (error) {
    return last(`it cannot be read (${messageOf(error)})`);
  }
  if (source === null) return { chosen: null, note: '', waiting: null };
  const parsed = parseWorkflow(source.text, source.sections);
  if (hasErrors(parsed)) {
    const first = parsed.diagnostics.find((entry) => entry.severity === 'error');
    return last(`it has a mistake${first ? ` in line ${first.start.line + 1} (${first.code}: ${first.message})` : ''}`);
  }
  if (!approvals.approved(source.hash)) return last('this version is not approved', source);
  return { chosen: usable(source, approvals), note: `${workflowFile} ${source.hash.slice(0, 12)}, approved.`, waiting: null };
}

function usable(source: WorkflowSource, approvals: WorkflowApprovals): ChosenWorkflow | null {
  const parsed = parseWorkflow(source.text, source.sections);
  if (parsed.workflow === null || hasErrors(parsed)) return null;
  const { hash, sections } = source;
  return { hash, sections, workflow: parsed.workflow, granted: approvals.requestsGranted(hash) };
}
