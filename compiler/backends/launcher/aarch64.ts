import type { Assembler, CodeWriter, ReferenceForm } from './assembler.ts';
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
/** Intra-procedure-call scratch register; holds values that an instruction cannot. */
const scratch = 16;
/** The other one (AAPCS64, section 6.1.1). */
const quotient = 17;
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

/** ADR reaches 1 MiB either way, further than any launcher is long: two low bits, then nineteen high ones. */
const address: ReferenceForm = {
  size: 4,
  complete(code, at, here, target) {
    const distance = target - here;
    putWord(code, at, field(distance & 3, 2, 29) | field(distance >> 2, 19, 5));
  },
};

/** B and BL: 128 MiB either way. */
const jump: ReferenceForm = {
  size: 4,
  complete: (code, at, here, target) => putWord(code, at, field((target - here) / 4, 26, 0)),
};

/** B.cond, CBZ and CBNZ: 1 MiB either way. */
const branch: ReferenceForm = {
  size: 4,
  complete: (code, at, here, target) => putWord(code, at, field((target - here) / 4, 19, 5)),
};

/** Adds bits to those of the instruction. */
function putWord(code: Uint8Array, at: number, bits: number): void {
  code[at]! |= bits;
  code[at + 1]! |= bits >>> 8;
  code[at + 2]! |= bits >>> 16;
  code[at + 3]! |= bits >>> 24;
}

export const aarch64: Assembler = { write };

function write(operation: Operation, code: CodeWriter): void {
  switch (operation.kind) {
    case 'label':
    case 'heading':
      return;
    case 'set':
      setTo(code, registers[operation.to], operation.value);
      return;
    case 'stack': // ADD Xd, SP, #0: register 31 is the stack pointer here
      word(code, 0x9100_0000 | (zero << 5) | registers[operation.to]);
      return;
    case 'reserve': // SUB SP, SP, #pages, LSL #12
      word(code, 0xd140_0000 | ((operation.bytes >> 12) << 10) | (zero << 5) | zero);
      return;
    case 'load': {
      const { width, to, base, offset } = operation;
      word(code, access('load', width, registers[to], registers[base], offset));
      return;
    }
    case 'store': {
      const { width, from, base, offset } = operation;
      word(code, access('store', width, registers[from], registers[base], offset));
      return;
    }
    case 'add':
      addTo(code, registers[operation.to], registers[operation.to], operation.amount);
      return;
    case 'combine': {
      const to = registers[operation.to];
      word(code, combinations[operation.by] | (registers[operation.from] << 16) | (to << 5) | to);
      return;
    }
    case 'negate': // SUB Xd, XZR, Xm
      word(code, 0xcb00_0000 | (registers[operation.to] << 16) | (zero << 5) | registers[operation.to]);
      return;
    case 'shift-right': {
      // LSR (immediate): UBFM Xd, Xn, #bits, #63
      const to = registers[operation.to];
      word(code, 0xd340_fc00 | (operation.bits << 16) | (to << 5) | to);
      return;
    }
    case 'divide-by-ten': {
      const divided = registers.r0;
      setImmediate(code, scratch, 10);
      word(code, 0x9ac0_0800 | (scratch << 16) | (divided << 5) | quotient); // UDIV
      word(code, 0x9b00_8000 | (scratch << 16) | (divided << 10) | (quotient << 5) | registers.result); // MSUB
      move(code, divided, quotient);
      return;
    }
    case 'branch':
      if (operation.right.kind === 'immediate' && operation.right.value === 0 && isEquality(operation.when)) {
        refer(code, branch, operation.to);
        word(code, (operation.when === 'equal' ? 0xb400_0000 : 0xb500_0000) | registers[operation.left]); // CBZ, CBNZ
        return;
      }
      compare(code, registers[operation.left], operation.right);
      refer(code, branch, operation.to);
      word(code, 0x5400_0000 | conditions[operation.when]); // B.cond
      return;
    case 'jump':
      refer(code, jump, operation.to);
      word(code, 0x1400_0000); // B
      return;
    case 'call':
      callTo(code, operation.to);
      return;
    case 'return': // RET X30
      word(code, 0xd65f_03c0);
      return;
    case 'system-call': {
      const operands = operation.arguments;
      for (let index = 0; index < operands.length; index += 1) {
        const operand = operands[index];
        if (operand !== undefined) setTo(code, index, operand);
      }
      setImmediate(code, number, systemCallNumber(operation.name, 'aarch64'));
      if (operation.checked) callTo(code, checkedCall);
      else word(code, kernelEntry);
      return;
    }
    case 'enter-kernel':
      word(code, kernelEntry);
      return;
    default: {
      operation satisfies never;
    }
  }
}

function isEquality(condition: Condition): boolean {
  return condition === 'equal' || condition === 'not-equal';
}

