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
 * Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2. The kernel's calling convention
 * (Linux, arch/x86/entry/entry_64.S): number in rax, arguments in rdi rsi rdx r10 r8 r9; rcx and r11 are lost.
 */

const rax = 0;
const rcx = 1;
const rdx = 2;
const rsp = 4;
/** For the address of a variable that is compared; a system call loses it. */
const r11 = 11;
const argumentRegisters = [7, 6, 2, 10, 8, 9];

const registers: Readonly<Record<Register, number>> = {
  result: rax,
  r0: 3, // rbx
  r1: 5, // rbp
  r2: 12,
  what: 13,
  variables: 14,
  step: 15,
};

/** Condition codes, volume 2, appendix B, table B-10. */
const conditions: Readonly<Record<Condition, number>> = {
  equal: 4,
  'not-equal': 5,
  less: 12,
  below: 2,
  'not-below': 3,
};

/** A 32-bit address: the image lies below 2 GiB. */
const absolute: ReferenceForm = {
  size: 4,
  complete: (code, at, _here, target) => putLittle(code, at, target),
};

/** The distance from the next instruction, in 32 bits. */
const relative: ReferenceForm = {
  size: 4,
  complete: (code, at, here, target) => putLittle(code, at, target - here - 4),
};

/** JMP rel8: EB; JMP rel32: E9 */
const shortJump: ReferenceForm = {
  size: 2,
  complete: completeShort,
  long: {
    size: 5,
    complete(code, at, here, target) {
      code[at] = 0xe9;
      putLittle(code, at + 1, target - here - 5);
    },
  },
};

/** Jcc rel8: 70+cc; Jcc rel32: 0F 80+cc */
const shortBranch: ReferenceForm = {
  size: 2,
  complete: completeShort,
  long: {
    size: 6,
    complete(code, at, here, target) {
      code[at + 1] = code[at]! + 0x10;
      code[at] = 0x0f;
      putLittle(code, at + 2, target - here - 6);
    },
  },
};

function completeShort(code: Uint8Array, at: number, here: number, target: number): void {
  code[at + 1] = target - here - 2;
}

function putLittle(code: Uint8Array, at: number, value: number): void {
  code[at] = value;
  code[at + 1] = value >> 8;
  code[at + 2] = value >> 16;
  code[at + 3] = value >> 24;
}

export const x8664: Assembler = { write };

function write(operation: Operation, code: CodeWriter): void {
  const { bytes } = code;
  switch (operation.kind) {
    case 'label':
    case 'heading':
      return;
    case 'set':
      setTo(code, registers[operation.to], operation.value);
      return;
    case 'stack':
      registerToRegister(bytes, 0x89, registers[operation.to], rsp);
      return;
    case 'reserve':
      withImmediate(bytes, 0, rsp, -operation.bytes);
      return;
    case 'load':
      loadFrom(bytes, operation.width, registers[operation.to], registers[operation.base], operation.offset);
      return;
    case 'store':
      storeTo(bytes, operation.width, registers[operation.from], registers[operation.base], operation.offset);
      return;
    case 'add':
      withImmediate(bytes, 0, registers[operation.to], operation.amount);
      return;
    case 'combine':
      registerToRegister(bytes, combinations[operation.by], registers[operation.to], registers[operation.from]);
      return;
    case 'negate': // NEG r/m64: REX.W F7 /3
      bytes.push(rex(true, 0, registers[operation.to]), 0xf7, modrm(3, 3, registers[operation.to]));
      return;
    case 'shift-right': // SHR r/m64, imm8: REX.W C1 /5
      bytes.push(rex(true, 0, registers[operation.to]), 0xc1, modrm(3, 5, registers[operation.to]), operation.bits);
      return;
    case 'divide-by-ten':
      registerToRegister(bytes, 0x89, rax, registers.r0);
      setImmediate(bytes, rdx, 0);
      setImmediate(bytes, rcx, 10);
      bytes.push(rex(true, 0, rcx), 0xf7, modrm(3, 6, rcx)); // DIV r/m64 of RDX:RAX: REX.W F7 /6
      registerToRegister(bytes, 0x89, registers.r0, rax);
      registerToRegister(bytes, 0x89, rax, rdx);
      return;
    case 'branch':
      compare(code, registers[operation.left], operation.right);
      refer(code, shortBranch, operation.to);
      bytes.push(0x70 + conditions[operation.when], 0);
      return;
    case 'jump':
      refer(code, shortJump, operation.to);
      bytes.push(0xeb, 0);
      return;
    case 'call':
      callTo(code, operation.to);
      return;
    case 'return':
      bytes.push(0xc3);
      return;
    case 'system-call': {
      const operands = operation.arguments;
      for (let index = 0; index < operands.length; index += 1) {
        const operand = operands[index];
        if (operand !== undefined) setTo(code, argumentRegisters[index]!, operand);
      }
      setImmediate(bytes, rax, systemCallNumber(operation.name, 'x86_64'));
      if (operation.checked) callTo(code, checkedCall);
      else enterKernel(bytes);
      return;
    }
    case 'enter-kernel':
      enterKernel(bytes);
      return;
    default: {
      operation satisfies never;
    }
  }
}

