/**
 * The practice agent: a program that speaks ACP and asks no model. It shows a newcomer, and a test, the
 * whole way from a claimed item to a reviewed change: it turns the item's checklist into a plan and a
 * file, asks once for permission, commits, and says what it is.
 */
import * as acp from '@agentclientprotocol/sdk';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { checklistOf, keyOf, type ChecklistEntry } from './checklist.ts';

interface Conversation {
  readonly cwd: string;
  /** The file this conversation wrote, to be amended by later turns. */
  file: string | null;
  abort: AbortController;
}
interface Step {
  readonly title: string;
  status: 'pending' | 'in_progress' | 'completed';
}

const conversations = new Map<string, Conversation>();

class Stopped extends Error {}

/** One turn of one conversation. */
class PracticeTurn {
  readonly #client: acp.AgentContext;
  readonly #id: string;
  readonly #talk: Conversation;

  constructor(client: acp.AgentContext, id: string, talk: Conversation) {
    this.#client = client;
    this.#id = id;
    this.#talk = talk;
  }

  async run(blocks: readonly acp.ContentBlock[]): Promise<void> {
    const instruction = blocks.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
    const context = blocks.map((block) => (block.type === 'resource' && 'text' in block.resource ? block.resource.text : '')).join('\n');
    if (this.#talk.file !== null) {
      await this.#amend(this.#talk.file, instruction);
      return;
    }
    // Where the context came as one text with the instruction, the item begins after the first fence.
    const item = context.trim() === '' ? instruction.slice(Math.max(0, instruction.search(/^=+ begin /m))) : context;
    const key = keyOf(item) ?? 'item';
    const title = /^(?:=+ begin [^:]*: |# )(.+)$/m.exec(item)?.[1] ?? key;
    const entries = checklistOf(item, title);
    await this.#say(
      'message',
      `I am Belay's practice agent: no model is asked, and what I write shows the way a real agent's work would take.`,
    );
    if (/Do not change any file/.test(instruction)) await this.#look(entries);
    else await this.#work(key, title, entries, noteOf(blocks));
  }

  /** Plan and review: an answer in words, no file. */
  async #look(entries: readonly ChecklistEntry[]): Promise<void> {
    await this.#plan(entries.map((entry) => ({ title: entry.title, status: entry.done ? 'completed' : 'pending' })));
    await this.#command('git status --short', ['git', 'status', '--short']);
    const list = entries.map((entry, index) => `${index + 1}. ${entry.title}`).join('\n');
    await this.#say(
      'message',
      `From the item's own list I would do this:\n\n${list}\n\nI changed no file. This plan is the practice agent's; a real agent would read the code first.`,
    );
  }

  async #work(key: string, title: string, entries: readonly ChecklistEntry[], note: string): Promise<void> {
    const steps: Step[] = [...entries.map((entry) => entry.title), 'Write it down', 'Commit'].map((text) => ({
      title: text,
      status: 'pending',
    }));
    await this.#plan(steps);
    const relative = path.join('belay-practice', `${key}.md`);
    if (!(await this.#permission(relative))) {
      await this.#say('message', `You did not allow it, so I wrote nothing. The plan stands as it is.`);
      return;
    }
    this.#talk.file = relative;
    // Sent back: the file of the session before is still there.
    if (existsSync(path.join(this.#talk.cwd, relative))) {
      await this.#amend(relative, note || 'Go on.');
      await this.#plan(steps.map((step) => ({ ...step, status: 'completed' })));
      return;
    }
    for (const step of steps.slice(0, -2)) await this.#advance(steps, step);
    await this.#advance(steps, steps.at(-2), () => this.#write(relative, pageOf(key, title, entries)));
    await this.#advance(steps, steps.at(-1), async () => {
      await this.#command('git status --short', ['git', 'status', '--short']);
      await this.#commit(relative, `${key}: practice plan`);
    });
    await this.#say(
      'message',
      `Done: ${relative} holds the plan for ${key} with ${entries.length} ${entries.length === 1 ? 'step' : 'steps'}, committed in the private clone. I am the practice agent; nothing else was changed.`,
    );
  }

  async #amend(relative: string, note: string): Promise<void> {
    const before = await readFile(path.join(this.#talk.cwd, relative), 'utf8').catch(() => '');
    const quoted = note
      .trim()
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n');
    await this.#write(relative, `${before.trimEnd()}\n\n## A note was taken in\n\n${quoted}\n`, before);
    await this.#commit(relative, 'Take the note in');
    await this.#say('message', `I added your note to ${relative}. I am the practice agent and only write it down.`);
  }

  async #advance(steps: Step[], step: Step | undefined, work?: () => Promise<void>): Promise<void> {
    if (!step) return;
    step.status = 'in_progress';
    await this.#plan(steps);
    await work?.();
    step.status = 'completed';
    await this.#plan(steps);
  }

  async #permission(relative: string): Promise<boolean> {
    const reply = await this.#client.request('session/request_permission', {
      sessionId: this.#id,
      toolCall: {
        toolCallId: randomUUID(),
        title: `May I write ${relative} and commit it in my clone?`,
        kind: 'other',
        status: 'pending',
        content: [
          {
            type: 'content',
            content: { type: 'text', text: 'The practice agent asks once, so that you see how a question looks and is answered.' },
          },
        ],
      },
      options: [
        { optionId: 'allow', name: 'Allow', kind: 'allow_once' },
        { optionId: 'reject', name: 'Do not allow', kind: 'reject_once' },
      ],
    });
    this.#check();
    return reply.outcome.outcome === 'selected' && reply.outcome.optionId === 'allow';
  }

  async #write(relative: string, text: string, before: string | null = null): Promise<void> {
    const file = path.join(this.#talk.cwd, relative);
    const old = before ?? (existsSync(file) ? await readFile(file, 'utf8') : null);
    const toolCallId = randomUUID();
    const diff = { type: 'diff' as const, path: file, oldText: old, newText: text };
    await this.#update({
      sessionUpdate: 'tool_call',
      toolCallId,
      title: `Write ${relative}`,
      kind: 'edit',
      status: 'in_progress',
      locations: [{ path: file }],
    });
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed', content: [diff] });
  }

  async #commit(relative: string, message: string): Promise<void> {
    await this.#command(`git add ${relative}`, ['git', 'add', '--', relative]);
    await this.#command(`git commit -m "${message}"`, ['git', 'commit', '--quiet', '-m', message]);
  }

  async #command(title: string, argv: readonly [string, ...string[]]): Promise<void> {
    this.#check();
    const toolCallId = randomUUID();
    await this.#update({
      sessionUpdate: 'tool_call',
      toolCallId,
      title,
      kind: 'execute',
      status: 'in_progress',
      rawInput: { command: title },
    });
    const { code, output } = await execute(argv, this.#talk.cwd);
    await this.#update({
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status: code === 0 ? 'completed' : 'failed',
      rawOutput: { exitCode: code },
      content: [{ type: 'content', content: { type: 'text', text: output } }],
    });
  }

  async #plan(steps: readonly Step[]): Promise<void> {
    this.#check();
    await this.#update({
      sessionUpdate: 'plan',
      entries: steps.map((step) => ({ content: step.title, priority: 'medium', status: step.status })),
    });
  }

  async #say(kind: 'message' | 'thought', text: string): Promise<void> {
    await this.#update({
      sessionUpdate: kind === 'message' ? 'agent_message_chunk' : 'agent_thought_chunk',
      content: { type: 'text', text },
    });
  }

  async #update(update: acp.SessionUpdate): Promise<void> {
    await this.#client.notify('session/update', { sessionId: this.#id, update });
  }

  #check(): void {
    if (this.#talk.abort.signal.aborted) throw new Stopped();
  }
}

