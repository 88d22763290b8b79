/**
 * One package in a folder of work, with Belay's sandbox for a code session around it as a run host makes it, and the same
 * folder without. Both ways the place, the files, HOME and TMPDIR are the same, so that only the sandbox differs.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { Policy } from '../../../worker/policy/decide.ts';
import { prepareSandbox, type AgentSandbox, type PreparedSandbox } from '../../../worker/run/agentSandbox.ts';
import { StartedProcesses } from '../../../worker/run/startedProcesses.ts';
import { endTree } from '../../../worker/run/processes.ts';
import { runPolicy } from '../../../worker/run/runPolicy.ts';
import { AgentLaunch } from '../../../worker/agents/base/launch.ts';
import { RunSettings, type RunSpec } from '../../../worker/run/spec.ts';
import { agentEnvironment } from '../../../worker/run/workplace.ts';
import { createClone } from '../../../worker/workspace/clone.ts';
import { git } from '../../support/repository.ts';
import type { DrawnPackage } from './drawn.ts';
import { copyTree, fetchPackage, install } from './fetch.ts';
import { changes, look, type Files } from './snapshot.ts';

export interface Outcome {
  /** Null: it took too long. */
  readonly code: number | null;
  readonly changed: Files;
  readonly output: string;
}

/** Where a clean machine has its programs, after the Node that runs this. */
const cleanPath = [path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter);

export class Bench {
  readonly policy: Policy;
  readonly #clone: string;
  readonly #prepared: PreparedSandbox;
  readonly #sandbox: AgentSandbox;
  readonly #spec: RunSpec;
  readonly #dependencies: string;
  readonly #pristine: string;
  #installed = '';

  private constructor(
    policy: Policy,
    clone: string,
    prepared: PreparedSandbox,
    sandbox: AgentSandbox,
    spec: RunSpec,
    dependencies: string,
    pristine: string,
  ) {
    this.policy = policy;
    this.#clone = clone;
    this.#prepared = prepared;
    this.#sandbox = sandbox;
    this.#spec = spec;
    this.#dependencies = dependencies;
    this.#pristine = pristine;
  }

  /** `folder`: an empty one for everything. This process's HOME must be the person's, made for this. */
  static async open(folder: string, { name, version, needs }: Pick<DrawnPackage, 'name' | 'version' | 'needs'>): Promise<Bench> {
    const [repository, stateDir, runDir] = ['repo', 'state', 'state/runs/one'].map((entry) => path.join(folder, entry)) as [
      string,
      string,
      string,
    ];
    mkdirSync(runDir, { recursive: true });
    copyTree((await fetchPackage(name, version)).files, repository);
    appendFileSync(path.join(repository, '.gitignore'), '\nnode_modules\n');
    git(repository, 'init', '--quiet', '--initial-branch=main');
    git(repository, 'add', '-A', '-f');
    git(repository, 'commit', '--quiet', '-m', 'As published');

    // As a run host does for itself.
    process.env['TMPDIR'] = mkdtempSync(path.join(tmpdir(), 'belay-'));
    process.env['CLAUDE_CODE_TMPDIR'] = path.join(stateDir, 'lines/one/tmp');
    const spec = specOf(stateDir, repository);
    const log = (text: string): void => {
      throw new Error(text);
    };
    const clone = await createClone({ repositoryPath: repository, lineDir: spec.lineDir, sessionId: 'one', base: { kind: 'head' } });
    const openings = { host: '127.0.0.1:9', programs: [] };
    const prepared = await prepareSandbox({ runDir, spec, secretEnv: {}, log }, openings, new StartedProcesses());
    const { place } = prepared;
    const { chosen, sandbox } = await prepared.choose(() => undefined);
    const { step, why } = chosen;
    if (step !== 'ours') throw new Error(`There is no sandbox to measure: ${why ?? ''}`);
    const pristine = path.join(folder, 'pristine.git');
    copyTree(path.join(clone.path, '.git'), pristine);
    const real = realpathSync(clone.path);
    const policy = runPolicy(spec, step, real, place, log);
    return new Bench(policy, real, prepared, sandbox, spec, await install(name, version, needs), pristine);
  }

