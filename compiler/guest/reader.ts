/** What a module says cannot be: `at` is the offset of the byte at which that shows. */
export class Malformed extends Error {
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

/** Reads the binary format (core specification 2.0, chapter 5) from `bytes`; throws `Malformed` beyond `end`. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Another that stands here, and moves without this one. */
  again(): Reader {
    return new Reader(this.bytes, this.at, this.end);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new Malformed('the module ends too early', this.at);
    return this.bytes[this.at++]!;
  }

  /** LEB128 of an unsigned number of 32 bits. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new Malformed('a number has more than 32 bits', this.at);
  }

  /** Passes over LEB128 of any width up to 64 bits. */
  skipNumber(): void {
    for (let length = 0; length < 10; length += 1) if (this.byte() < 0x80) return;
    throw new Malformed('a number has more than 64 bits', this.at);
  }

  skip(count: number): void {
    if (this.at + count > this.end) throw new Malformed('the module ends too early', this.end);
    this.at += count;
  }

  /** A vector of bytes, not copied. */
  sized(): Uint8Array {
    const length = this.unsigned();
    const start = this.at;
    this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  name(): string {
    return new TextDecoder().decode(this.sized());
  }
}
