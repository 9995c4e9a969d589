/**
 * Classic BPF as seccomp(2) takes it: `struct sock_filter { __u16 code; __u8 jt, jf; __u32 k; }` of `linux/filter.h`,
 * eight bytes, in the byte order of the machine; all our architectures are little-endian.
 */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** The operations that we emit, by the names of `linux/bpf_common.h`. */
export const opcode = {
  loadAbsolute: 0x20, // BPF_LD | BPF_W | BPF_ABS
  loadImmediate: 0x00, // BPF_LD | BPF_IMM
  andK: 0x54, // BPF_ALU | BPF_AND | BPF_K
  copyToIndex: 0x07, // BPF_MISC | BPF_TAX
  jump: 0x05, // BPF_JMP | BPF_JA
  jumpEqual: 0x15, // BPF_JMP | BPF_JEQ | BPF_K
  jumpGreater: 0x25, // BPF_JMP | BPF_JGT | BPF_K
  jumpGreaterEqual: 0x35, // BPF_JMP | BPF_JGE | BPF_K
  jumpSet: 0x45, // BPF_JMP | BPF_JSET | BPF_K
  /** Added to a jump's opcode to compare with X in place of K. */
  withIndex: 0x08,
  return: 0x06, // BPF_RET | BPF_K
} as const;

/** BPF_MAXINSNS of `linux/bpf_common.h`. */
export const instructionLimit = 4096;

/** Offsets into `struct seccomp_data` of `linux/seccomp.h`, in bytes. */
export const dataOffset = { number: 0, architecture: 4, pointer: 8, arguments: 16, size: 64 } as const;

const size = 8;

export function encodeInstructions(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * size);
  let at = 0;
  for (const { code, jt, jf, k } of instructions) {
    bytes[at] = code;
    bytes[at + 1] = code >> 8;
    bytes[at + 2] = jt;
    bytes[at + 3] = jf;
    bytes[at + 4] = k;
    bytes[at + 5] = k >>> 8;
    bytes[at + 6] = k >>> 16;
    bytes[at + 7] = k >>> 24;
    at += size;
  }
  return bytes;
}

/** Reads whole instructions; bytes that are left over at the end are ignored. */
export function decodeInstructions(bytes: Uint8Array): Instruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const instructions: Instruction[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    instructions.push({
      code: view.getUint16(at, true),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, true),
    });
  }
  return instructions;
}
