import type { z } from 'zod';
import type { TurnEvent } from './protocol.ts';
import { AgentFailure, type TurnEnd } from '../base/driver.ts';

/** The end of a turn as Codex tells it. */
export type Ended = z.infer<typeof TurnEvent>['turn'];
/** The turn that runs. */
export interface Turn {
  /** Empty until Codex has named it. */
  id: string;
  /** Ends that were told before that; one of them may be its own. */
  readonly early: Ended[];
  final: string;
  readonly finish: (end: TurnEnd) => void;
  readonly fail: (error: unknown) => void;
}

export function turnFailure(error: { message: string; additionalDetails?: string | null | undefined } | null): AgentFailure {
  return new AgentFailure(
    'agent_error',
    `Codex ended its turn with an error: ${error?.message ?? 'no reason given'}${error?.additionalDetails ? ` (${error.additionalDetails})` : ''}`,
    "Check Codex's login, its usage limit and that its model's host is allowed, then retry.",
  );
}
