/** One run, from the claim to the result: the phases in their order, and what can interrupt them. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import type { RunPhase } from '../../protocol/activities.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import type { Input, SandboxStep } from '../../protocol/records.ts';
import type { AgentDriver, PermissionAnswer, PermissionWish } from '../agents/driver.ts';
import { makeDriver } from '../agents/make.ts';
import { RunEffects } from '../effects/runEffects.ts';
import type { Lock } from '../base/lock.ts';
import { Outbox, type ClaimHold } from '../journal/outbox.ts';
import type { Policy } from '../policy/decide.ts';
import { Grants } from '../workerConfig/grants.ts';
import { createClone } from '../workspace/clone.ts';
import { countHeldBack } from '../workspace/heldBack.ts';
import type { LineClone } from '../workspace/types.ts';
import type { RenderedPrompt } from '../../prompt/render.ts';
import { AgentSandbox, describeStep } from './agentSandbox.ts';
import { describeClone } from './describeClone.ts';
import { bindLine } from './bind.ts';
import { DiskWatch } from './diskWatch.ts';
import { Dials, isYes } from './dials.ts';
import type { RunEnd } from './end.ts';
import { endOfCutShort, tellEnd } from './ending.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { firstPrompt, takeAnswers } from './firstPrompt.ts';
import { claimInDoubt, Halted, type Halt } from './halt.ts';
import { Hooks } from './hooks.ts';
import { HandOver } from './handOver.ts';
import { heldSecrets } from './heldSecrets.ts';
import { holdLogin, takesLogin } from './login.ts';
import { copyLogin, returnLogin } from './loginCopy.ts';
import { keepBeforeRemove } from './keptHook.ts';
import { Lease } from './lease.ts';
import type { RunParts } from './parts.ts';
import { Permissions } from './permissions.ts';
import { endTree, goOnTree, haltTree, nameProcess } from './processes.ts';
import { PolicyRecord } from './policyRecord.ts';
import { runPolicy } from './runPolicy.ts';
import { Questions } from './questions.ts';
import { countFiles, describeResult, makeResult } from './result.ts';
import { ActivitySink, cut } from './sink.ts';
import { runFiles, type HostRecord, type RunSpec } from './spec.ts';
import { StallWatch } from './stallWatch.ts';
import { Standing } from './standing.ts';
import { Turns } from './turns.ts';
import { agentEnvironment, type Workplace } from './workplace.ts';

/** The agent's own name for the conversation of a line of work. */
const ThreadRecord = z.object({ slug: z.string(), thread: z.string() });

