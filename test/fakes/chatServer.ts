/** A scripted model on loopback that speaks the OpenAI chat completions API, enough for OpenCode. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelStep } from './responsesServer.ts';

export interface FakeChat {
  readonly port: number;
  close(): Promise<void>;
}
interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string }[];
  readonly tools?: readonly unknown[];
}

/** Answers step k of the script to a request that carries k tool results since the newest user message. */
export async function startChatServer(script: readonly ModelStep[]): Promise<FakeChat> {
  let serial = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (!request.url?.endsWith('/chat/completions')) {
        response.writeHead(404).end('{}');
        return;
      }
      serial += 1;
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatBody;
      // Without tools the agent asks for a title only.
      const step = body.tools?.length ? stepFor(script, body.messages) : ({ text: 'A title' } as const);
      stream(response, body.model, step, serial);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function stepFor(script: readonly ModelStep[], messages: ChatBody['messages']): ModelStep {
  const lastAsked = messages.findLastIndex((message) => message.role === 'user');
  const results = messages.slice(lastAsked + 1).filter((message) => message.role === 'tool').length;
  return script[Math.min(results, script.length - 1)] ?? { text: 'Nothing is scripted.' };
}

function stream(response: http.ServerResponse, model: string, step: ModelStep, serial: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const base = { id: `chat-${serial}`, object: 'chat.completion.chunk', created: 0, model };
  const send = (fields: Record<string, unknown>) => response.write(`data: ${JSON.stringify({ ...base, ...fields })}\n\n`);
  const choice = (delta: Record<string, unknown>, reason: string | null = null) =>
    send({ choices: [{ index: 0, delta, finish_reason: reason }] });
  if ('call' in step) {
    const call = { name: step.call.name, arguments: JSON.stringify(step.call.arguments) };
    choice({ role: 'assistant', tool_calls: [{ index: 0, id: `call_${serial}`, type: 'function', function: call }] });
    choice({}, 'tool_calls');
  } else {
    choice({ role: 'assistant', content: step.text });
    choice({}, 'stop');
  }
  send({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } });
  response.end('data: [DONE]\n\n');
}
