/**
 * The system-call filter of the second layer, as the kernel takes it (a classic BPF program, `seccomp(2)`): what neither
 * namespaces nor mounts keep from the host. The runtime's own filter, which closes sockets of the file system, stands beside it.
 */
import { endianness } from 'node:os';

/** Numbers of the system calls by machine, from the kernel's `unistd.h` tables. */
interface Machine {
  /** `AUDIT_ARCH_*` of `linux/audit.h`. */
  readonly audit: number;
  /** Calls of the x32 form have this bit; other machines have no such form. */
  readonly otherForm: number | null;
  readonly socket: number;
  readonly clone: number;
  readonly unshare: number;
  readonly refused: readonly number[];
}

/** Key rings are one for all processes of a user, and the rest serves a program that attacks the kernel or leaves a namespace. */
const refusedCalls = {
  // add_key, request_key, keyctl, syslog (the kernel's log), setns, bpf, perf_event_open, userfaultfd, open_by_handle_at, kexec_load, kexec_file_load,
  // mount, umount2, pivot_root, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
  x64: [248, 249, 250, 103, 308, 321, 298, 323, 304, 246, 320, 165, 166, 155, 428, 429, 430, 431, 432, 433, 442],
  arm64: [217, 218, 219, 116, 268, 280, 241, 282, 265, 104, 294, 40, 39, 41, 428, 429, 430, 431, 432, 433, 442],
} as const;
const machines: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, otherForm: 0x40000000, socket: 41, clone: 56, unshare: 272, refused: refusedCalls.x64 },
  arm64: { audit: 0xc00000b7, otherForm: null, socket: 198, clone: 220, unshare: 97, refused: refusedCalls.arm64 },
};
/** Its flags lie in memory, where a filter cannot look; programs fall back to `clone` when it is missing. */
const clone3 = 435;
/** `CLONE_NEW*` of `linux/sched.h`, the one for time apart, which is a flag of `unshare` alone. */
const namespaces = 0x7e020000;
const timeNamespace = 0x00000080;
/** AF_UNIX (the runtime's filter decides on it), AF_INET, AF_INET6, AF_NETLINK. Others, such as AF_VSOCK, know no network namespace. */
const families = [1, 2, 10, 16] as const;

const code = { load: 0x20, equal: 0x15, atLeast: 0x35, anyBit: 0x45, give: 0x06 } as const;
const at = { call: 0, machine: 4, firstArgument: 16 } as const;
const errno = (number: number): number => 0x00050000 | number;
const give = { allow: 0x7fff0000, notPermitted: errno(1), noSuchCall: errno(38), noSuchFamily: errno(97) } as const;

type Line = readonly [code: number, whenTrue: number, whenFalse: number, value: number];
const load = (offset: number): Line => [code.load, 0, 0, offset];
const answer = (value: number): Line => [code.give, 0, 0, value];
/** Skips the lines after it unless the test holds. */
const unless = (test: number, value: number, skipped: number): Line => [test, 0, skipped, value];

/** Null on machines whose system calls are not known here. */
export function seccompProgram(arch: string = process.arch): Buffer | null {
  const machine = machines[arch];
  if (!machine || endianness() !== 'LE') return null;
  const firstHas = (call: number, bits: number): Line[] => [
    unless(code.equal, call, 4),
    load(at.firstArgument),
    unless(code.anyBit, bits, 1),
    answer(give.notPermitted),
    answer(give.allow),
  ];
  const program: Line[] = [
    load(at.machine),
    [code.equal, 1, 0, machine.audit],
    answer(give.noSuchCall),
    load(at.call),
    ...(machine.otherForm === null ? [] : [unless(code.atLeast, machine.otherForm, 1), answer(give.noSuchCall)]),
    unless(code.equal, clone3, 1),
    answer(give.noSuchCall),
    ...machine.refused.flatMap((call): Line[] => [unless(code.equal, call, 1), answer(give.notPermitted)]),
    ...firstHas(machine.clone, namespaces),
    ...firstHas(machine.unshare, namespaces | timeNamespace),
    unless(code.equal, machine.socket, families.length + 3),
    load(at.firstArgument),
    ...families.map((family, index): Line => [code.equal, families.length - index, 0, family]),
    answer(give.noSuchFamily),
    answer(give.allow),
    answer(give.allow),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([what, whenTrue, whenFalse, value], index) => {
    bytes.writeUInt16LE(what, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}
