/** The commands, one function each. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { writeFile, mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { BelayError } from '../protocol/errors.ts';
import { activityLines, plainStyle } from '../client/activityLines.ts';
import { ItemKind, ItemStatus, SessionMode, type Session, type WorkItem } from '../protocol/records.ts';
import { diagnose, diagnosisText } from '../worker/agents/diagnosis.ts';
import { loginPath, which } from '../worker/agents/discovery.ts';
import { acceptSession, acceptWords, discardSession, moveItem, sendBack, undoSession } from '../worker/review/review.ts';
import { available, prepareLaunch } from '../worker/targets/available.ts';
import type { Environment, Installed } from '../worker/targets/types.ts';
import { renderPrompt } from '../worker/workflow/prompt.ts';
import { queueSession } from '../worker/workflow/queueSession.ts';
import { promptSections } from '../worker/workflow/sections.ts';
import { headCommit } from '../worker/workspace/repository.ts';
import { bindHere, bundle, connect, reviewContext, startWorker, state } from './context.ts';
import { followSession } from './follow.ts';
import { table, type Output } from './output.ts';

export type Flags = Readonly<Record<string, string | boolean | undefined>>;
export interface Invocation {
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly output: Output;
}
export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Positional arguments it cannot do without. */
  readonly needs: number;
  /** Returns the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

const text = (flags: Flags, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};
function oneOf<T extends string>(
  type: { safeParse: (value: unknown) => { success: boolean; data?: T } },
  value: string | undefined,
  fallback: T,
  name: string,
): T {
  if (value === undefined) return fallback;
  const parsed = type.safeParse(value);
  if (!parsed.success || parsed.data === undefined) throw new BelayError('bad_request', `--${name} does not know "${value}".`);
  return parsed.data;
}

async function withConnection<T>(use: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const connection = await connect();
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

const items: Command = {
  usage: 'items [KEY] [--all] [--status S]',
  summary: 'List your open items, or show one',
  needs: 0,
  run: ({ args: [key], flags, output }) =>
    withConnection(async ({ api, about }) => {
      if (key !== undefined) {
        const found = await api.getItemBundle({ params: { id: key } });
        output.answer(
          found,
          describeItem(
            found.item,
            found.comments.map((comment) => `${comment.authorName}: ${comment.body}`),
          ),
        );
        return 0;
      }
      const status = text(flags, 'status');
      const wanted =
        status === undefined
          ? flags['all'] === true
            ? undefined
            : (['idea', 'open', 'planned', 'in_progress', 'in_review', 'blocked'] as const)
          : [oneOf(ItemStatus, status, 'open', 'status')];
      const entries: WorkItem[] = [];
      for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
        const page: { entries: WorkItem[]; next: string | null } = await api.listItems({
          query: { assignee: about.memberId, limit: 500, ...(wanted && { status: [...wanted] }), ...(cursor !== null && { cursor }) },
        });
        entries.push(...page.entries);
        cursor = page.next;
      }
      output.answer(
        entries,
        entries.length === 0
          ? 'No items.'
          : table(entries.map((item) => [item.key, item.status.replaceAll('_', ' '), item.priority, item.title])),
      );
      return 0;
    }),
};

const add: Command = {
  usage: 'add TITLE [--kind bug|todo|initiative] [--description TEXT]',
  summary: 'Add an item, assigned to you',
  needs: 1,
  run: ({ args, flags, output }) =>
    withConnection(async ({ api, about }) => {
      const item = await api.createItem({
        body: {
          kind: oneOf(ItemKind, text(flags, 'kind'), 'todo', 'kind'),
          title: args.join(' '),
          description: text(flags, 'description') ?? '',
          assigneeIds: [about.memberId],
        },
      });
      output.answer(item, `${item.key} ${item.title}`);
      return 0;
    }),
};

const run: Command = {
  usage: 'run KEY [--mode M] [--agent A] [--note TEXT] [--base head|snapshot] [--yes]',
  summary: 'Run an item here: session, claim, clone, agent, result',
  needs: 1,
  run: ({ args: [key = ''], flags, output }) =>
    withConnection(async (connection) => {
      const { api } = connection;
      const found = await api.getItemBundle({ params: { id: key } });
      const mode = modeOf(found.item, flags);
      const repository = await bindHere(connection, text(flags, 'folder'));
      const worker = await startWorker(connection, 0, () => undefined);
      try {
        const agentId = agentOf(worker.agentIds, text(flags, 'agent'));
        const base = oneOf(baseChoice, text(flags, 'base'), 'head', 'base');
        const note = text(flags, 'note');
        const session = await queueSession({
          api,
          stateDir: state,
          bundle: found,
          agentId,
          mode,
          repository,
          sections: promptSections(found, { mode, ...(note !== undefined && { note }) }),
          base,
          workerId: worker.id,
        });
        await worker.claimNow(session.id);
        const ended = await follow(connection, session.id, flags['yes'] === true, output);
        output.answer(ended, outcomeText(ended));
        return ended.state === 'complete' ? 0 : 1;
      } finally {
        await worker.stop('finish');
      }
    }),
};

const queue: Command = {
  usage: 'queue KEY [--mode M] [--agent A] [--note TEXT] [--base head|snapshot]',
  summary: 'Queue a session for a worker of this machine',
  needs: 1,
  run: ({ args: [key = ''], flags, output }) =>
    withConnection(async (connection) => {
      const { api } = connection;
      const found = await api.getItemBundle({ params: { id: key } });
      const mode = modeOf(found.item, flags);
      const repository = await bindHere(connection, text(flags, 'folder'));
      const slug = text(flags, 'agent') ?? 'practice';
      const agent = (await api.listAgents({})).entries.find((entry) => entry.slug === slug);
      if (!agent)
        throw new BelayError('not_found', `The agent "${slug}" is not known yet.`, {
          hint: 'Start "belay worker" once: it registers the agents of this machine.',
        });
      const note = text(flags, 'note');
      const session = await queueSession({
        api,
        stateDir: state,
        bundle: found,
        agentId: agent.id,
        mode,
        repository,
        sections: promptSections(found, { mode, ...(note !== undefined && { note }) }),
        base: oneOf(baseChoice, text(flags, 'base'), 'head', 'base'),
        workerId: null,
      });
      output.answer(session, `Queued ${session.id}. It runs once a worker claims it.`);
      return 0;
    }),
};

const worker: Command = {
  usage: 'worker [--capacity N]',
  summary: 'Claim and run queued sessions until stopped',
  needs: 0,
  run: ({ flags, output }) =>
    withConnection(async (connection) => {
      const capacity = Number(text(flags, 'capacity') ?? '2');
      if (!Number.isInteger(capacity) || capacity < 1 || capacity > 10)
        throw new BelayError('bad_request', '--capacity takes a whole number from 1 to 10.');
      const running = await startWorker(connection, capacity, (line) => {
        output.progress(line);
      });
      output.progress(`Worker on, ${capacity} at once. Stop with Ctrl+C; runs that are under way go on.`);
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await running.stop('finish');
      return 0;
    }),
};

const send: Command = {
  usage: 'send KEY --target T [--mode M] [--note TEXT] [--print]',
  summary: 'Open an item in a tool; --print only says what would be launched',
  needs: 1,
  run: ({ args: [key = ''], flags, output }) =>
    withConnection(async (connection) => {
      const { api } = connection;
      const found = await api.getItemBundle({ params: { id: key } });
      const mode = modeOf(found.item, flags);
      const repository = await bindHere(connection, text(flags, 'folder'));
      const searchPath = await loginPath();
      const { environment, installed } = terminalSituation(searchPath);
      const application = { kind: 'terminal', uriScheme: '' } as const;
      const offers = available(environment, environment.system, application, installed);
      const target = text(flags, 'target');
      const offer = offers.find((entry) => entry.target.id === target);
      if (!offer)
        throw new BelayError('bad_request', target === undefined ? 'Which target?' : `${target} is not available here.`, {
          hint: `Available: ${offers.map((entry) => entry.target.id).join(', ')}.`,
        });
      const note = text(flags, 'note');
      const prompt = renderPrompt({
        mode,
        place: 'external',
        sections: promptSections(found, { mode, ...(note !== undefined && { note }) }),
      }).text;
      const folder = path.join(state, 'prompts');
      const promptFile = path.join(folder, `${found.item.key}-${mode}.md`);
      const prepared = prepareLaunch(
        offer,
        { prompt, mode, itemKey: found.item.key, folder: repository.checkout.path, promptFile },
        environment,
        application,
        installed,
      );
      if (flags['print'] === true) {
        output.answer(prepared.launch, JSON.stringify(prepared.launch, null, 2));
        return 0;
      }
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(promptFile, prompt, { mode: 0o600 });
      await api.createHandoff({
        params: { id: found.item.id },
        body: {
          target: offer.target.id,
          targetName: offer.target.name,
          mode,
          detail: offer.way.label,
          repositoryId: repository.id,
          baseCommit: await headCommit(repository.checkout),
        },
      });
      await moveItem(api, found.item.id, (item) => (['idea', 'open', 'planned'].includes(item.status) ? 'in_progress' : null));
      if (prepared.launch.kind === 'link') {
        output.answer(prepared.launch, prepared.launch.url);
        return 0;
      }
      if (prepared.launch.kind !== 'terminal')
        throw new BelayError('bad_request', `${offer.target.name} cannot be opened from a terminal.`, {
          hint: 'Use "belay run" or "belay queue".',
        });
      return runProgram(prepared.launch.argv, prepared.launch.folder, prepared.launch.environment, searchPath);
    }),
};

const sessions: Command = {
  usage: 'sessions [KEY]',
  summary: 'List sessions, newest first',
  needs: 0,
  run: ({ args: [key], output }) =>
    withConnection(async ({ api }) => {
      const item = key === undefined ? null : await api.getItem({ params: { id: key } });
      const { entries } = await api.listSessions({ query: { limit: 100, ...(item && { item: item.id }) } });
      output.answer(
        entries,
        entries.length === 0
          ? 'No sessions.'
          : table(
              entries.map((session) => [
                session.id,
                session.itemKey ?? '',
                session.mode,
                session.state.replaceAll('_', ' '),
                session.review ?? '',
                session.agentName,
              ]),
            ),
      );
      return 0;
    }),
};

const watch: Command = {
  usage: 'watch SESSION',
  summary: 'Follow a session to its end',
  needs: 1,
  run: ({ args: [id = ''], flags, output }) =>
    withConnection(async (connection) => {
      const ended = await follow(connection, id, flags['yes'] === true, output);
      output.answer(ended, outcomeText(ended));
      return ended.state === 'complete' ? 0 : 1;
    }),
};

const accept: Command = {
  usage: 'accept SESSION [--host-executed]',
  summary: 'Bring a result into your working tree; --host-executed: with files that your machine would run',
  needs: 1,
  run: ({ args: [id = ''], flags, output }) =>
    withConnection(async (connection) => {
      const session = await connection.api.getSession({ params: { id } });
      if (!session.result?.headCommit) {
        await acceptWords(reviewContext(connection), session);
        output.answer({}, 'Accepted.');
        return 0;
      }
      const hostExecuted =
        flags['host-executed'] === true
          ? session.result.files.filter((file) => file.class === 'host_executed').map((file) => file.path)
          : [];
      const outcome = await acceptSession(reviewContext(connection), session, hostExecuted);
      output.answer(outcome, [`Accepted ${outcome.paths.length} files.`, ...outcome.leftOut.map((file) => `Left out: ${file}`)].join('\n'));
      return 0;
    }),
};

const undo: Command = {
  usage: 'undo SESSION',
  summary: 'Take an accepted result out again',
  needs: 1,
  run: ({ args: [id = ''], output }) =>
    withConnection(async (connection) => {
      const outcome = await undoSession(reviewContext(connection), await connection.api.getSession({ params: { id } }));
      output.answer(outcome, `Took ${outcome.paths.length} files back.`);
      return 0;
    }),
};

const back: Command = {
  usage: 'back SESSION --text TEXT',
  summary: 'Send a result back with what should change',
  needs: 1,
  run: ({ args: [id = ''], flags, output }) =>
    withConnection(async (connection) => {
      const note = text(flags, 'text');
      if (!note) throw new BelayError('bad_request', 'What should change? Say it with --text.');
      const session = await sendBack(reviewContext(connection), await connection.api.getSession({ params: { id } }), note);
      output.answer(session, `Queued the follow-up ${session.id}.`);
      return 0;
    }),
};

const discard: Command = {
  usage: 'discard SESSION --yes',
  summary: 'Throw a result and its working folder away',
  needs: 1,
  run: ({ args: [id = ''], flags, output }) =>
    withConnection(async (connection) => {
      if (flags['yes'] !== true)
        throw new BelayError('bad_request', 'This deletes the working folder of the session.', { hint: 'Say --yes.' });
      await discardSession(reviewContext(connection), await connection.api.getSession({ params: { id } }));
      output.answer({}, 'Discarded.');
      return 0;
    }),
};

const stop: Command = {
  usage: 'stop SESSION',
  summary: 'Cancel a session',
  needs: 1,
  run: ({ args: [id = ''], output }) =>
    withConnection(async ({ api }) => {
      const session = await api.cancelSession({ params: { id }, body: {} });
      output.answer(session, session.state === 'cancelled' ? 'Cancelled.' : 'Asked the run to stop.');
      return 0;
    }),
};

const doctor: Command = {
  usage: 'doctor',
  summary: 'Show agents, sandbox and git as found on this machine',
  needs: 0,
  run: async ({ output }) => {
    const diagnosis = await diagnose({ path: await loginPath(), practiceAgentBundle: bundle('practiceAgent.mjs') });
    output.answer(
      { agents: diagnosis.agents.map(({ launch: _launch, ...agent }) => agent), sandbox: diagnosis.sandbox, git: diagnosis.git },
      diagnosisText(diagnosis),
    );
    return 0;
  },
};

const platform: Command = {
  usage: 'platform',
  summary: 'Start the platform of this machine if it is not running, and say where it is',
  needs: 0,
  run: ({ output }) =>
    withConnection(({ about, socketPath }) => {
      output.answer({ ...about, socketPath, stateDir: state }, `Platform ${about.version}, process ${about.pid}, ${socketPath}`);
      return Promise.resolve(0);
    }),
};

export const commands: Record<string, Command> = {
  items,
  add,
  run,
  queue,
  worker,
  send,
  sessions,
  watch,
  accept,
  undo,
  back,
  discard,
  stop,
  doctor,
  platform,
};

const baseChoice = {
  safeParse: (value: unknown) =>
    (value === 'head' || value === 'snapshot' ? { success: true, data: value } : { success: false }) as {
      success: boolean;
      data?: 'head' | 'snapshot';
    },
};

function modeOf(item: WorkItem, flags: Flags): SessionMode {
  return oneOf(SessionMode, text(flags, 'mode'), item.kind === 'bug' ? 'fix' : item.kind === 'initiative' ? 'plan' : 'code', 'mode');
}

function agentOf(agentIds: ReadonlyMap<string, string>, slug: string | undefined): string {
  const wanted = slug ?? 'practice';
  const id = agentIds.get(wanted);
  if (id === undefined)
    throw new BelayError('not_found', `The agent "${wanted}" is not on this machine.`, {
      hint: `Found: ${[...agentIds.keys()].join(', ')}. "belay doctor" says more.`,
    });
  return id;
}

/** Prints activities; asks the person each question, or takes the first allowing answer with `--yes`. */
async function follow(connection: Awaited<ReturnType<typeof connect>>, sessionId: string, yes: boolean, output: Output): Promise<Session> {
  const stop = () => {
    void connection.api.cancelSession({ params: { id: sessionId }, body: {} });
  };
  const linesOf = activityLines(plainStyle);
  process.on('SIGINT', stop);
  try {
    return await followSession(connection, sessionId, {
      activity: (activity) => {
        for (const line of linesOf(activity)) output.progress(line);
      },
      input: (inputId) => {
        void answer(connection, sessionId, inputId, yes, output).catch((error: unknown) => {
          output.failure(error);
        });
      },
    });
  } finally {
    process.off('SIGINT', stop);
  }
}

