import { type TextAutomaton, tableMargin } from './text-automaton.ts';

/** What the programs of an object read and nobody writes: the tables of their automata. Equal ones are held once. */
export class Constants {
  #bytes: number[] = [];
  readonly #known = new Map<string, number>();
  #margin = 0;

  /** @returns where its classes and its table lie */
  automaton({ classes, table, placeMask }: TextAutomaton): { readonly classes: number; readonly table: number } {
    const places = { classes: this.#add(classes), table: this.#add(table) };
    this.#margin = Math.max(this.#margin, places.table + placeMask + tableMargin);
    return places;
  }

  /** With so much room behind the last table that no place within it leads out of the constants. */
  bytes(): Uint8Array {
    const size = Math.max(this.#bytes.length, this.#margin);
    const bytes = new Uint8Array(Math.ceil(size / 8) * 8);
    bytes.set(this.#bytes);
    return bytes;
  }

  #add(bytes: Uint8Array): number {
    const key = bytes.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    while (this.#bytes.length % 8 !== 0) this.#bytes.push(0);
    const offset = this.#bytes.length;
    for (const byte of bytes) this.#bytes.push(byte);
    this.#known.set(key, offset);
    return offset;
  }
}
