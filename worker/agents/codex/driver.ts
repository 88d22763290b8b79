/** Drives the person's own Codex through its app-server. */
import path from 'node:path';
import type * as z from 'zod';
import { approval, askQuestions, decisionOf } from './approval.ts';
import { progressOf } from './items.ts';
import { codexModes } from './modes.ts';
import {
  AccountReply,
  AnyItem,
  CommandApproval,
  ErrorEvent,
  FileApproval,
  Incoming,
  ItemEvent,
  Origin,
  PlanEvent,
  ThreadReply,
  TurnEvent,
  TurnReply,
  UsageEvent,
  UserInputRequest,
  wordItems,
  type CodexItem,
} from './protocol.ts';
import { turnFailure, type Ended, type Turn } from './turn.ts';
import { AgentFailure, type AgentDriver, type AgentExit, type DriverContext, type TurnEnd, type TurnInput } from '../base/driver.ts';
import { jsonLines } from '../base/lines.ts';
import { startProgram, type AgentProgram } from '../base/program.ts';
import { shownCommand } from '../base/shellCommand.ts';

export interface CodexOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How the run signs in; null leaves it to the run home's configuration. */
  readonly login: CodexLogin | null;
}
/** An access token of the person's own login, or an API key; never a refresh token. */
export type CodexLogin =
  | { readonly kind: 'apiKey'; readonly key: string }
  | { readonly kind: 'tokens'; readonly accessToken: string; readonly accountId: string; readonly refresh: () => Promise<string> };

interface Waiting {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}
interface Total {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

export class CodexDriver implements AgentDriver {
  readonly #context: DriverContext;
  readonly #options: CodexOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #items = new Map<string, CodexItem>();
  #program: AgentProgram | null = null;
  #thread = '';
  #turn: Turn | null = null;
  #next = 1;
  /** What each thread has used so far; helpers of the agent have threads of their own. */
  readonly #used = new Map<string, Total>();

  constructor(context: DriverContext, options: CodexOptions) {
    this.#context = context;
    this.#options = options;
  }

  get pid(): number | null {
    return this.#program?.pid ?? null;
  }
  get ended(): Promise<AgentExit> {
    return this.#program?.ended ?? new Promise(() => undefined);
  }

  async start(thread: string | null): Promise<boolean> {
    this.#program = await startProgram(this.#context, [...this.#options.argv, 'app-server'], this.#options.env);
    void this.#read(this.#program);
    const within = this.#context.startMs;
    await this.#request('initialize', { clientInfo: { name: 'belay', title: 'Belay', version: '1' }, capabilities: null }, within);
    this.#notify('initialized', {});
    await this.#signIn(within);
    const { sandbox, approvalPolicy } = codexModes[this.#context.step];
    const settings = {
      cwd: this.#context.cwd,
      sandbox: this.#context.mode === 'plan' && this.#context.step !== 'ours' ? 'read-only' : sandbox,
      approvalPolicy,
      config: { mcp_servers: this.#toolServers() },
    };
    const resumed = thread === null ? null : await this.#resumeThread(thread, settings, within * 2);
    this.#thread = resumed ?? (await this.#startThread(settings, within * 2));
    this.#context.onThread(this.#thread);
    return resumed !== null;
  }

  /**
   * Codex gives a tool server few of its own variables: the way to the network is not among them unless named. Its own
   * question before each call would be a second one, since the broker asks.
   */
  #toolServers(): Record<string, unknown> {
    return Object.fromEntries(
      this.#context.toolServers.map(({ name, argv, env }) => [
        name,
        {
          command: argv[0] ?? '',
          args: argv.slice(1),
          env,
          env_vars: ['HTTP_PROXY'],
          startup_timeout_sec: 20,
          tool_timeout_sec: 60,
          default_tools_approval_mode: 'approve',
        },
      ]),
    );
  }

