import { diagnose, diagnosisText } from '../../worker/agents/diagnosis.ts';
import { loginPath } from '../../worker/agents/discovery.ts';
import { connected, type Command } from '../command.ts';
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

export const platform = connected(
  'platform',
  'Start the platform of this machine if it is not running, and say where it is',
  0,
  ({ about, socketPath }, { output }) => {
    output.answer({ ...about, socketPath, stateDir: state }, `Platform ${about.version}, process ${about.pid}, ${socketPath}`);
    return Promise.resolve(0);
  },
);
