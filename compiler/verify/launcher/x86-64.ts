import { Fault, type Instruction, type Process } from './processor.ts';

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

/** Decodes the instruction at an address of executable memory. */
export function decodeX8664(process: Process, start: number): Instruction {
  let at = start;
  const byte = () => process.codeByte(at++);
  const immediate32 = () => byte() | (byte() << 8) | (byte() << 16) | (byte() << 24);
  const immediate8 = () => (byte() << 24) >> 24;
  const unknown = () => new Fault(`an unknown instruction at ${start.toString(16)}`);

  let opcode = byte();
  let rex = 0;
  if (opcode >> 4 === 4) {
    rex = opcode & 15;
    opcode = byte();
  }
  const wide = (rex & 8) !== 0;

  /** ModRM: a register, and another one. */
  const registers = () => {
    const modrm = byte();
    if (modrm >> 6 !== 3 || !wide) throw unknown();
    return { register: ((modrm >> 3) & 7) | ((rex & 4) << 1), base: (modrm & 7) | ((rex & 1) << 3) };
  };
  /** ModRM: a register, and memory at a register and a displacement. */
  const memory = () => {
    const modrm = byte();
    const mode = modrm >> 6;
    if (mode === 0 || mode === 3 || (rex & 2) !== 0) throw unknown();
    if ((modrm & 7) === 4 && byte() !== 0x24) throw unknown();
    const displacement = mode === 1 ? immediate8() : immediate32();
    return { register: ((modrm >> 3) & 7) | ((rex & 4) << 1), base: (modrm & 7) | ((rex & 1) << 3), displacement };
  };
  const isMemory = () => process.codeByte(at) >> 6 !== 3;
  const then = (change: (process: Process) => void): Instruction => {
    const next = at;
    return (running) => {
      change(running);
      running.counter = next;
      return false;
    };
  };
  const jump = (distance: number): Instruction => {
    const to = at + distance;
    return (running) => {
      running.counter = to;
      return false;
    };
  };
  const branch = (code: number, distance: number): Instruction => {
    const condition = conditions[code];
    if (condition === undefined) throw unknown();
    const next = at;
    const to = at + distance;
    return (running) => {
      running.counter = running.holds(condition) ? to : next;
      return false;
    };
  };
  const load = (width: 1 | 4 | 8): Instruction => {
    const { register, base, displacement } = memory();
    return then((running) => running.loadTo(register, running.pointer(base) + displacement, width));
  };
  const store = (width: 1 | 4 | 8): Instruction => {
    const { register, base, displacement } = memory();
    return then((running) => running.storeFrom(register, running.pointer(base) + displacement, width));
  };

  if (opcode >= 0x70 && opcode <= 0x7f) return branch(opcode & 15, immediate8());
  if (opcode >= 0xb8 && opcode <= 0xbf) {
    const register = (opcode & 7) | ((rex & 1) << 3);
    const low = immediate32();
    const high = wide ? immediate32() : 0;
    return then((running) => running.set(register, low, high));
  }
  switch (opcode) {
    case 0x0f: {
      const second = byte();
      if (second === 0x05) return systemCall(at);
      if (second >= 0x80 && second <= 0x8f) return branch(second & 15, immediate32());
      if (second === 0xb6) return load(1);
      throw unknown();
    }
    case 0x31: {
      const modrm = byte();
      const register = (modrm & 7) | ((rex & 1) << 3);
      if (wide || modrm >> 6 !== 3 || register !== (((modrm >> 3) & 7) | ((rex & 4) << 1))) throw unknown();
      return then((running) => {
        running.set(register, 0, 0);
        running.comparison = undefined;
      });
    }
    case 0x01: {
      const { register, base } = registers();
      return then((running) => running.add(base, running.low[register]!, running.high[register]!));
    }
    case 0x21: {
      const { register, base } = registers();
      return then((running) => running.and(base, running.low[register]!, running.high[register]!));
    }
    case 0x29: {
      const { register, base } = registers();
      return then((running) => running.subtract(base, running.low[register]!, running.high[register]!));
    }
    case 0x39: {
      const { register, base } = registers();
      return then((running) => running.compare(base, running.low[register]!, running.high[register]!));
    }
    case 0x6a: {
      // PUSH imm8 is known only with the POP behind it: a move of a small number.
      const value = immediate8();
      let pop = byte();
      const extended = pop === 0x41;
      if (extended) pop = byte();
      if (rex !== 0 || value < 0 || pop < 0x58 || pop > 0x5f) throw unknown();
      const register = (pop & 7) | (extended ? 8 : 0);
      return then((running) => {
        running.store(running.pointer(stack) - 8, 4, value);
        running.store(running.pointer(stack) - 4, 4, 0);
        running.set(register, value, 0);
      });
    }
    case 0x81:
    case 0x83: {
      const { register: extension, base } = registers();
      const value = opcode === 0x83 ? immediate8() : immediate32();
      const low = value >>> 0;
      const high = value < 0 ? 0xffff_ffff : 0;
      if ((extension & 7) === 0) return then((running) => running.add(base, low, high));
      if ((extension & 7) === 7) return then((running) => running.compare(base, low, high));
      throw unknown();
    }
    case 0x88:
      return store(1);
    case 0x89: {
      if (isMemory()) return store(wide ? 8 : 4);
      const { register, base } = registers();
      return then((running) => running.set(base, running.low[register]!, running.high[register]!));
    }
    case 0x8b:
      return load(wide ? 8 : 4);
    case 0xc1: {
      const { register: extension, base } = registers();
      const bits = byte();
      if ((extension & 7) !== 5) throw unknown();
      return then((running) => running.shiftRight(base, bits));
    }
    case 0xc3:
      return (running) => {
        running.counter = running.load(running.pointer(stack), 4);
        running.add(stack, 8, 0);
        return false;
      };
    case 0xc7: {
      const { register: extension, base } = registers();
      const value = immediate32();
      if ((extension & 7) !== 0) throw unknown();
      return then((running) => running.set(base, value, value < 0 ? 0xffff_ffff : 0));
    }
    case 0xe8: {
      const distance = immediate32();
      const next = at;
      return (running) => {
        running.subtract(stack, 8, 0);
        running.store(running.pointer(stack), 4, next);
        running.store(running.pointer(stack) + 4, 4, 0);
        running.counter = next + distance;
        return false;
      };
    }
    case 0xe9:
      return jump(immediate32());
    case 0xeb:
      return jump(immediate8());
    case 0xf7: {
      const { register: extension, base } = registers();
      if ((extension & 7) !== 3) throw unknown();
      return then((running) => running.negate(base));
    }
    default:
      throw unknown();
  }
}

/** SYSCALL saves the return address and the flags in rcx and r11. */
function systemCall(next: number): Instruction {
  return (running) => {
    running.counter = next;
    running.set(1, 0xdead_dead, 0xdead_dead);
    running.set(11, 0xdead_dead, 0xdead_dead);
    running.comparison = undefined;
    return true;
  };
}