/** What the person, or the session before, says to this one. */
function noteOf(blocks: readonly acp.ContentBlock[]): string {
  return blocks
    .flatMap((block) =>
      block.type === 'resource' && /context\/(note|previous)$/.test(block.resource.uri) && 'text' in block.resource
        ? [block.resource.text]
        : [],
    )
    .map((text) => text.replace(/^# .*\n+/, ''))
    .join('\n\n')
    .trim();
}

function pageOf(key: string, title: string, entries: readonly ChecklistEntry[]): string {
  const list = entries.map((entry) => `- [${entry.done ? 'x' : ' '}] ${entry.title}`).join('\n');
  return `# ${title}\n\nWritten by Belay's practice agent for ${key}. No model was asked.\n\n## Plan\n\n${list}\n`;
}

function execute(argv: readonly [string, ...string[]], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-8000));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => {
      resolve({ code: 127, output: error.message });
    });
    child.on('close', (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

acp
  .agent({ name: 'belay-practice-agent' })
  .onRequest('initialize', () => ({
    protocolVersion: acp.PROTOCOL_VERSION,
    agentCapabilities: { loadSession: false, promptCapabilities: { embeddedContext: true } },
    agentInfo: { name: 'belay-practice-agent', title: 'Practice agent', version: '1' },
  }))
  .onRequest('session/new', ({ params }) => {
    const sessionId = randomUUID();
    conversations.set(sessionId, { cwd: params.cwd, file: null, abort: new AbortController() });
    return { sessionId };
  })
  .onNotification('session/cancel', ({ params }) => {
    conversations.get(params.sessionId)?.abort.abort();
  })
  .onRequest('session/prompt', async ({ params, client }) => {
    const talk = conversations.get(params.sessionId);
    if (!talk) throw acp.RequestError.resourceNotFound(params.sessionId);
    talk.abort = new AbortController();
    try {
      await new PracticeTurn(client, params.sessionId, talk).run(params.prompt);
      return { stopReason: 'end_turn' as const };
    } catch (error) {
      if (error instanceof Stopped || talk.abort.signal.aborted) return { stopReason: 'cancelled' as const };
      throw error;
    }
  })
  .connect(acp.ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));

// The host is gone when our input ends: a program without a host must not stay.
process.stdin.on('end', () => {
  process.exit(0);
});
