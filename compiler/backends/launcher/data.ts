/** A piece of the image that is not code. */
export interface DataPiece {
  readonly symbol: string;
  readonly bytes: Uint8Array;
  /** Where the addresses of other pieces go: 32 or 64 bits wide, little-endian. */
  readonly pointers: readonly DataPointer[];
  readonly alignment: 1 | 4 | 8;
  /** What the launcher itself fills in lies in the writable segment, all else with the code. */
  readonly writable: boolean;
}

export interface DataPointer {
  readonly at: number;
  readonly symbol: string;
  readonly width: 4 | 8;
}

/** Collects the data that a launcher's operations refer to by name. */
export interface DataCollector {
  readonly pieces: readonly DataPiece[];
  /** The symbol of a NUL-terminated UTF-8 text; equal texts are held once. */
  text(text: string): string;
  /** The symbol of bytes that never change; equal ones are held once. */
  constant(bytes: Uint8Array, alignment: 1 | 4 | 8, pointers?: readonly DataPointer[]): string;
  /** The symbol of bytes that the launcher patches. */
  patched(bytes: Uint8Array): string;
}

export function dataCollector(): DataCollector {
  const pieces: DataPiece[] = [];
  const texts = new Map<string, string>();
  const constants = new Map<string, string>();
  const put = (bytes: Uint8Array, alignment: 1 | 4 | 8, pointers: readonly DataPointer[], writable: boolean) => {
    const symbol = `data${pieces.length}`;
    pieces.push({ symbol, bytes, pointers, alignment, writable });
    return symbol;
  };
  return {
    pieces,
    text(text) {
      const known = texts.get(text);
      if (known !== undefined) return known;
      const symbol = put(new TextEncoder().encode(`${text}\0`), 1, [], false);
      texts.set(text, symbol);
      return symbol;
    },
    constant(bytes, alignment, pointers = []) {
      if (pointers.length > 0) return put(bytes, alignment, pointers, false);
      const key = `${alignment} ${bytes.join()}`;
      const known = constants.get(key) ?? put(bytes, alignment, [], false);
      constants.set(key, known);
      return known;
    },
    patched: (bytes) => put(bytes, 8, [], true),
  };
}

/** Little-endian fields, one after another: `fields([4, 0x20080522], [4, 0])`. */
export function fields(...values: readonly (readonly [width: 1 | 2 | 4 | 8, value: number | bigint])[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of values) {
    let rest = BigInt.asUintN(width * 8, BigInt(value));
    for (let index = 0; index < width; index++) {
      bytes[at++] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }
  return bytes;
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