async function answer(
  connection: Awaited<ReturnType<typeof connect>>,
  sessionId: string,
  inputId: string,
  yes: boolean,
  output: Output,
): Promise<void> {
  const { entries } = await connection.api.listInputs({ query: { session: sessionId, state: ['open'] } });
  const input = entries.find((entry) => entry.id === inputId);
  if (!input) return;
  let optionId: string | null = null;
  let words: string | null = null;
  if (yes) optionId = input.options.find((option) => option.effect !== 'deny')?.id ?? null;
  else if (process.stdin.isTTY) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const shown = input.options.map((option, index) => `  ${index + 1} ${option.label}`).join('\n');
    const typed = await lines.question(`${input.title}\n${input.detail}\n${shown}\n> `).finally(() => {
      lines.close();
    });
    const picked = input.options[Number(typed) - 1];
    optionId = picked?.id ?? null;
    words = picked || !input.acceptsText ? null : typed;
  }
  if (optionId === null && words === null) {
    output.progress(`Waiting: answer "${input.title}" in the panel, or run with --yes.`);
    return;
  }
  await connection.api.answerInput({ params: { id: inputId }, body: { optionId, text: words, actionHash: input.actionHash } });
}

function outcomeText(session: Session): string {
  const result = session.result;
  if (session.state !== 'complete')
    return session.error
      ? `${session.error.message}${session.error.hint ? `\n${session.error.hint}` : ''}`
      : `The session is ${session.state}.`;
  if (!result?.headCommit) return result?.summary ?? 'Finished without changes.';
  const files = result.files.map(
    (file) =>
      `  ${file.path} +${file.added ?? 0} -${file.deleted ?? 0}${file.class === 'host_executed' ? ` (runs on your machine: ${file.reason ?? ''})` : ''}`,
  );
  const held = result.heldBack.map((file) => `  ${file.path} held back: ${file.reason}`);
  return [
    result.summary,
    `${result.files.length} files, +${result.added} -${result.deleted}`,
    ...files,
    ...held,
    `Review: belay accept ${session.id}`,
  ].join('\n');
}

