/**
 * The second layer on Linux, inside the runtime's own: a user namespace without any capability, System V and POSIX queues
 * and shared memory of its own, a filter for what namespaces do not cover, and covers over what the kernel shows and takes.
 * As root the runtime leaves `/proc/sys` writable, since the kernel asks there for the user and not for capabilities.
 */
import { existsSync, lstatSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Confinement } from './confinement.ts';
import { programOnPath } from './programOnPath.ts';
import { quote } from './quote.ts';
import { seccompProgram } from './seccomp.ts';
import { showSettings } from './settingsFolder.ts';

/** Readable, never writable: the `readonlyPaths` of the OCI runtime defaults, and what only root could write anyway. `/sys` is so already. */
const readOnly = [
  '/proc/sys',
  '/proc/sysrq-trigger',
  '/proc/irq',
  '/proc/bus',
  '/proc/fs',
  '/proc/driver',
  '/proc/mtrr',
  '/proc/dynamic_debug',
] as const;
/** Empty: the `maskedPaths` of the OCI runtime defaults, and what shows the host's keys, memory and file systems of the kernel. */
const masked = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/key-users',
  '/proc/kmsg',
  '/proc/kallsyms',
  '/proc/kpagecgroup',
  '/proc/kpagecount',
  '/proc/kpageflags',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/sysvipc',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
  '/sys/fs/bpf',
  '/sys/fs/pstore',
  '/sys/fs/fuse',
  '/sys/kernel/config',
  '/sys/kernel/debug',
  '/sys/kernel/security',
  '/sys/kernel/tracing',
] as const;

/** Files of the host's kernel that the proof tries to open for writing, one of each kind that was ever a way out. */
const triedForWriting = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hostname',
  '/proc/sys/fs/binfmt_misc/register',
  '/proc/sys/vm/overcommit_memory',
  '/proc/sys/net/ipv4/ip_forward',
  '/proc/sysrq-trigger',
  '/proc/irq/default_smp_affinity',
  '/sys/kernel/uevent_helper',
  '/sys/kernel/mm/transparent_hugepage/enabled',
  '/sys/power/state',
  '/sys/fs/cgroup/cgroup.procs',
  '/sys/fs/cgroup/memory/cgroup.procs',
] as const;
/** Namespaces that must not be the host's. */
const ownNamespaces = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts'] as const;

export interface Hardening {
  /** A command line that runs `argv` (a text for a shell) in the second layer. */
  readonly wrap: (argv: string) => string;
  /** Lines of a shell that print what is open which must not be. */
  readonly trial: readonly string[];
  /** Why what they printed is not good enough, or null. */
  readonly judge: (output: string) => string | null;
  /** Files that must be readable inside the first layer. */
  readonly needs: readonly string[];
}

/** Prepares the layer once for a process. Throws with the reason when it cannot be had. */
export function harden({ readable, settingsDir }: Pick<Confinement, 'readable' | 'settingsDir'>): Hardening {
  const bwrap = programOnPath('bwrap');
  if (bwrap === null) throw new Error('bubblewrap (bwrap) was not found.');
  const filter = seccompProgram();
  if (filter === null) throw new Error(`its system-call filter does not know this machine (${process.arch}).`);
  const filterFile = path.join(tmpdir(), 'calls.bpf');
  writeFileSync(filterFile, filter, { mode: 0o600 });
  const settings = showSettings(settingsDir, readable);
  const args = [
    ...['--unshare-user', '--unshare-ipc', '--unshare-uts', '--cap-drop', 'ALL', '--die-with-parent', '--dev-bind', '/', '/'],
    ...readOnly.filter((name) => existsSync(name)).flatMap((name) => ['--ro-bind', name, name]),
    ...masked.filter((name) => existsSync(name)).flatMap(cover),
    ...settings.args,
    ...['--seccomp', '9'],
  ];
  const argsFile = path.join(tmpdir(), 'layer.args');
  writeFileSync(argsFile, args.map((word) => `${word}\0`).join(''), { mode: 0o600 });
  return {
    wrap: (argv) => `exec ${quote(bwrap)} --args 8 -- ${argv} 8<${quote(argsFile)} 9<${quote(filterFile)}`,
    trial: [
      ...triedForWriting.map((name) => `[ -w ${name} ] && echo open=${name}`),
      ...masked.map((name) => `[ -s ${name} ] && [ -f ${name} ] && echo shown=${name}`),
      ...ownNamespaces.map((name) => `echo namespace=${name} $(readlink /proc/self/ns/${name})`),
      'for name in /dev/shm /dev/mqueue; do ls -A $name 2>/dev/null | while read -r entry; do echo shared=$name/$entry; done; done',
      'grep -E "^(Seccomp|Seccomp_filters|NoNewPrivs|CapEff|CapBnd|CapPrm|CapAmb):" /proc/self/status 2>/dev/null',
    ],
    judge,
    needs: [settings.folder, argsFile, filterFile, bwrap],
  };
}

/** A folder becomes an empty one that nobody can write, a file one that cannot be opened. */
const cover = (name: string): string[] =>
  lstatSync(name).isDirectory() ? ['--tmpfs', name, '--remount-ro', name] : ['--ro-bind', '/dev/null', name];

function judge(output: string): string | null {
  const open = /^(?:open|shown|shared)=(\S+)$/mu.exec(output)?.[1];
  if (open !== undefined) return `${open} of this machine is open inside it.`;
  for (const name of ownNamespaces) {
    const inside = new RegExp(`^namespace=${name} (\\S+)$`, 'mu').exec(output)?.[1];
    if (inside === undefined || inside === readlinkSync(`/proc/self/ns/${name}`)) return `it has no ${name} namespace of its own.`;
  }
  const value = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)$`, 'mu').exec(output)?.[1] ?? '';
  if (value('Seccomp') !== '2') return 'its system-call filter is not active.';
  // The runtime's own and ours; kernels before 5.9 do not count them.
  const filters = value('Seccomp_filters');
  if (filters !== '' && Number(filters) < 2) return 'one of its two system-call filters is missing.';
  for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'])
    if (!/^0+$/u.test(value(set))) return `a program inside it has capabilities (${set} ${value(set)}).`;
  return value('NoNewPrivs') === '1' ? null : 'a program inside it can gain rights.';
}
