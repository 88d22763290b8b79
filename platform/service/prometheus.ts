/** The meter in the text format of Prometheus. Loaded by the first who asks: it has no business in an embedded platform's start. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Service } from './service.ts';

/** From a cached read to a poll that was held. */
const secondsBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Exporter {
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/** Request durations are kept from here on; everything else since the platform started. */
export function createExporter({ meter, pool }: Service): Exporter {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const requests = new Histogram({
    name: 'belay_http_request_duration_seconds',
    help: 'From the head of a request to the end of its reply, by route and status; event streams are left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers,
  });
  meter.onRequest = (method, route, status, ms) => {
    requests.observe({ method, route, status }, ms / 1000);
  };
  const counter = (name: string, help: string, read: () => number): void => {
    const made: Counter = new Counter({
      name,
      help,
      registers,
      collect: () => {
        made.reset();
        made.inc(read());
      },
    });
  };
  const countersBy = (name: string, help: string, label: string, read: Readonly<Record<string, number>>): void => {
    const made: Counter = new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect: () => {
        made.reset();
        for (const [value, count] of Object.entries(read)) made.inc({ [label]: value }, count);
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read());
      },
    });
  };
  counter('belay_claims_total', 'Claims given out, repeated answers included.', () => meter.claims);
  countersBy('belay_claim_endings_total', 'Claims ended by their holders, repeated requests included.', 'as', meter.endings);
  counter('belay_stale_writes_refused_total', 'Writes refused because their claim was over.', () => meter.staleRefused);
  counter('belay_late_activities_total', 'Activities kept aside because their claim was over.', () => meter.lateKept);
  gauge('belay_polls_held', 'Polls waiting for something to say.', () => meter.pollsHeld);
  gauge('belay_streams_open', 'Event streams open.', () => meter.streamsOpen);
  counter('belay_reaper_ticks_total', 'Ticks of the reaper that were done.', () => meter.reaperTicks);
  counter('belay_reaper_failures_total', 'Ticks of the reaper that failed.', () => meter.reaperFailures);
  countersBy('belay_reaped_total', 'What the reaper did.', 'what', meter.reaped);
  if (pool) {
    gauge('belay_database_connections', 'Connections to the database.', () => pool().total);
    gauge('belay_database_connections_used', 'Connections to the database in use.', () => pool().used);
    gauge('belay_database_waiting', 'Operations waiting for a connection.', () => pool().waiting);
  }
  return { contentType: register.contentType, text: () => register.metrics() };
}
