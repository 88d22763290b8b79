/** Picks the step a run goes on with: the strongest that works here, never below what the settings allow. */
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import { sandboxSteps } from '../../protocol/records.ts';
import type { Step } from '../agents/driver.ts';
import type { Confinement } from './confinement.ts';
import { openSandbox, type Sandbox } from './ours.ts';
import { sandboxRemedy } from './remedy.ts';

export interface StepRequest {
  readonly confinement: Confinement;
  /** A folder of the host where the proof is tried. */
  readonly proofDir: string;
  readonly minimum: Step;
  readonly unattended: boolean;
  /** The agent can confine itself, and ask before each write and command. */
  readonly agentConfines: boolean;
}
export interface ChosenStep {
  readonly step: Step;
  /** Set exactly for the step `ours`. */
  readonly sandbox: Sandbox | null;
  /** Why it is not ours, for people. */
  readonly why: string | null;
}

/** Throws `unavailable`, with what to install, when no allowed step can be had. */
export async function chooseStep(request: StepRequest): Promise<ChosenStep> {
  try {
    return { step: 'ours', sandbox: await openSandbox(request.confinement, request.proofDir), why: null };
  } catch (error) {
    if (!isBelayError(error, 'unavailable')) throw error;
    const step = fallback(request);
    if (step !== null) return { step, sandbox: null, why: error.message };
    throw new BelayError(
      'unavailable',
      `${error.message} The worker settings allow nothing weaker than "${request.minimum}" for this run.`,
      {
        hint: error.hint ?? sandboxRemedy(),
      },
    );
  }
}

/** The strongest step without our sandbox that the settings allow, or null. */
export function fallback(request: Pick<StepRequest, 'minimum' | 'unattended' | 'agentConfines'>): Step | null {
  const lowest = request.unattended ? Math.min(1, sandboxSteps.indexOf(request.minimum)) : sandboxSteps.indexOf(request.minimum);
  const possible: readonly Step[] = request.agentConfines ? ['agent', 'mediated', 'none'] : ['none'];
  return possible.find((step) => sandboxSteps.indexOf(step) <= lowest) ?? null;
}
