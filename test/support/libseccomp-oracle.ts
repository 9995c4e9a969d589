import { spawnSync } from 'node:child_process';

/** The parts of `linux.seccomp` that matter to libseccomp; 64-bit numbers as bigint. */
export interface OracleSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly args?: readonly { index: number; value: bigint; valueTwo?: bigint; op: string }[];
  }[];
}

const architectures: Readonly<Record<string, number>> = {
  SCMP_ARCH_X86_64: 0xc000003e,
  SCMP_ARCH_X86: 0x40000003,
  SCMP_ARCH_X32: 0x4000003e,
  SCMP_ARCH_AARCH64: 0xc00000b7,
  SCMP_ARCH_ARM: 0x40000028,
  SCMP_ARCH_RISCV64: 0xc00000f3,
};
const operators = [
  '',
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
];

/** SECCOMP_RET_* of an action in the runtime specification's spelling. */
export function returnValue(action: string, errno = 1): number {
  const values: Readonly<Record<string, number>> = {
    SCMP_ACT_ALLOW: 0x7fff0000,
    SCMP_ACT_LOG: 0x7ffc0000,
    SCMP_ACT_KILL_THREAD: 0,
    SCMP_ACT_KILL_PROCESS: 0x80000000,
    SCMP_ACT_TRAP: 0x30000,
    SCMP_ACT_ERRNO: 0x50000 | errno,
    SCMP_ACT_TRACE: 0x7ff00000 | errno,
  };
  const value = values[action];
  if (value === undefined) throw new Error(action);
  return value;
}

/** Builds the program as runc does: rules with the default's action are left out. */
export function libseccompProgram(helper: string, seccomp: OracleSeccomp): Uint8Array {
  const byDefault = returnValue(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const lines = [`default ${byDefault}`, ...seccomp.architectures.map((name) => `arch ${architectures[name]}`)];
  for (const rule of seccomp.syscalls) {
    const action = returnValue(rule.action, rule.errnoRet);
    if (action === byDefault) continue;
    const args = (rule.args ?? []).map(
      ({ index, value, valueTwo = 0n, op }) => `${index} ${operators.indexOf(op)} ${value} ${valueTwo}`,
    );
    for (const name of rule.names) lines.push(`rule ${action} ${name} ${args.join(' ')}`);
  }
  const ran = spawnSync(helper, { input: `${lines.join('\n')}\n` });
  if (ran.status !== 0) throw new Error(`libseccomp: ${ran.stderr}`);
  return ran.stdout;
}

/** Runs a classic BPF program over struct seccomp_data (kernel: net/core/filter.c, kernel/seccomp.c). */
export function runClassicBpf(program: Uint8Array, number: number, arch: number, args: readonly bigint[]): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, arch, true);
  args.forEach((value, at) => {
    data.setBigUint64(16 + 8 * at, value, true);
  });
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const operation = code.getUint16(at * 8, true);
    const k = code.getUint32(at * 8 + 4, true);
    if (operation === 0x20) accumulator = data.getUint32(k, true);
    else if (operation === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (operation === 0x06) return k;
    else if (operation === 0x05) at += k;
    else {
      const holds =
        operation === 0x15
          ? accumulator === k
          : operation === 0x25
            ? accumulator > k
            : operation === 0x35
              ? accumulator >= k
              : (accumulator & k) !== 0;
      if (![0x15, 0x25, 0x35, 0x45].includes(operation)) throw new Error(`operation ${operation}`);
      at += code.getUint8(at * 8 + (holds ? 2 : 3));
    }
  }
}
