/** The broker as the agent sees it: a tool server (MCP) with one tool for each effect and those of the person's servers. */
import { Server } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { messageOf } from '../../protocol/errors.ts';
import type { EffectOutcome } from './broker.ts';
import { effectRequests, readRequest, type EffectName, type EffectRequest } from './effect.ts';
import type { OfferedTool } from './toolServers.ts';

export interface ToolPorts {
  readonly effect: (request: EffectRequest) => Promise<EffectOutcome>;
  readonly offered: () => Promise<readonly OfferedTool[]>;
  readonly call: (server: string, tool: string, input: Record<string, unknown>) => Promise<EffectOutcome>;
  /** Agents give up on a tool after a minute or so: after this many ms the answer is to ask again. */
  readonly patienceMs?: number;
}

const descriptions: Record<EffectName, string> = {
  push: 'Push the work as it is now, as one commit, to a branch of its own at the remote. What may leave is judged first, and a person may be asked.',
  pull_request: 'Open a pull request for the branch pushed by the tool "push". A person may be asked.',
  comment: 'Comment on the item this work belongs to. A person may be asked.',
  status: 'Change the status of the item this work belongs to. A person may be asked.',
};
const stillWaiting =
  'A person is being asked. Go on with other work, and call this tool again with exactly the same arguments to hear the outcome; it is done at most once.';
const separator = '__';

export function serveTools(socket: Socket, ports: ToolPorts, log: (text: string) => void): void {
  const handle = serveStdio(() => toolServer(ports), {
    transport: new StdioServerTransport(socket, socket),
    onerror: (error) => {
      log(`The broker: ${error.message}`);
    },
  });
  socket.on('close', () => void handle.close().catch(() => undefined));
}

export function toolServer(ports: ToolPorts): Server {
  const server = new Server({ name: 'belay', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', async () => {
    const own = Object.entries(effectRequests).map(([name, schema]) => ({
      name,
      description: descriptions[name as EffectName],
      inputSchema: { ...z.toJSONSchema(schema, { io: 'input' }), type: 'object' as const },
    }));
    const others = (await ports.offered()).map((entry) => ({
      name: `${entry.server}${separator}${entry.tool}`,
      description: entry.description,
      inputSchema: { ...entry.inputSchema, type: 'object' as const },
    }));
    return { tools: [...own, ...others] };
  });
  server.setRequestHandler('tools/call', async ({ params }) => {
    const outcome = await Promise.race([
      answer(ports, params.name, params.arguments ?? {}),
      delay(ports.patienceMs ?? 40_000, null, { ref: false }),
    ]);
    outcome?.told?.();
    return outcome === null
      ? { content: [{ type: 'text' as const, text: stillWaiting }] }
      : { content: [{ type: 'text' as const, text: outcome.words }], isError: outcome.state !== 'done' };
  });
  return server;
}

async function answer(ports: ToolPorts, name: string, input: Record<string, unknown>): Promise<EffectOutcome> {
  if (Object.hasOwn(effectRequests, name)) {
    try {
      return await ports.effect(readRequest(name as EffectName, input));
    } catch (error) {
      return { state: 'failed', words: error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error) };
    }
  }
  const [server = '', ...tool] = name.split(separator);
  return await ports.call(server, tool.join(separator), input);
}
