import type { Assembler, Placement } from './assembler.ts';
import {
  type Comparand,
  type Condition,
  checkedCall,
  type Operand,
  type Operation,
  type Register,
  type Width,
} from './operation.ts';
import { systemCallNumber } from './system-calls.ts';

/*
 * Encodings: Arm Architecture Reference Manual for A-profile, section C6.2 (base instructions). The kernel's calling
 * convention (Linux, arch/arm64/kernel/entry.S): number in x8, arguments in x0 to x5, result in x0; all else is kept.
 */

const number = 8;
/** Intra-procedure-call scratch register (AAPCS64, section 6.1.1); holds values that an instruction cannot. */
const scratch = 16;
/** Register 31 is the zero register in most encodings, the stack pointer in ADD (immediate). */
const zero = 31;

/** SVC #0 */
const kernelEntry = 0xd400_0001;

const registers: Readonly<Record<Register, number>> = {
  result: 0,
  r0: 19,
  r1: 20,
  r2: 21,
  what: 22,
  variables: 23,
  step: 24,
};

/** Condition codes, section C1.2.4. */
const conditions: Readonly<Record<Condition, number>> = {
  equal: 0,
  'not-equal': 1,
  less: 11,
  below: 3,
  'not-below': 2,
};

export const aarch64: Assembler = {
  encode: (operation, placement) => words(operation, placement).flatMap(bytes),
  needsWide: () => false,
};

function words(operation: Operation, placement: Placement): readonly number[] {
  switch (operation.kind) {
    case 'label':
    case 'heading':
      return [];
    case 'set':
      return setTo(registers[operation.to], operation.value, placement);
    case 'stack': // ADD Xd, SP, #0
      return [0x9100_0000 | (zero << 5) | registers[operation.to]];
    case 'load':
      return [access('load', operation.width, registers[operation.to], registers[operation.base], operation.offset)];
    case 'store':
      return [access('store', operation.width, registers[operation.from], registers[operation.base], operation.offset)];
    case 'add':
      return addImmediate(registers[operation.to], operation.amount);
    case 'combine': {
      // ADD, SUB and AND (shifted register), 64-bit
      const base = { add: 0x8b00_0000, subtract: 0xcb00_0000, and: 0x8a00_0000 }[operation.by];
      const to = registers[operation.to];
      return [base | (registers[operation.from] << 16) | (to << 5) | to];
    }
    case 'negate': // SUB Xd, XZR, Xm
      return [0xcb00_0000 | (registers[operation.to] << 16) | (zero << 5) | registers[operation.to]];
    case 'shift-right': {
      // LSR (immediate): UBFM Xd, Xn, #bits, #63
      const to = registers[operation.to];
      return [0xd340_fc00 | (operation.bits << 16) | (to << 5) | to];
    }
    case 'branch': {
      const comparison = compare(registers[operation.left], operation.right, placement);
      const distance = placement.addressOf(operation.to) - placement.here - comparison.length * 4;
      return [...comparison, 0x5400_0000 | field(distance / 4, 19, 5) | conditions[operation.when]]; // B.cond
    }
    case 'jump': // B
      return [0x1400_0000 | field((placement.addressOf(operation.to) - placement.here) / 4, 26, 0)];
    case 'call': // BL
      return [0x9400_0000 | field((placement.addressOf(operation.to) - placement.here) / 4, 26, 0)];
    case 'return': // RET X30
      return [0xd65f_03c0];
    case 'system-call': {
      const code: number[] = [];
      // ADR counts from its own address, which the instructions before it move.
      const load = (to: number, operand: Operand) => {
        const here = placement.here + code.length * 4;
        code.push(...setTo(to, operand, { here, addressOf: placement.addressOf }));
      };
      for (const [index, operand] of operation.arguments.entries()) load(index, operand);
      load(number, { kind: 'immediate', value: BigInt(systemCallNumber(operation.name, 'aarch64')) });
      if (!operation.checked) return [...code, kernelEntry];
      const distance = placement.addressOf(checkedCall) - placement.here - code.length * 4;
      return [...code, 0x9400_0000 | field(distance / 4, 26, 0)]; // BL
    }
    case 'enter-kernel':
      return [kernelEntry];
    default: {
      const unreachable: never = operation;
      return unreachable;
    }
  }
}

