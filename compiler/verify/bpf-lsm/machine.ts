/** A value of 64 bits in two halves of 32. */
export interface Wide {
  readonly low: number;
  readonly high: number;
}

/** What a machine asks the world for. Addresses are a region in the high half and a place in it in the low one. */
export interface World {
  region(number: number): DataView | undefined;
  /**
   * Calls a helper of the kernel by its number.
   *
   * @returns r0, or undefined where there is no such helper
   */
  call(helper: number, argument: (register: 1 | 2 | 3 | 4 | 5) => Wide, machine: MachineMemory): Wide | undefined;
  /** What a load of 64 bits gives whose source register says that it is a map or the address of constants. */
  resolve(slot: number): Wide | undefined;
}

export interface MachineMemory {
  /** Bytes of memory; undefined where there is none. */
  bytes(address: Wide, length: number): Uint8Array | undefined;
}

export type Outcome =
  | { readonly kind: 'done'; readonly result: Wide; readonly executed: number }
  | { readonly kind: 'fault'; readonly reason: string; readonly slot: number };

/** Regions of every machine. */
const stackRegion = 1;
export const contextRegion = 2;

/** Instructions after which a program is taken for one that never ends. */
const mostExecuted = 1_000_000;

/**
 * Runs a program of eBPF, after the description in Documentation/bpf/standardization/instruction-set.rst; it shares nothing
 * with what writes programs. Registers begin as zeros, r1 as the address of the context and r10 as the end of the stack.
 */
export function run(code: DataView, world: World): Outcome {
  const low = new Int32Array(11);
  const high = new Int32Array(11);
  const stack = new DataView(new ArrayBuffer(512));
  const memory: MachineMemory = {
    bytes(address, length) {
      const view = regionOf(address.high);
      if (view === undefined || address.low < 0 || length < 0 || address.low + length > view.byteLength)
        return undefined;
      return new Uint8Array(view.buffer, view.byteOffset + address.low, length);
    },
  };
  function regionOf(number: number): DataView | undefined {
    return number === stackRegion ? stack : world.region(number);
  }
  high[1] = contextRegion;
  high[10] = stackRegion;
  low[10] = 512;
  const slots = code.byteLength / 8;
  let executed = 0;
  let slot = 0;
  for (;;) {
    if (slot < 0 || slot >= slots) return { kind: 'fault', reason: 'it runs out of its code', slot };
    executed += 1;
    if (executed > mostExecuted) return { kind: 'fault', reason: 'it does not end', slot };
    const at = slot * 8;
    const opcode = code.getUint8(at);
    const registers = code.getUint8(at + 1);
    const destination = registers & 15;
    const source = registers >> 4;
    const offset = code.getInt16(at + 2, true);
    const immediate = code.getInt32(at + 4, true);
    const kind = opcode & 7;
    if (destination > 10 || source > 10) return { kind: 'fault', reason: 'it names a register that is none', slot };
    // The second operand: a register, or the number in the instruction, which is extended by its sign.
    const fromRegister = (opcode & 8) !== 0;
    const otherLow = fromRegister ? low[source]! : immediate;
    const otherHigh = fromRegister ? high[source]! : immediate >> 31;
    switch (kind) {
      case 0: {
        if (opcode !== 0x18) return { kind: 'fault', reason: 'it loads in a way that is not known', slot };
        if (source === 0) {
          low[destination] = immediate;
          high[destination] = code.getInt32(at + 12, true);
        } else {
          const value = world.resolve(slot);
          if (value === undefined) return { kind: 'fault', reason: 'it loads an address that nobody gives', slot };
          low[destination] = value.low;
          high[destination] = value.high;
        }
        slot += 2;
        continue;
      }
      case 1:
      case 2:
      case 3: {
        const base = kind === 1 ? source : destination;
        const bytes = [4, 2, 1, 8][(opcode >> 3) & 3]!;
        const place = low[base]! + offset;
        const view = regionOf(high[base]!);
        if (view === undefined || place < 0 || place + bytes > view.byteLength) {
          return {
            kind: 'fault',
            reason: `it reaches ${bytes} bytes at ${high[base]}:${place}, where there are none`,
            slot,
          };
        }
        if (kind === 1) {
          high[destination] = bytes === 8 ? view.getInt32(place + 4, true) : 0;
          low[destination] =
            bytes === 1 ? view.getUint8(place) : bytes === 2 ? view.getUint16(place, true) : view.getInt32(place, true);
        } else if ((opcode & 0xe0) === 0xc0) {
          if (bytes !== 8 || immediate !== 1)
            return { kind: 'fault', reason: 'an atomic operation that is not known', slot };
          const before = view.getBigUint64(place, true);
          const added = (BigInt(high[source]! >>> 0) << 32n) | BigInt(low[source]! >>> 0);
          view.setBigUint64(place, BigInt.asUintN(64, before + added), true);
          low[source] = Number(BigInt.asIntN(32, before));
          high[source] = Number(BigInt.asIntN(32, before >> 32n));
        } else {
          const valueLow = kind === 2 ? immediate : low[source]!;
          const valueHigh = kind === 2 ? immediate >> 31 : high[source]!;
          if (bytes === 1) view.setUint8(place, valueLow & 255);
          else if (bytes === 2) view.setUint16(place, valueLow & 0xffff, true);
          else {
            view.setInt32(place, valueLow, true);
            if (bytes === 8) view.setInt32(place + 4, valueHigh, true);
          }
        }
        break;
      }
      case 4:
      case 7: {
        const operation = opcode & 0xf0;
        if (operation === 0xd0) {
          const view = new DataView(new ArrayBuffer(8));
          view.setInt32(0, low[destination]!, true);
          view.setInt32(4, high[destination]!, true);
          // To big-endian: the bytes of the low half, quarter or whole the other way round.
          low[destination] =
            immediate === 16 ? view.getUint16(0, false) : immediate === 32 ? view.getInt32(0) : view.getInt32(4);
          high[destination] = immediate === 64 ? view.getInt32(0) : 0;
          break;
        }
        if (!calculate(operation, low, high, destination, otherLow, otherHigh, kind === 7)) {
          return { kind: 'fault', reason: 'it calculates in a way that is not known', slot };
        }
        if (kind === 4) high[destination] = 0;
        break;
      }
      default: {
        const operation = opcode & 0xf0;
        if (operation === 0x90) return { kind: 'done', result: { low: low[0]!, high: high[0]! }, executed };
        if (operation === 0x80) {
          const result = world.call(immediate, (register) => ({ low: low[register]!, high: high[register]! }), memory);
          if (result === undefined) return { kind: 'fault', reason: `it calls the helper ${immediate}`, slot };
          // A call leaves nothing to be relied upon in the registers that held its arguments.
          for (let register = 1; register <= 5; register += 1) {
            low[register] = 0x5a5a_5a5a;
            high[register] = 0x5a5a_5a5a;
          }
          low[0] = result.low;
          high[0] = result.high;
          break;
        }
        const wide = kind === 5;
        const holds =
          operation === 0 ||
          compare(operation, low[destination]!, wide ? high[destination]! : 0, otherLow, wide ? otherHigh : 0, wide);
        if (holds) slot += offset;
      }
    }
    slot += 1;
  }
}

