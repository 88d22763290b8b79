/** Drives any agent that speaks ACP version 1 over its standard streams. */
import * as acp from '@agentclientprotocol/sdk';
import path from 'node:path';
import * as z from 'zod';
import type { PlanStep } from '../../../protocol/activities.ts';
import {
  AgentFailure,
  type AgentDriver,
  type AgentExit,
  type DriverContext,
  type PermissionWish,
  type TurnEnd,
  type TurnInput,
} from '../base/driver.ts';
import { commandOf, exitCodeOf, hasEntries, mergeTool, newTool, subjectOf, type ToolState } from './tool.ts';
import { countLines } from '../base/diff.ts';
import { jsonLines } from '../base/lines.ts';
import { exitFailure, startProgram, type AgentProgram } from '../base/program.ts';
import { MessageGatherer } from '../base/text.ts';

export interface AcpOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The agent's mode that switches its own sandbox and questions off; used only inside ours. */
  readonly freeMode?: string;
}

/** Token counts that agents add to the end of a turn; not yet part of the stable protocol. */
const TurnUsage = z.object({ usage: z.object({ inputTokens: z.int(), outputTokens: z.int(), totalTokens: z.int() }) });

const stops: Partial<Record<acp.StopReason, TurnEnd['stop']>> = { end_turn: 'done', cancelled: 'cancelled', refusal: 'refused' };

interface Opened {
  readonly modes?: acp.SessionModeState | null;
}

export class AcpDriver implements AgentDriver {
  readonly #context: DriverContext;
  readonly #options: AcpOptions;
  readonly #texts: MessageGatherer;
  readonly #calls = new Map<string, ToolState>();
  #program: AgentProgram | null = null;
  #agent: acp.ClientContext | null = null;
  #session = '';
  #embeds = false;
  #broken = new Promise<never>(() => undefined);
  /** While an earlier conversation is loaded the agent repeats it; that is no news. */
  #replaying = false;

  constructor(context: DriverContext, options: AcpOptions) {
    this.#context = context;
    this.#options = options;
    this.#texts = new MessageGatherer(context.emit);
  }

  get pid(): number | null {
    return this.#program?.pid ?? null;
  }
  get ended(): Promise<AgentExit> {
    return this.#program?.ended ?? new Promise(() => undefined);
  }