/** ADD, SUB and AND r/m64, r64 */
const combinations = { add: 0x01, subtract: 0x29, and: 0x21 } as const;

/** SYSCALL: 0F 05 */
function enterKernel(bytes: number[]): void {
  bytes.push(0x0f, 0x05);
}

/** CALL rel32: E8 */
function callTo(code: CodeWriter, routine: string): void {
  code.bytes.push(0xe8);
  refer(code, relative, routine);
  code.bytes.push(0, 0, 0, 0);
}

function refer({ bytes, references }: CodeWriter, form: ReferenceForm, symbol: string, plus = 0): void {
  references.push({ at: bytes.length, form, symbol, plus });
}

function setTo(code: CodeWriter, to: number, value: Operand): void {
  const { bytes } = code;
  switch (value.kind) {
    case 'immediate':
      setImmediate(bytes, to, value.value);
      return;
    case 'wide-immediate':
      setWide(bytes, to, value.high, value.low);
      return;
    case 'address': // a 32-bit move clears the high half
      moveOpcode(bytes, to);
      refer(code, absolute, value.symbol, value.plus);
      bytes.push(0, 0, 0, 0);
      return;
    case 'register':
      registerToRegister(bytes, 0x89, to, registers[value.register]);
      return;
    case 'place':
      addressTo(bytes, to, value.offset);
      return;
    case 'variable':
      loadFrom(bytes, 8, to, registers.variables, value.offset);
      return;
    default: {
      value satisfies never;
    }
  }
}

function setImmediate(bytes: number[], to: number, value: number): void {
  if (value !== 0 && value >= -128 && value < 128) {
    // A small number is shortest by way of the stack: PUSH imm8 (6A), which extends its sign, POP r64 (58+rd).
    bytes.push(0x6a, value & 0xff);
    optionalRex(bytes, 0, to);
    bytes.push(0x58 + (to & 7));
  } else if (value === 0) {
    // XOR r32, r32
    optionalRex(bytes, to, to);
    bytes.push(0x31, modrm(3, to, to));
  } else if (value > 0 && value <= 0xffff_ffff) {
    moveOpcode(bytes, to);
    little(bytes, value);
  } else if (value < 0 && value >= -0x8000_0000) {
    // MOV r/m64, imm32 sign-extended: REX.W C7 /0
    bytes.push(rex(true, 0, to), 0xc7, modrm(3, 0, to));
    little(bytes, value);
  } else setWide(bytes, to, Math.floor(value / 0x1_0000_0000), value);
}

/** MOV r32, imm32: B8+rd, clears the high half */
function moveOpcode(bytes: number[], to: number): void {
  optionalRex(bytes, 0, to);
  bytes.push(0xb8 + (to & 7));
}

/** MOV r64, imm64: REX.W B8+rd */
function setWide(bytes: number[], to: number, high: number, low: number): void {
  bytes.push(rex(true, 0, to), 0xb8 + (to & 7));
  little(bytes, low);
  little(bytes, high);
}

