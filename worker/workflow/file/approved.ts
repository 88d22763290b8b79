/** Which versions of a repository's workflow the person approved, and which of them a run goes by. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { recordApproval } from '../../audit/facts.ts';
import { Grants } from '../../policy/grants.ts';
import { readPrivate, writePrivate } from '../../run/files.ts';
import { parseWorkflow, type Workflow } from './parse.ts';
import { sourceOf, workflowName, type WorkflowSource } from './source.ts';

const Kept = z.object({ text: z.string(), sections: z.record(z.string(), z.string()) });

/** What a run goes by. */
export interface ChosenWorkflow {
  readonly workflow: Workflow | null;
  readonly sections: Readonly<Record<string, string>>;
  readonly hash: string | null;
  /** For people: why this one. */
  readonly why: string;
  /** The repository has such a file. */
  readonly found: boolean;
}
const none = (why: string, found = true): ChosenWorkflow => ({ workflow: null, sections: {}, hash: null, why, found });

export class ApprovedWorkflows {
  readonly #stateDir: string;
  readonly #folder: string;
  readonly #grants: Grants;

  constructor(stateDir: string, repositoryId: string) {
    this.#stateDir = stateDir;
    this.#folder = path.join(stateDir, 'grants', 'workflows');
    this.#grants = new Grants(stateDir, repositoryId);
  }

  has(source: WorkflowSource): boolean {
    return this.#grants.has('workflow', source.hash);
  }

  /** Recorded first. The whole of it is kept: it is what runs go by while a later version is bad or not approved. */
  approve(source: WorkflowSource): void {
    recordApproval(this.#stateDir, { what: workflowName, hash: source.hash, detail: '' });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writePrivate(path.join(this.#folder, `${source.hash}.json`), { text: source.text, sections: source.sections });
    this.#grants.add({ kind: 'workflow', hash: source.hash, policyHash: '', what: 'WORKFLOW.md', at: Date.now() });
  }

  /** The version approved last, as it was. */
  last(): WorkflowSource | null {
    for (const grant of this.#grants.list().reverse()) {
      const kept = grant.kind === 'workflow' ? readPrivate(path.join(this.#folder, `${grant.hash}.json`), Kept) : null;
      const source = kept && sourceOf(kept.text, kept.sections);
      // A kept file that is not what was approved counts for nothing.
      if (source?.hash === grant.hash) return source;
    }
    return null;
  }

  choose(source: WorkflowSource | null): ChosenWorkflow {
    if (source === null) return none('The repository has no WORKFLOW.md.', false);
    if (this.has(source)) {
      const { workflow } = parseWorkflow(source.text, source.sections);
      if (workflow) return { workflow, sections: source.sections, hash: source.hash, why: 'WORKFLOW.md as you approved it.', found: true };
    }
    const reason = this.has(source) ? 'has a mistake in it' : 'is not approved on this machine';
    const last = this.last();
    const good = last && parseWorkflow(last.text, last.sections).workflow;
    if (!last || !good) return none(`WORKFLOW.md ${reason}, so it is not used. "belay workflow approve" shows it.`);
    return {
      workflow: good,
      sections: last.sections,
      hash: last.hash,
      why: `WORKFLOW.md ${reason}: the version you approved last is used.`,
      found: true,
    };
  }
}
