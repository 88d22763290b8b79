/** What there is on the machine of the run. */
export interface Places {
  readonly person: string;
  readonly repository: string;
  readonly stateDir: string;
  readonly socket: string;
  readonly otherClone: string;
  /** Created by whatever gets executed outside. */
  readonly marks: string;
  /** `host:port` of a server that listens for what is carried out. */
  readonly attacker: string;
  /** A bare repository that must stay empty. */
  readonly stolenRemote: string;
  readonly victimPid: number;
  /** Commits of the person with a key in `key.txt`, on no branch that a run starts from. */
  readonly hidden: { readonly private: string; readonly stash: string; readonly dangling: string };
}
