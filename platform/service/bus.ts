/** Wake-ups inside one process: whoever waits for a topic is told once per commit that touched it. */
export interface Bus {
  readonly publish: (topics: ReadonlySet<string>) => void;
  /** Wakes everybody: something may have happened that nobody told. */
  readonly wakeAll: () => void;
  /** Calls `listener` at each wake-up of any of `topics` until the returned function is called. */
  readonly subscribe: (topics: readonly string[], listener: () => void) => () => void;
}

export function createBus(): Bus {
  const listeners = new Map<string, Set<() => void>>();
  const wake = (topics: Iterable<string>): void => {
    const called = new Set<() => void>();
    for (const topic of topics) for (const listener of listeners.get(topic) ?? []) called.add(listener);
    for (const listener of called) listener();
  };
  return {
    publish: wake,
    wakeAll: () => {
      wake(listeners.keys());
    },
    subscribe: (topics, listener) => {
      for (const topic of topics) {
        const known = listeners.get(topic);
        if (known) known.add(listener);
        else listeners.set(topic, new Set([listener]));
      }
      return () => {
        for (const topic of topics) {
          const known = listeners.get(topic);
          known?.delete(listener);
          if (known?.size === 0) listeners.delete(topic);
        }
      };
    },
  };
}

/** Remembers wake-ups that come while nobody waits, so that none falls between a look and a wait. */
export class Waiter {
  private woken = false;
  private resolve: (() => void) | undefined;
  private readonly leave: () => void;

  constructor(bus: Bus, topics: readonly string[]) {
    this.leave = bus.subscribe(topics, () => {
      this.wake();
    });
  }

  wake(): void {
    this.woken = true;
    this.resolve?.();
  }

  /** Resolves at the next wake-up, at once when there was one, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.woken) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      this.resolve = undefined;
    }
    this.woken = false;
  }

  close(): void {
    this.leave();
  }
}
