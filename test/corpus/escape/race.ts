/**
 * The race that got out once: a process waits until git opens one file of a folder and then swaps the folder for a link to
 * the person's, from which git takes the next. Run with an agent that lives, which is worse than what the gate meets.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createClone, gateDir } from '../../../worker/workspace/clone.ts';
import { runGate } from '../../../worker/workspace/gate.ts';
import { makeRepository, tempFolder, writeFiles } from '../../support/repository.ts';

const canary = 'CANARY-RACE-5521\n';
const calls = process.arch === 'arm64' ? { init: 26, watch: 27 } : { init: 294, watch: 254 };
/** By inotify: IN_OPEN of the decoy. */
const swapper = `
my ($outside) = @ARGV;
my $fd = syscall(${calls.init}, 0);
open(my $events, "<&=", $fd) or die;
my $decoy = "swapped/a-decoy.txt";
syscall(${calls.watch}, $fd, $decoy, 0x20) >= 0 or die;
$| = 1;
print "waiting\\n";
sysread($events, my $event, 4096);
rename("swapped", "kept");
symlink($outside, "swapped");
`;

export interface RaceReport {
  readonly readings: number;
  /** How often the person's file came into the gate's objects. */
  readonly landed: number;
  /** How often it came into those of plain git, which reads with the rights of the person. */
  readonly landedInPlainGit: number;
}

export async function race(readings: number): Promise<RaceReport> {
  const outside = tempFolder();
  writeFiles(outside, { 'z-file.txt': canary });
  const blob = execFileSync('git', ['hash-object', '--stdin'], { input: canary, encoding: 'utf8' }).trim();
  const repository = makeRepository({ 'README.md': '# Sample\n' });
  const lineDir = path.join(tempFolder(), 'lines/ses_r');
  const clone = await createClone({ repositoryPath: repository, lineDir, sessionId: 'ses_r', base: { kind: 'head' } });
  const plain = path.join(makeRepository({ 'README.md': '# Sample\n' }), '.git');
  const request = { repositoryPath: repository, lineDir, clone, sessionId: 'ses_r', fence: 1, subject: 'Race', staysInGate: true };
  let landed = 0;
  let landedInPlainGit = 0;
  for (let n = 0; n < readings; n += 1) {
    // What moves under its eyes may stop the gate; what counts is what it has read.
    await whileSwapping(clone.path, outside, () => runGate(request).catch(() => undefined));
    landed += take(gateDir(lineDir), blob);
    if (n % 10 > 0) continue;
    await whileSwapping(clone.path, outside, () => {
      const names = 'swapped/a-decoy.txt\0swapped/z-file.txt\0';
      const env = { PATH: process.env['PATH'] ?? '', GIT_DIR: plain, GIT_WORK_TREE: clone.path };
      execFileSync('git', ['update-index', '--add', '-z', '--stdin'], {
        cwd: clone.path,
        input: names,
        env,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
    }).catch(() => undefined);
    landedInPlainGit += take(plain, blob);
  }
  return { readings, landed, landedInPlainGit };
}

async function whileSwapping(clone: string, outside: string, read: () => unknown): Promise<void> {
  for (const name of ['swapped', 'kept']) rmSync(path.join(clone, name), { recursive: true, force: true });
  writeFiles(clone, { 'swapped/a-decoy.txt': `${Math.random()}\n`.repeat(100_000), 'swapped/z-file.txt': 'own\n' });
  const hostile: ChildProcess = spawn('perl', ['-e', swapper, outside], { cwd: clone, stdio: ['ignore', 'pipe', 'inherit'] });
  if (hostile.stdout) await once(hostile.stdout, 'data');
  try {
    await read();
  } finally {
    hostile.kill('SIGKILL');
  }
}

/** 1 when the object is there, which it is not any more afterwards. */
function take(gitDir: string, blob: string): number {
  const file = path.join(gitDir, 'objects', blob.slice(0, 2), blob.slice(2));
  try {
    execFileSync('git', ['--git-dir', gitDir, 'cat-file', '-e', blob], { stdio: 'ignore' });
  } catch {
    return 0;
  }
  execFileSync('rm', ['-f', file]);
  return 1;
}
