/** The programs that targets know, and what this machine and a terminal on it offer. */
import { which } from '../agents/discovery.ts';
import type { Environment, Situation } from './types.ts';

const known = ['codex', 'claude', 'cursor', 'cursor-agent', 'windsurf', 'opencode'] as const;

/** Those of the targets' programs that are on `searchPath`. */
export function installedPrograms(searchPath: string): ReadonlySet<string> {
  return new Set(known.filter((name) => which(name, searchPath) !== null));
}

export function systemOf(platform: NodeJS.Platform): Environment['system'] {
  return platform === 'darwin' ? 'macos' : platform === 'win32' ? 'windows' : 'linux';
}

/** The situation of a terminal of this machine. Whoever types there has chosen the folder: it counts as trusted. */
export function terminalSituation(searchPath: string, variables: Readonly<Record<string, string | undefined>>): Situation {
  return {
    environment: {
      system: systemOf(process.platform),
      remote: variables['SSH_CONNECTION'] !== undefined,
      web: false,
      trusted: true,
      folder: true,
    },
    application: { kind: 'terminal', uriScheme: '' },
    installed: {
      programs: installedPrograms(searchPath),
      extensions: new Set(),
      commands: new Set(),
      chat: false,
      schemes: null,
      localAgents: [],
    },
  };
}
