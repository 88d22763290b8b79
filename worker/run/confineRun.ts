/** The phase between preparing and work: the sandbox is proved, and with it is known who decides on what the agent asks. */
import { homedir } from 'node:os';
import type { Input } from '../../protocol/records.ts';
import type { DriverContext } from '../agents/base/driver.ts';
import type { Policy } from '../policy/decide.ts';
import { Grants } from '../workerConfig/grants.ts';
import { describeStep, type AgentSandbox } from './agentSandbox.ts';
import type { RunContext } from './context.ts';
import { Dials, isYes } from './dials.ts';
import { takeAnswers } from './firstPrompt.ts';
import { Hooks } from './hooks.ts';
import { Permissions } from './permissions.ts';
import type { Prepared } from './prepare.ts';
import { Questions } from './questions.ts';
import { runPolicy } from './runPolicy.ts';
import { agentEnvironment, type Workplace } from './workplace.ts';

/** Puts a wish to whoever decides on it. */
type Ask = DriverContext['ask'];

export interface Confined extends Prepared {
  readonly sandbox: AgentSandbox;
  /** The agent's own folders. */
  readonly place: Workplace;
  readonly policy: Policy;
  readonly questions: Questions;
  /** The person sees that something waits for them. */
  readonly ask: Ask;
  /** The same for an agent, which asks before it connects somewhere: what it is allowed is then not refused by the sandbox. */
  readonly askForAgent: Ask;
  readonly hooks: Hooks;
  /** Questions of a run before, with what became of them. */
  readonly settled: readonly Input[];
}

export async function confineRun(context: RunContext, prepared: Prepared): Promise<Confined> {
  const { parts, held, inputs, phases, records, sink, stall, standing } = context;
  const { spec, control, interruption, log } = parts;
  const { clone, preparedSandbox } = prepared;
  const { place } = preparedSandbox;
  const { step, sandbox } = await phases.during('sandbox', async () => {
    const { chosen, sandbox } = await preparedSandbox.choose((host) => {
      stall.noteRefused(host);
      records.refused(host);
    });
    standing.set({ sandboxStep: chosen.step });
    return { value: { step: chosen.step, sandbox }, detail: describeStep(chosen) };
  });
  const policy = runPolicy(spec, step, clone.path, place, log);
  const settled = spec.grant.session.fence > 1 ? await takeAnswers(held) : [];
  inputs.keep(settled.filter(({ state }) => state === 'answered'));

  const { repository } = spec.grant;
  const permissions = new Permissions(policy, repository === null ? null : new Grants(spec.stateDir, repository.id));
  const questions = new Questions({ inputs, records, policy, permissions, log });
  const ask: Ask = async (wish) => {
    control.update({ waitingForPerson: true });
    try {
      return await questions.ask(wish);
    } finally {
      sink.touch();
      control.update({ waitingForPerson: inputs.waiting });
    }
  };
  const dials = new Dials({ policy, permissions, ask });
  preparedSandbox.decideDials((host) => dials.opens(host));
  const askForAgent: Ask = async (wish) => {
    const answer = await ask(wish);
    if (wish.class === 'network' && isYes(wish, answer)) dials.expect(wish.resource);
    return answer;
  };
  const env = agentEnvironment(place, { ...spec.agent, env: {} }, homedir());
  const hooks = new Hooks({
    workflow: spec.workflow,
    lineDir: spec.lineDir,
    policy,
    launch: (argv) => sandbox.launchHook(argv, env, clone.path),
    sink,
    signal: interruption.signal,
    log,
  });
  return { ...prepared, sandbox, place, policy, questions, ask, askForAgent, hooks, settled };
}
