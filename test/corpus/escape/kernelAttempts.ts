/** What the host's kernel shows and takes: each prints that it was reached, and changes nothing where it is. */
import type { Attempt } from './attempts.ts';

const kernel = (name: string, reaches: string): Attempt => ({
  name: `kernel-${name}`,
  kind: 'kernel',
  script: () => `if (${reaches}) > /dev/null 2>&1; then echo "reached:""kernel-${name};"; fi`,
});

/** Written with the value it has. */
const writable = (file: string): Attempt =>
  kernel(file.replace(/^\//u, '').replaceAll(/[^a-z0-9]+/giu, '-'), `value=$(cat ${file}) && echo "$value" > ${file}`);
/** Never read, and dangerous to write: that it opens for writing is enough. */
const opens = (file: string): Attempt =>
  kernel(file.replace(/^\//u, '').replaceAll(/[^a-z0-9]+/giu, '-'), `test -e ${file} && : >> ${file}`);

const calls =
  process.arch === 'arm64'
    ? { addKey: 217, keyctl: 219, unshare: 97, setns: 268, bpf: 280, perf: 241, userfault: 282, handle: 265 }
    : { addKey: 248, keyctl: 250, unshare: 272, setns: 308, bpf: 321, perf: 298, userfault: 323, handle: 304 };
/** A bare system call by the perl that every Debian has; reached when it does not fail. */
const call = (name: string, script: string): Attempt => kernel(name, `perl -e '${script}'`);
const words = 'my ($kind, $name, $value) = ("user", "belay-corpus", "v");';

/** Whoever runs the corpus makes these before, of their own. */
export const sharedKey = 0x42654c00 + ((process.getuid?.() ?? 0) % 256);

export const kernelAttempts: readonly Attempt[] = [
  ...[
    '/proc/sys/kernel/core_pattern',
    '/proc/sys/kernel/modprobe',
    '/proc/sys/kernel/randomize_va_space',
    '/proc/sys/kernel/yama/ptrace_scope',
    '/proc/sys/vm/overcommit_memory',
    '/proc/sys/vm/swappiness',
    '/proc/sys/fs/protected_symlinks',
    '/proc/sys/fs/suid_dumpable',
    '/sys/kernel/mm/transparent_hugepage/enabled',
    '/sys/kernel/uevent_helper',
  ].map(writable),
  ...['/proc/sysrq-trigger', '/proc/sys/fs/binfmt_misc/register', '/proc/irq/default_smp_affinity', '/sys/power/state', '/dev/kmsg'].map(
    opens,
  ),
  kernel('memory-read', `perl -e 'exit(defined(shmget(${sharedKey}, 64, 0)) ? 0 : 1)'`),
  kernel('queue-read', `perl -e 'my $q = msgget(${sharedKey}, 0); exit(defined($q) ? 0 : 1)'`),
  kernel('semaphores', `perl -e 'exit(defined(semget(${sharedKey}, 1, 0)) ? 0 : 1)'`),
  call('key-read', `${words} exit(syscall(${calls.keyctl}, 10, -4, $kind, $name, 0) < 0 ? 1 : 0)`),
  call('key-write', `${words} exit(syscall(${calls.addKey}, $kind, $name, $value, 1, -4) < 0 ? 1 : 0)`),
  kernel('key-list', 'test -n "$(cat /proc/keys)"'),
  kernel('memory-image', 'head -c 1 /proc/kcore'),
  kernel('symbols', 'grep -vq "^0* " /proc/kallsyms'),
  kernel('log', 'dmesg | grep -q .'),
  call('user-namespace', `exit(syscall(${calls.unshare}, 0x10000000) == 0 ? 0 : 1)`),
  call('mount-namespace', `exit(syscall(${calls.unshare}, 0x00020000) == 0 ? 0 : 1)`),
  call('program-in-kernel', `my $a = "\\0" x 128; exit(syscall(${calls.bpf}, 0, $a, 128) < 0 && $! == 1 ? 1 : 0)`),
  call('hypervisor-socket', 'socket(my $s, 40, 1, 0) or exit 1'),
  call('crypto-socket', 'socket(my $s, 38, 5, 0) or exit 1'),
  call('packet-socket', 'socket(my $s, 17, 3, 0) or exit 1'),
  kernel('mount', 'mkdir -p kernel-mount && mount -t tmpfs none kernel-mount && umount kernel-mount'),
  kernel('capabilities', 'grep -E "^CapEff:.*[1-9a-f]" /proc/self/status'),
  kernel('host-name', 'hostname "$(hostname)"'),
];
