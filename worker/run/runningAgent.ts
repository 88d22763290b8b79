/** The agent of a run: started, started anew where words came late, and stopped when the run is interrupted. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import type { RenderedPrompt } from '../../prompt/render.ts';
import type { AgentDriver } from '../agents/base/driver.ts';
import { driverOf } from '../agents/registry.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import type { Confined } from './confineRun.ts';
import type { RunContext } from './context.ts';
import { endTree, nameProcess } from './processes.ts';
import type { TurnTaker } from './turns.ts';
import { agentEnvironment } from './workplace.ts';

/** The agent's own name for the conversation of a line of work. */
const ThreadRecord = z.object({ slug: z.string(), thread: z.string() });

export class RunningAgent {
  readonly #context: RunContext;
  readonly #confined: Confined;
  /** The newest; null before the first. */
  #driver: AgentDriver | null = null;

  constructor(context: RunContext, confined: Confined) {
    this.#context = context;
    this.#confined = confined;
    context.parts.interruption.onInterrupt(() => {
      this.#cancel();
    });
  }

  /** It was started, so that what it did may be worth keeping. */
  get hasStarted(): boolean {
    return this.#driver !== null;
  }

  /** The leader of its process group, while there is one. */
  get leader(): number | null {
    return this.#driver?.pid ?? null;
  }

  /** Begins the work, in the conversation of the session before where the folder is the same. */
  async begin(prompt: RenderedPrompt): Promise<TurnTaker> {
    const { parts, sink, turns } = this.#context;
    const driver = await this.#open();
    const started = performance.now();
    sink.touch();
    await driver.start(this.#confined.clone.reused ? this.#thread : null);
    sink.phase('agent', `${parts.spec.grant.agent.name} is at work.`, Math.round(performance.now() - started));
    const taker = this.#takerOf(driver);
    await turns.turn(taker, { kind: 'task', prompt });
    return taker;
  }

  /** Goes on with the conversation; an agent that cannot is told the task again, and that its work is there. */
  async resume(prompt: RenderedPrompt): Promise<TurnTaker> {
    const driver = await this.#open();
    if (!(await driver.start(this.#thread)))
      this.#context.turns.remind(`${prompt.text}\n\nYou did this already: your work is in this folder. A person adds:`);
    return this.#takerOf(driver);
  }

  async #open(): Promise<AgentDriver> {
    const { parts, hostFile, phases, sink } = this.#context;
    const { clone, place, policy, effects, sandbox, askForAgent } = this.#confined;
    const { spec, log } = parts;
    phases.enter('agent');
    this.#driver = await driverOf(spec.agent.driver).open(
      spec.agent,
      {
        cwd: clone.path,
        mode: spec.grant.session.mode,
        step: policy.situation.step,
        launch: async (argv, environment) => {
          const child = await sandbox.launch(argv, environment, clone.path);
          if (child.pid !== undefined) hostFile.change({ agent: nameProcess(child.pid) });
          return child;
        },
        emit: (event) => {
          sink.event(event);
        },
        ask: askForAgent,
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

  #takerOf(driver: AgentDriver): TurnTaker {
    return { driver, onTurnEnd: () => this.#confined.handOver.reportCommits() };
  }

  /** An agent that does not end its turn when asked is ended with everything it started. */
  #cancel(): void {
    const driver = this.#driver;
    const pid = driver?.pid ?? null;
    if (!driver || pid === null) return;
    void driver.cancel().catch(() => undefined);
    setTimeout(() => {
      void endTree(pid, 500);
    }, this.#context.parts.spec.settings.graceMs).unref();
  }

  get #threadFile(): string {
    return path.join(this.#context.parts.spec.lineDir, 'thread.json');
  }

  /** The conversation that this agent had on the line last. */
  get #thread(): string | null {
    const earlier = readPrivate(this.#threadFile, ThreadRecord);
    return earlier?.slug === this.#context.parts.spec.agent.slug ? earlier.thread : null;
  }
}
