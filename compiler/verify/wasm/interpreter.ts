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
  /** The frames of functions, one behind the other: parameters, locals, and what is being worked with. */
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

  /** How many instructions the last call ran. */
  get ran(): number {
    return steps - this.#left;
  }

  /** Calls an exported function and gives its result. */
  call(name: string, parameters: readonly Value[]): Value | undefined {
    const found = this.#module.exports.get(name);
    if (found?.kind !== 0) throw new UnsoundModule(`no function ${name}`);
    this.#left = steps;
    for (const [index, value] of parameters.entries()) this.#stack[index] = value;
    this.#run(this.#functions[found.index]!, 0, 0);
    return this.#stack[0];
  }

  /** Runs a function whose parameters lie at `base`, where its result then lies. */
  #run({ parameters, results, locals, code, constants }: Prepared, base: number, depth: number): void {
    if (depth > 200) throw new Trap('calls without an end');
    const stack = this.#stack;
    const { view } = this;
    let top = base + parameters;
    for (let index = 0; index < locals.length; index += 1) stack[top++] = locals[index]!;
    const floor = top;
    let left = this.#left;
    let at = 0;
    for (;;) {
      left -= 1;
      if (left < 0) throw new Trap('a run without an end');
      const opcode = code[at]!;
      const first = code[at + 1]!;
      at += 3;
      switch (opcode) {
        case 0x00:
          throw new Trap('unreachable');
        case 0x04:
          if (stack[--top] === 0) at = first;
          break;
        case 0x0c:
        case 0x0d: {
          if (opcode === 0x0d && stack[--top] === 0) break;
          // What the branch leaves behind is dropped.
          const kept = code[at - 1]!;
          at = first;
          const height = floor + (kept >> 1);
          if ((kept & 1) === 1) {
            stack[height] = stack[top - 1]!;
            top = height + 1;
          } else top = height;
          break;
        }
        case 0x0e:
          at += 3 * Math.min((stack[--top] as number) >>> 0, first);
          break;
        case 0x0f:
          if (results === 1) stack[base] = stack[top - 1]!;
          this.#left = left;
          return;
        case 0x10: {
          const called = this.#functions[first]!;
          top -= called.parameters;
          this.#left = left;
          this.#run(called, top, depth + 1);
          left = this.#left;
          top += called.results;
          break;
        }
        case 0x1a:
          top -= 1;
          break;
        case 0x1b:
          top -= 2;
          if (stack[top + 1] === 0) stack[top - 1] = stack[top]!;
          break;
        case 0x20:
          stack[top++] = stack[base + first]!;
          break;
        case 0x21:
          stack[base + first] = stack[--top]!;
          break;
        case 0x22:
          stack[base + first] = stack[top - 1]!;
          break;
        case 0x23:
          stack[top++] = this.#globals[first]!;
          break;
        case 0x24:
          this.#globals[first] = stack[--top]!;
          break;
        case 0x41:
          stack[top++] = first;
          break;
        case 0x42:
        case 0x44:
          stack[top++] = constants[first]!;
          break;
        case 0x2d:
          stack[top - 1] = view.getUint8(this.#address(stack[top - 1] as number, first, 1));
          break;
        case 0x28:
          stack[top - 1] = view.getInt32(this.#address(stack[top - 1] as number, first, 4), true);
          break;
        case 0x45:
          stack[top - 1] = stack[top - 1] === 0 ? 1 : 0;
          break;
        case 0x46:
          top -= 1;
          stack[top - 1] = stack[top - 1] === stack[top] ? 1 : 0;
          break;
        case 0x47:
          top -= 1;
          stack[top - 1] = stack[top - 1] === stack[top] ? 0 : 1;
          break;
        case 0x6a:
          top -= 1;
          stack[top - 1] = ((stack[top - 1] as number) + (stack[top] as number)) | 0;
          break;
        case 0x71:
          top -= 1;
          stack[top - 1] = (stack[top - 1] as number) & (stack[top] as number);
          break;
        default:
          if (opcode <= 0x35) stack[top - 1] = this.#load(opcode, stack[top - 1] as number, first);
          else if (opcode <= 0x3e) {
            top -= 2;
            this.#store(opcode, stack[top] as number, first, stack[top + 1]!);
          } else if (isUnary(opcode)) stack[top - 1] = unary(opcode, stack[top - 1]!);
          else {
            top -= 1;
            stack[top - 1] = binary(opcode, stack[top - 1]!, stack[top]!);
          }
      }
    }
  }

  #load(opcode: number, base: number, offset: number): Value {
    const { view } = this;
    const at = (size: number) => this.#address(base, offset, size);
    switch (opcode) {
      case 0x29:
        return view.getBigUint64(at(8), true);
      case 0x2b:
        return view.getFloat64(at(8), true);
      case 0x2c:
        return view.getInt8(at(1));
      case 0x2e:
        return view.getInt16(at(2), true);
      case 0x2f:
        return view.getUint16(at(2), true);
      case 0x30:
        return BigInt.asUintN(64, BigInt(view.getInt8(at(1))));
      case 0x31:
        return BigInt(view.getUint8(at(1)));
      case 0x32:
        return BigInt.asUintN(64, BigInt(view.getInt16(at(2), true)));
      case 0x33:
        return BigInt(view.getUint16(at(2), true));
      case 0x34:
        return BigInt.asUintN(64, BigInt(view.getInt32(at(4), true)));
      case 0x35:
        return BigInt(view.getUint32(at(4), true));
      default:
        throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
    }
  }

  #store(opcode: number, base: number, offset: number, value: Value): void {
    const { view } = this;
    const at = (size: number) => this.#address(base, offset, size);
    switch (opcode) {
      case 0x36:
        view.setInt32(at(4), value as number, true);
        break;
      case 0x37:
        view.setBigUint64(at(8), value as bigint, true);
        break;
      case 0x39:
        view.setFloat64(at(8), value as number, true);
        break;
      case 0x3a:
        view.setUint8(at(1), value as number);
        break;
      case 0x3b:
        view.setUint16(at(2), value as number, true);
        break;
      case 0x3c:
        view.setUint8(at(1), Number((value as bigint) & 0xffn));
        break;
      case 0x3d:
        view.setUint16(at(2), Number((value as bigint) & 0xffffn), true);
        break;
      case 0x3e:
        view.setUint32(at(4), Number((value as bigint) & 0xffff_ffffn), true);
        break;
      default:
        throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
    }
  }

  #address(base: number, offset: number, size: number): number {
    const address = (base >>> 0) + (offset >>> 0);
    if (address + size > this.memory.length) throw new Trap(`an access at ${address}, beyond the memory`);
    return address;
  }
}
