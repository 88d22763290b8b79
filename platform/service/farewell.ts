/** How a platform ends: no new work, replies under way get their time, the store is closed last. */
import { messageOf } from '../../protocol/errors.ts';
import type { Store } from '../store/createStore.ts';

export interface Farewell {
  readonly server: {
    readonly server: { closeAllConnections(): void; closeIdleConnections(): void };
    close(): PromiseLike<unknown>;
  };
  readonly store: Pick<Store, 'close'>;
  /** Told at once, so that held replies answer. */
  readonly ending: AbortController;
  readonly log: (text: string) => void;
  /** How long replies under way may take, ms. */
  readonly withinMs: number;
  /** Close connections that fall idle only now this often, ms: else they are kept for their next request. */
  readonly sweepMs?: number;
  /** Done last, before the process exits. */
  readonly last?: () => void | Promise<void>;
}

/** Ends the process with the usual signals. Returns the way to end it for another reason; the first call counts. */
export function endOnSignals(farewell: Farewell): (why: string) => Promise<void> {
  const { server, store, ending, log } = farewell;
  let ended = false;
  const end = async (why: string): Promise<void> => {
    if (ended) return;
    ended = true;
    log(`platform ends: ${why}`);
    ending.abort();
    const force = setTimeout(() => {
      server.server.closeAllConnections();
    }, farewell.withinMs);
    const sweep =
      farewell.sweepMs === undefined
        ? undefined
        : setInterval(() => {
            server.server.closeIdleConnections();
          }, farewell.sweepMs);
    try {
      await server.close();
      await store.close();
    } catch (error) {
      log(`platform ended badly: ${messageOf(error)}`);
    }
    clearTimeout(force);
    clearInterval(sweep);
    await farewell.last?.();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal));
  return end;
}
