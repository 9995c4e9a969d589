import { Cursor, type DecodedFunction, type DecodedModule, F64, I32, I64, UnsoundModule } from './module.ts';

/**
 * A function as its interpreter runs it: of each instruction its opcode and two numbers. Of a branch they are where it
 * goes, and what stays on the stack: `2 * height + results`.
 */
export interface Prepared {
  readonly parameters: number;
  readonly results: number;
  /** The values that locals begin with, those of the parameters left out. */
  readonly locals: readonly (number | bigint)[];
  readonly code: Int32Array;
  readonly constants: readonly (number | bigint)[];
}

interface Block {
  readonly opcode: number;
  readonly height: number;
  readonly results: number;
  /** Where a branch to a loop goes. */
  readonly start: number;
  /** Instructions that go to the end, which is not known yet. */
  readonly open: number[];
  /** The `if` that goes to the `else`. */
  condition: number;
  /** Whether it begins where nobody comes. */
  readonly dead: boolean;
}

/** Of the plain instructions: what they take from the stack and what they leave. */
function effectOf(opcode: number): readonly [taken: number, left: number] | undefined {
  if (opcode === 0x1a) return [1, 0];
  if (opcode === 0x1b) return [3, 1];
  if (opcode === 0x45 || opcode === 0x50) return [1, 1];
  if (opcode >= 0x46 && opcode <= 0x5a) return [2, 1];
  if (opcode >= 0x61 && opcode <= 0x66) return [2, 1];
  if ((opcode >= 0x67 && opcode <= 0x69) || (opcode >= 0x79 && opcode <= 0x7b)) return [1, 1];
  if ((opcode >= 0x6a && opcode <= 0x78) || (opcode >= 0x7c && opcode <= 0x8a)) return [2, 1];
  if (opcode >= 0x99 && opcode <= 0x9f) return [1, 1];
  if (opcode >= 0xa0 && opcode <= 0xa6) return [2, 1];
  if ([0xa7, 0xac, 0xad, 0xb0, 0xb1, 0xb7, 0xb8, 0xb9, 0xba, 0xbd, 0xbf].includes(opcode)) return [1, 1];
  return undefined;
}

const loads: ReadonlySet<number> = new Set([
  0x28, 0x29, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35,
]);
const stores: ReadonlySet<number> = new Set([0x36, 0x37, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e]);

/** Decodes the instructions of a function and finds where each branch goes. */
export function prepare(module: DecodedModule, { type, locals, start, end }: DecodedFunction): Prepared {
  const cursor = new Cursor(module.bytes, start, end);
  const code: number[] = [];
  const constants: (number | bigint)[] = [];
  const count = type.parameters.length + locals.length;
  const whole = { opcode: 0x02, height: 0, results: type.results.length, start: 0, condition: -1, dead: false };
  const blocks: Block[] = [{ ...whole, open: [] }];
  let height = 0;
  /** True behind a branch that is always taken, up to the end of the block. */
  let dead = false;
  const take = (number: number) => {
    height -= number;
    if (!dead && height < blocks.at(-1)!.height) throw new UnsoundModule(`too little on the stack at ${cursor.at}`);
  };
  const emit = (opcode: number, first = 0, second = 0) => code.push(opcode, first, second);
  const jump = (opcode: number, label: number) => {
    const block = blocks[blocks.length - 1 - label];
    if (block === undefined) throw new UnsoundModule(`a branch out of the function at ${cursor.at}`);
    const results = block.opcode === 0x03 ? 0 : block.results;
    if (block.opcode !== 0x03) block.open.push(code.length + 1);
    emit(opcode, block.start, 2 * block.height + results);
  };
  const index = (most: number): number => {
    const value = cursor.u32();
    if (value >= most) throw new UnsoundModule(`there is no ${value} at ${cursor.at}`);
    return value;
  };
  while (blocks.length > 0) {
    const opcode = cursor.byte();
    switch (opcode) {
      case 0x00:
        emit(opcode);
        dead = true;
        break;
      case 0x01:
        break;
      case 0x02:
      case 0x03:
      case 0x04: {
        const blockType = cursor.byte();
        if (![0x40, I32, I64, F64].includes(blockType)) throw new UnsoundModule(`a block of type ${blockType}`);
        if (opcode === 0x04) take(1);
        const results = blockType === 0x40 ? 0 : 1;
        const condition = opcode === 0x04 ? code.length + 1 : -1;
        if (opcode === 0x04) emit(opcode);
        blocks.push({ opcode, height: Math.max(height, 0), results, start: code.length, open: [], condition, dead });
        break;
      }
      case 0x05: {
        const block = blocks.at(-1)!;
        if (block.condition === -1) throw new UnsoundModule(`an else without an if at ${cursor.at}`);
        block.open.push(code.length + 1);
        emit(0x0c, 0, 2 * block.height + block.results);
        code[block.condition] = code.length;
        block.condition = -1;
        height = block.height;
        dead = block.dead;
        break;
      }
      case 0x0b: {
        const block = blocks.pop()!;
        if (!dead && height !== block.height + block.results) {
          throw new UnsoundModule(`${height - block.height} values on the stack at ${cursor.at}`);
        }
        if (block.condition !== -1) code[block.condition] = code.length;
        for (const place of block.open) code[place] = code.length;
        height = block.height + block.results;
        dead = block.dead;
        break;
      }
      case 0x0c:
        jump(opcode, cursor.u32());
        dead = true;
        break;
      case 0x0d:
        take(1);
        jump(opcode, cursor.u32());
        break;
      case 0x0e: {
        take(1);
        const labels = cursor.many(() => cursor.u32());
        emit(opcode, labels.length);
        for (const label of [...labels, cursor.u32()]) jump(0x0c, label);
        dead = true;
        break;
      }
      case 0x0f:
        emit(opcode);
        dead = true;
        break;
      case 0x10: {
        const called = index(module.functions.length);
        const { parameters, results } = module.functions[called]!.type;
        take(parameters.length);
        height += results.length;
        emit(opcode, called);
        break;
      }
      case 0x20:
        emit(opcode, index(count));
        height += 1;
        break;
      case 0x21:
        take(1);
        emit(opcode, index(count));
        break;
      case 0x22:
        take(1);
        height += 1;
        emit(opcode, index(count));
        break;
      case 0x23:
        emit(opcode, index(module.globals.length));
        height += 1;
        break;
      case 0x24:
        take(1);
        emit(opcode, index(module.globals.length));
        break;
      case 0x41:
        emit(opcode, cursor.s32());
        height += 1;
        break;
      case 0x42:
      case 0x44:
        constants.push(opcode === 0x42 ? BigInt.asUintN(64, cursor.s64()) : cursor.f64());
        emit(opcode, constants.length - 1);
        height += 1;
        break;
      default: {
        if (loads.has(opcode) || stores.has(opcode)) {
          cursor.u32();
          take(loads.has(opcode) ? 1 : 2);
          if (loads.has(opcode)) height += 1;
          emit(opcode, cursor.u32() | 0);
          break;
        }
        const effect = effectOf(opcode);
        if (effect === undefined) throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
        take(effect[0]);
        height += effect[1];
        emit(opcode);
      }
    }
  }
  if (cursor.at !== cursor.end) throw new UnsoundModule(`bytes behind the end of a function at ${cursor.at}`);
  emit(0x0f);
  return {
    parameters: type.parameters.length,
    results: type.results.length,
    locals: locals.map((local) => (local === I64 ? 0n : 0)),
    code: Int32Array.from(code),
    constants,
  };
}
