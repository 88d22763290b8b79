/** Picks the step a run goes on with: the strongest that works here, never below what the settings allow. */
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import { sandboxSteps, type SandboxStep } from '../../protocol/records.ts';
import type { Sandbox, UnprovedSandbox } from './ours.ts';
import { sandboxRemedy } from './remedy.ts';

export interface StepLimits {
  readonly minimum: SandboxStep;
  readonly unattended: boolean;
  /** The agent can confine itself, and ask before each write and command. */
  readonly agentConfines: boolean;
}
export interface ChosenStep {
  readonly step: SandboxStep;
  /** Set exactly for the step `ours`. */
  readonly sandbox: Sandbox | null;
  /** Why it is not ours, for people. */
  readonly why: string | null;
}

/** Takes our sandbox once it has proved itself, else what the limits leave. Throws `unavailable`, with what to install, when that is nothing. */
export async function chooseStep(begun: Promise<UnprovedSandbox>, proofDir: string, limits: StepLimits): Promise<ChosenStep> {
  try {
    return { step: 'ours', sandbox: await (await begun).prove(proofDir), why: null };
  } catch (error) {
    if (!isBelayError(error, 'unavailable')) throw error;
    const step = fallback(limits);
    if (step !== null) return { step, sandbox: null, why: error.message };
    throw new BelayError(
      'unavailable',
      `${error.message} The worker settings allow nothing weaker than "${limits.minimum}" for this run.`,
      {
        hint: error.hint ?? sandboxRemedy(),
      },
    );
  }
}

/** The strongest step without our sandbox that the settings allow, or null. */
export function fallback(request: StepLimits): SandboxStep | null {
  const lowest = request.unattended ? Math.min(1, sandboxSteps.indexOf(request.minimum)) : sandboxSteps.indexOf(request.minimum);
  const possible: readonly SandboxStep[] = request.agentConfines ? ['agent', 'mediated', 'none'] : ['none'];
  return possible.find((step) => sandboxSteps.indexOf(step) <= lowest) ?? null;
}
