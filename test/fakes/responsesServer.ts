/** A scripted model on loopback that speaks the OpenAI Responses API, enough for Codex. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model does next: call a tool of the agent, or say something and end the turn. */
export type ModelStep =
  | { readonly call: { readonly name: string; readonly namespace?: string; readonly arguments: Record<string, unknown> } }
  | { readonly text: string };

export interface FakeModel {
  readonly port: number;
  /** Bodies of the requests for answers, oldest first. */
  readonly requests: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

export interface InputEntry {
  readonly type: string;
  readonly role?: string;
  readonly output?: unknown;
}
/** Step k answers a request that carries k tool results since the newest user message; a function sees the conversation itself. */
export type Script = readonly ModelStep[] | ((input: readonly InputEntry[]) => readonly ModelStep[]);

export async function startResponsesServer(script: Script): Promise<FakeModel> {
  const requests: Record<string, unknown>[] = [];
  let serial = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model' }] }));
        return;
      }
      if (!request.url?.endsWith('/responses')) {
        response.writeHead(404).end('{}');
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { model: string; input: InputEntry[] };
      requests.push(body);
      serial += 1;
      stream(response, body.model, stepFor(typeof script === 'function' ? script(body.input) : script, body.input), serial);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function stepFor(script: readonly ModelStep[], input: readonly InputEntry[]): ModelStep {
  const lastAsked = input.findLastIndex((entry) => entry.type === 'message' && entry.role === 'user');
  const results = input.slice(lastAsked + 1).filter((entry) => entry.type.endsWith('_call_output')).length;
  return script[Math.min(results, script.length - 1)] ?? { text: 'Nothing is scripted.' };
}

function stream(response: http.ServerResponse, model: string, step: ModelStep, serial: number): void {
  let sequence = 0;
  const send = (type: string, fields: Record<string, unknown>) => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...fields })}\n\n`);
    sequence += 1;
  };
  const answer = { id: `resp_${serial}`, object: 'response', created_at: 0, model, status: 'in_progress', output: [] as unknown[] };
  const item = itemOf(step, serial);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  send('response.created', { response: answer });
  send('response.output_item.added', { output_index: 0, item });
  if ('text' in step) send('response.output_text.delta', { item_id: item.id, output_index: 0, content_index: 0, delta: step.text });
  send('response.output_item.done', { output_index: 0, item });
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 120,
  };
  send('response.completed', { response: { ...answer, status: 'completed', output: [item], usage } });
  response.end();
}

function itemOf(step: ModelStep, serial: number): Record<string, unknown> & { id: string } {
  const call = { call_id: `call_${serial}`, status: 'completed' };
  if ('call' in step)
    return { type: 'function_call', id: `fc_${serial}`, ...call, ...step.call, arguments: JSON.stringify(step.call.arguments) };
  return {
    type: 'message',
    id: `msg_${serial}`,
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: step.text, annotations: [] }],
  };
}