/** `opcode r/m64, r64`, both registers. */
function registerToRegister(bytes: number[], opcode: number, to: number, from: number): void {
  bytes.push(rex(true, from, to), opcode, modrm(3, from, to));
}

/** ADD (/0) or CMP (/7) r/m64, imm8 (83) or imm32 (81), sign-extended. */
function withImmediate(bytes: number[], extension: number, register: number, value: number): void {
  const short = value >= -128 && value <= 127;
  bytes.push(rex(true, 0, register), short ? 0x83 : 0x81, modrm(3, extension, register));
  if (short) bytes.push(value & 0xff);
  else little(bytes, value);
}

function compare(code: CodeWriter, left: number, right: Comparand): void {
  const { bytes } = code;
  switch (right.kind) {
    case 'immediate':
      // TEST r/m64, r64 (85) of a register with itself leaves the flags of a comparison with 0.
      if (right.value === 0) registerToRegister(bytes, 0x85, left, left);
      else withImmediate(bytes, 7, left, right.value);
      return;
    case 'place':
      addressTo(bytes, r11, right.offset);
      registerToRegister(bytes, 0x39, left, r11);
      return;
    case 'address': // CMP r/m64, imm32: an address is below 2 GiB
      bytes.push(rex(true, 0, left), 0x81, modrm(3, 7, left));
      refer(code, absolute, right.symbol, right.plus);
      bytes.push(0, 0, 0, 0);
      return;
    case 'register':
      registerToRegister(bytes, 0x39, left, registers[right.register]);
      return;
    default: {
      right satisfies never;
    }
  }
}

function loadFrom(bytes: number[], width: Width, to: number, base: number, offset: number): void {
  // MOVZX r32, r/m8 (0F B6 /r); MOV r32, r/m32 (8B /r); MOV r64, r/m64 (REX.W 8B /r)
  if (width === 1) bytes.push(rex(false, to, base), 0x0f, 0xb6);
  else bytes.push(rex(width === 8, to, base), 0x8b);
  memory(bytes, to, base, offset);
}

function storeTo(bytes: number[], width: Width, from: number, base: number, offset: number): void {
  // MOV r/m8, r8 (88 /r; a REX prefix names the low byte of rbp); MOV r/m32, r32 and r/m64, r64 (89 /r)
  bytes.push(rex(width === 8, from, base), width === 1 ? 0x88 : 0x89);
  memory(bytes, from, base, offset);
}

/** LEA r64, m: REX.W 8D /r */
function addressTo(bytes: number[], to: number, offset: number): void {
  bytes.push(rex(true, to, registers.variables), 0x8d);
  memory(bytes, to, registers.variables, offset);
}

/** ModRM for `[base + offset]`, volume 2, table 2-2: r12 as a base takes a SIB byte, rbp and r13 an offset. */
function memory(bytes: number[], register: number, base: number, offset: number): void {
  const none = offset === 0 && (base & 7) !== 5;
  const short = offset >= -128 && offset <= 127;
  bytes.push(modrm(none ? 0 : short ? 1 : 2, register, base));
  if ((base & 7) === 4) bytes.push(0x24);
  if (none) return;
  if (short) bytes.push(offset & 0xff);
  else little(bytes, offset);
}

/** The REX prefix 0100WRXB: W for 64-bit operands, R extends ModRM's reg, B its r/m. */
function rex(wide: boolean, register: number, base: number): number {
  return 0x40 | (wide ? 8 : 0) | (register > 7 ? 4 : 0) | (base > 7 ? 1 : 0);
}

function optionalRex(bytes: number[], register: number, base: number): void {
  const prefix = rex(false, register, base);
  if (prefix !== 0x40) bytes.push(prefix);
}

function modrm(mode: number, register: number, base: number): number {
  return (mode << 6) | ((register & 7) << 3) | (base & 7);
}

/** The low 32 bits. */
function little(bytes: number[], value: number): void {
  bytes.push(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff);
}
