/**
 * An app-server that tells what it is given: the variable SCENARIO is JSON with the messages before and after its reply to
 * `turn/start`. The thread is `own`, the turn `turn`.
 */
import { createInterface } from 'node:readline';

const { before = [], after = [] } = JSON.parse(process.env.SCENARIO ?? '{}');
const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const replies = {
  initialize: () => ({}),
  'account/read': () => ({ account: null, requiresOpenaiAuth: false }),
  'thread/start': () => ({ thread: { id: 'own' } }),
  'turn/start': () => ({ turn: { id: 'turn' } }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (!(method in replies)) return;
  if (method === 'turn/start') before.forEach(send);
  send({ id, result: replies[method]() });
  if (method === 'turn/start') after.forEach(send);
});
