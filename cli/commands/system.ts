import { pathToFileURL } from 'node:url';
import type { Connection } from '../../client/connection.ts';
import { diagnose, diagnosisText } from '../../worker/agents/diagnosis.ts';
import { loginPath } from '../../worker/agents/discovery.ts';
import { text, withConnection, type Command, type Flags, type Invocation } from '../command.ts';
import { bundle, state } from '../context.ts';

export const doctor: Command = {
  usage: 'doctor',
  summary: 'Show agents, sandbox and git as found on this machine',
  needs: 0,
  run: async ({ output }) => {
    const diagnosis = await diagnose({ path: await loginPath(), practiceAgentBundle: bundle('practiceAgent.mjs') });
    output.answer(
      { agents: diagnosis.agents.map(({ launch: _launch, ...agent }) => agent), sandbox: diagnosis.sandbox, git: diagnosis.git },
      diagnosisText(diagnosis),
    );
    return 0;
  },
};

/** What a replica takes; docs/scale.md says more. */
const teamOptions = {
  'database URL': 'the PostgreSQL to keep everything in (or BELAY_DATABASE)',
  'token-file FILE': 'the token that lets clients in',
  'host HOST': 'where to listen: 127.0.0.1',
  'port PORT': '8420',
  'connections N': 'to the database: 10',
  pooled: 'the database stands behind a transaction pooler',
  'lease-profile NAME': 'standard or fast',
  'policy-file FILE': 'rules of the organisation, which go with every claim: docs/policy.md',
  'limit-reads N': 'reads of a client in 10 s: 3000; 0: no limit',
  'limit-writes N': 'its writes in 10 s: 3000; 0: no limit',
  'limit-work N': 'polls of a worker, and writes to a held session, in 10 s: 3000; 0: no limit',
  'limit-streams N': 'open event streams of a client: 1000',
  'log-requests WHICH': 'all or none',
} as const;

export const platform: Command = {
  usage: 'platform [--database URL --token-file FILE …]',
  summary: "Start this machine's platform if it is not running; with --database serve a team over PostgreSQL",
  details: Object.entries(teamOptions)
    .map(([name, says]) => `  --${name.padEnd(22)}${says}`)
    .join('\n'),
  needs: 0,
  run: (invocation) =>
    text(invocation.flags, 'database') === undefined ? withConnection(showPlatform, invocation) : serveTeam(invocation.flags),
};

function showPlatform({ about, socketPath }: Connection, { output }: Invocation): Promise<number> {
  output.answer({ ...about, socketPath, stateDir: state }, `Platform ${about.version}, process ${about.pid}, ${socketPath}`);
  return Promise.resolve(0);
}

/** Options with a value that the platform takes as they are. */
const handedOn = Object.keys(teamOptions)
  .filter((option) => option.includes(' '))
  .map((option) => option.split(' ')[0] ?? '')
  .filter((name) => name !== 'database');

/** Runs a replica in this very process: whatever ends the command ends it, a kill included. */
async function serveTeam(flags: Flags): Promise<number> {
  const named = handedOn.flatMap((name) => {
    const value = text(flags, name);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  const program = bundle('platform.mjs');
  // The address may carry a password: what stands in the variable is shown nowhere.
  process.env['BELAY_DATABASE'] = text(flags, 'database');
  process.argv = [process.execPath, program, ...named, ...(flags['pooled'] === true ? ['--pooled'] : [])];
  await import(pathToFileURL(program).href);
  return 0;
}
