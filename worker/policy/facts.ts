/** Turns what an agent wants to do into the facts that rules speak of. What cannot be told is said, never guessed. */
import { factsOf } from './commands.ts';
import { parseHostPort } from './hosts.ts';
import type { Fact } from './matching.ts';
import type { PolicyClass } from '../../protocol/policy.ts';
import { absolute, type Situation } from './situation.ts';

export interface Action {
  readonly class: PolicyClass;
  /** A path, a command as shell text or as its words, `host:port`, or the name of an effect. */
  readonly resource: string | readonly string[];
  /** Where the command or path begins; the working folder where it is not said. */
  readonly cwd?: string;
}
export interface Facts {
  readonly facts: readonly Fact[];
  /** What could not be told, and how that counts. */
  readonly untold: readonly { readonly verdict: 'deny' | 'ask'; readonly why: string }[];
}

export function factsFor(action: Action, situation: Situation): Facts {
  const text = typeof action.resource === 'string' ? action.resource : action.resource.join(' ');
  const cwd = absolute(action.cwd ?? situation.clone, situation.clone, situation);
  switch (action.class) {
    case 'read':
    case 'write':
      return fileFacts([{ class: action.class, name: text, cwd }], situation);
    case 'run':
      return runFacts(action.resource, cwd ?? situation.clone, situation);
    case 'network':
      try {
        return { facts: [{ class: 'network', ...parseHostPort(text) }], untold: [] };
      } catch {
        return { facts: [], untold: [{ verdict: 'deny', why: `"${text.slice(0, 200)}" is no host with a port` }] };
      }
    case 'effect':
      return { facts: [{ class: 'effect', name: text }], untold: [] };
  }
}

interface NamedFile {
  readonly class: 'read' | 'write';
  readonly name: string;
  readonly cwd: string | null;
}

/** A path has two names: the one it is called by and the one it leads to. Both count. */
function fileFacts(files: readonly NamedFile[], situation: Situation): Facts {
  const facts: Fact[] = [];
  const untold: { verdict: 'deny'; why: string }[] = [];
  for (const { class: policyClass, name, cwd } of files) {
    const full = absolute(name, cwd, situation);
    const real = full === null ? null : situation.machine.resolve(full);
    if (full === null || real === null) untold.push({ verdict: 'deny', why: `where "${name.slice(0, 200)}" leads cannot be told` });
    else facts.push({ class: policyClass, names: [...new Set([situation.machine.normalize(full), real])] });
  }
  return { facts, untold };
}

function runFacts(command: string | readonly string[], cwd: string, situation: Situation): Facts {
  const { runs, files, opaque } = factsOf(command, cwd, (folder, name) => absolute(name, folder, situation) ?? folder);
  const told = files.flatMap((file) =>
    file.path === null || file.cwd === null
      ? []
      : [{ class: file.writes ? ('write' as const) : ('read' as const), name: file.path, cwd: file.cwd }],
  );
  const places = fileFacts(told, situation);
  const vague = files.length > told.length;
  return {
    facts: [...runs.map((run) => ({ class: 'run' as const, ...run })), ...places.facts],
    untold: [
      ...places.untold,
      ...(opaque ? [{ verdict: 'ask' as const, why: 'the command cannot be taken apart without running it' }] : []),
      ...(vague ? [{ verdict: 'ask' as const, why: 'which file the command opens cannot be told' }] : []),
    ],
  };
}