/** Puts into a register what an operation on it gives, in 64 bits or the low 32; false where it is none that is known. */
function calculate(
  operation: number,
  low: Int32Array,
  high: Int32Array,
  register: number,
  b: number,
  bh: number,
  wide: boolean,
): boolean {
  const a = low[register]!;
  const ah = high[register]!;
  switch (operation) {
    case 0x00:
      low[register] = a + b;
      high[register] = ah + bh + ((a >>> 0) + (b >>> 0) > 0xffff_ffff ? 1 : 0);
      return true;
    case 0x10:
      low[register] = a - b;
      high[register] = ah - bh - (a >>> 0 < b >>> 0 ? 1 : 0);
      return true;
    case 0x40:
      low[register] = a | b;
      high[register] = ah | bh;
      return true;
    case 0x50:
      low[register] = a & b;
      high[register] = ah & bh;
      return true;
    case 0xa0:
      low[register] = a ^ b;
      high[register] = ah ^ bh;
      return true;
    case 0xb0:
      low[register] = b;
      high[register] = bh;
      return true;
    case 0x60:
    case 0x70: {
      const value = wide ? (BigInt(ah >>> 0) << 32n) | BigInt(a >>> 0) : BigInt(a >>> 0);
      const by = BigInt(b & (wide ? 63 : 31));
      const shifted = operation === 0x60 ? value << by : value >> by;
      low[register] = Number(BigInt.asIntN(32, shifted));
      high[register] = Number(BigInt.asIntN(32, shifted >> 32n));
      return true;
    }
    default:
      return false;
  }
}

function compare(operation: number, a: number, ah: number, b: number, bh: number, wide: boolean): boolean {
  const below = wide && ah !== bh ? ah >>> 0 < bh >>> 0 : a >>> 0 < b >>> 0;
  const signedBelow = wide ? (ah === bh ? a >>> 0 < b >>> 0 : ah < bh) : a < b;
  const equal = a === b && ah === bh;
  switch (operation) {
    case 0x10:
      return equal;
    case 0x20:
      return !below && !equal;
    case 0x30:
      return !below;
    case 0x40:
      return (a & b) !== 0 || (ah & bh) !== 0;
    case 0x50:
      return !equal;
    case 0x60:
      return !signedBelow && !equal;
    case 0x70:
      return !signedBelow;
    case 0xa0:
      return below;
    case 0xb0:
      return below || equal;
    case 0xc0:
      return signedBelow;
    case 0xd0:
      return signedBelow || equal;
    default:
      return false;
  }
}
