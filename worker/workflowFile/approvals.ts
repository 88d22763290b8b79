/** Which versions of a repository's workflow file the person approved, the newest of them whole, and what they chose for its secrets. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { inState } from '../base/stateFolder.ts';
import { recordApproval } from '../audit/facts.ts';
import { Grants } from '../workerConfig/grants.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { workflowFile } from './schema.ts';
import type { WorkflowSource } from './source.ts';

/** In the environment, or masked: then the work has a stand-in, which these `host:port` pairs get exchanged for the value. */
const SecretChoice = z.union([z.literal('environment'), z.strictObject({ masked: z.array(z.string()).min(1) })]);
export type SecretChoice = z.infer<typeof SecretChoice>;
const Approved = z.object({
  text: z.string(),
  sections: z.record(z.string(), z.string()),
  hash: z.string(),
});
const Choices = z.record(z.string(), SecretChoice);

/** The second name of a grant: not the file alone, also what it asks to be allowed. */
const withRequests = 'allow';

export class WorkflowApprovals {
  readonly #stateDir: string;
  readonly #folder: string;
  readonly #grants: Grants;

  constructor(stateDir: string, repositoryId: string) {
    this.#stateDir = stateDir;
    this.#folder = inState(stateDir, 'workflows', repositoryId.replaceAll(/[^\w-]/gu, '_'));
    this.#grants = new Grants(stateDir, repositoryId);
  }

  approved(hash: string): boolean {
    return this.#grants.has('workflow', hash);
  }

  /** The person also granted the `allow` rules of this version. */
  requestsGranted(hash: string): boolean {
    return this.#grants.has('workflow', hash, withRequests);
  }

  /** The version approved last, for a diff and to go on with. */
  last(): WorkflowSource | null {
    return readPrivate(path.join(this.#folder, 'last.json'), Approved);
  }

  /** Recorded first: an approval that cannot be is none. */
  approve(source: WorkflowSource, requests: boolean, at: number): void {
    recordApproval(this.#stateDir, { what: workflowFile, hash: source.hash, detail: requests ? 'with what it asks to be allowed' : '' });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    // What is gone back to must be there before it counts.
    writePrivate(path.join(this.#folder, 'last.json'), source);
    const grant = { kind: 'workflow' as const, hash: source.hash, what: workflowFile, at };
    this.#grants.add({ ...grant, policyHash: '' });
    if (requests) this.#grants.add({ ...grant, policyHash: withRequests });
  }

  secretChoices(): Readonly<Record<string, SecretChoice>> {
    return readPrivate(path.join(this.#folder, 'secrets.json'), Choices) ?? {};
  }

  /** Null takes the choice back: the work does not get the value. */
  chooseSecret(name: string, choice: SecretChoice | null): void {
    const others = Object.entries(this.secretChoices()).filter(([known]) => known !== name);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writePrivate(path.join(this.#folder, 'secrets.json'), Object.fromEntries(choice === null ? others : [...others, [name, choice]]));
  }
}
