/** Which room may import which, and the floors inside the worker. ESLint and `npm run check:house` hold both. */

/** By room: what it may import beside itself. `protocol` imports nothing, and only `extension` the editor's own API. */
export const rooms = {
  protocol: [],
  prompt: ['protocol'],
  platform: ['protocol', 'prompt'],
  client: ['protocol', 'prompt'],
  worker: ['protocol', 'prompt'],
  extension: ['protocol', 'prompt', 'client', 'worker'],
  cli: ['protocol', 'prompt', 'client', 'worker'],
  webview: ['protocol', 'prompt'],
};

/** Single files of a closed room that another may import. */
export const openFiles = { worker: ['client/transport.ts'] };

/** Folders of the worker from the lowest floor up: each imports its own floor and those below. */
export const workerFloors = [
  ['base'],
  ['policy'],
  ['workerConfig', 'sandbox', 'workspace', 'workflowFile', 'audit', 'journal'],
  ['agents', 'effects'],
  ['run'],
  ['loop', 'review', 'targets', 'queue'],
];
