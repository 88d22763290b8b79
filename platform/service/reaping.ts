/** What the platform does by the clock: the reaper's ticks, and taking away what is kept long enough. */
import { messageOf } from '../../protocol/errors.ts';
import type { Service } from './service.ts';

const retainEveryMs = 60_000;
/** Steps at a time: one that has years to catch up with does not keep others from the database. */
const mostSteps = 100;

/** Now and then takes away what was kept long enough, in small steps, until the platform ends. */
export function startRetention({ store, clock, workspaceId, retention, log, ending }: Service): void {
  let busy = false;
  const round = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (let step = 0; step < mostSteps && !ending.aborted; step++) {
        const done = await store.retain({ now: clock(), workspaceId }, retention);
        if (Object.values(done).every((count: number) => count === 0)) break;
        // A store in this process leaves no room for others by itself.
        await new Promise(setImmediate);
      }
    } catch (error) {
      log(`retention: ${messageOf(error)}`);
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void round(), retainEveryMs);
  ending.addEventListener('abort', () => {
    clearInterval(timer);
  });
}

/** Ticks at once and then at the profile's interval, never two at a time, until the platform ends. */
export function startReaper({ store, clock, workspaceId, profile, log, ending, meter }: Service): void {
  let busy = false;
  const tick = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const done = await store.reap({ now: clock(), workspaceId });
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
