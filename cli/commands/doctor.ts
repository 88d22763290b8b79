import { diagnose, diagnosisText } from '../../worker/agents/diagnosis.ts';
import { loginPath } from '../../worker/agents/discovery.ts';
import { command } from '../base/command.ts';
import { bundle } from '../base/connect.ts';

export const doctor = command({
  examples: [['doctor', 'which agents can be started here, and how they are confined']],
  json: '{agents, sandbox, git}',
  run: async ({ output }) => {
    const look = async () => await diagnose({ path: await loginPath(), practiceAgentBundle: bundle('practiceAgent.mjs') });
    const diagnosis = await output.during('Looking', look());
    output.answer(
      { agents: diagnosis.agents.map(({ launch: _launch, ...agent }) => agent), sandbox: diagnosis.sandbox, git: diagnosis.git },
      diagnosisText(diagnosis),
    );
    return 0;
  },
});