/** ADD, SUB and AND (shifted register), 64-bit */
const combinations = { add: 0x8b00_0000, subtract: 0xcb00_0000, and: 0x8a00_0000 } as const;

function callTo(code: CodeWriter, routine: string): void {
  refer(code, jump, routine);
  word(code, 0x9400_0000); // BL
}

function refer({ bytes, references }: CodeWriter, form: ReferenceForm, symbol: string, plus = 0): void {
  references.push({ at: bytes.length, form, symbol, plus });
}

function setTo(code: CodeWriter, to: number, value: Operand): void {
  switch (value.kind) {
    case 'immediate':
      setImmediate(code, to, value.value);
      return;
    case 'wide-immediate':
      setParts(code, to, value.high, value.low, false);
      return;
    case 'address':
      refer(code, address, value.symbol, value.plus);
      word(code, 0x1000_0000 | to);
      return;
    case 'register':
      move(code, to, registers[value.register]);
      return;
    case 'place':
      addTo(code, to, registers.variables, value.offset);
      return;
    case 'variable':
      word(code, access('load', 8, to, registers.variables, value.offset));
      return;
    default: {
      value satisfies never;
    }
  }
}

function setImmediate(code: CodeWriter, to: number, value: number): void {
  setParts(code, to, Math.floor(value / 0x1_0000_0000), value, value < 0);
}

/** MOVZ or MOVN with the first 16 bits that matter, MOVK with the others. */
function setParts(code: CodeWriter, to: number, high: number, low: number, inverted: boolean): void {
  const filler = inverted ? 0xffff : 0;
  let first = true;
  for (let part = 0; part < 4; part += 1) {
    const half = part < 2 ? low : high;
    const sixteen = (part & 1 ? half >>> 16 : half) & 0xffff;
    if (sixteen === filler) continue;
    if (!first) word(code, 0xf280_0000 | (part << 21) | (sixteen << 5) | to);
    else if (inverted) word(code, 0x9280_0000 | (part << 21) | ((sixteen ^ 0xffff) << 5) | to);
    else word(code, 0xd280_0000 | (part << 21) | (sixteen << 5) | to);
    first = false;
  }
  if (first) word(code, (inverted ? 0x9280_0000 : 0xd280_0000) | to);
}

/** ORR Xd, XZR, Xm */
function move(code: CodeWriter, to: number, from: number): void {
  word(code, 0xaa00_0000 | (from << 16) | (zero << 5) | to);
}

/** ADD or SUB (immediate), 12 bits, the second one shifted by 12. */
function addTo(code: CodeWriter, to: number, from: number, amount: number): void {
  const opcode = amount < 0 ? 0xd100_0000 : 0x9100_0000;
  const size = Math.abs(amount);
  const low = size & 0xfff;
  if (size === 0) move(code, to, from);
  if (low > 0) word(code, opcode | field(low, 12, 10) | (from << 5) | to);
  if (size >> 12 > 0) word(code, opcode | (1 << 22) | field(size >> 12, 12, 10) | ((low > 0 ? to : from) << 5) | to);
}

function compare(code: CodeWriter, left: number, right: Comparand): void {
  if (right.kind === 'immediate' && right.value >= 0 && right.value < 4096) {
    word(code, 0xf100_0000 | (right.value << 10) | (left << 5) | zero); // SUBS XZR, Xn, #imm
  } else if (right.kind === 'immediate' && right.value < 0 && right.value > -4096) {
    word(code, 0xb100_0000 | (-right.value << 10) | (left << 5) | zero); // ADDS XZR, Xn, #imm
  } else {
    if (right.kind !== 'register') setTo(code, scratch, right);
    const other = right.kind === 'register' ? registers[right.register] : scratch;
    word(code, 0xeb00_0000 | (other << 16) | (left << 5) | zero); // SUBS XZR, Xn, Xm
  }
}

/** LDRB, LDR, STRB, STR with an unsigned scaled offset, or LDUR and STUR with a small signed one. */
function access(direction: 'load' | 'store', width: Width, register: number, base: number, offset: number): number {
  const size = width === 8 ? 3 : width === 4 ? 2 : 0;
  const scaled = offset >= 0 && offset % width === 0;
  const opcode = 0x3800_0000 | (size << 30) | (scaled ? 1 << 24 : 0) | (direction === 'load' ? 1 << 22 : 0);
  const place = scaled ? field(offset / width, 12, 10) : field(offset, 9, 12);
  return opcode | place | (base << 5) | register;
}

/** The low `width` bits of `value`, shifted to `shift`. */
function field(value: number, width: number, shift: number): number {
  return (value & (2 ** width - 1)) << shift;
}

function word({ bytes }: CodeWriter, value: number): void {
  bytes.push(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}