  async start(thread: string | null): Promise<boolean> {
    this.#program = await startProgram(this.#context, this.#options.argv, this.#options.env);
    const connection = this.#client().connect(this.#stream(this.#program));
    this.#agent = connection.agent;
    const init = await this.#call(
      'initialize',
      connection.agent.request('initialize', {
        protocolVersion: acp.PROTOCOL_VERSION,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: 'belay', version: '1' },
      }),
      this.#context.startMs,
    );
    if (init.protocolVersion !== acp.PROTOCOL_VERSION)
      throw new AgentFailure(
        'agent_protocol',
        `The agent speaks version ${init.protocolVersion} of ACP, and Belay version ${acp.PROTOCOL_VERSION}.`,
        'Update the agent or Belay.',
      );
    this.#embeds = init.agentCapabilities?.promptCapabilities?.embeddedContext ?? false;
    const loaded = thread !== null && init.agentCapabilities?.loadSession ? await this.#load(thread) : null;
    const { modes } = loaded ?? (await this.#open(init.authMethods ?? []));
    this.#context.onThread(this.#session);
    const free = this.#options.freeMode;
    if (free !== undefined && this.#context.step === 'ours' && modes?.availableModes.some((mode) => mode.id === free))
      await this.#call(
        'session/set_mode',
        connection.agent.request('session/set_mode', { sessionId: this.#session, modeId: free }),
        this.#context.startMs,
      );
    return loaded !== null;
  }

  async #open(authMethods: readonly acp.AuthMethod[]): Promise<Opened> {
    try {
      const opened = await this.#call(
        'session/new',
        this.#need().request('session/new', { cwd: this.#context.cwd, mcpServers: this.#toolServers() }),
        this.#context.startMs * 2,
      );
      this.#session = opened.sessionId;
      return opened;
    } catch (error) {
      if (error instanceof acp.RequestError && error.code === -32000)
        throw new AgentFailure(
          'agent_signed_out',
          'The agent asks for a login first.',
          `Sign in with the agent's own program${authMethods[0] ? ` (${authMethods[0].name})` : ''}, then retry.`,
        );
      throw error;
    }
  }

  #toolServers(): acp.McpServer[] {
    return this.#context.toolServers.map(({ name, argv, env }) => ({
      name,
      command: argv[0] ?? '',
      args: argv.slice(1),
      env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    }));
  }

  /** Null when the agent has that conversation no more. */
  async #load(thread: string): Promise<Opened | null> {
    this.#replaying = true;
    try {
      const loaded = await this.#call(
        'session/load',
        this.#need().request('session/load', { sessionId: thread, cwd: this.#context.cwd, mcpServers: this.#toolServers() }),
        this.#context.startMs * 2,
      );
      this.#session = thread;
      return loaded;
    } catch (error) {
      if (error instanceof AgentFailure && error.code !== 'agent_error') throw error;
      this.#context.log(`The earlier conversation could not be loaded: ${String(error)}`);
      return null;
    } finally {
      this.#replaying = false;
    }
  }

  async prompt(turn: TurnInput): Promise<TurnEnd> {
    const reply = await this.#call(
      'session/prompt',
      this.#need().request('session/prompt', { sessionId: this.#session, prompt: this.#blocks(turn) }),
    );
    const final = this.#texts.takeLast();
    const usage = TurnUsage.safeParse(reply).data?.usage;
    if (usage) {
      const { inputTokens, outputTokens, totalTokens } = usage;
      this.#context.emit({ kind: 'usage', usage: { inputTokens, outputTokens, totalTokens, costUsd: null } });
    }
    return { stop: stops[reply.stopReason] ?? 'limit', final };
  }

  steer(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async cancel(): Promise<void> {
    await this.#agent?.notify('session/cancel', { sessionId: this.#session });
  }

  #need(): acp.ClientContext {
    if (!this.#agent) throw new AgentFailure('agent_not_started', 'The agent was not started.');
    return this.#agent;
  }

  async #call<T>(what: string, work: Promise<T>, withinMs?: number): Promise<T> {
    const program = this.#program;
    if (!program) throw new AgentFailure('agent_not_started', 'The agent was not started.');
    try {
      return await program.guard(Promise.race([work, this.#broken]), what, withinMs);
    } catch (error) {
      if (error instanceof AgentFailure || (error instanceof acp.RequestError && error.code === -32000)) throw error;
      // A connection closed by the end of the program is told by how that ended.
      const exit = await Promise.race([program.ended, new Promise<null>((resolve) => setTimeout(resolve, 200, null))]);
      if (exit) throw exitFailure(exit, what);
      const detail = error instanceof acp.RequestError && error.data !== undefined ? ` ${JSON.stringify(error.data).slice(0, 1000)}` : '';
      throw new AgentFailure(
        'agent_error',
        `The agent answered "${what}" with an error: ${error instanceof Error ? error.message : String(error)}${detail}`,
        'Look at the activity for what it did last, then retry or send it back with a note.',
      );
    }
  }

  #blocks(turn: TurnInput): acp.ContentBlock[] {
    if (turn.kind === 'note') return [{ type: 'text', text: turn.text }];
    if (!this.#embeds || turn.prompt.context.length === 0) return [{ type: 'text', text: turn.prompt.text }];
    return [
      { type: 'text', text: turn.prompt.instruction },
      ...turn.prompt.context.map((block): acp.ContentBlock => ({
        type: 'resource',
        resource: {
          uri: `belay://context/${encodeURIComponent(block.id)}`,
          mimeType: 'text/markdown',
          text: `# ${block.title}\n\n${block.text}`,
        },
      })),
    ];
  }

  /** A message stream that counts noise and fails on floods of it, instead of the one that answers noise. */
  #stream(program: AgentProgram): acp.Stream {
    let fail: (error: unknown) => void = () => undefined;
    this.#broken = new Promise<never>((_, reject) => {
      fail = reject;
    });
    this.#broken.catch(() => undefined);
    const messages = jsonLines(program.stdout, (line) => {
      this.#context.log(`Not a message: ${line}`);
    });
    const readable = new ReadableStream<acp.AnyMessage>({
      async pull(controller) {
        try {
          const next = await messages.next();
          if (next.done) controller.close();
          else controller.enqueue(next.value as unknown as acp.AnyMessage);
        } catch (error) {
          fail(error);
          controller.close();
        }
      },
    });
    const writable = new WritableStream<acp.AnyMessage>({
      write: (message) =>
        new Promise<void>((resolve) => {
          program.stdin.write(`${JSON.stringify(message)}\n`, () => {
            resolve();
          });
        }),
    });
    return { readable, writable };
  }

  #client(): acp.ClientApp {
    return acp
      .client({ name: 'belay' })
      .onNotification('session/update', ({ params }) => {
        if (this.#replaying) return;
        // A conversation that is not this one's is a helper's: a sign of life and nothing more.
        if (this.#session === '' || params.sessionId === this.#session) this.#update(params.update);
        else this.#context.emit({ kind: 'alive' });
      })
      .onRequest('session/request_permission', ({ params }) => this.#permission(params));
  }

  #update(update: acp.SessionUpdate): void {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
      case 'agent_thought_chunk':
        if (update.content.type === 'text')
          this.#texts.add(update.sessionUpdate === 'agent_message_chunk' ? 'message' : 'thought', update.content.text);
        return;
      case 'tool_call':
      case 'tool_call_update':
        this.#texts.flush();
        this.#tool(update);
        return;
      case 'plan':
        this.#texts.flush();
        this.#context.emit({
          kind: 'plan',
          steps: update.entries.map((entry): PlanStep => ({ title: entry.content, status: entry.status })),
        });
        return;
      default:
        this.#context.emit({ kind: 'alive' });
    }
  }

  #tool(update: acp.ToolCall | acp.ToolCallUpdate): void {
    const state = this.#calls.get(update.toolCallId) ?? newTool();
    this.#calls.set(update.toolCallId, state);
    const before = state.status;
    mergeTool(state, update);
    // A command is told once it is known: some agents announce it first and name it later.
    const unnamed = state.kind === 'execute' && state.status === 'running' && !hasEntries(state.rawInput);
    const changed = (before !== state.status || !state.reported) && !unnamed;
    const over = state.status === 'done' || state.status === 'failed';
    if (!changed) {
      this.#context.emit({ kind: 'call', callId: update.toolCallId, open: !over });
      return;
    }
    state.reported = true;
    if (state.kind === 'execute') {
      this.#context.emit({
        kind: 'progress',
        body: {
          type: 'command',
          callId: update.toolCallId,
          command: commandOf(state),
          status: state.status,
          exitCode: over ? exitCodeOf(state) : null,
          output: over ? state.text || null : null,
          ms: over ? Math.round(performance.now() - state.started) : null,
        },
      });
    } else {
      this.#context.emit({
        kind: 'progress',
        body: {
          type: 'tool_call',
          callId: update.toolCallId,
          title: state.title || state.kind,
          tool: state.kind,
          status: state.status,
          detail: over ? state.text || null : null,
        },
      });
    }
    if (state.status === 'done') this.#fileChanges(state);
  }

  #fileChanges(state: ToolState): void {
    for (const diff of state.diffs) {
      this.#context.emit({
        kind: 'progress',
        body: {
          type: 'file_change',
          path: this.#relative(diff.path),
          change: diff.oldText === null || diff.oldText === undefined ? 'added' : 'modified',
          ...countLines(diff.oldText ?? '', diff.newText),
        },
      });
    }
    if (state.diffs.length === 0 && (state.kind === 'edit' || state.kind === 'delete')) {
      for (const location of state.locations) {
        this.#context.emit({
          kind: 'progress',
          body: {
            type: 'file_change',
            path: this.#relative(location),
            change: state.kind === 'delete' ? 'deleted' : 'modified',
            added: null,
            deleted: null,
          },
        });
      }
    }
  }

  #relative(file: string): string {
    const relative = path.isAbsolute(file) ? path.relative(this.#context.cwd, file) : file;
    return relative.startsWith('..') ? file : relative;
  }

  async #permission(request: acp.RequestPermissionRequest): Promise<acp.RequestPermissionResponse> {
    this.#texts.flush();
    const state = this.#calls.get(request.toolCall.toolCallId) ?? newTool();
    mergeTool(state, request.toolCall);
    const wish: PermissionWish = {
      ...subjectOf(state),
      title: state.title || 'The agent asks for permission',
      detail: state.text || (state.rawInput === undefined ? '' : JSON.stringify(state.rawInput, null, 2).slice(0, 16_000)),
      options: request.options.map((option) => ({ id: option.optionId, label: option.name, effect: effects[option.kind] })),
      acceptsText: false,
    };
    const answer = await this.#context.ask(wish);
    return answer?.optionId ? { outcome: { outcome: 'selected', optionId: answer.optionId } } : { outcome: { outcome: 'cancelled' } };
  }
}

const effects = { allow_once: 'allow_once', allow_always: 'allow_session', reject_once: 'deny', reject_always: 'deny' } as const;
