/** One run, from the claim to the result: the phases, what can interrupt them, and how it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { RunPhase } from '../../protocol/activities.ts';
import { BelayError, isBelayError, messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import type { Input, Message, SessionResult } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { AgentFailure, type AgentDriver, type Step } from '../agents/driver.ts';
import { makeDriver } from '../agents/make.ts';
import type { Journal } from '../journal/journal.ts';
import { tryLock, type Lock } from '../journal/lock.ts';
import { Outbox, type ClaimHold } from '../journal/outbox.ts';
import { agentLayer } from '../policy/decide.ts';
import { chooseStep } from '../sandbox/choose.ts';
import { confine } from '../sandbox/confinement.ts';
import { programFolders } from '../sandbox/readable.ts';
import { beginSandbox, mustBeInside, type Sandbox, type UnprovedSandbox } from '../sandbox/ours.ts';
import { clonePath, createClone, gateDir } from '../workspace/clone.ts';
import { runGate } from '../workspace/gate.ts';
import { openCheckout } from '../workspace/repository.ts';
import type { LineClone } from '../workspace/types.ts';
import { renderPrompt, type RenderedPrompt } from '../workflow/prompt.ts';
import { cloneHead, commitsBetween } from './commits.ts';
import type { ControlServer } from './control.ts';
import { sayEnd, type RunEnd } from './end.ts';
import { readPrivate, writePrivate } from './files.ts';
import { Lease } from './lease.ts';
import { endTree, nameProcess } from './processes.ts';
import { Questions } from './questions.ts';
import { makeResult } from './result.ts';
import { ActivitySink, cut } from './sink.ts';
import { runFiles, type HostRecord, type RunSpec } from './spec.ts';
import { Standing } from './standing.ts';
import { agentEnvironment, prepareWorkplace, type Workplace } from './workplace.ts';

/** Why a run stops before its agent is done. */
type Halt = 'cancel' | 'give_back' | 'lost' | 'parked' | 'stalled';

/** The agent's own name for the conversation of a line of work. */
const ThreadRecord = z.object({ slug: z.string(), thread: z.string() });

export interface RunParts {
  readonly runDir: string;
  readonly spec: RunSpec;
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly api: BelayApi;
  readonly journal: Journal;
  readonly record: HostRecord;
  readonly control: () => ControlServer | null;
  readonly log: (text: string) => void;
}

