/** Where a run is: each phase is told when it is done, and no phase begins or ends in a run that was interrupted. */
import type { RunPhase } from '../../protocol/activities.ts';
import type { Journal } from '../journal/journal.ts';
import type { ControlServer } from './control.ts';
import type { Interruption } from './interruption.ts';
import type { ActivitySink } from './sink.ts';

export interface PhasesOptions {
  readonly interruption: Interruption;
  readonly control: Pick<ControlServer, 'update'>;
  readonly sink: Pick<ActivitySink, 'phase'>;
  readonly journal: Pick<Journal, 'sync'>;
}

export class Phases {
  readonly #options: PhasesOptions;
  #current: RunPhase = 'bind';

  constructor(options: PhasesOptions) {
    this.#options = options;
  }

  get current(): RunPhase {
    return this.#current;
  }

  enter(phase: RunPhase): void {
    const { interruption, control } = this.#options;
    this.#current = phase;
    interruption.check();
    control.update({ phase });
  }

  async during<T>(phase: RunPhase, work: () => Promise<{ readonly value: T; readonly detail: string }>): Promise<T> {
    const { interruption, sink, journal } = this.#options;
    this.enter(phase);
    const started = performance.now();
    const { value, detail } = await work();
    interruption.check();
    sink.phase(phase, detail, Math.round(performance.now() - started));
    journal.sync();
    return value;
  }
}
