import { Automaton, matched } from './automaton.ts';
import { parsePattern } from './parse.ts';
import { programOf } from './program.ts';

/** States beyond these are forgotten, and made again where they are needed. */
const mostKept = 4000;

const unknown = -1;

/** A pattern that is ready to look for in texts. Takes time that is linear in the text. */
export interface PatternMatcher {
  /** True where the pattern matches any part of the text. */
  readonly test: (text: string) => boolean;
}

/** A pattern in RE2's syntax, made ready; undefined where it is none, or too large. */
export function patternMatcher(pattern: string): PatternMatcher | undefined {
  const tree = parsePattern(pattern);
  const program = tree && programOf(tree);
  if (program === undefined) return undefined;
  let runner = new Runner(new Automaton(program));
  return {
    test: (text) => {
      if (runner.size > mostKept) runner = new Runner(new Automaton(program));
      return runner.test(text);
    },
  };
}

class Runner {
  readonly #automaton: Automaton;
  readonly #classes: Uint8Array;
  readonly #width: number;
  #next: Int32Array;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#classes = automaton.classes;
    this.#width = automaton.classCount;
    this.#next = new Int32Array(16 * automaton.classCount).fill(unknown);
  }

  get size(): number {
    return this.#automaton.size;
  }

  test(text: string): boolean {
    let state = this.#automaton.start;
    for (let index = 0; index < text.length; index++) {
      if (state === matched) return true;
      const unit = text.charCodeAt(index);
      if (unit < 0x80) state = this.#step(state, unit);
      else {
        const point = text.codePointAt(index)!;
        if (point > 0xffff) index++;
        state = this.#encoded(state, point);
      }
    }
    return this.#automaton.matchesAtEnd(state);
  }

  /** The state behind a code point of several bytes; a surrogate without its other half is U+FFFD. */
  #encoded(state: number, point: number): number {
    if (point < 0x800) return this.#step(this.#step(state, 0xc0 | (point >> 6)), 0x80 | (point & 63));
    const whole = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    let at =
      whole > 0xffff
        ? this.#step(this.#step(state, 0xf0 | (whole >> 18)), 0x80 | ((whole >> 12) & 63))
        : this.#step(state, 0xe0 | (whole >> 12));
    at = this.#step(at, 0x80 | ((whole >> 6) & 63));
    return this.#step(at, 0x80 | (whole & 63));
  }

  #step(state: number, byte: number): number {
    const place = state * this.#width + this.#classes[byte]!;
    const known = this.#next[place] ?? unknown;
    if (known !== unknown) return known;
    const next = this.#automaton.next(state, this.#classes[byte]!);
    if (place >= this.#next.length) {
      const larger = new Int32Array(Math.max(2 * this.#next.length, place + 1)).fill(unknown);
      larger.set(this.#next);
      this.#next = larger;
    }
    this.#next[place] = next;
    return next;
  }
}
