/** The reaper's clock work. */
import { messageOf } from '../protocol/errors.ts';
import type { Service } from './service.ts';

/** Ticks at once and then at the profile's interval, never two at a time, until the platform ends. */
export function startReaper({ store, clock, caller, profile, log, ending, meter }: Service): void {
  let busy = false;
  const tick = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const done = await store.reap({ now: clock(), caller });
      meter.reap(done);
      if (Object.values(done).some((count: number) => count > 0)) log(`reaper: ${JSON.stringify(done)}`);
    } catch (error) {
      meter.reaperFailures += 1;
      log(`reaper: ${messageOf(error)}`);
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void tick(), profile.reap);
  ending.addEventListener('abort', () => {
    clearInterval(timer);
  });
  void tick();
}
