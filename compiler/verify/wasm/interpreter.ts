import { binary, isUnary, Trap, unary, type Value } from './arithmetic.ts';
import { type DecodedModule, UnsoundModule } from './module.ts';
import { type Prepared, prepare } from './prepare.ts';

/** Far more than a decision has instructions; only a run that does not end has so many. */
const steps = 20_000_000;

/** An instance of a decoded module. */
export class Interpreter {
  readonly memory: Uint8Array;
  readonly view: DataView;
  readonly #module: DecodedModule;
  readonly #functions: (Prepared | undefined)[];
  readonly #globals: Value[];
  readonly #stack: Value[] = [];
  #left = steps;

  /** Every function is decoded, also one that nobody calls. */
  constructor(module: DecodedModule) {
    this.#module = module;
    this.memory = new Uint8Array(module.memory * 65_536);
    this.view = new DataView(this.memory.buffer);
    for (const { address, bytes } of module.data) this.memory.set(bytes, address);
    this.#globals = module.globals.map(({ initial }) => initial);
    this.#functions = module.functions.map((each) => prepare(module, each));
  }

  /** The value of an exported global. */
  global(name: string): Value {
    const found = this.#module.exports.get(name);
    if (found?.kind !== 3) throw new UnsoundModule(`no global ${name}`);
    return this.#globals[found.index]!;
  }

  /** Calls an exported function and gives its result. */
  call(name: string, parameters: readonly Value[]): Value | undefined {
    const found = this.#module.exports.get(name);
    if (found?.kind !== 0) throw new UnsoundModule(`no function ${name}`);
    this.#left = steps;
    this.#stack.length = 0;
    this.#stack.push(...parameters);
    this.#run(this.#functions[found.index]!, 0);
    return this.#stack[0];
  }

  #run({ parameters, results, locals: initial, code, constants }: Prepared, depth: number): void {
    if (depth > 200) throw new Trap('calls without an end');
    const stack = this.#stack;
    const { view } = this;
    const base = stack.length - parameters;
    const locals = [...stack.splice(base, parameters), ...initial];
    let at = 0;
    const i32 = () => stack.pop() as number;
    const i64 = () => stack.pop() as bigint;
    for (;;) {
      this.#left -= 1;
      if (this.#left < 0) throw new Trap('a run without an end');
      const opcode = code[at]!;
      const first = code[at + 1]!;
      const second = code[at + 2]!;
      at += 3;
      switch (opcode) {
        case 0x00:
          throw new Trap('unreachable');
        case 0x04:
          if (i32() === 0) at = first;
          break;
        case 0x0d:
          if (i32() === 0) break;
          at = unwind(stack, base, first, second);
          break;
        case 0x0c:
          at = unwind(stack, base, first, second);
          break;
        case 0x0e:
          at += 3 * Math.min(i32() >>> 0, first);
          break;
        case 0x0f: {
          const left = stack.length - results;
          if (left !== base) stack.splice(base, left - base);
          return;
        }
        case 0x10:
          this.#run(this.#functions[first]!, depth + 1);
          break;
        case 0x1a:
          stack.pop();
          break;
        case 0x1b: {
          const condition = i32();
          const other = stack.pop()!;
          if (condition === 0) stack[stack.length - 1] = other;
          break;
        }
        case 0x20:
          stack.push(locals[first]!);
          break;
        case 0x21:
          locals[first] = stack.pop()!;
          break;
        case 0x22:
          locals[first] = stack[stack.length - 1]!;
          break;
        case 0x23:
          stack.push(this.#globals[first]!);
          break;
        case 0x24:
          this.#globals[first] = stack.pop()!;
          break;
        case 0x41:
          stack.push(first);
          break;
        case 0x42:
        case 0x44:
          stack.push(constants[first]!);
          break;
        case 0x28:
          stack.push(view.getInt32(this.#address(i32(), first, 4), true));
          break;
        case 0x29:
          stack.push(view.getBigUint64(this.#address(i32(), first, 8), true));
          break;
        case 0x2b:
          stack.push(view.getFloat64(this.#address(i32(), first, 8), true));
          break;
        case 0x2c:
          stack.push(view.getInt8(this.#address(i32(), first, 1)));
          break;
        case 0x2d:
          stack.push(view.getUint8(this.#address(i32(), first, 1)));
          break;
        case 0x2e:
          stack.push(view.getInt16(this.#address(i32(), first, 2), true));
          break;
        case 0x2f:
          stack.push(view.getUint16(this.#address(i32(), first, 2), true));
          break;
        case 0x30:
          stack.push(BigInt.asUintN(64, BigInt(view.getInt8(this.#address(i32(), first, 1)))));
          break;
        case 0x31:
          stack.push(BigInt(view.getUint8(this.#address(i32(), first, 1))));
          break;
        case 0x32:
          stack.push(BigInt.asUintN(64, BigInt(view.getInt16(this.#address(i32(), first, 2), true))));
          break;
        case 0x33:
          stack.push(BigInt(view.getUint16(this.#address(i32(), first, 2), true)));
          break;
        case 0x34:
          stack.push(BigInt.asUintN(64, BigInt(view.getInt32(this.#address(i32(), first, 4), true))));
          break;
        case 0x35:
          stack.push(BigInt(view.getUint32(this.#address(i32(), first, 4), true)));
          break;
        case 0x36: {
          const value = i32();
          view.setInt32(this.#address(i32(), first, 4), value, true);
          break;
        }
        case 0x37: {
          const value = i64();
          view.setBigUint64(this.#address(i32(), first, 8), value, true);
          break;
        }
        case 0x39: {
          const value = i32();
          view.setFloat64(this.#address(i32(), first, 8), value, true);
          break;
        }
        case 0x3a: {
          const value = i32();
          view.setUint8(this.#address(i32(), first, 1), value);
          break;
        }
        case 0x3b: {
          const value = i32();
          view.setUint16(this.#address(i32(), first, 2), value, true);
          break;
        }
        case 0x3c: {
          const value = i64();
          view.setUint8(this.#address(i32(), first, 1), Number(value & 0xffn));
          break;
        }
        case 0x3d: {
          const value = i64();
          view.setUint16(this.#address(i32(), first, 2), Number(value & 0xffffn), true);
          break;
        }
        case 0x3e: {
          const value = i64();
          view.setUint32(this.#address(i32(), first, 4), Number(value & 0xffff_ffffn), true);
          break;
        }
        default:
          if (isUnary(opcode)) stack.push(unary(opcode, stack.pop()!));
          else {
            const right = stack.pop()!;
            stack.push(binary(opcode, stack.pop()!, right));
          }
      }
    }
  }

  #address(base: number, offset: number, size: number): number {
    const address = (base >>> 0) + (offset >>> 0);
    if (address + size > this.memory.length) throw new Trap(`an access at ${address}, beyond the memory`);
    return address;
  }
}

/** Drops what the branch leaves behind, and gives where it goes. */
function unwind(stack: Value[], base: number, target: number, kept: number): number {
  const height = base + (kept >> 1);
  if ((kept & 1) === 1) {
    stack[height] = stack.at(-1)!;
    stack.length = height + 1;
  } else {
    stack.length = height;
  }
  return target;
}
