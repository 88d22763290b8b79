// A person's tool server (MCP over standard streams), written by hand: one tool, which also tells a secret it was started with.
import { createInterface } from 'node:readline';

const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
const tool = {
  name: 'forecast',
  description: process.argv[2] ?? 'The weather of a town.',
  inputSchema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize')
    answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'weather', version: '1' } });
  else if (method === 'tools/list') answer(id, { tools: [tool] });
  else if (method === 'tools/call') {
    const key = process.env.WEATHER_KEY === 'weather-secret-value' ? 'with its key' : 'without its key';
    answer(id, { content: [{ type: 'text', text: `Rain in ${params.arguments.town}, ${key}.` }] });
  } else if (id !== undefined)
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } })}\n`);
});
