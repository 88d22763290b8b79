/**
 * Where everything an agent reports goes: cut to the protocol's sizes, held to a rate an agent cannot
 * flood over, written to the journal, and summed up for the result.
 */
import type { ActivityContent, RunPhase } from '../../protocol/activities.ts';
import type { SessionResult, SessionUsage } from '../../protocol/records.ts';
import type { z } from 'zod';
import type { AgentEvent, Usage } from '../agents/base/driver.ts';
import type { Journal } from '../journal/journal.ts';
import { looksLikeCheck } from './checks.ts';

export interface SinkLimits {
  /** Entries at once, and per second after that. */
  readonly burst: number;
  readonly perSecond: number;
  /** Characters of all entries of a run. */
  readonly totalChars: number;
}
export const sinkLimits: SinkLimits = { burst: 2000, perSecond: 50, totalChars: 32 * 1024 * 1024 };

/** So many open calls are remembered; more are no better sign. */
const maxCalls = 1000;

export interface SinkOptions {
  readonly journal: Journal;
  readonly fence: () => number;
  /** Something was written: send it. */
  readonly onWritten: () => void;
  readonly onStanding: (standing: { usage: Usage }) => void;
  readonly limits?: SinkLimits;
}

type Checks = SessionResult['checks'];

export class ActivitySink {
  readonly #options: SinkOptions;
  readonly #limits: SinkLimits;
  #tokens: number;
  #filledAt = performance.now();
  #chars = 0;
  #dropped = 0;
  #lastSign = performance.now();
  #usage: z.infer<typeof SessionUsage> | null = null;
  #checks: Checks = [];
  #said = '';
  /** Calls of tools that are announced and not over. */
  readonly #calls = new Map<string, string>();

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#limits = options.limits ?? sinkLimits;
    this.#tokens = this.#limits.burst;
  }

  get lastSign(): number {
    return this.#lastSign;
  }
  get usage(): z.infer<typeof SessionUsage> | null {
    return this.#usage;
  }
  get checks(): Checks {
    return this.#checks;
  }
  /** The newest message of the agent, for a run that ends before its turn does. */
  get said(): string {
    return this.#said;
  }
  /** Entries that were not kept because there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What the agent waits for: the title of the newest of its calls that are not over. Null when there is none. */
  get openCall(): string | null {
    return [...this.#calls.values()].at(-1) ?? null;
  }
  /** Nothing of a turn that is over runs any more. */
  turnOver(): void {
    this.#calls.clear();
  }

  /** The agent lives, or a person is being waited for. */
  touch(): void {
    this.#lastSign = performance.now();
  }

  event(event: AgentEvent): void {
    this.touch();
    switch (event.kind) {
      case 'alive':
        return;
      case 'call':
        this.#call(event.callId, event.open, '');
        return;
      case 'plan': {
        const steps = event.steps.slice(0, 200).map((step) => ({ ...step, title: truncate(step.title, 1000) }));
        if (this.#admit(JSON.stringify(steps).length)) this.write({ kind: 'plan', body: { steps } });
        return;
      }
      case 'usage':
        this.#use(event.usage);
        return;
      case 'progress': {
        const { body } = event;
        if (body.type === 'command' || body.type === 'tool_call')
          this.#call(body.callId, body.status === 'running', body.type === 'command' ? body.command : body.title);
        if (body.type === 'command' && body.status !== 'running' && looksLikeCheck(body.command))
          this.#checks = [...this.#checks, { command: truncate(body.command, 2000), exitCode: body.exitCode }].slice(-50);
        if (body.type === 'message') this.#said = body.text;
        const content: ActivityContent = { kind: 'progress', body: clip(body) };
        if (this.#admit(JSON.stringify(content.body).length)) this.write(content);
      }
    }
  }

  phase(phase: RunPhase, detail: string, ms: number | null): void {
    this.write({ kind: 'progress', body: { type: 'phase', phase, detail: truncate(detail, 2000), ms } });
  }

  /** Writes one entry of our own; these are few and never dropped. */
  write(content: ActivityContent): void {
    this.#options.journal.append(content.kind, content.body, this.#options.fence());
    this.#options.onWritten();
  }

  #call(id: string, open: boolean, title: string): void {
    const known = this.#calls.get(id) ?? '';
    if (!open) this.#calls.delete(id);
    else if (this.#calls.has(id) || this.#calls.size < maxCalls) this.#calls.set(id, truncate(title, 200) || known);
  }

  #use(usage: Usage): void {
    const before = this.#usage;
    const cost = before?.costUsd === undefined && usage.costUsd === null ? null : (before?.costUsd ?? 0) + (usage.costUsd ?? 0);
    this.#usage = {
      inputTokens: (before?.inputTokens ?? 0) + usage.inputTokens,
      outputTokens: (before?.outputTokens ?? 0) + usage.outputTokens,
      totalTokens: (before?.totalTokens ?? 0) + usage.totalTokens,
      costUsd: before?.costUsd === null && usage.costUsd === null ? null : cost,
    };
    this.#options.onStanding({ usage: this.#usage });
  }

  #admit(chars: number): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#limits.burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#limits.perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1 || this.#chars + chars > this.#limits.totalChars) {
      this.#dropped += 1;
      return false;
    }
    this.#tokens -= 1;
    this.#chars += chars;
    return true;
  }
}

/** Cuts a text and says so. */
export function truncate(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 20)}… (shortened)`;
}

type Progress = Extract<ActivityContent, { kind: 'progress' }>['body'];

function clip(body: Progress): Progress {
  switch (body.type) {
    case 'message':
    case 'thought':
      return { ...body, text: truncate(body.text, 60_000) };
    case 'tool_call':
      return {
        ...body,
        callId: body.callId.slice(0, 200),
        title: truncate(body.title, 2000),
        tool: body.tool.slice(0, 60),
        detail: body.detail && truncate(body.detail, 16_000),
      };
    case 'command':
      return {
        ...body,
        callId: body.callId.slice(0, 200),
        command: truncate(body.command, 8000),
        output: body.output && keepEnd(body.output, 16_000),
      };
    case 'file_change':
      return { ...body, path: truncate(body.path, 4000) };
    default:
      return body;
  }
}

/** The end of an output tells how it went. */
function keepEnd(text: string, max: number): string {
  return text.length <= max ? text : `(shortened) …${text.slice(-(max - 20))}`;
}
