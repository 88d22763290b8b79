/**
 * What Belay knows of an agent: how it is started, what it must reach and write, how its own sandbox
 * is switched off inside ours, and how to tell whether somebody is signed in.
 */
export interface AgentEntry {
  readonly slug: string;
  readonly name: string;
  /** By its name in the registry. */
  readonly driver: string;
  /** Program on the PATH, and what it is given. */
  readonly program: string;
  readonly args: readonly string[];
  readonly versionArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** Login files relative to the person's home, copied into the run home, and the keys in them that the agent renews. */
  readonly loginFiles: readonly { readonly file: string; readonly renewed: readonly (readonly string[])[] }[];
  /** Settings of the person below the home folder, copied into the run home: never a login. */
  readonly configFiles: readonly string[];
  /** Any of these variables, bound by the person, is a login too. */
  readonly keyVariables: readonly string[];
  readonly freeMode?: string;
  readonly ownSandbox: boolean;
  /** How a person gets it, for the doctor. */
  readonly install: string;
  readonly signIn: string;
}
