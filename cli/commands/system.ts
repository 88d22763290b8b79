import { spawn } from 'node:child_process';
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

export const platform: Command = {
  usage: 'platform [--database URL --token-file F [--host H] [--port P] [--connections N] [--pooled]]',
  summary: "Start this machine's platform if it is not running; with --database serve a team over PostgreSQL",
  needs: 0,
  run: (invocation) =>
    text(invocation.flags, 'database') === undefined ? withConnection(showPlatform, invocation) : serveTeam(invocation.flags),
};

function showPlatform({ about, socketPath }: Connection, { output }: Invocation): Promise<number> {
  output.answer({ ...about, socketPath, stateDir: state }, `Platform ${about.version}, process ${about.pid}, ${socketPath}`);
  return Promise.resolve(0);
}

/** Runs a replica in the foreground until it is told to end. */
async function serveTeam(flags: Flags): Promise<number> {
  const named = ['token-file', 'host', 'port', 'connections'].flatMap((name) => {
    const value = text(flags, name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const args = [bundle('platform.mjs'), ...named, ...(flags['pooled'] === true ? ['--pooled'] : [])];
  // The address may carry a password: arguments of a process are for everybody to read, its environment is not.
  const env = { ...process.env, BELAY_DATABASE: text(flags, 'database') };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { stdio: 'inherit', env });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
