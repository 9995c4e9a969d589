import type { Assembler, Placement } from './assembler.ts';
import {
  type Comparand,
  type Condition,
  checkedCall,
  type Operand,
  type Operation,
  type Register,
} from './operation.ts';
import { systemCallNumber } from './system-calls.ts';

/*
 * Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2. The kernel's calling convention
 * (Linux, arch/x86/entry/entry_64.S): number in rax, arguments in rdi rsi rdx r10 r8 r9; rcx and r11 are lost.
 */

const rax = 0;
const rsp = 4;
const argumentRegisters = [7, 6, 2, 10, 8, 9];

/** SYSCALL: 0F 05 */
const kernelEntry = [0x0f, 0x05];

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

export const x8664: Assembler = { encode, needsWide };

function encode(operation: Operation, placement: Placement, wide: boolean): readonly number[] {
  switch (operation.kind) {
    case 'label':
    case 'heading':
      return [];
    case 'set':
      return setTo(registers[operation.to], operation.value, placement);
    case 'stack':
      return registerToRegister(0x89, registers[operation.to], rsp);
    case 'load':
      return loadFrom(operation.width, registers[operation.to], registers[operation.base], operation.offset);
    case 'store':
      return storeTo(operation.width, registers[operation.from], registers[operation.base], operation.offset);
    case 'add':
      return withImmediate(0, registers[operation.to], operation.amount);
    case 'combine': {
      // ADD, SUB and AND r/m64, r64
      const opcode = { add: 0x01, subtract: 0x29, and: 0x21 }[operation.by];
      return registerToRegister(opcode, registers[operation.to], registers[operation.from]);
    }
    case 'negate': // NEG r/m64: REX.W F7 /3
      return [rex(true, 0, registers[operation.to]), 0xf7, modrm(3, 3, registers[operation.to])];
    case 'shift-right': // SHR r/m64, imm8: REX.W C1 /5
      return [rex(true, 0, registers[operation.to]), 0xc1, modrm(3, 5, registers[operation.to]), operation.bits];
    case 'branch': {
      const comparison = compare(registers[operation.left], operation.right, placement);
      const condition = conditions[operation.when];
      const from = placement.here + comparison.length;
      const to = placement.addressOf(operation.to);
      // Jcc rel8: 70+cc; Jcc rel32: 0F 80+cc
      return wide
        ? [...comparison, 0x0f, 0x80 + condition, ...little(to - from - 6, 4)]
        : [...comparison, 0x70 + condition, ...little(to - from - 2, 1)];
    }
    case 'jump': {
      const to = placement.addressOf(operation.to);
      return wide ? [0xe9, ...little(to - placement.here - 5, 4)] : [0xeb, ...little(to - placement.here - 2, 1)];
    }
    case 'call':
      return [0xe8, ...little(placement.addressOf(operation.to) - placement.here - 5, 4)];
    case 'return':
      return [0xc3];
    case 'system-call': {
      const loads = [
        ...operation.arguments.flatMap((operand, index) => setTo(argumentRegisters[index]!, operand, placement)),
        ...setImmediate(rax, BigInt(systemCallNumber(operation.name, 'x86_64'))),
      ];
      if (!operation.checked) return [...loads, ...kernelEntry];
      return [...loads, 0xe8, ...little(placement.addressOf(checkedCall) - placement.here - loads.length - 5, 4)];
    }
    case 'enter-kernel':
      return kernelEntry;
    default: {
      const unreachable: never = operation;
      return unreachable;
    }
  }
}

function needsWide(operation: Operation, placement: Placement): boolean {
  if (operation.kind !== 'branch' && operation.kind !== 'jump') return false;
  const after = placement.here + encode(operation, placement, false).length;
  const distance = placement.addressOf(operation.to) - after;
  return distance < -128 || distance > 127;
}

function setTo(to: number, value: Operand, placement: Placement): number[] {
  switch (value.kind) {
    case 'immediate':
      return setImmediate(to, value.value);
    case 'address':
      // The image lies below 2 GiB, so that a 32-bit move, which clears the high half, holds every address.
      return [...optionalRex(0, to), 0xb8 + (to & 7), ...little(placement.addressOf(value.symbol) + value.plus, 4)];
    case 'register':
      return registerToRegister(0x89, to, registers[value.register]);
    case 'variable':
      return loadFrom(8, to, registers.variables, value.offset);
    default: {
      const unreachable: never = value;
      return unreachable;
    }
  }
}

