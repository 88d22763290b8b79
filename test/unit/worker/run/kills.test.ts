import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchRun } from '../../../../worker/run/control.ts';
import { readPrivate } from '../../../../worker/base/privateFiles.ts';
import { runDirOf } from '../../../../worker/run/launch.ts';
import { HostRecord, runFiles } from '../../../../worker/run/spec.ts';
import { practice, root, shape, Workbench } from '../../../fakes/workbench.ts';
import type { WorkerProcessOptions } from '../../../fakes/workerMain.ts';
import { often } from '../../../support/long.ts';
import { fileOf } from '../../../support/programs.ts';

const victims = ['worker', 'run host', 'agent', 'platform'] as const;
type Victim = (typeof victims)[number];
/** Later than the whole run takes on a quiet machine, so that every phase is hit. */
const spanMs = 1200;
const moments = often({ suite: 12, long: 60 });

describe('kill -9 at moments drawn from the clock', function () {
  this.timeout(moments * 60_000);
  let bench: Workbench;
  let worker: ChildProcess;
  let answering = true;
  let answerer: Promise<void>;

  const startWorker = (): ChildProcess => {
    const options: WorkerProcessOptions = {
      socketPath: bench.socketPath,
      stateDir: bench.stateDir,
      runHost: fileOf('runHost'),
      agents: [practice],
      bindings: { [bench.repositoryId]: bench.repository },
    };
    return spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(root, 'test/fakes/workerMain.ts'), JSON.stringify(options)],
      {
        stdio: 'inherit',
      },
    );
  };
  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };

  before(async () => {
    bench = await Workbench.open({ capacity: 0 });
    await bench.worker.start();
    worker = startWorker();
    answerer = (async () => {
      while (answering) {
        const { entries } = await bench.api.listInputs({ query: { state: ['open'] } }).catch(() => ({ entries: [] }));
        for (const input of entries)
          await bench.api
            .answerInput({ params: { id: input.id }, body: { optionId: 'allow', text: null, actionHash: input.actionHash } })
            .catch(() => undefined);
        await delay(50);
      }
    })();
  });
  after(async () => {
    answering = false;
    await answerer;
    await end(worker);
    await bench.close();
  });

  /** Kills what there is of the victim now. False when there is nothing. */
  async function kill(victim: Victim): Promise<boolean> {
    if (victim === 'platform') {
      await bench.stopPlatform();
      await bench.startPlatform();
      return true;
    }
    if (victim === 'worker') {
      await end(worker);
      worker = startWorker();
      return true;
    }
    const pids =
      victim === 'run host'
        ? bench.hostPids()
        : bench
            .processes()
            .flatMap(({ pid, args }) =>
              args.includes('practiceAgent.mjs') && !args.includes('bwrap') && !args.includes('workerMain') ? [pid] : [],
            );
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself in between.
      }
    }
    return pids.length > 0;
  }

  const checkout = () =>
    execFileSync('/bin/sh', ['-c', 'git status --porcelain; git rev-parse HEAD; cat README.md src/save.js'], {
      cwd: bench.repository,
      encoding: 'utf8',
    });
  /** Keys of everything a run of this session wrote down. One that was killed before it wrote anything has no journal. */
  const written = (id: string): string[] =>
    readdirSync(path.join(bench.stateDir, 'runs'))
      .filter((name) => name.startsWith(id))
      .map((name) => path.join(bench.stateDir, 'runs', name, 'journal.ndjson'))
      .filter((file) => existsSync(file))
      .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
      .filter((line) => line.endsWith('}') && !line.includes('"kind":"end"'))
      .map((line) => (JSON.parse(line) as { id: string }).id);

  /** Queues a session, kills the victim at the moment, and holds what comes of it against the promises. Returns whether the kill met something alive. */
  async function strike(victim: Victim, moment: (sessionId: string) => Promise<string>): Promise<boolean> {
    const before = checkout();
    const { id } = await bench.queue();
    const when = await moment(id);
    const met = await kill(victim);
    const session = await bench.ended(id, 60_000);
    const told = `${victim} ${when}: ${session.state} ${session.error?.code ?? ''}`;
    if (process.env['BELAY_VERBOSE']) console.log(`      ${told}`);
    await bench.until(`no process (${told})`, () => bench.processes().every(({ args }) => args.includes('workerMain')), 20_000);
    if (session.state === 'complete') assert.equal(session.result?.outcome, 'changes', told);
    else
      assert.ok(
        session.state === 'error' && ['interrupted', 'agent_exited', 'sandbox_unavailable'].includes(session.error?.code ?? ''),
        told,
      );
    const activities = await bench.activities(id);
    assert.deepEqual(
      activities.map((entry) => entry.seq),
      activities.map((_, index) => index + 1),
      told,
    );
    const { entries: late } = await bench.api.listLateActivities({ params: { id } });
    const kept = new Set([...activities, ...late].map((entry) => entry.key));
    for (const key of written(id)) assert.ok(kept.has(key), `${told}: ${key} was lost among ${shape(activities).join(' ')}`);
    assert.equal(checkout(), before, told);
    return met;
  }

  it(`leaves a true state, no process and nothing lost, ${moments} times`, async () => {
    let hits = 0;
    for (let round = 0; round < moments; round += 1) {
      const wait = Math.trunc((Number(process.hrtime.bigint() % 1_000_003n) / 1_000_003) * spanMs);
      const met = await strike(victims[round % victims.length] ?? 'worker', async () => {
        await delay(wait);
        return `after ${wait} ms`;
      });
      if (met) hits += 1;
    }
    assert.ok(hits > moments / 2, `${hits} of ${moments} kills met something alive`);
  });

  /** The moment a claim is there: its run is about to be started, or just was. */
  const onClaim = async (id: string) => {
    while ((await bench.session(id)).state === 'queued') await new Promise(setImmediate);
    return 'between claim and spawn';
  };
  /** The moment the run host says that it hands over. */
  const onHandOver = async (id: string) => {
    const record = await bench.until('the run host', () =>
      readPrivate(path.join(runDirOf(bench.stateDir, id, 1), runFiles.host), HostRecord),
    );
    await new Promise<void>((resolve, reject) => {
      watchRun(
        record.controlSocket,
        ({ phase }) => {
          if (phase === 'gate' || phase === 'result') resolve();
        },
        resolve,
      ).catch(reject);
    });
    return 'during hand-over';
  };

  for (const moment of [onClaim, onHandOver])
    for (const victim of victims)
      it(`the same: ${victim}, ${moment === onClaim ? 'between claim and spawn' : 'during hand-over'}`, async () => {
        await strike(victim, moment);
      });
});
