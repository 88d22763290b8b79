/**
 * `npm run -s bench:worker`: from the claim to the agent's first prompt on 10,000 files, what the sandbox adds to a command,
 * and whole runs with their Accept on 60,000 files, the first of them and a later one. Beside each stands what plain git takes
 * for the same: `git clone --shared`, and `git apply` with the same patch.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '../../protocol/records.ts';
import { acceptSession } from '../../worker/review/review.ts';
import { enterFolders } from '../../worker/run/ownFolders.ts';
import { confine } from '../../worker/sandbox/confinement.ts';
import { beginSandbox } from '../../worker/sandbox/ours.ts';
import { scripted, Workbench } from '../fakes/workbench.ts';
import { noGrants } from '../support/noGrants.ts';
import { git } from '../support/repository.ts';
import { median } from './figures.ts';

const counts = { small: 10_000, large: 60_000, warmRuns: 5, commands: 41 } as const;
const mostMs = 600_000;

/** An agent that says when it was prompted and changes a few files. */
const agent = scripted('stamp', {
  driver: 'command',
  argv: ['/bin/sh', '-c', 'date +prompted=%s%3N; for n in 1 2 3; do echo changed >> src/f0/file$n.txt; done; echo new > src/f1/new.txt'],
});

const timed = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

function fill(repository: string, files: number): void {
  for (let n = 0; n < files; n += 1) {
    const folder = path.join(repository, 'src', `f${Math.floor(n / 100)}`);
    if (n % 100 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `file${n % 100}.txt`), `file ${n}\n${'line of text\n'.repeat(20 + (n % 30))}`);
  }
  git(repository, 'add', '-A');
  git(repository, 'commit', '--quiet', '-m', 'Files');
}

async function onRepository<T>(files: number, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const bench = await Workbench.open({ agents: [agent] });
  try {
    fill(bench.repository, files);
    await bench.worker.start();
    return await work(bench);
  } finally {
    await bench.close();
  }
}

async function run(bench: Workbench): Promise<Session> {
  const { id } = await bench.queue({ agent: 'stamp' });
  const session = await bench.ended(id, mostMs);
  if (session.state !== 'complete')
    throw new Error(`A run ended in ${session.state}: ${JSON.stringify(session.error)} ${bench.hostLogs()}`);
  return session;
}

const claimToPrompt = (session: Session): number =>
  Number(/prompted=(\d+)/u.exec(session.result?.summary ?? '')?.[1]) - (session.startedAt ?? Number.NaN);
const wholeRun = (session: Session): number => (session.finishedAt ?? Number.NaN) - (session.startedAt ?? Number.NaN);

const sharedClone = (bench: Workbench): Promise<number> => {
  const to = path.join(bench.folder, 'plain-clone');
  return timed(() => git(bench.folder, 'clone', '--quiet', '--shared', bench.repository, to)).finally(() => {
    rmSync(to, { recursive: true, force: true });
  });
};

async function small() {
  return await onRepository(counts.small, async (bench) => {
    await run(bench);
    const prompts: number[] = [];
    const clones: number[] = [];
    for (let n = 0; n < counts.warmRuns; n += 1) {
      prompts.push(claimToPrompt(await run(bench)));
      clones.push(await sharedClone(bench));
    }
    return { prompt: median(prompts), clone: median(clones) };
  });
}

async function large() {
  return await onRepository(counts.large, async (bench) => {
    const first = await run(bench);
    const later = await run(bench);
    const clone = await sharedClone(bench);
    const { baseCommit, headCommit } = later.result ?? {};
    const patch = path.join(bench.folder, 'result.patch');
    writeFileSync(patch, `${git(bench.repository, 'diff', '--binary', baseCommit ?? '', headCommit ?? '')}\n`);
    const apply = await timed(() => git(bench.repository, 'apply', patch));
    git(bench.repository, 'apply', '--reverse', patch);
    const context = { api: bench.api, stateDir: bench.stateDir, folderOf: () => Promise.resolve(bench.repository) };
    const accept = await timed(() => acceptSession(context, later, []));
    if (!readFileSync(path.join(bench.repository, 'src/f1/new.txt'), 'utf8').startsWith('new')) throw new Error('Nothing was accepted.');
    return { first: wholeRun(first), later: wholeRun(later), clone, apply, accept };
  });
}

/** Of one command, alone and in the sandbox of a run: what the sandbox adds. */
async function commandOverhead(): Promise<number> {
  const bench = await Workbench.open();
  const at = (name: string): string => {
    mkdirSync(path.join(bench.folder, name), { recursive: true });
    return path.join(bench.folder, name);
  };
  const temp = process.env['TMPDIR'];
  const { leave } = enterFolders(at('cwd'), at('line'));
  const places = { clone: at('clone'), tmp: at('tmp'), home: at('home'), stateDir: at('state'), runDir: at('run'), checkout: at('repo') };
  const begun = await beginSandbox(confine({ ...places, objectDirs: [], writeClone: true }, noGrants), () => Promise.resolve(false));
  try {
    const sandbox = await begun.prove(at('proof'));
    const ended = (child: ReturnType<typeof spawn>) => new Promise((resolve) => child.once('close', resolve));
    const inside: number[] = [];
    const plain: number[] = [];
    for (let n = 0; n < counts.commands; n += 1) {
      inside.push(await timed(async () => ended(await sandbox.launch({ argv: ['/bin/true'], cwd: places.clone, env: {} }))));
      plain.push(await timed(() => ended(spawn('/bin/true', [], { stdio: 'pipe' }))));
    }
    return median(inside) - median(plain);
  } finally {
    await begun.close();
    leave();
    if (temp === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temp;
    await bench.close();
  }
}

const bareNode: number[] = [];
for (let n = 0; n < 9; n += 1) bareNode.push(await timed(() => execFileSync(process.execPath, ['-e', '0'])));
const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));
const few = await small();
const overhead = await commandOverhead();
const many = await large();
const report = {
  files: counts.small,
  claimToPromptMs: rounded(few.prompt),
  claimToPromptPerClone: rounded(few.prompt / few.clone, 2),
  commandOverheadP50Ms: rounded(overhead, 1),
  firstRun60kS: rounded(many.first / 1000, 2),
  run60kS: rounded(many.later / 1000, 2),
  run60kPerClone: rounded(many.later / many.clone, 2),
  accept60kS: rounded(many.accept / 1000, 2),
  accept60kPerApply: rounded(many.accept / many.apply, 2),
  bareNodeMs: rounded(median(bareNode), 1),
};
console.log(JSON.stringify(report));
process.exit(Object.values(report).every(Number.isFinite) ? 0 : 1);
