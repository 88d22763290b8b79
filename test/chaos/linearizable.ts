/** Wing and Gong's search: is there an order of the operations, each within its interval, that the model agrees with? */
import { agrees, apply, nameOf, unmade, type Model, type Reply, type Step } from './sessionModel.ts';

export interface TimedStep {
  readonly step: Step;
  readonly call: number;
  /** Infinity: it may take effect at any time after its call. */
  readonly end: number;
  /** Null: what it answered is not known. */
  readonly reply: Reply | null;
  /** It is known to have happened. The others may have been lost on the way. */
  readonly happened: boolean;
}

export type Finding = 'linearizable' | 'not linearizable' | 'undecided';

const mostNodes = 300_000;

export function linearize(steps: readonly TimedStep[]): Finding {
  const sorted = [...steps].sort((a, b) => a.call - b.call);
  const dead = new Set<string>();
  let nodes = 0;

  const search = (model: Model, done: readonly boolean[]): Finding => {
    const open = sorted.filter((_, index) => !done[index]);
    if (!open.some(({ happened }) => happened)) return 'linearizable';
    const name = `${done.map(Number).join('')} ${nameOf(model)}`;
    if (dead.has(name)) return 'not linearizable';
    if ((nodes += 1) > mostNodes) return 'undecided';
    // Whoever was called after another had come back did not go before it.
    const firstEnd = Math.min(...open.map(({ end, happened }) => (happened ? end : Infinity)));
    for (const [index, { step, call, reply, happened }] of sorted.entries()) {
      if (done[index] || call > firstEnd) continue;
      const outcome = apply(model, step);
      if (!outcome || (reply && !agrees(reply, outcome.reply))) continue;
      // What changes nothing and told nobody need not be placed.
      if (!happened && outcome.after === model) continue;
      const found = search(
        outcome.after,
        done.map((was, at) => was || at === index),
      );
      if (found !== 'not linearizable') return found;
      // A step that changes nothing can always go first: what fails after it fails without it.
      if (outcome.after === model) break;
    }
    dead.add(name);
    return 'not linearizable';
  };
  return search(
    unmade,
    sorted.map(() => false),
  );
}
