import { readInstruction } from '../instructions.ts';
import type { GuestModule } from '../module.ts';
import type { Reader } from '../reader.ts';

/** Functions of so many instructions in all are counted where they are called. */
const mostInstructions = 255;

/** How deep calls are looked into. */
const mostDepth = 32;

/**
 * The functions that are counted with whoever calls them: they come back after at most 255 instructions, of their own and of
 * what they call. They have no loops, call nothing that has some, nothing of the host and nothing through a table, and
 * throw nothing.
 */
export class ShortFunctions {
  readonly #bodies: readonly Reader[];
  /** Of each function that was looked into, its instructions; 0 of one that is not short, or is being looked into. */
  readonly #known = new Map<number, number>();
  readonly #imported: number;

  /** @param bodies of the functions that the module defines: locals and instructions */
  constructor(module: GuestModule, bodies: readonly Reader[]) {
    this.#bodies = bodies;
    this.#imported = module.imports.filter(({ kind }) => kind === 'function').length;
  }

  /** How many instructions a call of this function runs at most; 0 where it is not short. */
  instructions(index: number, depth = 0): number {
    const body = this.#bodies[index - this.#imported];
    if (body === undefined || depth > mostDepth) return 0;
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    this.#known.set(index, 0);
    const count = this.#count(body.again(), depth);
    this.#known.set(index, count);
    return count;
  }

  #count(reader: Reader, depth: number): number {
    skipLocals(reader);
    // Each instruction has a byte at least.
    let count = 0;
    while (!reader.done) {
      const immediate = readInstruction(reader);
      count += 1;
      if (immediate.kind === 'call') {
        const inside = this.instructions(immediate.index, depth + 1);
        if (inside === 0) return 0;
        count += inside;
      } else if (['loop', 'throw', 'indirect', 'bulk'].includes(immediate.kind)) return 0;
      if (count > mostInstructions) return 0;
    }
    return count;
  }
}

/** Passes over the locals of a body, and gives how many there are. */
export function skipLocals(reader: Reader): number {
  let locals = 0;
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    locals += reader.unsigned();
    reader.skipNumber();
  }
  return locals;
}