function setTo(to: number, value: Operand, placement: Placement): number[] {
  switch (value.kind) {
    case 'immediate':
      return setImmediate(to, value.value);
    case 'address': {
      // ADR reaches 1 MiB either way, further than any launcher is long: two low bits, then nineteen high ones.
      const distance = placement.addressOf(value.symbol) + value.plus - placement.here;
      return [0x1000_0000 | field(distance & 3, 2, 29) | field(distance >> 2, 19, 5) | to];
    }
    case 'register': // ORR Xd, XZR, Xm
      return [0xaa00_0000 | (registers[value.register] << 16) | (zero << 5) | to];
    case 'variable':
      return [access('load', 8, to, registers.variables, value.offset)];
    default: {
      const unreachable: never = value;
      return unreachable;
    }
  }
}

/** MOVZ or MOVN with the first 16 bits that matter, MOVK with the others. */
function setImmediate(to: number, value: bigint): number[] {
  const unsigned = BigInt.asUintN(64, value);
  const inverted = value < 0n;
  const filler = inverted ? 0xffff : 0;
  const code: number[] = [];
  for (let part = 0; part < 4; part++) {
    const sixteen = Number((unsigned >> BigInt(part * 16)) & 0xffffn);
    if (sixteen === filler) continue;
    if (code.length > 0) code.push(0xf280_0000 | (part << 21) | (sixteen << 5) | to);
    else if (inverted) code.push(0x9280_0000 | (part << 21) | ((sixteen ^ 0xffff) << 5) | to);
    else code.push(0xd280_0000 | (part << 21) | (sixteen << 5) | to);
  }
  return code.length > 0 ? code : [(inverted ? 0x9280_0000 : 0xd280_0000) | to];
}

/** ADD or SUB (immediate), 12 bits, the second one shifted by 12. */
function addImmediate(to: number, amount: number): number[] {
  const base = amount < 0 ? 0xd100_0000 : 0x9100_0000;
  const size = Math.abs(amount);
  const code: number[] = [];
  if (size >> 12 > 0) code.push(base | (1 << 22) | field(size >> 12, 12, 10) | (to << 5) | to);
  if ((size & 0xfff) > 0) code.push(base | field(size & 0xfff, 12, 10) | (to << 5) | to);
  return code;
}

function compare(left: number, right: Comparand, placement: Placement): number[] {
  if (right.kind === 'immediate' && right.value >= 0n && right.value < 4096n) {
    return [0xf100_0000 | (Number(right.value) << 10) | (left << 5) | zero]; // SUBS XZR, Xn, #imm
  }
  if (right.kind === 'immediate' && right.value < 0n && right.value > -4096n) {
    return [0xb100_0000 | (Number(-right.value) << 10) | (left << 5) | zero]; // ADDS XZR, Xn, #imm
  }
  const loaded = right.kind === 'register' ? [] : setTo(scratch, right, placement);
  const other = right.kind === 'register' ? registers[right.register] : scratch;
  return [...loaded, 0xeb00_0000 | (other << 16) | (left << 5) | zero]; // SUBS XZR, Xn, Xm
}

/** LDRB, LDR, STRB, STR with an unsigned scaled offset, or LDUR and STUR with a small signed one. */
function access(direction: 'load' | 'store', width: Width, register: number, base: number, offset: number): number {
  const size = { 1: 0, 4: 2, 8: 3 }[width];
  const scaled = offset >= 0 && offset % width === 0;
  const opcode = (0x3800_0000 | (size << 30) | (scaled ? 1 << 24 : 0) | (direction === 'load' ? 1 << 22 : 0)) >>> 0;
  const place = scaled ? field(offset / width, 12, 10) : field(offset, 9, 12);
  return (opcode | place | (base << 5) | register) >>> 0;
}

/** The low `width` bits of `value`, shifted to `shift`. */
function field(value: number, width: number, shift: number): number {
  return ((value & (2 ** width - 1)) << shift) >>> 0;
}

function bytes(word: number): number[] {
  return [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24];
}
