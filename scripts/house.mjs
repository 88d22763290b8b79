/** Which room may import which, and the floors inside the worker. ESLint and `npm run check:house` hold both. */

/** By room: what it may import beside itself. `protocol` imports nothing, and only `extension` the editor's own API. */
export const rooms = {
  protocol: [],
  prompt: ['protocol'],
  transport: ['protocol'],
  platform: ['protocol', 'prompt'],
  client: ['protocol', 'prompt', 'transport'],
  worker: ['protocol', 'prompt', 'transport'],
  extension: ['protocol', 'prompt', 'transport', 'client', 'worker'],
  cli: ['protocol', 'prompt', 'transport', 'client', 'worker'],
  webview: ['protocol', 'prompt'],
};

/** Folders of the worker from the lowest floor up: each imports its own floor and those below. */
export const workerFloors = [
  ['base'],
  ['policy'],
  ['workerConfig', 'sandbox', 'workspace', 'workflowFile', 'audit', 'journal'],
  ['agents', 'effects'],
  ['run'],
  ['loop', 'review', 'targets', 'queue'],
];