function setImmediate(to: number, value: bigint): number[] {
  // XOR r32, r32; MOV r32, imm32 (B8+rd, clears the high half); MOV r/m64, imm32 sign-extended (REX.W C7 /0);
  // MOV r64, imm64 (REX.W B8+rd).
  // A small number is shortest by way of the stack: PUSH imm8 (6A), POP r64 (58+rd).
  if (value > 0n && value < 128n) return [0x6a, Number(value), ...optionalRex(0, to), 0x58 + (to & 7)];
  if (value === 0n) return [...optionalRex(to, to), 0x31, modrm(3, to, to)];
  if (value > 0n && value < 1n << 32n) return [...optionalRex(0, to), 0xb8 + (to & 7), ...little(value, 4)];
  if (value < 0n && value >= -(1n << 31n)) return [rex(true, 0, to), 0xc7, modrm(3, 0, to), ...little(value, 4)];
  return [rex(true, 0, to), 0xb8 + (to & 7), ...little(value, 8)];
}

/** `opcode r/m64, r64`, both registers. */
function registerToRegister(opcode: number, to: number, from: number): number[] {
  return [rex(true, from, to), opcode, modrm(3, from, to)];
}

/** ADD (/0) or CMP (/7) r/m64, imm8 (83) or imm32 (81), sign-extended. */
function withImmediate(extension: number, register: number, value: number): number[] {
  const short = value >= -128 && value <= 127;
  return [rex(true, 0, register), short ? 0x83 : 0x81, modrm(3, extension, register), ...little(value, short ? 1 : 4)];
}

function compare(left: number, right: Comparand, placement: Placement): number[] {
  switch (right.kind) {
    case 'immediate':
      return withImmediate(7, left, Number(right.value));
    case 'address': // CMP r/m64, imm32: an address is below 2 GiB
      return [
        rex(true, 0, left),
        0x81,
        modrm(3, 7, left),
        ...little(placement.addressOf(right.symbol) + right.plus, 4),
      ];
    case 'register':
      return registerToRegister(0x39, left, registers[right.register]);
    default: {
      const unreachable: never = right;
      return unreachable;
    }
  }
}

function loadFrom(width: 1 | 4 | 8, to: number, base: number, offset: number): number[] {
  // MOVZX r32, r/m8 (0F B6 /r); MOV r32, r/m32 (8B /r); MOV r64, r/m64 (REX.W 8B /r)
  if (width === 1) return [rex(false, to, base), 0x0f, 0xb6, ...memory(to, base, offset)];
  return [rex(width === 8, to, base), 0x8b, ...memory(to, base, offset)];
}

function storeTo(width: 1 | 4 | 8, from: number, base: number, offset: number): number[] {
  // MOV r/m8, r8 (88 /r; a REX prefix names the low byte of rbp); MOV r/m32, r32 and r/m64, r64 (89 /r)
  return [rex(width === 8, from, base), width === 1 ? 0x88 : 0x89, ...memory(from, base, offset)];
}

/** ModRM for `[base + offset]`, volume 2, table 2-2: r12 as a base takes a SIB byte. */
function memory(register: number, base: number, offset: number): number[] {
  const short = offset >= -128 && offset <= 127;
  const sib = (base & 7) === 4 ? [0x24] : [];
  return [modrm(short ? 1 : 2, register, base), ...sib, ...little(offset, short ? 1 : 4)];
}

/** The REX prefix 0100WRXB: W for 64-bit operands, R extends ModRM's reg, B its r/m. */
function rex(wide: boolean, register: number, base: number): number {
  return 0x40 | (wide ? 8 : 0) | (register > 7 ? 4 : 0) | (base > 7 ? 1 : 0);
}

function optionalRex(register: number, base: number): number[] {
  const prefix = rex(false, register, base);
  return prefix === 0x40 ? [] : [prefix];
}

function modrm(mode: number, register: number, base: number): number {
  return (mode << 6) | ((register & 7) << 3) | (base & 7);
}

function little(value: number | bigint, bytes: number): number[] {
  if (bytes === 8) {
    const wide = BigInt.asUintN(64, BigInt(value));
    return [...little(wide & 0xffff_ffffn, 4), ...little(wide >> 32n, 4)];
  }
  const low = Number(value);
  return bytes === 1 ? [low & 0xff] : [low & 0xff, (low >> 8) & 0xff, (low >> 16) & 0xff, (low >> 24) & 0xff];
}