export class RunHost {
  readonly #parts: RunParts;
  readonly #spec: RunSpec;
  readonly #stop = new AbortController();
  readonly #sink: ActivitySink;
  readonly #outbox: Outbox;
  readonly #lease: Lease;
  readonly #standing: Standing;
  readonly #records: PolicyRecord;
  readonly #sandbox: AgentSandbox;
  readonly #turns: Turns;
  readonly #stall: StallWatch;
  #disk: DiskWatch | null = null;
  #record: HostRecord;
  #halt: Halt | null = null;
  #phase: RunPhase = 'bind';
  #lock: Lock | null = null;
  #login: Lock | null = null;
  #handOver: HandOver | null = null;
  #questions: Questions | null = null;
  #dials: Dials | null = null;
  #driver: AgentDriver | null = null;
  #agentStarted = false;
  #effects: RunEffects | null = null;
  #policyHash = '';
  #hooks: Hooks | null = null;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#spec = parts.spec;
    this.#record = parts.record;
    const { api, journal, log, spec } = parts;
    const hold = () => this.#hold;
    const limits = spec.workflow?.config.agent;
    this.#sandbox = new AgentSandbox(parts);
    this.#outbox = new Outbox({
      api,
      journal,
      log,
      hold,
      onLost: () => {
        this.#lease.noteLost();
      },
    });
    this.#standing = new Standing({ api, hold, log });
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
    this.#records = new PolicyRecord({
      audit: parts.audit,
      machine: parts.machine,
      sessionId: spec.grant.session.id,
      fence: () => this.#record.fence,
      sink: this.#sink,
      log,
    });
    this.#turns = new Turns({
      api,
      hold,
      log,
      sink: this.#sink,
      driver: () => this.#driver,
      check: () => {
        this.#check();
      },
      onMessage: () => {
        this.#enter('agent');
      },
      onTurnEnd: async () => {
        await this.#handOver?.reportCommits();
      },
      ...(limits?.max_turns !== undefined && { maxTurns: limits.max_turns }),
      ...(limits?.turn_timeout_ms !== undefined && { turnMs: limits.turn_timeout_ms }),
    });
    this.#stall = new StallWatch({
      stallMs: spec.settings.stallMs,
      callMs: spec.settings.callMs,
      sink: this.#sink,
      turning: () => this.#turns.turning,
      waiting: () => this.#questions?.waiting ?? false,
      onStall: () => {
        this.#interrupt('stalled');
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
        this.#turns.take(messages);
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
    this.#stall.start();
    let end: RunEnd | null;
    try {
      end = await this.#work();
    } catch (error) {
      end = await this.#endOf(error);
    } finally {
      this.#stall.close();
      this.#disk?.close();
      this.#questions?.close();
      await this.#effects?.close();
      const ended = await this.#endAgent();
      await this.#closeSandbox();
      await this.#letGoOfLogin(ended);
    }
    const told = end === null ? 'lost' : await this.#tell(end);
    this.#lock?.release();
    await this.#lease.stop();
    this.#standing.close();
    this.#outbox.close();
    return told;
  }

  /** The run's folder is gone: nothing can be written down or told any more, by nobody. */
  abandon(): void {
    this.#parts.log('The folder of the run is gone: the run ends.');
    this.#interrupt('lost');
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
    const spec = this.#spec;
    this.#records.note('claim', spec.repositoryPath, `${spec.grant.agent.name}, ${spec.grant.session.mode}`);
    await this.#inPhase('bind', async () => {
      this.#lock = await bindLine(spec, this.#record.fence);
      return { value: null, detail: path.basename(spec.repositoryPath) };
    });
    const effects = await this.#openEffects();
    const preparing = this.#sandbox.prepare(effects.openings);
    preparing.catch(() => undefined);
    const clone = await this.#inPhase('clone', () => this.#makeClone());
    const handOver = this.#handOverOf(clone);
    const place = await this.#inPhase('bootstrap', async () => {
      const value = await preparing;
      const own = 'The agent has its own home and temp folder.';
      return { value, detail: (await this.#holdLogin()) ? `${own} What it runs can read your login of it.` : own };
    });
    const step = await this.#inPhase('sandbox', () => this.#confine());
    const policy = runPolicy(spec, step, clone.path, place, this.#parts.log);
    this.#policyHash = policy.hash;
    const settled = spec.grant.session.fence > 1 ? await takeAnswers(this.#parts.api, this.#hold) : [];
    this.#openQuestions(
      policy,
      settled.filter(({ state }) => state === 'answered'),
    );
    this.#watchDisk(clone, place);
    keepBeforeRemove(spec);
    const hooks = this.#hooksOf(clone, place, policy);
    await hooks.before();
    this.#check();
    const prompt = await this.#inPhase('prompt', () => {
      const value = firstPrompt(spec, settled);
      return Promise.resolve({ value, detail: `${value.text.length} characters. ${spec.workflowNote}`.trim() });
    });
    let driver = await this.#startAgent(clone, place, policy, effects);
    effects.begin({
      ask: (wish) => this.#ask(wish),
      // Without anybody to decide nothing is allowed.
      refuses: (wish) => this.#questions?.refuses(wish) ?? true,
      gate: (subject) => handOver.gateNow(subject),
      history: () => handOver.history(),
    });
    await this.#firstTurn(driver, clone, prompt);
    for (;;) {
      await this.#turns.sayWaiting(driver);
      await hooks.after();
      if (!(await this.#endAgent())) throw stillAlive();
      const gate = await this.#inPhase('gate', () => this.#gate(handOver));
      // Words that came while the gate looked are not lost: they are one more turn.
      if (this.#turns.waiting > 0) {
        await hooks.before();
        driver = await this.#startAgent(clone, place, policy, effects);
        await this.#resume(driver, prompt);
        continue;
      }
      const result = makeResult({
        mode: spec.grant.session.mode,
        gate,
        summary: this.#turns.final || this.#sink.said,
        checks: this.#sink.checks,
        baseCommit: clone.baseCommit,
      });
      this.#sink.phase('result', describeResult(result), null);
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

  /** False: it needs none. */
  async #holdLogin(): Promise<boolean> {
    const { stateDir, lineDir, grant, agent } = this.#spec;
    if (!takesLogin(this.#parts)) return false;
    const onWait = (first: boolean): void => {
      this.#sink.touch();
      if (first) this.#sink.phase('bootstrap', `Another session has the login of ${grant.agent.name}; it goes to one at a time.`, null);
    };
    this.#login = await holdLogin(stateDir, agent.slug, onWait, this.#stop.signal).catch((error: unknown) => {
      this.#check();
      throw error;
    });
    await copyLogin(lineDir, agent);
    return true;
  }

  async #makeClone(): Promise<{ value: LineClone; detail: string }> {
    const spec = this.#spec;
    const clone = await createClone({
      repositoryPath: spec.repositoryPath,
      lineDir: spec.lineDir,
      sessionId: spec.grant.session.id,
      base: spec.base,
      signal: this.#stop.signal,
    });
    return { value: clone, detail: describeClone(clone) };
  }

  #handOverOf(clone: LineClone): HandOver {
    this.#handOver = new HandOver({
      spec: this.#spec,
      clone,
      fence: () => this.#record.fence,
      sink: this.#sink,
      records: this.#records,
      secrets: heldSecrets(this.#parts),
      exitsOpen: () => this.#lease.exitsOpen,
      check: () => {
        this.#check();
      },
      signal: this.#stop.signal,
      log: this.#parts.log,
    });
    return this.#handOver;
  }

  async #confine(): Promise<{ value: SandboxStep; detail: string }> {
    const chosen = await this.#sandbox.choose((host) => {
      this.#stall.noteRefused(host);
      this.#records.refused(host);
    });
    this.#standing.set({ sandboxStep: chosen.step });
    return { value: chosen.step, detail: describeStep(chosen) };
  }

  async #openEffects(): Promise<RunEffects> {
    const { spec, api, journal, log, effectSecrets } = this.#parts;
    const { session, repository } = spec.grant;
    this.#effects = await RunEffects.open({
      api,
      log,
      settings: spec.settings.effects,
      secrets: effectSecrets,
      sessionId: session.id,
      itemKey: session.itemKey,
      lineDir: spec.lineDir,
      repositoryPath: spec.repositoryPath,
      defaultBranch: repository?.defaultBranch ?? 'main',
      fence: () => this.#record.fence,
      hold: () => this.#hold,
      confirmClaim: async () => {
        if (!this.#lease.exitsOpen) throw claimInDoubt();
        const { sessionId, instanceId, fence, claimToken } = this.#hold;
        await api.updateStanding({ params: { id: sessionId }, claimToken, timeoutMs: 5000, body: { holder: { instanceId, fence } } });
      },
      record: ({ resource, title }, words) => {
        this.#records.record({
          event: 'effect',
          class: 'effect',
          decision: 'allow',
          resource,
          rules: [words],
          policyHash: this.#policyHash,
          detail: title,
        });
        journal.sync();
      },
      onUrl: (url, title) => {
        this.#sink.write({ kind: 'url', body: { url, title: cut(title, 300) } });
      },
    });
    return this.#effects;
  }

  #watchDisk(clone: LineClone, place: Workplace): void {
    const { settings, lineDir } = this.#spec;
    const tell = (how: (leader: number) => void): void => {
      const pid = this.#driver?.pid ?? null;
      if (pid !== null) how(pid);
    };
    this.#disk = new DiskWatch({
      folders: [clone.path, place.home, place.tmp],
      limitBytes: settings.diskBytes,
      lineDir,
      pause: () => {
        tell(haltTree);
      },
      resume: () => {
        tell(goOnTree);
      },
      ask: (wish) => this.#ask(wish),
      onStop: () => {
        this.#interrupt('over_quota');
      },
      log: this.#parts.log,
    });
    this.#disk.start();
  }

  /** The person sees that something waits for them. */
  async #ask(wish: PermissionWish): Promise<PermissionAnswer> {
    const questions = this.#questions;
    if (!questions) return null;
    this.#parts.control()?.update({ waitingForPerson: true });
    try {
      return await questions.ask(wish);
    } finally {
      this.#sink.touch();
      this.#parts.control()?.update({ waitingForPerson: questions.waiting });
    }
  }

  /** The agent asks before it connects somewhere; what it is allowed is then not refused by the sandbox. */
  async #askForAgent(wish: PermissionWish): Promise<PermissionAnswer> {
    const answer = await this.#ask(wish);
    if (wish.class === 'network' && isYes(wish, answer)) this.#dials?.expect(wish.resource);
    return answer;
  }

  #openQuestions(policy: Policy, answered: readonly Input[]): void {
    const { spec, api, journal, log } = this.#parts;
    const { repository } = spec.grant;
    const permissions = new Permissions(policy, repository === null ? null : new Grants(spec.stateDir, repository.id));
    this.#questions = new Questions({
      api,
      hold: () => this.#hold,
      sink: this.#sink,
      records: this.#records,
      policy,
      permissions,
      standing: answered,
      parkMs: spec.settings.parkMs,
      sync: () => {
        journal.sync();
      },
      onPark: () => {
        this.#interrupt('parked');
      },
      log,
    });
    const dials = (this.#dials = new Dials({ policy, permissions, ask: (wish) => this.#ask(wish) }));
    this.#sandbox.decideDials((host) => dials.opens(host));
  }

  async #startAgent(clone: LineClone, place: Workplace, policy: Policy, effects: RunEffects): Promise<AgentDriver> {
    const { step } = policy.situation;
    const { spec, log } = this.#parts;
    const { session } = spec.grant;
    this.#enter('agent');
    this.#driver = await makeDriver(
      spec.agent,
      {
        cwd: clone.path,
        mode: session.mode,
        step,
        launch: async (argv, environment) => {
          const child = await this.#sandbox.launch(argv, environment, clone.path);
          if (child.pid !== undefined) this.#remember({ agent: nameProcess(child.pid) });
          return child;
        },
        emit: (event) => {
          this.#sink.event(event);
        },
        ask: (wish) => this.#askForAgent(wish),
        toolServers: [effects.launch],
        onThread: (thread) => {
          writePrivate(this.#threadFile, { slug: spec.agent.slug, thread });
        },
        log,
        startMs: spec.settings.startMs,
      },
      agentEnvironment(place, spec.agent, homedir()),
    );
    return this.#driver;
  }

  async #firstTurn(driver: AgentDriver, clone: LineClone, prompt: RenderedPrompt): Promise<void> {
    const { grant } = this.#spec;
    const started = performance.now();
    this.#sink.touch();
    this.#agentStarted = true;
    await driver.start(clone.reused ? this.#thread : null);
    this.#sink.phase('agent', `${grant.agent.name} is at work.`, Math.round(performance.now() - started));
    await this.#turns.turn(driver, { kind: 'task', prompt });
  }

  /** Goes on with the conversation; an agent that cannot is told the task again, and that its work is there. */
  async #resume(driver: AgentDriver, prompt: RenderedPrompt): Promise<void> {
    if (!(await driver.start(this.#thread)))
      this.#turns.remind(`${prompt.text}\n\nYou did this already: your work is in this folder. A person adds:`);
  }

  get #threadFile(): string {
    return path.join(this.#spec.lineDir, 'thread.json');
  }

  /** The conversation that this agent had on the line last. */
  get #thread(): string | null {
    const earlier = readPrivate(this.#threadFile, ThreadRecord);
    return earlier?.slug === this.#spec.agent.slug ? earlier.thread : null;
  }

  async #gate(handOver: HandOver): Promise<{ value: Awaited<ReturnType<HandOver['gate']>>; detail: string }> {
    const outcome = await handOver.gate();
    if (outcome === null) return { value: null, detail: 'Nothing is handed over in this mode.' };
    const held = outcome.heldBack.length > 0 ? `, ${countHeldBack(outcome.heldBack)} held back` : '';
    return { value: outcome, detail: `${countFiles(outcome.files.length)}, +${outcome.added} −${outcome.deleted}${held}` };
  }

  /** How a run ends that did not come to its result. Null when there is nobody left to tell. */
  async #endOf(error: unknown): Promise<RunEnd | null> {
    await this.#endAgent();
    await this.#hooks?.after();
    const readable = this.#agentStarted && (await this.#endAgent());
    const phase = this.#phase;
    if (this.#halt === null)
      this.#parts.log(`The run failed in phase ${phase}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return await endOfCutShort({
      halt: this.#halt,
      error,
      phase,
      salvage: async () => (readable ? ((await this.#handOver?.salvage()) ?? null) : null),
      usage: () => this.#sink.usage,
      wordsOf: (halt) => (halt === 'stalled' ? this.#stall.error : (this.#disk?.error ?? null)),
    });
  }

  #hooksOf(clone: LineClone, place: Workplace, policy: Policy): Hooks {
    const { spec, log } = this.#parts;
    const env = agentEnvironment(place, { ...spec.agent, env: {} }, homedir());
    return (this.#hooks = new Hooks({
      workflow: spec.workflow,
      lineDir: spec.lineDir,
      policy,
      launch: (argv) => this.#sandbox.launchHook(argv, env, clone.path),
      sink: this.#sink,
      signal: this.#stop.signal,
      log,
    }));
  }

  /** Nothing of the run lives after it: what reads the clone then reads what stays as it is. False when something does. */
  async #endAgent(): Promise<boolean> {
    const graceMs = this.#halt === null || this.#halt === 'lost' ? 500 : this.#spec.settings.graceMs;
    const ended = await this.#sandbox.endProcesses(graceMs);
    if (!ended) this.#parts.log('Processes of the agent could not be ended.');
    return ended;
  }

  async #letGoOfLogin(ended: boolean): Promise<void> {
    if (!this.#login) return;
    if (ended)
      await returnLogin(this.#spec.lineDir, this.#spec.agent).catch((error: unknown) => {
        this.#parts.log(`What the agent renewed of its login could not be taken over: ${messageOf(error)}`);
      });
    this.#login.release();
  }

  async #closeSandbox(): Promise<void> {
    try {
      await this.#sandbox.close();
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

  #reclaimed(grant: ClaimGrant): void {
    this.#parts.log(`Claimed again under fence ${grant.fence}.`);
    this.#remember({ fence: grant.fence, claimToken: grant.claimToken });
    this.#records.tryNote('claim', this.#spec.repositoryPath, 'claimed again after it was lost');
    this.#outbox.wake();
  }

  #remember(change: Partial<HostRecord>): void {
    this.#record = { ...this.#record, ...change };
    writePrivate(path.join(this.#parts.runDir, runFiles.host), this.#record);
  }

  async #tell(end: RunEnd): Promise<RunEnd['verb'] | 'lost'> {
    const { journal, api, log, spec } = this.#parts;
    const dropped = this.#sink.dropped;
    if (dropped > 0)
      this.#sink.write({
        kind: 'progress',
        body: { type: 'blocker', text: `${dropped} further entries of the agent were not kept: it reported faster than can be read.` },
      });
    const told = await tellEnd(end, {
      api,
      journal,
      hold: () => this.#hold,
      outbox: this.#outbox,
      standing: this.#standing,
      offlineMs: spec.settings.offlineMs,
      lost: () => this.#halt === 'lost',
      noteLost: () => {
        this.#lease.noteLost();
      },
      log,
    });
    // What could not be told is told when the worker starts again.
    if (told !== 'lost') this.#remember({ settled: true });
    return told;
  }
}

function stillAlive(): BelayError {
  return new BelayError('conflict', 'Processes of the agent could not be ended, so nothing of their folder is read.', {
    hint: 'End them by hand, then retry: the folder is kept.',
  });
}
