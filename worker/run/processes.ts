/** Process trees: naming a process beyond doubt, and ending one with everything it started. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readingMark } from '../sandbox/readingRoom.ts';

/** A process id alone may be another process tomorrow; its start time tells them apart. */
export interface ProcessName {
  readonly pid: number;
  /** As the system gives it; null where it cannot be asked. */
  readonly startTime: string | null;
}

/** Names a living process, or returns null. */
export function nameProcess(pid: number): ProcessName | null {
  if (!isAlive(pid)) return null;
  return { pid, startTime: startTimeOf(pid) };
}

/** True while exactly this process lives. A zombie counts as ended. */
export function isSameProcess(name: ProcessName): boolean {
  return isAlive(name.pid) && startTimeOf(name.pid) === name.startTime;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || statOf(pid)?.[0] !== 'Z';
}

function startTimeOf(pid: number): string | null {
  if (process.platform === 'linux') return statOf(pid)?.[19] ?? null;
  if (process.platform === 'win32') return null;
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null
    );
  } catch {
    return null;
  }
}

/** Fields of /proc/<pid>/stat after the name, which itself may hold anything: state first. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Processes with this text among their arguments, this one apart. */
export function processesGiven(text: string): ProcessName[] {
  return commandLines().flatMap(({ pid, args }) => (pid !== process.pid && args.includes(text) ? (nameProcess(pid) ?? []) : []));
}

function commandLines(): { pid: number; args: string }[] {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).trim().split('\n');
    return rows.map((row) => ({ pid: Number.parseInt(row.trim(), 10), args: row.trim().replace(/^\d+\s+/, '') }));
  }
  return processIds().map((pid) => {
    try {
      return { pid, args: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
    } catch {
      return { pid, args: '' };
    }
  });
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The process and everything below it, deepest last. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of parents()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const found = [pid];
  // The list grows while it is walked.
  for (const parent of found) found.push(...(children.get(parent) ?? []));
  return found;
}

function parents(): [number, number][] {
  if (process.platform === 'linux') {
    return processIds().flatMap((pid): [number, number][] => {
      const parent = statOf(pid)?.[1];
      return parent === undefined ? [] : [[pid, Number(parent)]];
    });
  }
  if (process.platform === 'win32') return [];
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows.map((row) => row.trim().split(/\s+/).map(Number)).filter((pair): pair is [number, number] => pair.length === 2);
}

/** How long killed processes have to be gone: the kernel may be in the middle of something. */
const goneMs = 10_000;

/**
 * Ends a process group leader and everything below it: asks, waits `graceMs`, then kills, and returns once they are gone.
 * Members that left the group are found by parentage before the first signal. False when one of them still lives.
 */
export async function endTree(leader: number, graceMs: number): Promise<boolean> {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(leader), '/T', '/F'], { stdio: 'ignore' });
    } catch {
      // Already gone.
    }
    return true;
  }
  const members = treeOf(leader).flatMap((pid) => nameProcess(pid) ?? []);
  const alive = () => members.filter(isSameProcess);
  signalGroup(leader, 'SIGTERM');
  const end = performance.now() + graceMs;
  while (alive().length > 0 && performance.now() < end) await delay(20);
  signalGroup(leader, 'SIGKILL');
  return await killed(() => alive().map(({ pid }) => pid));
}

/**
 * Ends every process of a sandbox that has `folder` mounted, whoever started it and whether its parents live: a process
 * that is left behind lives for a moment after the one that leads it. False when one still lives. Only on Linux.
 */
export async function endSandboxed(folder: string): Promise<boolean> {
  return process.platform !== 'linux' || (await killed(() => sandboxedIn(folder)));
}

async function killed(left: () => readonly number[]): Promise<boolean> {
  const last = performance.now() + goneMs;
  for (let pids = left(); pids.length > 0; pids = left()) {
    if (performance.now() > last) return false;
    for (const pid of pids) signal(pid, 'SIGKILL');
    await delay(5);
  }
  return true;
}

/** Living processes of other process namespaces with a mount at `folder`, without those that only read there for us. */
function sandboxedIn(folder: string): number[] {
  const own = namespaceOf(process.pid);
  // As the kernel writes a path in a table of words.
  const mounted = folder.replaceAll(/[\\\s]/gu, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return processIds().filter((pid) => {
    const other = namespaceOf(pid);
    if (other === null || other === own || !isAlive(pid)) return false;
    const points = mountPointsOf(pid);
    return points.has(mounted) && !points.has(readingMark);
  });
}

function mountPointsOf(pid: number): Set<string> {
  try {
    const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
    return new Set(lines.map((line) => line.split(' ')[4] ?? ''));
  } catch {
    return new Set();
  }
}

/** Names the process namespace somebody is in; null when it cannot be asked. */
function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

/** Halts a process and everything below it, also what is started meanwhile. It can be ended as it stands. */
export function haltTree(leader: number): void {
  const halted = new Set<number>();
  for (let pids = treeOf(leader); pids.length > 0; pids = treeOf(leader).filter((pid) => !halted.has(pid)))
    for (const pid of pids) {
      signal(pid, 'SIGSTOP');
      halted.add(pid);
    }
}

export function goOnTree(leader: number): void {
  for (const pid of treeOf(leader)) signal(pid, 'SIGCONT');
}

function signalGroup(leader: number, name: NodeJS.Signals): void {
  signal(-leader, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone.
  }
}
