/** The layout of the state folder: what lies in it, each name once. */
import path from 'node:path';

const names = {
  platform: 'platform',
  /** One folder a run. */
  runs: 'runs',
  /** One folder a line of work, its clone in it; and what clones borrow. */
  lines: 'lines',
  /** Accepts under way and done. */
  accepts: 'accepts',
  audit: 'audit',
  /** What a person allowed for a repository. */
  grants: 'grants',
  /** Workflow files a person approved. */
  workflows: 'workflows',
  /** Whose run has an agent's login. */
  logins: 'logins',
  /** What agents see of the system's settings. */
  settings: 'settings',
  /** What was compiled of Belay's own programs. */
  compiled: 'compiled',
  /** What one window told for all. */
  announced: 'announced',
  /** Work that is thrown away when it is done. */
  scratch: 'scratch',
  policy: 'policy.yaml',
  machine: 'machine.json',
  /** A team's platform that the person chose, with the token that lets them in. */
  connection: 'connection.json',
  machineLock: 'machine.json.lock',
  startingLock: 'starting.lock',
} as const;
export type StateName = keyof typeof names;

export const inState = (stateDir: string, name: StateName, ...rest: readonly string[]): string => path.join(stateDir, names[name], ...rest);

/** For a test that finds what this list forgot. */
export const stateNames: readonly string[] = Object.values(names);
