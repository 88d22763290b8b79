/** What a decision knows of the run: all of it from the claim's record and this machine, none of it from the agent. */
import type { sandboxSteps, sessionModes } from '../../protocol/records.ts';

export interface Situation {
  readonly step: (typeof sandboxSteps)[number];
  readonly mode: (typeof sessionModes)[number];
  /** Nobody is there to answer: what would be asked is denied. */
  readonly unattended: boolean;
  /** The agent's working folder: relative paths and patterns begin here. */
  readonly clone: string;
  readonly home: string;
  /** Folders the agent may write in, the working folder among them: from the claim's record and the person, never from the agent. */
  readonly roots: readonly string[];
  /** Folders nobody may open to an agent. */
  readonly closed: readonly string[];
  /** Folders of this run that lie in closed ones: they stay open to it. */
  readonly open: readonly string[];
  readonly machine: MachineView;
}

/** What only the machine can tell. The policy itself asks nothing of the system. */
export interface MachineView {
  /** The file system takes `A` and `a` for one name. */
  readonly foldsCase: boolean;
  /** Where a path really leads, links followed as the system would; null when that cannot be told. */
  readonly resolve: (absolute: string) => string | null;
  readonly isAbsolute: (name: string) => boolean;
  /** A path in its shortest spelling, `..` taken away by name. */
  readonly normalize: (name: string) => string;
  /** `inner` is `outer` or lies in it. */
  readonly within: (inner: string, outer: string) => boolean;
  /** SHA-256 of a text, hex. */
  readonly sha256: (text: string) => string;
}

/** An absolute path that was not tidied up: where `..` leads after a link, only the file system knows. Null: not a path. */
export function absolute(name: string, cwd: string | null, { home, machine }: Pick<Situation, 'home' | 'machine'>): string | null {
  if (name === '' || /[\0\n]/u.test(name)) return null;
  if (name === '~') return home;
  if (name.startsWith('~/')) return `${home}/${name.slice(2)}`;
  if (name.startsWith('~')) return null;
  if (machine.isAbsolute(name)) return name;
  return cwd === null ? null : `${cwd}/${name}`;
}
