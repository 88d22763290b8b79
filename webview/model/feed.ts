/**
 * Turns a session's activities into what the feed shows: the updates of one command become one entry,
 * neighbouring tool calls, files or phases one group. Grows by appending, so 200 entries a second stay cheap.
 */
import type { Activity, ProgressBody } from '../../protocol/activities.ts';

type Body<T extends ProgressBody['type']> = Extract<ProgressBody, { type: T }>;
export type CommandBody = Body<'command'>;
export type ToolBody = Body<'tool_call'>;
export type FileBody = Body<'file_change'>;
export type PhaseBody = Body<'phase'>;
export type AskedBody = Body<'input_asked'>;
export type PolicyBody = Extract<Activity, { kind: 'policy' }>['body'];

export interface FeedPart<T> {
  readonly at: number;
  readonly body: T;
}
interface Base {
  /** Stable while the entry grows. */
  readonly id: string;
  readonly at: number;
}
export type FeedEntry =
  | (Base & { readonly type: 'command'; readonly body: CommandBody })
  | (Base & { readonly type: 'tools'; readonly calls: readonly FeedPart<ToolBody>[] })
  | (Base & { readonly type: 'phases'; readonly phases: readonly FeedPart<PhaseBody>[] })
  | (Base & { readonly type: 'files'; readonly files: readonly FeedPart<FileBody>[] })
  | (Base & { readonly type: 'question'; readonly asked: AskedBody; readonly policy: PolicyBody })
  | (Base & { readonly type: 'single'; readonly activity: Activity });

/** Kept with the plan, the header or the question cards instead. */
function isQuiet(activity: Activity): boolean {
  if (activity.kind === 'plan') return true;
  return activity.kind === 'progress' && activity.body.type === 'usage';
}

export class Feed {
  /** Oldest first. */
  readonly entries: FeedEntry[] = [];
  /** Numbers of the first and last activity held; 0 when empty. */
  firstSeq = 0;
  lastSeq = 0;
  /** Grows with every change, so that a view can tell whether there is something new. */
  revision = 0;
  #activities: Activity[] = [];
  readonly #entryOfCall = new Map<string, number>();

  /** Adds newer activities; those already held are ignored, so that a repeated snapshot does no harm. */
  append(activities: readonly Activity[]): void {
    for (const activity of activities) {
      if (activity.seq <= this.lastSeq) continue;
      if (this.firstSeq === 0) this.firstSeq = activity.seq;
      this.lastSeq = activity.seq;
      this.#activities.push(activity);
      this.#add(activity);
    }
    this.revision += 1;
  }

  /** Adds activities from before the first one held. */
  prepend(activities: readonly Activity[]): void {
    const older = activities.filter((activity) => this.firstSeq === 0 || activity.seq < this.firstSeq);
    this.reset([...older, ...this.#activities]);
  }

  reset(activities: readonly Activity[]): void {
    this.entries.length = 0;
    this.#entryOfCall.clear();
    this.#activities = [];
    this.firstSeq = 0;
    this.lastSeq = 0;
    this.append(activities);
  }

  get activities(): readonly Activity[] {
    return this.#activities;
  }

  #add(activity: Activity): void {
    if (isQuiet(activity)) return;
    const base = { id: `a${activity.seq}`, at: activity.at };
    if (activity.kind === 'progress') {
      const body = activity.body;
      if (body.type === 'command') return this.#addCommand(base, body);
      if (body.type === 'tool_call') return this.#addTool(base, body);
      if (body.type === 'file_change') return this.#addFile(base, body);
      if (body.type === 'phase') return this.#addPhase(base, body);
      if (body.type === 'input_asked') return this.#addQuestion(base, body, activity);
    }
    this.entries.push({ ...base, type: 'single', activity });
  }

  #addCommand(base: Base, body: CommandBody): void {
    const index = this.#entryOfCall.get(`command:${body.callId}`);
    const known = index === undefined ? undefined : this.entries[index];
    if (index !== undefined && known?.type === 'command')
      this.entries[index] = { ...known, body: { ...body, output: body.output ?? known.body.output } };
    else {
      this.#entryOfCall.set(`command:${body.callId}`, this.entries.length);
      this.entries.push({ ...base, type: 'command', body });
    }
  }

  #addTool(base: Base, body: ToolBody): void {
    const part = { at: base.at, body };
    const index = this.#entryOfCall.get(`tool:${body.callId}`);
    const known = index === undefined ? undefined : this.entries[index];
    if (index !== undefined && known?.type === 'tools') {
      const calls = known.calls.map((call) =>
        call.body.callId === body.callId ? { at: call.at, body: { ...body, detail: body.detail ?? call.body.detail } } : call,
      );
      this.entries[index] = { ...known, calls };
      return;
    }
    const last = this.entries.at(-1);
    if (last?.type === 'tools' && last.calls.length < 50) this.entries[this.entries.length - 1] = { ...last, calls: [...last.calls, part] };
    else this.entries.push({ ...base, type: 'tools', calls: [part] });
    this.#entryOfCall.set(`tool:${body.callId}`, this.entries.length - 1);
  }

  #addPhase(base: Base, body: PhaseBody): void {
    const part = { at: base.at, body };
    const last = this.entries.at(-1);
    if (last?.type === 'phases') this.entries[this.entries.length - 1] = { ...last, phases: [...last.phases, part] };
    else this.entries.push({ ...base, type: 'phases', phases: [part] });
  }

  /** A decision to ask and the question that comes of it are one event to who reads. */
  #addQuestion(base: Base, asked: AskedBody, activity: Activity): void {
    const last = this.entries.at(-1);
    if (last?.type === 'single' && last.activity.kind === 'policy' && last.activity.body.decision === 'ask')
      this.entries[this.entries.length - 1] = { ...base, id: last.id, type: 'question', asked, policy: last.activity.body };
    else this.entries.push({ ...base, type: 'single', activity });
  }

  #addFile(base: Base, body: FileBody): void {
    const part = { at: base.at, body };
    const last = this.entries.at(-1);
    if (last?.type !== 'files') {
      this.entries.push({ ...base, type: 'files', files: [part] });
      return;
    }
    const others = last.files.filter((file) => file.body.path !== body.path);
    if (others.length < 50) this.entries[this.entries.length - 1] = { ...last, files: [...others, part] };
    else this.entries.push({ ...base, type: 'files', files: [part] });
  }
}

export interface PolicyCount {
  readonly decisions: number;
  readonly denied: number;
}

export function policyCount(activities: readonly Activity[]): PolicyCount {
  let decisions = 0;
  let denied = 0;
  for (const activity of activities) {
    if (activity.kind !== 'policy') continue;
    decisions += 1;
    if (activity.body.decision === 'deny') denied += 1;
  }
  return { decisions, denied };
}
