import { type Code, condition, Fault, operation } from './code.ts';

/** Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: the instructions that launchers use. */

/** Condition codes, volume 2, appendix B, table B-10; -1 for those that no launcher asks for. */
const conditions: readonly number[] = [
  -1,
  -1,
  condition.below,
  condition.notBelow,
  condition.equal,
  condition.notEqual,
  -1,
  -1,
  -1,
  -1,
  -1,
  -1,
  condition.less,
  condition.notLess,
  -1,
  -1,
];

/** Decodes the instruction at an address of executable memory. */
export function decodeX8664(code: Code, start: number): void {
  let at = start;
  let opcode = code.byte(at++);
  let rex = 0;
  if (opcode >> 4 === 4) {
    rex = opcode & 15;
    opcode = code.byte(at++);
  }
  const wide = (rex & 8) !== 0;
  const extended = (rex & 1) << 3;

  if (opcode >= 0x70 && opcode <= 0x7f) {
    branch(code, start, opcode & 15, at + 1, signed8(code, at));
    return;
  }
  if (opcode >= 0xb8 && opcode <= 0xbf) {
    const high = wide ? signed32(code, at + 4) : 0;
    code.put(operation.set, (opcode & 7) | extended, 0, signed32(code, at), high, at + (wide ? 8 : 4));
    return;
  }
  switch (opcode) {
    case 0xc3:
      code.put(operation.returnByStack, 0, 0, 0, 0, at);
      return;
    case 0xe8:
      code.put(operation.callByStack, 0, 0, at + 4 + signed32(code, at), 0, at + 4);
      return;
    case 0xe9:
      code.put(operation.jump, 0, 0, at + 4 + signed32(code, at), 0, at + 4);
      return;
    case 0xeb:
      code.put(operation.jump, 0, 0, at + 1 + signed8(code, at), 0, at + 1);
      return;
    case 0x6a: {
      // PUSH imm8 is known only with the POP behind it: a move of a small number, whose sign is extended.
      const value = signed8(code, at++);
      let pop = code.byte(at++);
      const upper = pop === 0x41 ? 8 : 0;
      if (upper !== 0) pop = code.byte(at++);
      if (rex !== 0 || pop < 0x58 || pop > 0x5f) throw unknown(start);
      code.put(operation.setByStack, (pop & 7) | upper, 0, value, value >> 31, at);
      return;
    }
    case 0x0f: {
      const second = code.byte(at++);
      if (second === 0x05) code.put(operation.systemCall, 1, 11, 0, 0, at);
      else if (second >= 0x80 && second <= 0x8f) branch(code, start, second & 15, at + 4, signed32(code, at));
      else if (second === 0xb6) memory(code, operation.load1, start, at, rex);
      else throw unknown(start);
      return;
    }
    case 0x88:
      // Without a prefix, 4 to 7 name the second bytes of the first four registers.
      if (rex === 0 && ((code.byte(at) >> 3) & 7) > 3) throw unknown(start);
      memory(code, operation.store1, start, at, rex);
      return;
    case 0x8b:
      memory(code, wide ? operation.load8 : operation.load4, start, at, rex);
      return;
    case 0x8d:
      if (!wide) throw unknown(start);
      memory(code, operation.offset, start, at, rex);
      return;
    case 0x89:
      if (code.byte(at) >> 6 === 3) break;
      memory(code, wide ? operation.store8 : operation.store4, start, at, rex);
      return;
  }

  // The others have a register or an opcode's extension, and a register, in ModRM.
  const modrm = code.byte(at++);
  const register = ((modrm >> 3) & 7) | ((rex & 4) << 1);
  const base = (modrm & 7) | extended;
  const extension = register & 7;
  if (modrm >> 6 !== 3) throw unknown(start);
  if (opcode === 0x31) {
    // XOR of a register with itself
    if (wide || register !== base) throw unknown(start);
    code.put(operation.clear, base, 0, 0, 0, at);
    return;
  }
  if (!wide) throw unknown(start);
  switch (opcode) {
    case 0x01:
      code.put(operation.add, base, register, 0, 0, at);
      return;
    case 0x21:
      code.put(operation.and, base, register, 0, 0, at);
      return;
    case 0x29:
      code.put(operation.subtract, base, register, 0, 0, at);
      return;
    case 0x39:
      code.put(operation.compare, base, register, 0, 0, at);
      return;
    case 0x85: // TEST of a register with itself: the flags of a comparison with 0
      if (register !== base) throw unknown(start);
      code.put(operation.compareValue, base, 0, 0, 0, at);
      return;
    case 0x89:
      code.put(operation.move, base, register, 0, 0, at);
      return;
    case 0x81:
    case 0x83: {
      const value = opcode === 0x83 ? signed8(code, at) : signed32(code, at);
      if (extension !== 0 && extension !== 7) throw unknown(start);
      const kind = extension === 0 ? operation.addValue : operation.compareValue;
      code.put(kind, base, 0, value, value >> 31, at + (opcode === 0x83 ? 1 : 4));
      return;
    }
    case 0xc7: {
      const value = signed32(code, at);
      if (extension !== 0) throw unknown(start);
      code.put(operation.set, base, 0, value, value >> 31, at + 4);
      return;
    }
    case 0xc1: {
      const bits = code.byte(at);
      if (extension !== 5 || bits === 0 || bits > 31) throw unknown(start);
      code.put(operation.shiftRight, base, 0, bits, 0, at + 1);
      return;
    }
    case 0xf7:
      if (extension === 3) code.put(operation.negate, base, 0, 0, 0, at);
      else if (extension === 6) code.put(operation.divideInPlace, base, 0, 0, 0, at);
      else throw unknown(start);
      return;
    default:
      throw unknown(start);
  }
}

function branch(code: Code, start: number, conditionCode: number, next: number, distance: number): void {
  const asked = conditions[conditionCode]!;
  if (asked < 0) throw unknown(start);
  code.put(operation.branch, asked, 0, next + distance, 0, next);
}

/** ModRM: a register, and memory at a register and a displacement. */
function memory(code: Code, kind: number, start: number, modrmAt: number, rex: number): void {
  let at = modrmAt;
  const modrm = code.byte(at++);
  const mode = modrm >> 6;
  // Without a displacement, 5 in place of a base stands for another way to address memory.
  if (mode === 3 || (mode === 0 && (modrm & 7) === 5) || (rex & 2) !== 0) throw unknown(start);
  if ((modrm & 7) === 4 && code.byte(at++) !== 0x24) throw unknown(start);
  const register = ((modrm >> 3) & 7) | ((rex & 4) << 1);
  const base = (modrm & 7) | ((rex & 1) << 3);
  const displacement = mode === 0 ? 0 : mode === 1 ? signed8(code, at) : signed32(code, at);
  code.put(kind, register, base, displacement, 0, at + (mode === 0 ? 0 : mode === 1 ? 1 : 4));
}

function signed8(code: Code, at: number): number {
  return (code.byte(at) << 24) >> 24;
}

function signed32(code: Code, at: number): number {
  return code.byte(at) | (code.byte(at + 1) << 8) | (code.byte(at + 2) << 16) | (code.byte(at + 3) << 24);
}

function unknown(at: number): Fault {
  return new Fault(`an unknown instruction at ${at.toString(16)}`);
}
