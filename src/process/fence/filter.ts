/**
 * The system calls that reach past namespaces, refused by a filter of the kernel (seccomp): key rings are inherited from the session, the
 * kernel's log and its counters are one for all, VSOCK leads to the machine below this one whatever the network is, and a ring (io_uring) makes
 * calls that no filter sees. Numbers: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` of Linux.
 */

interface Processor {
  /** AUDIT_ARCH_… of linux/audit.h: how the kernel names whose numbers a call uses. */
  readonly audit: number;
  readonly prctl: number;
  readonly socket: number;
  readonly refused: readonly number[];
}

const rings = [425, 426, 427];
/** add_key, request_key, keyctl, syslog, bpf, perf_event_open */
const generic = { prctl: 167, socket: 198, refused: [217, 218, 219, 116, 280, 241] } as const;
const processors: Readonly<Record<string, Processor>> = {
  x64: { audit: 0xc000003e, prctl: 157, socket: 41, refused: [248, 249, 250, 103, 321, 298] },
  arm64: { audit: 0xc00000b7, ...generic },
  riscv64: { audit: 0xc00000f3, ...generic },
  loong64: { audit: 0xc0000102, ...generic },
};

/** Unix, IPv4, IPv6, netlink: they end at the command's own network, or at files it sees. */
const families = [1, 2, 10, 16];

const allow = 0x7fff0000;
const failWith = (errno: number): number => 0x00050000 | errno;
const notPermitted = failWith(1);
const noSuchCall = failWith(38);
const noSuchFamily = failWith(97);

/** Of linux/filter.h: load a word of `struct seccomp_data`, go on with the next instruction if it is (at least) k, else skip it; return. */
const load = (offset: number): Buffer => instruction(0x20, offset);
const unlessIs = (k: number): Buffer => instruction(0x15, k, 1, 0);
const ifIs = (k: number): Buffer => instruction(0x15, k, 0, 1);
const ifAtLeast = (k: number): Buffer => instruction(0x35, k, 0, 1);
const give = (k: number): Buffer => instruction(0x06, k);

function instruction(code: number, k: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
}

export interface Filter {
  /** A program of the kernel's packet filter (`struct sock_filter[]`). */
  readonly program: Buffer;
  /** Number of the call that loads it. */
  readonly prctl: number;
}

/** Undefined for a processor whose numbers are not known here. `processor`: as `process.arch` names it. */
export function callFilter(processor: string): Filter | undefined {
  const numbers = processors[processor];
  if (numbers === undefined) return undefined;
  const [number, audit, firstArgument] = [0, 4, 16];
  const program = Buffer.concat([
    // Calls by other numbers (32 bit programs) would go round those below.
    ...[load(audit), unlessIs(numbers.audit), give(notPermitted)],
    load(number),
    ...(processor === 'x64' ? [ifAtLeast(0x40000000), give(notPermitted)] : []),
    ...numbers.refused.flatMap((call) => [ifIs(call), give(notPermitted)]),
    ...rings.flatMap((call) => [ifIs(call), give(noSuchCall)]),
    ...[unlessIs(numbers.socket), give(allow)],
    load(firstArgument),
    ...families.flatMap((family) => [ifIs(family), give(allow)]),
    give(noSuchFamily),
  ]);
  return { program, prctl: numbers.prctl };
}
