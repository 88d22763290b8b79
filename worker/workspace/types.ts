import type { ResultFile } from '../../protocol/records.ts';

/** Where a line of work starts from. */
export type Base =
  | { readonly kind: 'head' }
  /** A commit that exists in the repository: an earlier result, or the snapshot of uncommitted work. */
  | { readonly kind: 'commit'; readonly commit: string };

export interface CloneRequest {
  /** The main checkout's top folder (or a plain folder without git). Never written, apart from refs/belay and objects. */
  readonly repositoryPath: string;
  /** The folder of the line of work; the clone is made in `<lineDir>/clone`. */
  readonly lineDir: string;
  readonly sessionId: string;
  readonly base: Base;
  readonly signal?: AbortSignal;
}

/** The agent's own working folder. */
export interface LineClone {
  readonly path: string;
  /** `copy`: the folder has no git; the clone is a fresh repository over a plain copy. */
  readonly kind: 'clone' | 'copy';
  /** What the agent starts from. */
  readonly baseCommit: string;
  /** An earlier session of the line made it; its content was kept. */
  readonly reused: boolean;
  /** Links that `.worktreeinclude` names and that lead out of the checkout: they were not made. */
  readonly leftOut: readonly string[];
  /** What a copy of a plain folder left out: no files, or what git keeps of a repository in it. */
  readonly notCopied: readonly string[];
  /** Paths of submodules in the base: their folders are empty in the clone. */
  readonly submodules: readonly string[];
  /** Remotes of the person that a push copies everything to, the refs of runs too. */
  readonly mirrors: readonly string[];
  readonly ms: number;
}

export interface GateRequest {
  readonly repositoryPath: string;
  readonly lineDir: string;
  readonly clone: LineClone;
  readonly sessionId: string;
  readonly fence: number;
  /** Values that must not leave, besides what looks like a secret by itself. */
  readonly secrets?: readonly string[];
  /** The person's repository gets nothing: for what goes out while the agent works, if somebody allows it. */
  readonly staysInGate?: boolean;
  /** Subject of the commit the gate makes. */
  readonly subject: string;
  readonly signal?: AbortSignal;
}

/** What does not leave, and why; a reason never repeats what a file holds. */
export interface HeldBack {
  readonly path: string;
  readonly reason: string;
}

/** What leaves the clone, checked, as a commit in the main repository's objects under `ref`. */
export interface GateOutcome {
  readonly baseCommit: string;
  /** Null when nothing changed, or when nothing that changed may leave. */
  readonly headCommit: string | null;
  readonly ref: string | null;
  readonly agentCommits: number;
  readonly files: readonly ResultFile[];
  readonly heldBack: readonly HeldBack[];
  readonly added: number;
  readonly deleted: number;
}