export class RunHost {
  readonly #parts: RunParts;
  readonly #spec: RunSpec;
  readonly #stop = new AbortController();
  readonly #sink: ActivitySink;
  readonly #outbox: Outbox;
  readonly #lease: Lease;
  readonly #standing: Standing;
  readonly #messages: Message[] = [];
  readonly #seenMessages = new Set<string>();
  readonly #refused = new Set<string>();
  #record: HostRecord;
  #halt: Halt | null = null;
  #phase: RunPhase = 'bind';
  #lock: Lock | null = null;
  #clone: LineClone | null = null;
  #begun: Promise<UnprovedSandbox> | null = null;
  #sandbox: Sandbox | null = null;
  #questions: Questions | null = null;
  #driver: AgentDriver | null = null;
  #turning = false;
  #agentStarted = false;
  #answered: readonly Input[] = [];
  #final = '';
  #head: string | null = null;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#spec = parts.spec;
    this.#record = parts.record;
    const { api, journal, log, spec } = parts;
    this.#outbox = new Outbox({
      api,
      journal,
      log,
      hold: () => this.#hold,
      onLost: () => {
        this.#lease.noteLost();
      },
    });
    this.#standing = new Standing({ api, hold: () => this.#hold, log });
    this.#sink = new ActivitySink({
      journal,
      fence: () => this.#record.fence,
      onWritten: () => {
        this.#outbox.wake();
      },
      onStanding: (standing) => {
        this.#standing.set(standing);
      },
    });
    this.#lease = new Lease({
      api,
      log,
      workerId: spec.workerId,
      instanceId: spec.instanceId,
      sessionId: spec.grant.session.id,
      fence: parts.record.fence,
      leaseMs: spec.grant.leaseMs,
      offlineMs: spec.settings.offlineMs,
      onCancel: () => {
        this.stop('cancel');
      },
      onAnswers: (answers) => this.#questions?.deliver(answers),
      onMessages: (messages) => {
        this.#takeMessages(messages);
      },
      onExits: (state) => {
        log(`Exits are ${state}.`);
      },
      onLost: (reason) => {
        log(`The claim is lost for good: ${reason}.`);
        this.#interrupt('lost');
      },
      onReclaimed: (grant) => {
        this.#reclaimed(grant);
      },
    });
  }

  /** Runs the session to its end and tells the platform. Returns how it ended. */
  async run(): Promise<RunEnd['verb'] | 'lost'> {
    this.#lease.start();
    const watch = this.#watchForStall();
    let end: RunEnd | null;
    try {
      end = await this.#work();
    } catch (error) {
      end = await this.#endOf(error);
    } finally {
      clearInterval(watch);
      this.#questions?.close();
      await this.#endAgent();
      await this.#closeSandbox();
    }
    const said = end === null ? 'lost' : await this.#say(end);
    this.#lock?.release();
    await this.#lease.stop();
    this.#standing.close();
    this.#outbox.close();
    return said;
  }

  /** Asked by a person, the platform or the system. */
  stop(how: 'give_back' | 'cancel'): void {
    this.#interrupt(how);
  }

  get #hold(): ClaimHold {
    return {
      sessionId: this.#spec.grant.session.id,
      instanceId: this.#record.instanceId,
      fence: this.#record.fence,
      claimToken: this.#record.claimToken,
    };
  }

  async #work(): Promise<RunEnd> {
    const { spec } = this.#parts;
    const { session } = spec.grant;
    await this.#inPhase('bind', () => this.#bind());
    const preparing = this.#prepare();
    preparing.catch(() => undefined);
    const clone = await this.#inPhase('clone', () => this.#makeClone());
    const place = await this.#inPhase('bootstrap', async () => ({
      value: await preparing,
      detail: 'The agent has its own home and temp folder.',
    }));
    const step = await this.#inPhase('sandbox', () => this.#confine());
    const prompt = await this.#inPhase('prompt', async () => {
      const value = await this.#prompt();
      return { value, detail: `${value.text.length} characters` };
    });
    await this.#startAgent(clone, place, step, prompt);
    for (;;) {
      await this.#turns();
      const outcome = await this.#inPhase('gate', () => this.#gate(clone));
      // Words that came while the gate looked are not lost: they are one more turn.
      if (this.#messages.length > 0) continue;
      const result = makeResult({
        mode: session.mode,
        gate: outcome,
        summary: this.#final || this.#sink.said,
        checks: this.#sink.checks,
        baseCommit: clone.baseCommit,
      });
      this.#sink.phase('result', describe(result), null);
      return { verb: 'complete', result, usage: this.#sink.usage };
    }
  }

  async #inPhase<T>(phase: RunPhase, work: () => Promise<{ value: T; detail: string }>): Promise<T> {
    this.#enter(phase);
    const started = performance.now();
    const { value, detail } = await work();
    this.#check();
    this.#sink.phase(phase, detail, Math.round(performance.now() - started));
    this.#parts.journal.sync();
    return value;
  }

  #enter(phase: RunPhase): void {
    this.#phase = phase;
    this.#check();
    this.#parts.control()?.update({ phase });
  }

  #check(): void {
    if (this.#halt !== null) throw new Halted(this.#halt);
  }

  async #bind(): Promise<{ value: null; detail: string }> {
    const { spec } = this.#parts;
    if (!existsSync(spec.repositoryPath))
      throw new AgentFailure(
        'repository_missing',
        `The folder ${spec.repositoryPath} is not there.`,
        'Bind the repository to its folder again, then retry.',
      );
    await mkdir(spec.lineDir, { recursive: true, mode: 0o700 });
    this.#lock = tryLock(path.join(spec.lineDir, 'line.lock'));
    if (!this.#lock) throw new LineBusy();
    writePrivate(path.join(spec.lineDir, 'owner.json'), {
      sessionId: spec.grant.session.id,
      fence: this.#record.fence,
      instanceId: spec.instanceId,
    });
    return { value: null, detail: path.basename(spec.repositoryPath) };
  }

  async #makeClone(): Promise<{ value: LineClone; detail: string }> {
    const { spec } = this.#parts;
    const clone = await createClone({
      repositoryPath: spec.repositoryPath,
      lineDir: spec.lineDir,
      sessionId: spec.grant.session.id,
      base: spec.base,
      signal: this.#stop.signal,
    });
    this.#clone = clone;
    this.#head = clone.baseCommit;
    return {
      value: clone,
      detail: `${clone.reused ? 'The folder of the session before' : 'A private clone'} at ${clone.baseCommit.slice(0, 12)}`,
    };
  }

  /** Everything the agent needs beside the clone, made while git makes that. */
  async #prepare(): Promise<Workplace> {
    const { spec, runDir } = this.#parts;
    const { settings, agent } = spec;
    const place = await prepareWorkplace(spec.lineDir, agent);
    const checkout = await openCheckout(spec.repositoryPath);
    const login = agent.loginFiles.map((file) => file.from);
    const confinement = confine(
      {
        clone: clonePath(realpathSync(spec.lineDir)),
        tmp: place.tmp,
        home: place.home,
        stateDir: spec.stateDir,
        runDir,
        checkout: checkout.path,
        objectDirs: checkout.git ? [checkout.git.objectsDir] : [],
        writeClone: spec.grant.session.mode !== 'plan',
      },
      {
        hosts: [...agent.hosts, ...settings.hosts],
        programs: [...agent.readable, ...agent.argv.flatMap(programFolders), ...login],
        readable: settings.readable,
        writable: [...settings.writable, ...login],
      },
    );
    this.#begun = beginSandbox(confinement);
    this.#begun.catch(() => undefined);
    return place;
  }

  async #confine(): Promise<{ value: Step; detail: string }> {
    const { spec, runDir } = this.#parts;
    if (!this.#begun) throw new BelayError('internal', 'The sandbox was not begun.');
    const chosen = await chooseStep(this.#begun, path.join(runDir, 'proof'), {
      minimum: spec.settings.minimumStep,
      unattended: spec.settings.unattended,
      agentConfines: spec.agent.ownSandbox,
    });
    this.#sandbox = chosen.sandbox;
    chosen.sandbox?.onNetworkRefusal((host) => {
      this.#refused.add(host);
      this.#sink.write({
        kind: 'policy',
        body: {
          class: 'network',
          decision: 'deny',
          resource: cut(host, 4000),
          rule: 'not in the list of allowed hosts',
          detail: 'The connection was refused.',
        },
      });
    });
    this.#standing.set({ sandboxStep: chosen.step });
    return { value: chosen.step, detail: chosen.why === null ? stepWords[chosen.step] : `${stepWords[chosen.step]} ${chosen.why}` };
  }

  async #prompt(): Promise<RenderedPrompt> {
    const { spec } = this.#parts;
    const { session } = spec.grant;
    const worker = spec.instructions.trim();
    if (session.fence > 1) await this.#answeredWhileAway();
    const answered = this.#answered.map((input) => {
      const chosen = input.options.find((option) => option.id === input.answer?.optionId)?.label;
      return `You asked: ${input.title}\nThe answer: ${input.answer?.text ?? chosen ?? 'none'}`;
    });
    return renderPrompt({
      mode: session.mode,
      place: 'private_clone',
      sections: [
        ...session.instructions,
        ...(worker === ''
          ? []
          : [{ id: 'worker', origin: 'worker' as const, title: 'From this machine', text: worker, trusted: true, enabled: true }]),
        ...session.context,
        ...(answered.length === 0
          ? []
          : [
              {
                id: 'answers',
                origin: 'note' as const,
                title: 'Questions you asked before, with their answers',
                text: answered.join('\n\n'),
                trusted: false,
                enabled: true,
              },
            ]),
      ],
    });
  }

  /** A parked run is continued when its question was answered: the answer goes with the prompt. */
  async #answeredWhileAway(): Promise<void> {
    const { api } = this.#parts;
    const hold = this.#hold;
    const { entries } = await api.listInputs({ query: { session: hold.sessionId, state: ['answered'] } });
    this.#answered = entries.filter((input) => input.deliveredAt === null);
    for (const input of this.#answered) {
      await api.inputDelivered({
        params: { id: hold.sessionId, inputId: input.id },
        claimToken: hold.claimToken,
        body: { holder: { instanceId: hold.instanceId, fence: hold.fence } },
      });
    }
  }

  async #startAgent(clone: LineClone, place: Workplace, step: Step, prompt: RenderedPrompt): Promise<void> {
    const { spec, api, journal, log } = this.#parts;
    const { session } = spec.grant;
    this.#enter('agent');
    this.#questions = new Questions({
      api,
      hold: () => this.#hold,
      sink: this.#sink,
      layers: [agentLayer(spec.grant.agent.policy), { name: 'worker', rules: spec.settings.rules }],
      context: { step, mode: session.mode, unattended: spec.settings.unattended },
      standing: this.#answered,
      parkMs: spec.settings.parkMs,
      sync: () => {
        journal.sync();
      },
      onPark: () => {
        this.#interrupt('parked');
      },
      log,
    });
    const env = agentEnvironment(place, spec.agent, homedir());
    const questions = this.#questions;
    this.#driver = await makeDriver(
      spec.agent,
      {
        cwd: clone.path,
        mode: session.mode,
        step,
        launch: (argv, environment) => this.#launch(argv, environment, clone.path),
        emit: (event) => {
          this.#sink.event(event);
        },
        ask: async (wish) => {
          this.#parts.control()?.update({ waitingForPerson: true });
          try {
            return await questions.ask(wish);
          } finally {
            this.#sink.touch();
            this.#parts.control()?.update({ waitingForPerson: questions.waiting });
          }
        },
        onThread: (thread) => {
          writePrivate(this.#threadFile, { slug: spec.agent.slug, thread });
        },
        log,
        startMs: spec.settings.startMs,
      },
      env,
    );
    const started = performance.now();
    this.#sink.touch();
    const earlier = clone.reused ? readPrivate(this.#threadFile, ThreadRecord) : null;
    this.#agentStarted = true;
    await this.#driver.start(earlier?.slug === spec.agent.slug ? earlier.thread : null);
    this.#sink.phase('agent', `${spec.grant.agent.name} is at work.`, Math.round(performance.now() - started));
    await this.#turn({ kind: 'task', prompt });
  }

  get #threadFile(): string {
    return path.join(this.#spec.lineDir, 'thread.json');
  }

  async #launch(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { secretEnv } = this.#parts;
    // What the person set for the agent may hold keys, and a process list is open to everybody.
    const hidden = Object.entries(this.#spec.agent.env).filter(([name]) => !mustBeInside(name));
    const plain = Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.some(([other]) => other === name)));
    const child = this.#sandbox
      ? await this.#sandbox.launch({ argv, cwd, env: plain, secretEnv: { ...Object.fromEntries(hidden), ...secretEnv } })
      : spawn(argv[0] ?? '', argv.slice(1), {
          cwd,
          env: { ...env, ...secretEnv },
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: true,
          windowsHide: true,
        });
    if (child.pid !== undefined) this.#remember({ agent: nameProcess(child.pid) });
    return child;
  }

  /** Everything that waits to be said to the agent, one turn each. */
  async #turns(): Promise<void> {
    for (let message = this.#messages.shift(); message; message = this.#messages.shift()) {
      this.#enter('agent');
      await this.#confirmMessage(message);
      await this.#turn({ kind: 'note', text: message.body });
    }
  }

  async #turn(input: Parameters<AgentDriver['prompt']>[0]): Promise<void> {
    this.#check();
    if (!this.#driver) throw new BelayError('internal', 'There is no agent to talk to.');
    this.#turning = true;
    try {
      const end = await this.#driver.prompt(input);
      this.#check();
      if (end.final !== '') this.#final = end.final;
      if (end.stop === 'refused')
        throw new AgentFailure(
          'agent_refused',
          'The agent refused to go on.',
          'Read its last message, then send it back with a note or use another agent.',
        );
      if (end.stop === 'limit')
        throw new AgentFailure(
          'agent_limit',
          'The agent reached the limit of what it may do in one turn.',
          'Retry to go on in the same folder, or split the item.',
        );
    } finally {
      this.#turning = false;
    }
    await this.#reportCommits();
  }

  async #reportCommits(): Promise<void> {
    if (!this.#clone) return;
    const reader = { clone: this.#clone.path, gateDir: gateDir(this.#spec.lineDir) };
    const head = await cloneHead(reader);
    if (head === null || this.#head === null) return;
    for (const { commit, subject } of await commitsBetween(reader, this.#head, head)) {
      this.#sink.write({ kind: 'progress', body: { type: 'commit', commit, subject } });
    }
    this.#head = head;
  }

  #takeMessages(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#seenMessages.has(message.id)) continue;
      this.#seenMessages.add(message.id);
      if (message.kind === 'steer' && this.#turning && this.#driver) void this.#steer(message, this.#driver);
      else this.#messages.push(message);
    }
  }

  async #steer(message: Message, driver: AgentDriver): Promise<void> {
    if (await driver.steer(message.body).catch(() => false)) await this.#confirmMessage(message);
    else this.#messages.push(message);
  }

  async #confirmMessage(message: Message): Promise<void> {
    this.#sink.write({ kind: 'progress', body: { type: 'message_delivered', messageId: message.id, text: cut(message.body, 8000) } });
    const hold = this.#hold;
    await this.#parts.api
      .messageDelivered({
        params: { id: hold.sessionId, messageId: message.id },
        claimToken: hold.claimToken,
        timeoutMs: 5000,
        body: { holder: { instanceId: hold.instanceId, fence: hold.fence } },
      })
      .catch((error: unknown) => {
        this.#parts.log(`The delivery of a message could not be confirmed: ${messageOf(error)}`);
      });
  }

  async #gate(clone: LineClone): Promise<{ value: Awaited<ReturnType<typeof runGate>> | null; detail: string }> {
    const { spec } = this.#parts;
    const { session } = spec.grant;
    if (session.mode === 'plan' || session.mode === 'review') return { value: null, detail: 'Nothing is handed over in this mode.' };
    // The hand-over is an exit: it stays shut while the claim may be another's.
    while (!this.#lease.exitsOpen) {
      this.#check();
      await delay(100);
    }
    const outcome = await runGate({
      repositoryPath: spec.repositoryPath,
      lineDir: spec.lineDir,
      clone,
      sessionId: session.id,
      fence: this.#record.fence,
      subject: `${session.itemKey === null ? '' : `${session.itemKey}: `}${session.title}`.replaceAll(/\s+/g, ' ').slice(0, 200),
      signal: this.#stop.signal,
    });
    const held = outcome.heldBack.length > 0 ? `, ${outcome.heldBack.length} held back` : '';
    return { value: outcome, detail: `${countFiles(outcome.files.length)}, +${outcome.added} −${outcome.deleted}${held}` };
  }

  /** How a run ends that did not come to its result. Null when there is nobody left to tell. */
  async #endOf(error: unknown): Promise<RunEnd | null> {
    await this.#endAgent();
    const halt = this.#halt;
    const { log } = this.#parts;
    if (halt === null)
      log(`The run failed in phase ${this.#phase}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    if (halt === 'lost') return null;
    if (halt === 'parked') return { verb: 'park' };
    if (halt === 'give_back') return { verb: 'release', reason: 'The worker was stopped.', notBeforeMs: null };
    if (error instanceof LineBusy) return { verb: 'release', reason: error.message, notBeforeMs: 10_000 };
    const result = await this.#salvage();
    const usage = this.#sink.usage;
    if (halt === 'cancel') return { verb: 'cancelled', text: `Stopped in phase "${this.#phase}".`, result, usage };
    return { verb: 'fail', error: halt === 'stalled' ? this.#stalled() : errorOf(error, this.#phase), result, usage };
  }

  #stalled(): { code: string; message: string; hint: string } {
    const seconds = Math.round(this.#spec.settings.stallMs / 1000);
    const hosts = [...this.#refused];
    if (hosts.length === 0)
      return {
        code: 'stalled',
        message: `Nothing came from the agent for ${seconds} s.`,
        hint: 'Retry: the folder is kept. If it happens again, start the agent by hand and see whether it waits for something.',
      };
    return {
      code: 'stalled',
      message: `Nothing came from the agent for ${seconds} s. It could not reach ${hosts.join(', ')}: not in the list of allowed hosts.`,
      hint: `If that is the agent's model, add ${hosts[0] ?? 'it'} to the worker's allowed hosts and retry.`,
    };
  }

  /** What there is so far, for a run that was cut short. */
  async #salvage(): Promise<SessionResult | null> {
    const { session } = this.#spec.grant;
    const clone = this.#clone;
    if (!clone || !this.#agentStarted || session.mode === 'plan' || session.mode === 'review' || !this.#lease.exitsOpen) return null;
    try {
      await this.#reportCommits();
      const gate = await runGate({
        repositoryPath: this.#spec.repositoryPath,
        lineDir: this.#spec.lineDir,
        clone,
        sessionId: session.id,
        fence: this.#record.fence,
        subject: `Unfinished: ${session.title}`.replaceAll(/\s+/g, ' ').slice(0, 200),
        signal: AbortSignal.timeout(20_000),
      });
      if (gate.headCommit === null) return null;
      return makeResult({ mode: session.mode, gate, summary: this.#sink.said, checks: this.#sink.checks, baseCommit: clone.baseCommit });
    } catch (error) {
      this.#parts.log(`What there was could not be kept: ${messageOf(error)}`);
      return null;
    }
  }

  async #endAgent(): Promise<void> {
    const pid = this.#driver?.pid ?? null;
    if (pid !== null) await endTree(pid, this.#halt === null || this.#halt === 'lost' ? 500 : this.#spec.settings.graceMs);
  }

  async #closeSandbox(): Promise<void> {
    try {
      await (await this.#begun?.catch(() => null))?.close();
    } catch (error) {
      this.#parts.log(`The sandbox did not close: ${messageOf(error)}`);
    }
  }

  #interrupt(halt: Halt): void {
    if (this.#halt !== null) return;
    this.#halt = halt;
    this.#stop.abort();
    this.#questions?.close();
    const driver = this.#driver;
    const pid = driver?.pid ?? null;
    if (!driver || pid === null) return;
    void driver.cancel().catch(() => undefined);
    // An agent that does not end its turn when asked is ended with everything it started.
    setTimeout(() => {
      void endTree(pid, 500);
    }, this.#spec.settings.graceMs).unref();
  }

  #watchForStall(): NodeJS.Timeout {
    const { stallMs } = this.#spec.settings;
    return setInterval(
      () => {
        if (this.#questions?.waiting) this.#sink.touch();
        if (this.#turning && performance.now() - this.#sink.lastSign > stallMs) this.#interrupt('stalled');
      },
      Math.min(5000, stallMs / 4),
    );
  }

  #reclaimed(grant: ClaimGrant): void {
    this.#parts.log(`Claimed again under fence ${grant.fence}.`);
    this.#remember({ fence: grant.fence, claimToken: grant.claimToken });
    this.#outbox.wake();
  }

  #remember(change: Partial<HostRecord>): void {
    this.#record = { ...this.#record, ...change };
    writePrivate(path.join(this.#parts.runDir, runFiles.host), this.#record);
  }

  /** Tells the platform how it ended, for as long as it may still be heard. */
  async #say(end: RunEnd): Promise<RunEnd['verb'] | 'lost'> {
    const { journal, api, log, spec } = this.#parts;
    const dropped = this.#sink.dropped;
    if (dropped > 0)
      this.#sink.write({
        kind: 'progress',
        body: { type: 'blocker', text: `${dropped} further entries of the agent were not kept: it reported faster than can be read.` },
      });
    if (end.verb !== 'park') journal.append('end', end, this.#record.fence);
    journal.sync();
    const until = performance.now() + spec.settings.offlineMs;
    while (performance.now() < until && this.#halt !== 'lost') {
      try {
        await this.#outbox.drain(5000);
        await this.#standing.flush();
        await sayEnd(api, this.#hold, end);
        this.#remember({ settled: true });
        return end.verb;
      } catch (error) {
        log(`The end could not be said: ${messageOf(error)}`);
        // Answered in the very moment of parking: the session goes on, with the answer, in a run of its own.
        if (end.verb === 'park' && isBelayError(error, 'invalid_transition'))
          return await this.#say({ verb: 'release', reason: 'The answer came while the run was parked.', notBeforeMs: null });
        if (isBelayError(error, 'session_final') || isBelayError(error, 'invalid_transition')) break;
        if (isBelayError(error, 'claim_lost')) this.#lease.noteLost();
        await delay(Math.min(2000, spec.settings.offlineMs));
      }
    }
    await this.#outbox.drain(2000);
    this.#remember({ settled: true });
    return 'lost';
  }
}

class Halted extends Error {
  constructor(halt: Halt) {
    super(`The run was interrupted: ${halt}.`);
    this.name = 'Halted';
  }
}
class LineBusy extends Error {
  constructor() {
    super('Another session works in this folder now.');
    this.name = 'LineBusy';
  }
}

const stepWords: Record<Step, string> = {
  ours: "Belay's sandbox, proved.",
  agent: "The agent's own sandbox.",
  mediated: 'No sandbox; every write and command is asked.',
  none: 'No sandbox.',
};

const countFiles = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

function describe(result: SessionResult): string {
  if (result.outcome === 'changes') return `${countFiles(result.files.length)} changed, +${result.added} −${result.deleted}`;
  return result.outcome === 'no_changes' ? 'Finished without changes' : `Finished with a ${result.outcome}`;
}

function errorOf(error: unknown, phase: RunPhase): { code: string; message: string; hint: string | null } {
  if (error instanceof AgentFailure)
    return { code: error.code, message: cut(error.message, 10_000), hint: error.hint && cut(error.hint, 2000) };
  if (error instanceof BelayError)
    return {
      code: phase === 'sandbox' && error.code === 'unavailable' ? 'sandbox_unavailable' : `${phase}_failed`,
      message: cut(error.message, 10_000),
      hint: error.hint ? cut(error.hint, 2000) : null,
    };
  return {
    code: `${phase}_failed`,
    message: cut(`The run failed in phase "${phase}": ${messageOf(error)}`, 10_000),
    hint: 'Retry: the folder is kept. If it happens again, the run log has the details.',
  };
}