function describeItem(item: WorkItem, comments: readonly string[]): string {
  return [
    `${item.key} ${item.title}`,
    `${item.kind}, ${item.status.replaceAll('_', ' ')}, ${item.priority}`,
    '',
    item.description,
    ...(comments.length > 0 ? ['', 'Comments:', ...comments] : []),
  ].join('\n');
}

function terminalSituation(searchPath: string): { environment: Environment; installed: Installed } {
  const system = process.platform === 'darwin' ? 'macos' : process.platform === 'win32' ? 'windows' : 'linux';
  const programs = ['codex', 'claude', 'cursor', 'cursor-agent', 'windsurf', 'opencode'].filter((name) => which(name, searchPath) !== null);
  return {
    environment: { system, remote: process.env['SSH_CONNECTION'] !== undefined, web: false, trusted: true, folder: true },
    installed: { programs: new Set(programs), extensions: new Set(), commands: new Set(), schemes: null, localAgents: [] },
  };
}

/** Starts a tool in the foreground, without a shell. */
async function runProgram(
  argv: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
  searchPath: string,
): Promise<number> {
  const [program = process.env['SHELL'] ?? '/bin/sh', ...args] = argv;
  const file = program.includes('/') ? program : which(program, searchPath);
  if (file === null) throw new BelayError('not_found', `${program} is no longer installed.`);
  const child = spawn(file, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, ...environment } });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code ?? (signal ? 1 : 0));
    });
  });
}
