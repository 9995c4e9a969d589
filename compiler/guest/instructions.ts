import { Malformed, type Reader } from './reader.ts';

/** What stands behind an opcode, where hardening has to know it; the rest is passed over. */
export type Immediate =
  | { readonly kind: 'plain' }
  /** What opens a block that is no loop, what opens a loop, and what ends either. */
  | { readonly kind: 'open' }
  | { readonly kind: 'loop' }
  | { readonly kind: 'end' }
  /** Where control may go: of a table of branches the last is the default. */
  | { readonly kind: 'branch'; readonly labels: readonly number[] }
  /** What leaves by an exception. */
  | { readonly kind: 'throw' }
  /** A function that is called, and one to which a reference is made. */
  | { readonly kind: 'call'; readonly index: number }
  | { readonly kind: 'reference'; readonly index: number }
  /** A call through a table. */
  | { readonly kind: 'indirect' }
  /** A bulk operation of the prefix 0xfc, whose time grows with an operand. */
  | { readonly kind: 'bulk'; readonly operation: number; readonly first: number; readonly second: number };

const plain: Immediate = { kind: 'plain' };
const open: Immediate = { kind: 'open' };
const loop: Immediate = { kind: 'loop' };
const end: Immediate = { kind: 'end' };
const thrown: Immediate = { kind: 'throw' };
const indirect: Immediate = { kind: 'indirect' };

/**
 * Passes over one instruction (core specification 2.0, section 5.4, with tail calls and exceptions) and says what of it
 * counts. Throws `Malformed` for one that is not known: what is not understood is not rewritten.
 */
export function readInstruction(reader: Reader): Immediate {
  const at = reader.at;
  const opcode = reader.byte();
  // Numeric instructions, sign extension and what has nothing behind it.
  if ((opcode >= 0x45 && opcode <= 0xc4) || opcode === 0x1a || opcode === 0x1b) return plain;
  // Loads and stores.
  if (opcode >= 0x28 && opcode <= 0x3e) {
    skipMemoryArgument(reader);
    return plain;
  }
  switch (opcode) {
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case 0x0f: // return
    case 0x19: // catch_all
    case 0xd1: // ref.is_null
      return plain;
    case 0x0b:
      return end;
    case 0x18: // delegate
      reader.unsigned();
      return end;
    case 0x02: // block
    case 0x04: // if
    case 0x06: // try
      reader.skipNumber();
      return open;
    case 0x03:
      reader.skipNumber();
      return loop;
    case 0x1f: // try_table
      reader.skipNumber();
      skipCatches(reader);
      return open;
    case 0x0a: // throw_ref
      return thrown;
    case 0x08: // throw
    case 0x09: // rethrow
      reader.skipNumber();
      return thrown;
    case 0x0c: // br
    case 0x0d: // br_if
      return { kind: 'branch', labels: [reader.unsigned()] };
    case 0x07: // catch
    case 0x20: // local.get, set, tee
    case 0x21:
    case 0x22:
    case 0x23: // global.get, set
    case 0x24:
    case 0x25: // table.get, set
    case 0x26:
    case 0x3f: // memory.size, grow
    case 0x40:
    case 0x41: // i32.const
    case 0x42: // i64.const
    case 0xd0: // ref.null
      reader.skipNumber();
      return plain;
    case 0x0e: {
      // br_table
      const labels: number[] = [];
      for (let left = reader.unsigned(); left >= 0; left -= 1) labels.push(reader.unsigned());
      return { kind: 'branch', labels };
    }
    case 0x10: // call
    case 0x12: // return_call
      return { kind: 'call', index: reader.unsigned() };
    case 0xd2: // ref.func
      return { kind: 'reference', index: reader.unsigned() };
    case 0x11: // call_indirect
    case 0x13: // return_call_indirect
      reader.unsigned();
      reader.unsigned();
      return indirect;
    case 0x1c: // select with types
      for (let left = reader.unsigned(); left > 0; left -= 1) reader.byte();
      return plain;
    case 0x43:
      reader.skip(4);
      return plain;
    case 0x44:
      reader.skip(8);
      return plain;
    case 0xfc:
      return readPrefixed(reader, at);
    case 0xfd:
      skipVector(reader, at);
      return plain;
    default:
      throw new Malformed(`an instruction that is not known: 0x${opcode.toString(16)}`, at);
  }
}

function skipMemoryArgument(reader: Reader): void {
  // Bit 6 of the alignment names a memory; modules of several are refused before.
  if (reader.unsigned() >= 64) reader.unsigned();
  reader.skipNumber();
}

function skipCatches(reader: Reader): void {
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    const kind = reader.byte();
    if (kind < 2) reader.unsigned();
    reader.unsigned();
  }
}

function readPrefixed(reader: Reader, at: number): Immediate {
  const operation = reader.unsigned();
  if (operation < 8) return plain;
  const bulk = (first: number, second: number): Immediate => ({ kind: 'bulk', operation, first, second });
  switch (operation) {
    case 8: // memory.init
    case 10: // memory.copy
    case 12: // table.init
    case 14: // table.copy
      return bulk(reader.unsigned(), reader.unsigned());
    case 11: // memory.fill
    case 15: // table.grow
    case 17: // table.fill
      return bulk(reader.unsigned(), 0);
    case 9: // data.drop
    case 13: // elem.drop
    case 16: // table.size
      reader.unsigned();
      return plain;
    default:
      throw new Malformed(`an instruction that is not known: 0xfc ${operation}`, at);
  }
}

/** The instructions on vectors of 128 bits, the relaxed ones with them. */
function skipVector(reader: Reader, at: number): void {
  const operation = reader.unsigned();
  if (operation <= 11 || operation === 92 || operation === 93) skipMemoryArgument(reader);
  else if (operation === 12 || operation === 13) reader.skip(16);
  else if (operation >= 21 && operation <= 34) reader.skip(1);
  else if (operation >= 84 && operation <= 91) {
    skipMemoryArgument(reader);
    reader.skip(1);
  } else if (operation > 275) throw new Malformed(`an instruction that is not known: 0xfd ${operation}`, at);
}
