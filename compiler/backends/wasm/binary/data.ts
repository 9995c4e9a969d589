import { Bytes } from './bytes.ts';
import { encodeText } from './text.ts';

/** A constant text: where its UTF-8 lies, and how many bytes that is. */
export interface TextConstant {
  readonly address: number;
  readonly length: number;
}

/** What lies at the beginning of the memory, the address 0 left out, so that no constant has the address of nothing. */
export class Data {
  readonly bytes = new Bytes();
  readonly #texts = new Map<string, TextConstant>();
  #sealed = false;

  /** The address of the first byte. */
  readonly start = 16;

  /** A constant text, of which there is one. */
  text(text: string): TextConstant {
    let known = this.#texts.get(text);
    if (known === undefined) {
      const encoded = encodeText(text);
      known = { address: this.place(encoded, 1), length: encoded.length };
      this.#texts.set(text, known);
    }
    return known;
  }

  /** @param alignment a power of two up to 16 */
  place(bytes: Uint8Array, alignment: number): number {
    if (this.#sealed) throw new Error('a constant in a module that is finished');
    this.bytes.align(alignment);
    const address = this.start + this.bytes.length;
    this.bytes.all(bytes);
    return address;
  }

  /** The first address after the constants, a multiple of 16. No constant can be added any more. */
  seal(): number {
    this.#sealed = true;
    return Math.ceil((this.start + this.bytes.length) / 16) * 16;
  }
}
