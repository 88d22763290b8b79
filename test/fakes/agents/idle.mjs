// An agent that speaks the protocol and does no work: every prompt ends at once.
import { createInterface } from 'node:readline';

const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') answer(id, { protocolVersion: 1, agentCapabilities: {}, authMethods: [] });
  else if (method === 'session/new') answer(id, { sessionId: 'idle' });
  else if (method === 'session/prompt') answer(id, { stopReason: 'end_turn' });
  else if (id !== undefined) answer(id, {});
});
