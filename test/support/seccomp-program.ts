/** A seccomp program for tests: raw bytes, and an interpreter that shares nothing with the compiler. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, jt, jf, k }, at) => {
    view.setUint16(at * 8, code, true);
    view.setUint8(at * 8 + 2, jt);
    view.setUint8(at * 8 + 3, jf);
    view.setUint32(at * 8 + 4, k >>> 0, true);
  });
  return bytes;
}

export function decode(bytes: Uint8Array): Instruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 8 }, (_, at) => ({
    code: view.getUint16(at * 8, true),
    jt: view.getUint8(at * 8 + 2),
    jf: view.getUint8(at * 8 + 3),
    k: view.getUint32(at * 8 + 4, true),
  }));
}

/** seccomp_data as 16 words: number, architecture, instruction pointer low and high, arguments low and high. */
export type Data = Uint32Array;

export function seccompData(audit: number, number: number, args: readonly bigint[] = [], pointer = 0n): Data {
  const data = new Uint32Array(16);
  data[0] = number;
  data[1] = audit;
  data[2] = Number(pointer & 0xffff_ffffn);
  data[3] = Number(pointer >> 32n);
  args.forEach((value, index) => {
    data[4 + 2 * index] = Number(value & 0xffff_ffffn);
    data[5 + 2 * index] = Number(value >> 32n);
  });
  return data;
}

/** What a program returns, unsigned; classic BPF by linux/Documentation/networking/filter.rst. */
export function run(program: readonly Instruction[], data: Data): number {
  let a = 0;
  let x = 0;
  const memory = new Uint32Array(16);
  for (let pc = 0; ; pc += 1) {
    const { code, jt, jf, k } = program[pc]!;
    const operand = (code & 8) === 0 ? k : x;
    switch (code & 7) {
      case 0:
        a = loaded(code, k, data, memory);
        break;
      case 1:
        x = loaded(code, k, data, memory);
        break;
      case 2:
        memory[k] = a;
        break;
      case 3:
        memory[k] = x;
        break;
      case 4:
        if ((code & 0xf0) === 0x30 && operand === 0) return 0;
        a = calculated(code & 0xf0, a, operand);
        break;
      case 5: {
        if ((code & 0xf0) === 0) {
          pc += k;
          break;
        }
        const taken =
          (code & 0xf0) === 0x10
            ? a === operand
            : (code & 0xf0) === 0x20
              ? a > operand
              : (code & 0xf0) === 0x30
                ? a >= operand
                : (a & operand) !== 0;
        pc += taken ? jt : jf;
        break;
      }
      case 6:
        return (code & 0x18) === 0x10 ? a : k;
      default:
        if (code === 0x07) x = a;
        else a = x;
    }
  }
}

function loaded(code: number, k: number, data: Data, memory: Uint32Array): number {
  switch (code & 0xe0) {
    case 0x00:
      return k;
    case 0x20:
      return data[k / 4]!;
    case 0x60:
      return memory[k]!;
    default:
      return 64;
  }
}

function calculated(operation: number, a: number, operand: number): number {
  switch (operation) {
    case 0x00:
      return (a + operand) >>> 0;
    case 0x10:
      return (a - operand) >>> 0;
    case 0x20:
      return Math.imul(a, operand) >>> 0;
    case 0x30:
      return Math.floor(a / operand);
    case 0x40:
      return (a | operand) >>> 0;
    case 0x50:
      return (a & operand) >>> 0;
    case 0x60:
      return (a << (operand & 31)) >>> 0;
    case 0x70:
      return a >>> (operand & 31);
    case 0x80:
      return -a >>> 0;
    default:
      return (a ^ operand) >>> 0;
  }
}

/** The verdict in words: equal words are equal behaviour of the kernel. */
export function verdictOf(value: number): string {
  const data = value & 0xffff;
  switch (Math.floor(value / 0x1_0000)) {
    case 0x0000:
      return 'kill-thread';
    case 0x0003:
      return `trap ${data}`;
    case 0x0005:
      return `errno ${data}`;
    case 0x7fc0:
      return 'notify';
    case 0x7ff0:
      return `trace ${data}`;
    case 0x7ffc:
      return 'log';
    case 0x7fff:
      return 'allow';
    default:
      return 'kill-process';
  }
}