  async #signIn(within: number): Promise<void> {
    const login = this.#options.login;
    if (login?.kind === 'apiKey') await this.#request('account/login/start', { type: 'apiKey', apiKey: login.key }, within);
    if (login?.kind === 'tokens')
      await this.#request(
        'account/login/start',
        { type: 'chatgptAuthTokens', accessToken: login.accessToken, chatgptAccountId: login.accountId, chatgptPlanType: null },
        within,
      );
    const account = AccountReply.safeParse(await this.#request('account/read', { refreshToken: false }, within)).data;
    if (account?.requiresOpenaiAuth && account.account === null)
      throw new AgentFailure('agent_signed_out', 'Codex is not signed in.', 'Run "codex login" once in a terminal, then retry.');
  }

  async #resumeThread(thread: string, settings: Record<string, unknown>, within: number): Promise<string | null> {
    try {
      return ThreadReply.parse(await this.#request('thread/resume', { threadId: thread, ...settings }, within)).thread.id;
    } catch (error) {
      if (error instanceof AgentFailure && error.code !== 'agent_error') throw error;
      this.#context.log(`The earlier thread could not be resumed: ${String(error)}`);
      return null;
    }
  }

  async #startThread(settings: Record<string, unknown>, within: number): Promise<string> {
    return ThreadReply.parse(await this.#request('thread/start', settings, within)).thread.id;
  }

  async prompt(input: TurnInput): Promise<TurnEnd> {
    const text = input.kind === 'task' ? input.prompt.text : input.text;
    const { policy } = codexModes[this.#context.step];
    const done = new Promise<TurnEnd>((finish, fail) => {
      this.#turn = { id: '', early: [], final: '', finish, fail };
    });
    done.catch(() => undefined);
    await this.#request('turn/start', {
      threadId: this.#thread,
      input: [{ type: 'text', text, text_elements: [] }],
      ...(policy && { sandboxPolicy: policy }),
    });
    return await this.#need().guard(done, 'turn');
  }

  async steer(text: string): Promise<boolean> {
    if (!this.#turn?.id) return false;
    try {
      await this.#request(
        'turn/steer',
        { threadId: this.#thread, expectedTurnId: this.#turn.id, input: [{ type: 'text', text, text_elements: [] }] },
        this.#context.startMs,
      );
      return true;
    } catch (error) {
      this.#context.log(`Codex did not take the words into its turn: ${String(error)}`);
      return false;
    }
  }

  async cancel(): Promise<void> {
    if (this.#turn?.id) await this.#request('turn/interrupt', { threadId: this.#thread, turnId: this.#turn.id }, this.#context.startMs);
  }

  #need(): AgentProgram {
    if (!this.#program) throw new AgentFailure('agent_not_started', 'Codex was not started.');
    return this.#program;
  }

  async #request(method: string, params: unknown, withinMs?: number): Promise<unknown> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, method });
    });
    answer.catch(() => undefined);
    this.#write({ id, method, params });
    return await this.#need().guard(answer, method, withinMs);
  }

  #notify(method: string, params: unknown): void {
    this.#write({ method, params });
  }

  #write(message: unknown): void {
    this.#need().stdin.write(`${JSON.stringify(message)}\n`);
  }

  async #read(program: AgentProgram): Promise<void> {
    try {
      for await (const line of jsonLines(program.stdout, (noise) => {
        this.#context.log(`Not a message: ${noise}`);
      })) {
        const message = Incoming.safeParse(line).data;
        if (message) this.#message(message);
      }
    } catch (error) {
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#turn?.fail(error);
    }
  }

  #message(message: z.infer<typeof Incoming>): void {
    const { id, method } = message;
    if (method !== undefined && id !== undefined) {
      void this.#answer(id, method, message.params);
      return;
    }
    if (method !== undefined) {
      this.#event(method, message.params);
      return;
    }
    const waiting = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    if (!waiting) return;
    if (message.error)
      waiting.reject(
        new AgentFailure(
          'agent_error',
          `Codex answered "${waiting.method}" with an error: ${message.error.message}`,
          'Update Codex if its version is older than 0.169, then retry.',
        ),
      );
    else {
      if (waiting.method === 'turn/start') this.#turnNamed(TurnReply.safeParse(message.result).data?.turn.id ?? '');
      waiting.resolve(message.result);
    }
  }

  #event(method: string, params: unknown): void {
    const origin = Origin.parse(params);
    switch (method) {
      case 'item/started':
      case 'item/completed':
        this.#itemEvent(params, origin, method === 'item/completed');
        return;
      case 'turn/plan/updated': {
        const plan = PlanEvent.safeParse(params).data?.plan;
        if (plan && this.#ofThread(origin))
          this.#context.emit({
            kind: 'plan',
            steps: plan.map((step) => ({ title: step.step, status: step.status === 'inProgress' ? 'in_progress' : step.status })),
          });
        else this.#context.emit({ kind: 'alive' });
        return;
      }
      case 'thread/tokenUsage/updated': {
        const total = UsageEvent.safeParse(params).data?.tokenUsage.total;
        if (total) this.#report(origin.threadId ?? this.#thread, total);
        return;
      }
      case 'turn/completed': {
        const turn = TurnEvent.safeParse(params).data?.turn;
        this.#context.emit({ kind: 'alive' });
        if (turn && this.#ofThread(origin)) this.#turnEnded(turn);
        return;
      }
      case 'error': {
        const event = ErrorEvent.safeParse(params).data;
        // While Codex waits for the network it repeats this for ever; that is no sign of life.
        if (event) this.#context.log(`Codex: ${event.error.message}`);
        return;
      }
      default:
        if (method.startsWith('item/') || method.startsWith('turn/')) this.#context.emit({ kind: 'alive' });
    }
  }

  #ofThread({ threadId }: Origin): boolean {
    return threadId === undefined || threadId === this.#thread;
  }

  /** Of the turn that runs; a turn that was given up before it may still end. */
  #ofTurn(origin: Origin): boolean {
    const running = this.#turn?.id ?? '';
    return this.#ofThread(origin) && (origin.turnId === undefined || running === '' || origin.turnId === running);
  }

  /** An item's name, unique among the items of all threads. */
  #callId(id: string, origin: Origin): string {
    return this.#ofThread(origin) ? id : `${origin.threadId ?? ''}/${id}`;
  }

  #report(thread: string, total: Total): void {
    const before = this.#used.get(thread) ?? { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
    this.#used.set(thread, total);
    const usage = {
      inputTokens: total.inputTokens - before.inputTokens,
      outputTokens: total.outputTokens - before.outputTokens,
      totalTokens: total.totalTokens - before.totalTokens,
    };
    this.#context.emit({ kind: 'usage', usage: { ...usage, costUsd: null } });
  }

  #turnNamed(id: string): void {
    const turn = this.#turn;
    if (!turn) return;
    turn.id = id;
    for (const ended of turn.early) if (id === '' || ended.id === id) this.#finish(turn, ended);
  }

  #turnEnded(ended: Ended): void {
    const turn = this.#turn;
    if (turn?.id === '') turn.early.push(ended);
    else if (turn && ended.id === turn.id) this.#finish(turn, ended);
  }

  #finish(turn: Turn, ended: Ended): void {
    this.#turn = null;
    if (ended.status === 'failed') turn.fail(turnFailure(ended.error ?? null));
    else turn.finish({ stop: ended.status === 'interrupted' ? 'cancelled' : 'done', final: turn.final });
  }

  #itemEvent(params: unknown, origin: Origin, over: boolean): void {
    const known = ItemEvent.safeParse(params).data?.item;
    const any = AnyItem.safeParse(params).data?.item;
    if (any && !wordItems.has(any.type)) this.#context.emit({ kind: 'call', callId: this.#callId(any.id, origin), open: !over });
    else this.#context.emit({ kind: 'alive' });
    if (known) this.#item({ ...known, id: this.#callId(known.id, origin) }, origin, over);
  }

  #item(item: CodexItem, origin: Origin, over: boolean): void {
    this.#items.set(item.id, item);
    // What a helper says is said to the agent, which tells what became of it.
    const isWords = item.type === 'agentMessage' || item.type === 'reasoning';
    if (isWords && !this.#ofTurn(origin)) return;
    if (item.type === 'agentMessage' && over && item.text.trim() !== '' && this.#turn) this.#turn.final = item.text;
    for (const body of progressOf(item, over, (file) => this.#relative(file))) this.#context.emit({ kind: 'progress', body });
  }

  #relative(file: string): string {
    const relative = path.isAbsolute(file) ? path.relative(this.#context.cwd, file) : file;
    return relative.startsWith('..') ? file : relative;
  }

  async #answer(id: string | number, method: string, params: unknown): Promise<void> {
    try {
      this.#write({ id, result: await this.#reply(method, params) });
    } catch (error) {
      this.#write({ id, error: { code: -32601, message: error instanceof Error ? error.message : String(error) } });
    }
  }

  async #reply(method: string, params: unknown): Promise<unknown> {
    switch (method) {
      case 'item/commandExecution/requestApproval': {
        const wish = CommandApproval.parse(params);
        const item = this.#items.get(this.#callId(wish.itemId, Origin.parse(params)));
        const command = wish.command ?? (item?.type === 'commandExecution' ? item.command : 'a command');
        return {
          decision: decisionOf(
            await this.#context.ask({
              ...approval('run', command, `Run: ${command}`, [wish.reason, wish.cwd && `in ${wish.cwd}`]),
              resources: [shownCommand(command)],
              ...(typeof wish.cwd === 'string' && { cwd: wish.cwd }),
            }),
          ),
        };
      }
      case 'item/fileChange/requestApproval': {
        const wish = FileApproval.parse(params);
        const item = this.#items.get(this.#callId(wish.itemId, Origin.parse(params)));
        const changes = item?.type === 'fileChange' ? item.changes : [];
        const files = changes.map((change) => this.#relative(change.path)).join(', ') || wish.grantRoot || 'files';
        return {
          decision: decisionOf(
            await this.#context.ask({
              ...approval('write', files, `Change ${files}`, [wish.reason, ...changes.map((change) => change.diff)]),
              ...(changes.length > 0 && { resources: changes.map((change) => change.path) }),
            }),
          ),
        };
      }
      case 'item/tool/requestUserInput':
        return { answers: await askQuestions(UserInputRequest.parse(params), (wish) => this.#context.ask(wish)) };
      case 'account/chatgptAuthTokens/refresh': {
        const login = this.#options.login;
        if (login?.kind !== 'tokens') throw new Error('This run has no login to refresh.');
        return { accessToken: await login.refresh(), chatgptAccountId: login.accountId, chatgptPlanType: null };
      }
      default:
        throw new Error(`Belay does not offer ${method}.`);
    }
  }
}
