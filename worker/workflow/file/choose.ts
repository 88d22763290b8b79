/** The workflow a session goes by: that of the commit it starts from, as far as the person approved it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { headCommit, openCheckout } from '../../workspace/repository.ts';
import { ApprovedWorkflows, type ChosenWorkflow } from './approved.ts';
import { readWorkflowSource, type WorkflowSource } from './source.ts';

export interface WorkflowRequest {
  readonly stateDir: string;
  readonly repositoryId: string;
  readonly repositoryPath: string;
  /** Null: what is checked out now. */
  readonly commit: string | null;
  /** A follow-up goes on from where its line began. */
  readonly lineDir?: string;
}

const LineStart = z.object({ baseCommit: z.string() });

export async function workflowSource(request: WorkflowRequest): Promise<WorkflowSource | null> {
  const checkout = await openCheckout(request.repositoryPath);
  const commit = (await startOfLine(request.lineDir)) ?? request.commit ?? (await headCommit(checkout));
  return checkout.git && commit !== null ? await readWorkflowSource(checkout.git.gitDir, commit) : null;
}

export async function chooseWorkflow(request: WorkflowRequest): Promise<ChosenWorkflow> {
  return new ApprovedWorkflows(request.stateDir, request.repositoryId).choose(await workflowSource(request));
}

async function startOfLine(lineDir: string | undefined): Promise<string | null> {
  if (lineDir === undefined) return null;
  const text = await readFile(path.join(lineDir, 'line.json'), 'utf8').catch(() => null);
  return text === null ? null : (LineStart.safeParse(JSON.parse(text)).data?.baseCommit ?? null);
}
