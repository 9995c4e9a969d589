/** A piece of the image that is not code. */
export interface DataPiece {
  readonly symbol: string;
  readonly bytes: Uint8Array;
  /** The text that the bytes hold, where they hold one. */
  readonly text?: string;
  /** Where the addresses of other pieces go. */
  readonly pointers: readonly DataPointer[];
  readonly alignment: 1 | 4 | 8;
}

/** 32 bits, little-endian: the image lies below 2 GiB, so that the high half of a 64-bit pointer stays 0. */
export interface DataPointer {
  readonly at: number;
  readonly symbol: string;
}

/** Collects the data that a launcher's operations refer to by name. */
export interface DataCollector {
  readonly pieces: readonly DataPiece[];
  /** The symbol of a NUL-terminated UTF-8 text; equal texts are held once. */
  text(text: string): string;
  /** The symbol of bytes that never change; equal ones are held once. */
  constant(bytes: Uint8Array, alignment: 1 | 4 | 8, pointers?: readonly DataPointer[]): string;
}

/** @param name with which its symbols begin */
export function dataCollector(name: string): DataCollector {
  const pieces: DataPiece[] = [];
  const texts = new Map<string, string>();
  const constants: DataPiece[] = [];
  const encoder = new TextEncoder();
  const nextSymbol = () => `${name}${pieces.length}`;
  return {
    pieces,
    text(text) {
      const known = texts.get(text);
      if (known !== undefined) return known;
      const symbol = nextSymbol();
      const bytes = encoder.encode(`${text}\0`);
      pieces.push({ symbol, bytes, text, pointers: [], alignment: 1 });
      texts.set(text, symbol);
      return symbol;
    },
    constant(bytes, alignment, pointers = []) {
      const known = pointers.length > 0 ? undefined : constants.find((piece) => holds(piece, bytes, alignment));
      if (known !== undefined) return known.symbol;
      const piece: DataPiece = { symbol: nextSymbol(), bytes, pointers, alignment };
      pieces.push(piece);
      if (pointers.length === 0) constants.push(piece);
      return piece.symbol;
    },
  };
}

/** Little-endian fields, one after another: `fields([4, 0x20080522], [4, 0])`. */
export function fields(...values: readonly (readonly [width: 1 | 2 | 4 | 8, value: number | bigint])[]): Uint8Array {
  let size = 0;
  for (const value of values) size += value[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const [width, value] of values) {
    const isNumber = typeof value === 'number';
    // Assigning to the array and shifting both keep the low bits only.
    const low = isNumber ? value : Number(BigInt.asUintN(32, value));
    for (let index = 0; index < width && index < 4; index += 1) bytes[at + index] = low >>> (index * 8);
    if (width === 8) {
      const high = isNumber ? Math.floor(value / 0x1_0000_0000) : Number(BigInt.asUintN(32, value >> 32n));
      if (high !== 0) for (let index = 0; index < 4; index += 1) bytes[at + 4 + index] = high >>> (index * 8);
    }
    at += width;
  }
  return bytes;
}

function holds(piece: DataPiece, bytes: Uint8Array, alignment: number): boolean {
  if (piece.alignment !== alignment || piece.bytes.length !== bytes.length) return false;
  for (let at = 0; at < bytes.length; at += 1) if (piece.bytes[at] !== bytes[at]) return false;
  return true;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
