/** What a person allowed for good in a repository: one line each, in Belay's state folder, which no agent reaches. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { inState } from '../base/stateFolder.ts';

const Grant = z.object({
  kind: z.enum(['action', 'workflow']),
  /** SHA-256 of the exact action, or of the whole file. */
  hash: z.string(),
  /** Under which policy: another one asks anew. Empty for files. */
  policyHash: z.string(),
  /** For people. */
  what: z.string(),
  at: z.int(),
});
export type Grant = z.infer<typeof Grant>;

export class Grants {
  readonly #file: string;

  constructor(stateDir: string, repositoryId: string) {
    this.#file = inState(stateDir, 'grants', `${repositoryId.replaceAll(/[^\w-]/gu, '_')}.ndjson`);
  }

  has(kind: Grant['kind'], hash: string, policyHash = ''): boolean {
    return this.list().some((grant) => grant.kind === kind && grant.hash === hash && grant.policyHash === policyHash);
  }

  /** Oldest first. A line that cannot be read grants nothing. */
  list(): Grant[] {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch {
      return [];
    }
    return text.split('\n').flatMap((line) => {
      try {
        const grant = Grant.safeParse(JSON.parse(line));
        return grant.success ? [grant.data] : [];
      } catch {
        return [];
      }
    });
  }

  /** One short write, so that several runs may add at once. */
  add(grant: Grant): void {
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    appendFileSync(this.#file, `${JSON.stringify(grant)}\n`, { mode: 0o600 });
  }
}
