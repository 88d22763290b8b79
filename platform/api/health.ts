/** Whether the platform lives, whether it can serve, and its figures. */
import { BelayError } from '../../protocol/errors.ts';
import type { Exporter } from '../service/prometheus.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

/** A load balancer that asks wants to know now. */
const probeMs = 1_000;
/** An answer this fresh is given again: whoever may ask without a credential must not keep the database busy. */
const freshMs = 250;

const notReady = (): BelayError => new BelayError('unavailable', 'The platform cannot serve requests now.', { retryAfterMs: 1_000 });

/** One look at a time, however many ask; each of them waits for at most `probeMs`. */
function readiness({ probe, ending }: Service): () => Promise<void> {
  let looking: Promise<boolean> | undefined;
  let looked = { at: -Infinity, well: false };
  const look = (): Promise<boolean> =>
    (looking ??= probe()
      .then(
        () => true,
        () => false,
      )
      .then((well) => {
        looked = { at: performance.now(), well };
        looking = undefined;
        return well;
      }));
  return async () => {
    if (ending.aborted) throw notReady();
    const fresh = performance.now() - looked.at < freshMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, probeMs, false);
    });
    const well = fresh ? looked.well : await Promise.race([look(), late]);
    clearTimeout(timer);
    if (!well) throw notReady();
  };
}

export const healthHandlers = (service: Service) => {
  const ready = readiness(service);
  let exporter: Promise<Exporter> | undefined;
  return {
    healthz: () => Promise.resolve({ status: 'ok' }),
    readyz: async () => {
      await ready();
      return { status: 'ok' };
    },
    metrics: async ({ reply }) => {
      exporter ??= import('../service/prometheus.ts').then(({ createExporter }) => createExporter(service));
      const { contentType, text } = await exporter;
      void reply.type(contentType);
      return text();
    },
  } satisfies Partial<Handlers>;
};
