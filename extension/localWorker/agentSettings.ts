/** What a person set for agents of this machine, over what was found there. */
import { which, type FoundAgent } from '../../worker/agents/discovery.ts';
import type { AgentSettings } from '../base/settings.ts';

type OwnSettings = AgentSettings[string];

/** Found agents with the person's changes, then agents of the person's own. */
export function withAgentSettings(found: readonly FoundAgent[], settings: AgentSettings, searchPath: string): FoundAgent[] {
  const changed = found.map((agent) => {
    const own = settings[agent.slug];
    return own && agent.launch ? { ...agent, launch: overlay(agent.launch, own, searchPath) } : agent;
  });
  const added = Object.entries(settings)
    .filter(([slug, own]) => own.command?.length && !changed.some((agent) => agent.slug === slug && agent.launch))
    .map(([slug, own]) => ownAgent(slug, own, searchPath));
  return [...changed.filter((agent) => agent.launch || !added.some(({ slug }) => slug === agent.slug)), ...added];
}

function ownAgent(slug: string, own: OwnSettings, searchPath: string): FoundAgent {
  const bare: NonNullable<FoundAgent['launch']> = {
    slug,
    driver: 'acp',
    argv: [],
    env: {},
    hosts: [],
    readable: [],
    homeFiles: {},
    loginFiles: [],
    codexHome: null,
    ownSandbox: false,
  };
  const launch = overlay(bare, own, searchPath);
  return { slug, name: slug, found: true, program: launch.argv[0] ?? null, version: null, signedIn: null, remedy: null, launch };
}

function overlay(launch: NonNullable<FoundAgent['launch']>, own: OwnSettings, searchPath: string): NonNullable<FoundAgent['launch']> {
  return {
    ...launch,
    driver: own.driver ?? launch.driver,
    argv: own.command?.length ? resolved(own.command, searchPath) : launch.argv,
    env: { ...launch.env, ...own.env },
    hosts: [...launch.hosts, ...(own.allowHosts ?? [])],
    secretNames: [...(launch.secretNames ?? []), ...(own.secrets ?? [])],
  };
}

/** A program without a folder is the one of the login shell, so that the sandbox knows what to let it read. */
function resolved(command: readonly string[], searchPath: string): string[] {
  const [program = '', ...args] = command;
  return [program.includes('/') ? program : (which(program, searchPath) ?? program), ...args];
}
