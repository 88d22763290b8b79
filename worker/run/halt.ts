/** What stops a run, or an exit of it. */
import { BelayError } from '../../protocol/errors.ts';

/** What can stop a run before its agent is done. */
export type Halt = 'cancel' | 'give_back' | 'lost' | 'parked' | 'stalled' | 'over_quota';

export class Halted extends Error {
  constructor(halt: Halt) {
    super(`The run was interrupted: ${halt}.`);
    this.name = 'Halted';
  }
}

export class LineBusy extends Error {
  constructor() {
    super('Another session works in this folder now.');
    this.name = 'LineBusy';
  }
}

/** Nothing leaves while the claim may be another's. */
export function claimInDoubt(): BelayError {
  return new BelayError('claim_lost', 'The claim cannot be confirmed right now. Try again in a minute.');
}
