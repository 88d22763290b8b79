/** Which faults a run has, drawn from its seed: some runs are nearly calm, some are storms, each with a mix of its own. */
import type { Random } from '../support/random.ts';

export interface Faults {
  /** Of one leg, request or reply. */
  readonly loss: number;
  readonly repeat: number;
  /** A leg that takes up to three leases. */
  readonly longDelay: number;
  /** A worker that stands still between deciding to send and sending. */
  readonly pause: number;
  /** Per worker and second. */
  readonly crash: number;
  /** A tick of a reaper that does not happen. */
  readonly missedTick: number;
  /** Per second: the database's clock jumps, either way. */
  readonly clockJump: number;
  /** Per second: the whole platform sleeps with its machine, or its database is away. */
  readonly platformSleep: number;
  /** Per replica and second: it is killed, forgets what it held, and comes back. */
  readonly replicaRestart: number;
  /** A replica is killed in the middle of a transaction. Each time one asks for the time. */
  readonly killedInside: number;
  /** Per replica and second: it stands still. */
  readonly replicaPause: number;
  /** Per worker and second: it cannot reach one replica for a while. */
  readonly partition: number;
  /** A replica is not told what another one has done. */
  readonly lostHint: number;
}

export const calm: Faults = {
  loss: 0,
  repeat: 0,
  longDelay: 0,
  pause: 0,
  crash: 0,
  missedTick: 0,
  clockJump: 0,
  platformSleep: 0,
  replicaRestart: 0,
  killedInside: 0,
  replicaPause: 0,
  partition: 0,
  lostHint: 0,
};

export function drawFaults(random: Random): Faults {
  const upTo = (most: number): number => (random.chance(0.3) ? 0 : random.next() * most);
  return {
    loss: upTo(0.3),
    repeat: upTo(0.4),
    longDelay: upTo(0.3),
    pause: upTo(0.25),
    crash: upTo(0.04),
    missedTick: upTo(0.5),
    clockJump: upTo(0.01),
    platformSleep: upTo(0.01),
    replicaRestart: upTo(0.03),
    killedInside: upTo(0.01),
    replicaPause: upTo(0.02),
    partition: upTo(0.05),
    lostHint: upTo(0.5),
  };
}
