/** A worker in a process of its own, as an extension host has it, so that a test can kill it. Its options come as JSON in argv. */
import { platformHttp } from '../../transport/http.ts';
import { createApi } from '../../protocol/typedClient.ts';
import { createWorker, type OfferedAgent } from '../../worker/loop/worker.ts';

export interface WorkerProcessOptions {
  readonly socketPath: string;
  readonly stateDir: string;
  readonly runHost: string;
  readonly agents: readonly OfferedAgent[];
  readonly bindings: Readonly<Record<string, string>>;
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerProcessOptions;
const worker = createWorker({
  api: createApi(platformHttp({ socketPath: options.socketPath }).send),
  platform: { socketPath: options.socketPath },
  stateDir: options.stateDir,
  machine: 'test machine',
  program: 'test',
  version: '0',
  capacity: 1,
  agents: options.agents,
  bindings: () => options.bindings,
  runHostBundle: options.runHost,
  path: process.env['PATH'] ?? '',
  settings: () => ({ graceMs: 500 }),
  log: (text) => {
    if (process.env['BELAY_VERBOSE']) console.error(`      worker ${process.pid}: ${text}`);
  },
  onChange: () => undefined,
});
const begin = async (): Promise<void> => {
  try {
    await worker.start();
  } catch {
    setTimeout(() => void begin(), 200);
  }
};
void begin();