  /** As an agent would have it run. */
  async inside(command: string, limitMs: number): Promise<Outcome> {
    const env = this.#withBins(agentEnvironment(this.#prepared.place, this.#spec.agent, homedir()));
    return await this.#run(limitMs, () => this.#sandbox.launch(['/bin/sh', '-c', command], env, this.#clone));
  }

  /** As a person would, in a clean shell. */
  async outside(command: string, limitMs: number): Promise<Outcome> {
    const env = { PATH: cleanPath, LANG: 'C.UTF-8', TERM: 'dumb', HOME: this.#prepared.place.home, TMPDIR: this.#prepared.place.tmp };
    return await this.#run(limitMs, () =>
      Promise.resolve(
        spawn('/bin/sh', ['-c', command], { cwd: this.#clone, env: this.#withBins(env), stdio: ['pipe', 'pipe', 'pipe'], detached: true }),
      ),
    );
  }

  async close(): Promise<void> {
    await this.#prepared.close();
  }

  #withBins(env: Record<string, string>): Record<string, string> {
    return { ...env, PATH: `${path.join(this.#clone, 'node_modules/.bin')}${path.delimiter}${cleanPath}` };
  }

  async #run(limitMs: number, launch: () => Promise<ChildProcess>): Promise<Outcome> {
    this.#reset();
    const before = look(this.#clone);
    const child = await launch();
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString('utf8')}`.slice(-2000)));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end();
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      if (child.pid !== undefined) void endTree(child.pid, 500);
    }, limitMs);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status, signal) => {
        resolve(status ?? (signal === null ? -1 : 128));
      });
    });
    clearTimeout(timer);
    if (child.pid !== undefined) await endTree(child.pid, 0);
    return { code: over ? null : code, changed: changes(before, look(this.#clone)), output };
  }

  /** Everything as it was before the first command. */
  #reset(): void {
    const modules = path.join(this.#clone, 'node_modules');
    for (const entry of readdirSync(this.#clone))
      if (entry !== 'node_modules') rmSync(path.join(this.#clone, entry), { recursive: true, force: true });
    copyTree(this.#pristine, path.join(this.#clone, '.git'));
    git(this.#clone, 'reset', '--quiet', '--hard');
    rmSync(path.join(modules, '.cache'), { recursive: true, force: true });
    if (!existsSync(modules) || stateOf(modules) !== this.#installed) {
      rmSync(modules, { recursive: true, force: true });
      copyTree(this.#dependencies, modules);
      this.#installed = stateOf(modules);
    }
    for (const folder of [this.#prepared.place.home, this.#prepared.place.tmp])
      for (const entry of readdirSync(folder)) rmSync(path.join(folder, entry), { recursive: true, force: true });
  }
}

/** Changes when a command writes into the dependencies, without reading them all. Caches there are nobody's result. */
function stateOf(folder: string): string {
  const seen: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const info = entry.startsWith('.cache') ? null : lstatSync(path.join(folder, entry));
    if (info !== null && !info.isDirectory()) seen.push(`${entry} ${info.size} ${info.mtimeMs} ${info.mode}`);
  }
  return seen.join('\n');
}

/** Of the claim only what the sandbox and the policy ask for: a code session with nothing allowed or forbidden beyond the defaults. */
function specOf(stateDir: string, repositoryPath: string): RunSpec {
  const agent = AgentLaunch.parse({ slug: 'corpus', driver: 'command', argv: [process.execPath] });
  return {
    version: 1,
    grant: { session: { mode: 'code' }, agent: { name: 'corpus', policy: {} }, policy: [] },
    stateDir,
    lineDir: path.join(stateDir, 'lines/one'),
    repositoryPath,
    agent,
    settings: RunSettings.parse({}),
    workflow: null,
  } as unknown as RunSpec;
}

/** A folder for one package with a home of a person in it. */
export function benchFolder(): { folder: string; home: string } {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'bb-')));
  const home = path.join(folder, 'person');
  mkdirSync(home);
  writeFileSync(path.join(home, '.gitconfig'), '[user]\n\tname = Test Person\n\temail = test@localhost\n');
  return { folder, home };
}
