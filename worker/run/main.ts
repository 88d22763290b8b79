/**
 * `runHost.mjs <runDir>`: the process that owns one run. Started detached by the worker loop.
 * `runHost.mjs --before-remove <lineDir>`: a hook at the removal of a clone.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { platformHttp } from '../../transport/http.ts';
import { messageOf } from '../../protocol/errors.ts';
import { createApi } from '../../protocol/typedClient.ts';
import { AuditLog } from '../audit/log.ts';
import { Journal } from '../journal/journal.ts';
import { redactor } from '../base/redact.ts';
import { openMachine } from '../base/machine.ts';
import { runBeforeRemove } from './beforeRemove.ts';
import { ControlServer } from './control.ts';
import { notStarted } from './end.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { hostRun } from './host.ts';
import { Interruption } from './interruption.ts';
import { enterFolders } from './ownFolders.ts';
import type { RunParts } from './parts.ts';
import { nameProcess } from './processes.ts';
import { runFiles, RunSecrets, RunSpec, type HostRecord } from './spec.ts';

/** Longest path of a socket on every system that has them. */
const socketPathBytes = 100;
/** So often a run looks whether its folder is there, and so long it may take to end when it is not. */
const folderMs = { look: 3_000, end: 30_000 };

/** What there is of a run whose host is not yet to be found. */
let starting: { readonly runDir: string; readonly journal: Journal; readonly record: HostRecord } | null = null;

/** Why there is no run is told by whoever finds the folder. */
function leaveReason(error: unknown): void {
  if (starting === null) return;
  const { runDir, journal, record } = starting;
  journal.append('end', notStarted(error), record.fence);
  journal.close();
  writePrivate(path.join(runDir, runFiles.host), record);
}

async function main(runDir: string): Promise<number> {
  const written = readPrivate(path.join(runDir, runFiles.spec), RunSpec);
  if (!written) return fail(`There is no run in ${runDir}, or a newer Belay wrote it.`);
  const secretsFile = path.join(runDir, runFiles.secrets);
  const secrets = readPrivate(secretsFile, RunSecrets) ?? RunSecrets.parse({});
  const spec: RunSpec = { ...written, agent: { ...written.agent, env: secrets.agentEnv, homeFiles: secrets.homeFiles } };
  const { claimToken } = spec.grant;
  const hidden = [
    claimToken,
    ...(secrets.credential === '' ? [] : [secrets.credential]),
    ...Object.values(secrets.env),
    ...Object.values(secrets.agentEnv),
    ...Object.values(secrets.effects),
  ];
  const redact = redactor(hidden);
  const log = (text: string) => process.stderr.write(`${new Date().toISOString()} ${redact(text).slice(0, 4000)}\n`);
  const journal = Journal.open({ folder: runDir, secrets: hidden });
  if (!journal) return fail('This run has a host already.');
  rmSync(secretsFile, { force: true });

  const record: HostRecord = {
    host: nameProcess(process.pid) ?? { pid: process.pid, startTime: null },
    controlSocket: '',
    tempDir: '',
    agent: null,
    fence: spec.grant.fence,
    claimToken,
    instanceId: spec.instanceId,
    settled: false,
  };
  starting = { runDir, journal, record };
  const cwd = path.join(runDir, runFiles.cwd);
  mkdirSync(cwd, { recursive: true, mode: 0o700 });
  const { tempDir, leave } = enterFolders(cwd, spec.lineDir);
  record.tempDir = tempDir;
  record.controlSocket = controlPath(runDir, tempDir);
  const { platform } = spec;
  const { send } = platformHttp('url' in platform ? { url: platform.url, credential: secrets.credential } : platform);
  const interruption = new Interruption();
  const control = await ControlServer.listen(
    record.controlSocket,
    { sessionId: spec.grant.session.id, fence: spec.grant.fence, phase: 'bind', outcome: null, waitingForPerson: false },
    (how) => {
      interruption.interrupt(how);
    },
  );
  const parts: RunParts = {
    runDir,
    spec,
    secretEnv: secrets.env,
    effectSecrets: secrets.effects,
    // Whatever an agent says may repeat a secret: results and questions go this way as well as activities.
    api: createApi(({ body, ...request }) => send({ ...request, body: body === null ? null : JSON.stringify(redact(JSON.parse(body))) })),
    journal,
    audit: new AuditLog({ stateDir: spec.stateDir, secrets: hidden }),
    machine: openMachine(spec.stateDir).id,
    record,
    log,
    control,
    interruption,
  };
  writePrivate(path.join(runDir, runFiles.host), record);
  starting = null;
  endWithFolder(path.join(runDir, runFiles.host), parts);
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(1);
      interruption.interrupt('give_back');
    });
  }
  const outcome = await hostRun(parts);
  control.update({ phase: 'ended', outcome });
  await control.close();
  journal.close();
  leave();
  return 0;
}

/** Whoever deletes Belay's folder must not leave an agent at work that nobody can see or stop. */
function endWithFolder(file: string, { interruption, log }: RunParts): void {
  const watch = setInterval(() => {
    if (existsSync(file)) return;
    clearInterval(watch);
    // Nothing can be written down or told any more, by nobody.
    log('The folder of the run is gone: the run ends.');
    interruption.interrupt('lost');
    setTimeout(() => process.exit(1), folderMs.end).unref();
  }, folderMs.look);
  watch.unref();
}

function controlPath(runDir: string, tempDir: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\belay-run-${path.basename(runDir)}-${process.pid}`;
  const near = path.join(runDir, 'host.sock');
  return Buffer.byteLength(near) <= socketPathBytes ? near : path.join(tempDir, 'host.sock');
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 2;
}

/** What came of the hook is told on the output; who asked may be gone by then. */
async function remove(lineDir: string): Promise<number> {
  process.stdout.on('error', () => undefined);
  const removal = await runBeforeRemove(lineDir, () => undefined);
  await new Promise<void>((resolve) => process.stdout.end(JSON.stringify(removal), resolve));
  return 0;
}

const [word = '', folder = ''] = process.argv.slice(2);
(word === '--before-remove' ? remove(folder) : main(word)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    leaveReason(error);
    process.stderr.write(`The run host failed: ${error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error)}\n`);
    process.exit(1);
  },
);
