/** What `belay doctor` and the panel's doctor say: agents, sandbox, git. */
import { safeGit } from '../workspace/git.ts';
import { messageOf } from '../../protocol/errors.ts';
import { findAgents, sandboxHealth, type DiscoveryOptions, type FoundAgent, type SandboxHealth } from './discovery.ts';

export interface Diagnosis {
  readonly agents: readonly FoundAgent[];
  readonly sandbox: SandboxHealth;
  readonly git: { readonly version: string | null; readonly problem: string | null };
}

export async function diagnose(options: DiscoveryOptions): Promise<Diagnosis> {
  const [agents, git] = await Promise.all([
    findAgents(options),
    safeGit(['--version'], { cwd: '/' }).then(
      (reply) => ({ version: reply.text.replace(/^git version /u, ''), problem: null }),
      (error: unknown) => ({ version: null, problem: messageOf(error) }),
    ),
  ]);
  return { agents, sandbox: sandboxHealth(options.path), git };
}

const signedIn = (agent: FoundAgent): string => (agent.signedIn === null ? 'cannot be told' : agent.signedIn ? 'yes' : 'no');

export function diagnosisText({ agents, sandbox, git }: Diagnosis): string {
  const lines = [
    '## Agents',
    '',
    '| Agent | Where | Version | Signed in | What to do |',
    '|---|---|---|---|---|',
    ...agents.map(
      (agent) =>
        `| ${agent.name} | ${agent.program ?? 'not found'} | ${agent.version ?? ''} | ${agent.found ? signedIn(agent) : ''} | ${agent.remedy ?? ''} |`,
    ),
    '',
    '## Sandbox',
    '',
    sandbox.ok ? 'What it needs is there.' : `It cannot start: ${sandbox.problems.join(', ')}. ${sandbox.remedy ?? ''}`,
    '',
    '## git',
    '',
    git.version ?? git.problem ?? '',
    '',
  ];
  return lines.join('\n');
}
