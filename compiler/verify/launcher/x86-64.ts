import { Fault, type Process } from './processor.ts';

/** Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: the instructions that launchers use. */

const stack = 4;
const conditions: readonly (Parameters<Process['holds']>[0] | undefined)[] = [
  undefined,
  undefined,
  'below',
  'not-below',
  'equal',
  'not-equal',
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  'less',
  'not-less',
];

/** Runs one instruction. @returns true where it was SYSCALL, which the caller performs. */
export function stepX8664(process: Process): boolean {
  const start = process.counter;
  let at = start;
  const byte = () => process.codeByte(at++);
  const immediate32 = () => byte() | (byte() << 8) | (byte() << 16) | (byte() << 24);
  const immediate8 = () => (byte() << 24) >> 24;
  const signOf = (value: number) => (value < 0 ? 0xffff_ffff : 0);

  let opcode = byte();
  let rex = 0;
  if (opcode >> 4 === 4) {
    rex = opcode & 15;
    opcode = byte();
  }
  const wide = (rex & 8) !== 0;
  const unknown = () => new Fault(`an unknown instruction at ${start.toString(16)}`);

  /** ModRM: the register, and either another register or an address with a displacement. */
  const operands = () => {
    const modrm = byte();
    const register = ((modrm >> 3) & 7) | ((rex & 4) << 1);
    const base = (modrm & 7) | ((rex & 1) << 3);
    const mode = modrm >> 6;
    if (mode === 3) return { register, base, address: -1, extension: (modrm >> 3) & 7 };
    if (mode === 0 || (rex & 2) !== 0) throw unknown();
    if ((modrm & 7) === 4 && byte() !== 0x24) throw unknown();
    const displacement = mode === 1 ? immediate8() : immediate32();
    return { register, base, address: process.pointer(base) + displacement, extension: (modrm >> 3) & 7 };
  };
  const branchTo = (target: number) => {
    process.counter = target;
  };

  if (opcode === 0x0f) {
    const second = byte();
    if (second === 0x05) {
      process.counter = at;
      // SYSCALL saves the return address and the flags there.
      process.set(1, 0xdead_dead, 0xdead_dead);
      process.set(11, 0xdead_dead, 0xdead_dead);
      process.comparison = undefined;
      return true;
    }
    if (second >= 0x80 && second <= 0x8f) {
      const condition = conditions[second & 15];
      if (condition === undefined) throw unknown();
      const distance = immediate32();
      branchTo(process.holds(condition) ? at + distance : at);
      return false;
    }
    if (second === 0xb6) {
      const { register, address } = operands();
      if (address < 0) throw unknown();
      process.loadTo(register, address, 1);
      branchTo(at);
      return false;
    }
    throw unknown();
  }
  if (opcode >= 0x70 && opcode <= 0x7f) {
    const condition = conditions[opcode & 15];
    if (condition === undefined) throw unknown();
    const distance = immediate8();
    branchTo(process.holds(condition) ? at + distance : at);
    return false;
  }
  if (opcode >= 0xb8 && opcode <= 0xbf) {
    const low = immediate32();
    process.set((opcode & 7) | ((rex & 1) << 3), low, wide ? immediate32() : 0);
    branchTo(at);
    return false;
  }
  switch (opcode) {
    case 0x01:
    case 0x21:
    case 0x29:
    case 0x31:
    case 0x39: {
      const { register, base, address } = operands();
      if (address >= 0) throw unknown();
      const low = process.low[register]!;
      const high = process.high[register]!;
      if (opcode === 0x31) {
        if (wide || register !== base) throw unknown();
        process.set(base, 0, 0);
        process.comparison = undefined;
      } else if (!wide) throw unknown();
      else if (opcode === 0x01) process.add(base, low, high);
      else if (opcode === 0x21) process.and(base, low, high);
      else if (opcode === 0x29) process.subtract(base, low, high);
      else process.compare(base, low, high);
      break;
    }
    case 0x81:
    case 0x83: {
      const { base, address, extension } = operands();
      const value = opcode === 0x83 ? immediate8() : immediate32();
      if (address >= 0 || !wide) throw unknown();
      if (extension === 0) process.add(base, value >>> 0, signOf(value));
      else if (extension === 7) process.compare(base, value >>> 0, signOf(value));
      else throw unknown();
      break;
    }
    case 0x88:
    case 0x89: {
      const { register, base, address } = operands();
      if (address >= 0) process.storeFrom(register, address, opcode === 0x88 ? 1 : wide ? 8 : 4);
      else if (opcode === 0x89 && wide) process.set(base, process.low[register]!, process.high[register]!);
      else throw unknown();
      break;
    }
    case 0x8b: {
      const { register, address } = operands();
      if (address < 0) throw unknown();
      process.loadTo(register, address, wide ? 8 : 4);
      break;
    }
    case 0xc1: {
      const { base, address, extension } = operands();
      if (address >= 0 || !wide || extension !== 5) throw unknown();
      process.shiftRight(base, byte());
      break;
    }
    case 0xc3: {
      const target = process.load(process.pointer(stack), 4);
      process.add(stack, 8, 0);
      branchTo(target);
      return false;
    }
    case 0xc7: {
      const { base, address, extension } = operands();
      if (address >= 0 || !wide || extension !== 0) throw unknown();
      const value = immediate32();
      process.set(base, value >>> 0, signOf(value));
      break;
    }
    case 0xe8: {
      const distance = immediate32();
      process.subtract(stack, 8, 0);
      process.store(process.pointer(stack), 4, at);
      process.store(process.pointer(stack) + 4, 4, 0);
      branchTo(at + distance);
      return false;
    }
    case 0xe9:
    case 0xeb: {
      const distance = opcode === 0xe9 ? immediate32() : immediate8();
      branchTo(at + distance);
      return false;
    }
    case 0xf7: {
      const { base, address, extension } = operands();
      if (address >= 0 || !wide || extension !== 3) throw unknown();
      const low = process.low[base]!;
      const high = process.high[base]!;
      process.set(base, 0, 0);
      process.subtract(base, low, high);
      break;
    }
    default:
      throw unknown();
  }
  branchTo(at);
  return false;
}
