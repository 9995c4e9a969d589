import { helperByNumber } from '../../backends/bpf-lsm/helpers.ts';
import type { Decoded } from './instructions.ts';

/** What is known of a register: nothing was put there, a number, an address so far from the end of the stack, or something. */
export type RegisterState = 'empty' | 'something' | { readonly number: number } | { readonly frame: number };

export interface ProgramState {
  readonly registers: readonly RegisterState[];
  /** A bit for each byte of the stack that something was put into, the lowest for its lowest byte. */
  readonly stack: bigint;
}

const stackBytes = 512;

export function entryState(): ProgramState {
  const registers: RegisterState[] = Array.from({ length: 11 }, () => 'empty');
  registers[1] = 'something';
  registers[10] = { frame: 0 };
  return { registers, stack: 0n };
}

/** What is known where two ways meet; the first where the second says nothing less. */
export function join(left: ProgramState, right: ProgramState): ProgramState {
  let changed = false;
  const registers = left.registers.map((each, index) => {
    const other = right.registers[index]!;
    const both = equal(each, other) ? each : each === 'empty' || other === 'empty' ? 'empty' : 'something';
    if (both !== each) changed = true;
    return both;
  });
  const stack = left.stack & right.stack;
  return changed || stack !== left.stack ? { registers, stack } : left;
}

function equal(left: RegisterState, right: RegisterState): boolean {
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  if ('number' in left) return 'number' in right && left.number === right.number;
  return 'frame' in right && left.frame === right.frame;
}

/** What is known after an instruction, or what is wrong with it, in words that follow "instruction N". */
export function step(instruction: Decoded, state: ProgramState): ProgramState | string {
  const { opcode, destination, source, offset, immediate, call } = instruction;
  const kind = opcode & 7;
  if (destination > 10 || source > 10) return 'names a register that is none';
  if (call !== undefined) return afterCall(call, state);
  const registers = [...state.registers];
  let { stack } = state;
  const reads: number[] = [];
  const usesSource = kind === 3 || kind === 1 || (kind >= 4 && (opcode & 8) !== 0 && (opcode & 0xf0) !== 0xd0);
  const isMove = (kind === 4 || kind === 7) && (opcode & 0xf0) === 0xb0;
  const jumps = kind === 5 || kind === 6;
  const leaves = kind === 5 && (opcode & 0xf0) === 0x90;
  const always = kind === 5 && (opcode & 0xf0) === 0;
  if (leaves) reads.push(0);
  else if (!always) {
    if (usesSource) reads.push(source);
    if (kind === 2 || kind === 3 || (jumps && !always) || ((kind === 4 || kind === 7) && !isMove)) {
      reads.push(destination);
    }
  }
  for (const register of reads) {
    if (registers[register] === 'empty') return `reads r${register}, into which nothing was put`;
  }
  const writes = kind === 0 || kind === 1 || kind === 4 || kind === 7;
  if (writes && destination === 10) return 'writes r10, the end of the stack';
  if (kind === 1 || kind === 2 || kind === 3) {
    const base = registers[kind === 1 ? source : destination]!;
    const bytes = [4, 2, 1, 8][(opcode >> 3) & 3]!;
    if (typeof base !== 'string' && 'frame' in base) {
      const at = base.frame + offset;
      if (at < -stackBytes || at + bytes > 0) return `reaches ${bytes} bytes at ${at} from the end of the stack`;
      const touched = bytesAt(at, bytes);
      if (kind !== 1) stack |= touched;
      else if ((stack & touched) !== touched) return `reads the stack at ${at}, into which nothing was put`;
    } else if (typeof base !== 'string') return 'reaches memory at a number that is no address';
  }
  if (kind === 0) registers[destination] = 'something';
  else if (kind === 1) registers[destination] = 'something';
  else if (kind === 3 && (opcode & 0xe0) === 0xc0) registers[source] = 'something';
  else if (kind === 4 || kind === 7) registers[destination] = calculated(instruction, registers, immediate);
  return { registers, stack };
}

function calculated(
  { opcode, destination, source }: Decoded,
  registers: readonly RegisterState[],
  immediate: number,
): RegisterState {
  const operation = opcode & 0xf0;
  const wide = (opcode & 7) === 7;
  const other: RegisterState = (opcode & 8) !== 0 ? registers[source]! : { number: immediate };
  if (operation === 0xb0 && wide) return other === 'empty' ? 'something' : other;
  const own = registers[destination]!;
  if (operation !== 0 || !wide || typeof own === 'string' || typeof other === 'string' || !('number' in other)) {
    return 'something';
  }
  return 'number' in own ? { number: own.number + other.number } : { frame: own.frame + other.number };
}

function bytesAt(at: number, bytes: number): bigint {
  return ((1n << BigInt(bytes)) - 1n) << BigInt(at + stackBytes);
}

/** Helpers that write so many bytes as r2 says to where r1 points: probe_read_kernel, its text form, get_current_comm. */
const fillsFirst: ReadonlySet<number> = new Set([16, 113, 115]);

function afterCall(call: number, state: ProgramState): ProgramState | string {
  const { registers } = state;
  const parameters = helperByNumber(call)?.parameters ?? 0;
  for (let register = 1; register <= parameters; register += 1) {
    if (registers[register] === 'empty') return `calls a helper that reads r${register}, into which nothing was put`;
  }
  let { stack } = state;
  const [, to, size] = registers;
  if (fillsFirst.has(call) && typeof to === 'object' && 'frame' in to && typeof size === 'object' && 'number' in size) {
    if (to.frame < -stackBytes || to.frame + size.number > 0) return 'lets a helper write beyond the stack';
    stack |= bytesAt(to.frame, size.number);
  }
  const after = registers.map(
    (each, index): RegisterState => (index === 0 ? 'something' : index <= 5 ? 'empty' : each),
  );
  return { registers: after, stack };
}
