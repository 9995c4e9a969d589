import { type Architecture, x32Bit } from '../../tables/architectures.ts';
import { syscallPlaces } from '../../tables/syscall-places.ts';
import { syscallNames, syscallNumbers } from '../../tables/syscalls.ts';

const plainNumbers = new Map<Architecture, Int32Array>();

/** Linux gives new calls one number on all architectures from here on. */
const firstCommonNumber = 424;

const absent = -1;
const uncounted = -2;

/**
 * By place, the number without x32's bit; negative where the architecture has no such call, and for Arm's private
 * calls, which no runtime counts among the numbers.
 */
function plain(architecture: Architecture): Int32Array {
  let found = plainNumbers.get(architecture);
  if (found === undefined) {
    found = new Int32Array(syscallNames().length).fill(absent);
    const byName = syscallPlaces();
    for (const [name, number] of syscallNumbers(architecture)) {
      const place = byName.get(name);
      const without = number & ~x32Bit;
      if (place !== undefined) found[place] = without >= 0xf0000 ? uncounted : without;
    }
    plainNumbers.set(architecture, found);
  }
  return found;
}

/** The system calls of the architectures of one machine. */
export class MachineCalls {
  readonly #numbers: readonly Int32Array[];

  constructor(architectures: readonly Architecture[]) {
    this.#numbers = architectures.map(plain);
  }

  /** The architectures that have the call, one bit each in their order. */
  having(place: number): number {
    let bits = 0;
    for (let at = 0; at < this.#numbers.length; at += 1) if (this.#numbers[at]![place] !== absent) bits |= 1 << at;
    return bits;
  }

  /** Of the calls with common numbers, those above the highest of `named` on some architecture, in the order of names. */
  above(named: Uint8Array): readonly number[] {
    const found = new Uint8Array(named.length);
    for (const numbers of this.#numbers) {
      let highest = firstCommonNumber - 1;
      for (let place = 0; place < named.length; place += 1) {
        if (named[place] !== 0 && numbers[place]! > highest) highest = numbers[place]!;
      }
      for (let place = 0; place < named.length; place += 1) if (numbers[place]! > highest) found[place] = 1;
    }
    const places: number[] = [];
    for (let place = 0; place < found.length; place += 1) if (found[place] !== 0) places.push(place);
    return places;
  }
}
