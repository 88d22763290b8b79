/**
 * Tool servers (MCP) of the person: started by the run host, outside the sandbox, when the agent first asks for tools.
 * The agent calls their tools through the broker only; an approval holds for one definition of a tool and its arguments.
 */
import type { Client } from '@modelcontextprotocol/client';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { EffectSettings } from '../workerConfig/effectSettings.ts';
import type { PlannedEffect } from './effect.ts';
import { certificateVariables, proxiesOf, setVariables } from '../workspace/networkVariables.ts';

export interface OfferedTool {
  readonly server: string;
  readonly tool: string;
  readonly description: string;
  readonly inputSchema: Record<string, unknown>;
  /** SHA-256 of the server's command and the tool's definition. */
  readonly definition: string;
}
const startMs = 20_000;
const callMs = 120_000;
/** Of what a server may bring into the agent's view. */
const mostTools = 100;
const mostWords = 60_000;

export class ToolServers {
  readonly #settings: EffectSettings['toolServers'];
  readonly #secrets: Readonly<Record<string, string>>;
  readonly #log: (text: string) => void;
  readonly #clients = new Map<string, Client>();
  #offered: Promise<readonly OfferedTool[]> | null = null;

  constructor(settings: EffectSettings['toolServers'], secrets: Readonly<Record<string, string>>, log: (text: string) => void) {
    this.#settings = settings;
    this.#secrets = secrets;
    this.#log = log;
  }

  /** The tools of all servers that start; one that does not is left out and said in the log. */
  offered(): Promise<readonly OfferedTool[]> {
    this.#offered ??= Promise.all(Object.keys(this.#settings).map((name) => this.#toolsOf(name))).then((lists) => lists.flat());
    return this.#offered;
  }

  async plan(server: string, tool: string, input: Record<string, unknown>): Promise<PlannedEffect> {
    const offered = (await this.offered()).find((entry) => entry.server === server && entry.tool === tool);
    const client = this.#clients.get(server);
    if (!offered || !client) throw new BelayError('not_found', `There is no tool "${tool}" at "${server}".`);
    return {
      resource: `mcp:${server}/${tool}`,
      title: `Call ${tool} of ${server}`,
      detail: [`Definition: ${offered.definition}`, offered.description, '', JSON.stringify(input, null, 1)].join('\n'),
      // Once its answer is told, a call with the same words is another call.
      standing: (before) => Promise.resolve(before === 'done' ? 'not_done' : 'unknown'),
      perform: async () => {
        const result = await client.callTool({ name: tool, arguments: input }, { timeout: callMs });
        const words = result.content.map((part) => (part.type === 'text' ? part.text : `(${part.type})`)).join('\n');
        if (result.isError === true) throw new BelayError('conflict', `${server} answered with an error: ${words.slice(0, 4000)}`);
        return words.slice(0, mostWords);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close().catch(() => undefined)));
  }

  async #toolsOf(name: string): Promise<OfferedTool[]> {
    const settings = this.#settings[name];
    const [command = '', ...args] = settings?.command ?? [];
    const missing = settings?.secrets.filter((secret) => this.#secrets[secret] === undefined) ?? [];
    if (missing.length > 0) this.#log(`The tool server "${name}" misses ${missing.join(', ')}.`);
    const secrets = Object.fromEntries(
      (settings?.secrets ?? []).flatMap((secret) => (this.#secrets[secret] === undefined ? [] : [[secret, this.#secrets[secret]]])),
    );
    // Few have tool servers: what speaks to them is loaded with the first.
    const { Client, StdioClientTransport } = await import('./mcpClient.ts');
    const client = new Client({ name: 'belay', version: '1' });
    try {
      const way = { ...proxiesOf(), ...setVariables(certificateVariables) };
      const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: homedir(), LANG: 'C.UTF-8', ...way, ...secrets };
      await client.connect(new StdioClientTransport({ command, args, env, cwd: '/', stderr: 'ignore' }), { timeout: startMs });
      this.#clients.set(name, client);
      const { tools } = await client.listTools(undefined, { timeout: startMs });
      return tools.slice(0, mostTools).map((tool) => {
        const { name: title, description = '', inputSchema } = tool;
        const definition = createHash('sha256')
          .update(JSON.stringify([settings?.command, title, description, inputSchema]))
          .digest('hex');
        return { server: name, tool: title, description: description.slice(0, 4000), inputSchema, definition };
      });
    } catch (error) {
      this.#log(`The tool server "${name}" did not start: ${messageOf(error)}`);
      await client.close().catch(() => undefined);
      return [];
    }
  }
}
