import { assertionBit, type PatternProgram } from './program.ts';

/** The state in which the text matches, whatever follows. */
export const matched = 0;

/** What stood before, as far as assertions ask. */
const atStart = 1;
const afterNewline = 2;
const afterWord = 4;

const textStart = assertionBit('text start');
const textEnd = assertionBit('text end');
const lineStart = assertionBit('line start');
const lineEnd = assertionBit('line end');
const wordBoundary = assertionBit('word boundary');
const noWordBoundary = assertionBit('no word boundary');

const newline = 0x0a;

/** Of a deterministic state: where the program may be before the next byte, without what begins there. */
interface Kernel {
  readonly states: readonly number[];
  readonly before: number;
}

/**
 * The deterministic automaton of a pattern over the bytes of a text in UTF-8, made state by state as it is asked for. It
 * finds whether any part of the text matches.
 */
export class Automaton {
  /** For each byte its class: bytes of one class are never told apart. */
  readonly classes: Uint8Array;
  readonly classCount: number;
  readonly start: number;
  readonly #program: PatternProgram;
  /** A byte of each class. */
  readonly #samples: readonly number[];
  readonly #kernels: (Kernel | undefined)[] = [undefined];
  readonly #numbers = new Map<string, number>();
  readonly #marks: Uint32Array;
  #mark = 0;

  constructor(program: PatternProgram) {
    this.#program = program;
    this.classes = byteClasses(program);
    this.classCount = this.classes.reduce((most, each) => Math.max(most, each), 0) + 1;
    this.#samples = Array.from({ length: this.classCount }, (_, index) => this.classes.indexOf(index));
    this.#marks = new Uint32Array(program.states.length);
    this.start = this.#number([], this.#context(atStart));
  }

  /** How many states there are so far. */
  get size(): number {
    return this.#kernels.length;
  }

  /** The state after one more byte of that class. */
  next(state: number, byteClass: number): number {
    const kernel = this.#kernels[state];
    if (kernel === undefined) return matched;
    const byte = this.#samples[byteClass]!;
    const open = this.#reached(kernel, byte);
    if (open === undefined) return matched;
    const targets: number[] = [];
    for (const each of open) {
      const at = this.#program.states[each]!;
      if (at.kind !== 'bytes') continue;
      const { edges } = at;
      for (let index = 0; index < edges.length; index += 3) {
        if (byte >= edges[index]! && byte <= edges[index + 1]!) targets.push(edges[index + 2]!);
      }
    }
    const before = (byte === newline ? afterNewline : 0) | (isWord(byte) ? afterWord : 0);
    return this.#number(targets, this.#context(before));
  }

  /** Whether the text matches if it ends here. */
  matchesAtEnd(state: number): boolean {
    const kernel = this.#kernels[state];
    return kernel === undefined || this.#reached(kernel, undefined) === undefined;
  }

  /** The assertions that hold between what was before and a byte, or the end. */
  #holding(before: number, byte: number | undefined): number {
    const word = (before & afterWord) !== 0;
    return (
      ((before & atStart) !== 0 ? textStart : 0) |
      ((before & (atStart | afterNewline)) !== 0 ? lineStart : 0) |
      (byte === undefined ? textEnd : 0) |
      (byte === undefined || byte === newline ? lineEnd : 0) |
      (word === (byte !== undefined && isWord(byte)) ? noWordBoundary : wordBoundary)
    );
  }

  /** What is kept of what stood before. */
  #context(before: number): number {
    const { assertions } = this.#program;
    const kept =
      ((assertions & (textStart | lineStart)) !== 0 ? atStart : 0) |
      ((assertions & lineStart) !== 0 ? afterNewline : 0) |
      ((assertions & (wordBoundary | noWordBoundary)) !== 0 ? afterWord : 0);
    return before & kept;
  }

  /** All states that are reached before that byte; undefined where the pattern has matched. */
  #reached({ states, before }: Kernel, byte: number | undefined): readonly number[] | undefined {
    // A match may begin between code points only.
    const between = byte === undefined || (byte & 0xc0) !== 0x80;
    const from = between ? [...states, this.#program.start] : states;
    return this.#closed(from, this.#holding(before, byte));
  }

  #closed(from: readonly number[], holding: number): readonly number[] | undefined {
    this.#mark++;
    const open = [...from];
    const reached: number[] = [];
    for (let each = open.pop(); each !== undefined; each = open.pop()) {
      if (this.#marks[each] === this.#mark) continue;
      this.#marks[each] = this.#mark;
      const state = this.#program.states[each]!;
      switch (state.kind) {
        case 'match':
          return undefined;
        case 'split':
          for (const to of state.to) open.push(to);
          break;
        case 'assert':
          if ((holding & state.bit) !== 0) open.push(state.to);
          else reached.push(each);
          break;
        case 'bytes':
          reached.push(each);
      }
    }
    return reached;
  }

  /** The number of the state with that kernel, a new one where there is none. */
  #number(targets: readonly number[], before: number): number {
    // Assertions that look ahead wait in the kernel until the next byte is known.
    const known =
      ((before & atStart) !== 0 ? textStart : 0) | ((before & (atStart | afterNewline)) !== 0 ? lineStart : 0);
    const closed = this.#closed(targets, known & this.#program.assertions);
    if (closed === undefined) return matched;
    const states = [...closed].sort((left, right) => left - right);
    const key = `${before}:${states.join()}`;
    const number = this.#numbers.get(key);
    if (number !== undefined) return number;
    this.#kernels.push({ states, before });
    this.#numbers.set(key, this.#kernels.length - 1);
    return this.#kernels.length - 1;
  }
}

function isWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)
  );
}

/** Bytes that no edge and no assertion tells apart, as numbers from 0. */
function byteClasses({ states, assertions }: PatternProgram): Uint8Array {
  const starts = new Uint8Array(257);
  // Whether a byte begins a code point.
  starts[0x80] = 1;
  starts[0xc0] = 1;
  for (const state of states) {
    if (state.kind !== 'bytes') continue;
    for (let index = 0; index < state.edges.length; index += 3) {
      starts[state.edges[index]!] = 1;
      starts[state.edges[index + 1]! + 1] = 1;
    }
  }
  if ((assertions & (lineStart | lineEnd)) !== 0) starts.fill(1, newline, newline + 2);
  if ((assertions & (wordBoundary | noWordBoundary)) !== 0) {
    for (let byte = 1; byte < 256; byte++) if (isWord(byte) !== isWord(byte - 1)) starts[byte] = 1;
  }
  const classes = new Uint8Array(256);
  for (let byte = 1; byte < 256; byte++) classes[byte] = classes[byte - 1]! + starts[byte]!;
  return classes;
}
