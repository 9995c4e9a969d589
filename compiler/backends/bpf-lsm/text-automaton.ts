import { type ByteSet, countsCharacters, type Pattern } from './text-pattern.ts';

/**
 * A deterministic automaton that reads a text byte by byte and ends in a state that says which of its patterns match. The
 * byte 0, with which texts end, leaves it in its state.
 *
 * Its table has a row of 16-bit words for each state. The first two are a mask with a bit for each pattern, and the topmost
 * bit where the text is not what the patterns are about; then the place of the next row for each class of bytes.
 */
export interface TextAutomaton {
  /** For each byte the place, within a row, of what follows it. */
  readonly classes: Uint8Array;
  readonly table: Uint8Array;
  /** The place of the first state's row. */
  readonly start: number;
  /** A power of two less one, that no place exceeds. */
  readonly placeMask: number;
}

/** Sets of patterns that an automaton distinguishes; the bit above them says that nothing is known of the text. */
export const mostPatterns = 31;

/** Bytes of a table: what 16 bits can point into. */
const largestTable = 0x1_0000;

/** Bytes that the reading code may address beyond the last place. */
export const tableMargin = 512;

/**
 * The automaton for sets of patterns, of each of which one is to match.
 *
 * @returns undefined where it would be too large
 */
export function textAutomaton(sets: readonly (readonly Pattern[])[]): TextAutomaton | undefined {
  if (sets.length > mostPatterns) return undefined;
  const machine = positionsOf(sets);
  const { representatives, classOf } = byteClasses(machine.byteSets, machine.countsCharacters);
  // Two words of mask, and as many more that rows begin at multiples of four bytes.
  const rowWords = 2 + representatives.length + (representatives.length % 2);
  const rowBytes = rowWords * 2;
  if (rowBytes > 254) return undefined;
  const states: State[] = [];
  const known = new Map<string, number>();
  const stateOf = (state: State): number => {
    const key = `${state.character},${state.positions.join(',')}`;
    let index = known.get(key);
    if (index === undefined) {
      index = states.length;
      known.set(key, index);
      states.push(state);
    }
    return index;
  };
  stateOf({ character: 0, positions: machine.closure(machine.starts) });
  const rows: number[][] = [];
  for (let index = 0; index < states.length; index += 1) {
    if ((index + 1) * rowBytes > largestTable) return undefined;
    const state = states[index]!;
    const row = representatives.map((byte) => (byte === 0 ? index : stateOf(machine.after(state, byte))));
    rows.push(row);
  }
  const table = new Uint8Array(rows.length * rowBytes);
  const view = new DataView(table.buffer);
  rows.forEach((row, index) => {
    view.setUint32(index * rowBytes, machine.mask(states[index]!), true);
    for (const [column, next] of row.entries()) {
      view.setUint16(index * rowBytes + (column + 2) * 2, next * rowBytes, true);
    }
  });
  const classes = classOf.map((column) => (column + 2) * 2);
  return { classes: Uint8Array.from(classes), table, start: 0, placeMask: maskAbove((rows.length - 1) * rowBytes) };
}

function maskAbove(value: number): number {
  let mask = 1;
  while (mask < value) mask = mask * 2 + 1;
  return mask;
}

interface State {
  /** Bytes of a character in UTF-8 that are still to come; `malformed` from then on. */
  readonly character: number;
  /** Sorted numbers of positions. */
  readonly positions: readonly number[];
}

const malformed = 4;

interface Position {
  readonly step?: { readonly kind: 'bytes' | 'any' | 'optional'; readonly bytes: ByteSet };
  readonly next: number;
  /** The bit of the set for which a text may end here. */
  readonly ends?: number;
}

interface Machine {
  readonly starts: readonly number[];
  readonly byteSets: readonly ByteSet[];
  readonly countsCharacters: boolean;
  closure(positions: readonly number[]): readonly number[];
  after(state: State, byte: number): State;
  mask(state: State): number;
}

/** Every place in every pattern, numbered. */
function positionsOf(sets: readonly (readonly Pattern[])[]): Machine {
  const positions: Position[] = [];
  const starts: number[] = [];
  const byteSets = new Map<string, ByteSet>();
  let characters = false;
  sets.forEach((patterns, bit) => {
    for (const pattern of patterns) {
      starts.push(positions.length);
      characters ||= countsCharacters(pattern);
      pattern.steps.forEach((step, index) => {
        byteSets.set(step.bytes.key, step.bytes);
        positions.push({ step, next: positions.length + 1, ...(pattern.ends.includes(index) ? { ends: bit } : {}) });
      });
      positions.push({ next: positions.length, ends: bit });
    }
  });
  const closure = (from: Iterable<number>): readonly number[] => {
    const all = new Set<number>();
    for (let at of from) {
      for (;;) {
        all.add(at);
        const { step, next } = positions[at]!;
        if (step === undefined || step.kind === 'bytes' || all.has(next)) break;
        at = next;
      }
    }
    return [...all].sort((left, right) => left - right);
  };
  return {
    starts,
    byteSets: [...byteSets.values()],
    countsCharacters: characters,
    closure,
    after({ positions: from, character }, byte) {
      const to = new Set<number>();
      for (const at of from) {
        const { step, next } = positions[at]!;
        if (step?.bytes.has(byte)) to.add(step.kind === 'any' ? at : next);
      }
      return { positions: closure(to), character: characters ? nextCharacter(character, byte) : 0 };
    },
    mask({ positions: at, character }) {
      let mask = 0;
      for (const index of at) {
        const { ends } = positions[index]!;
        if (ends !== undefined) mask |= 1 << ends;
      }
      return (character === 0 ? mask : mask | (1 << mostPatterns)) >>> 0;
    },
  };
}

function nextCharacter(character: number, byte: number): number {
  if (character === malformed) return malformed;
  const follows = (byte & 0xc0) === 0x80;
  if (character > 0) return follows ? character - 1 : malformed;
  if (follows || byte >= 0xf8) return malformed;
  return byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
}

/** Bytes that every set of them treats alike; the byte 0 has a class of its own, the first. */
function byteClasses(sets: readonly ByteSet[], characters: boolean) {
  const representatives: number[] = [0];
  const known = new Map<string, number>();
  const classOf: number[] = [0];
  for (let byte = 1; byte < 256; byte += 1) {
    let key = characters ? `${nextCharacter(0, byte)}${(byte & 0xc0) === 0x80}` : '';
    for (const set of sets) key += set.has(byte) ? '1' : '0';
    let index = known.get(key);
    if (index === undefined) {
      index = representatives.length;
      known.set(key, index);
      representatives.push(byte);
    }
    classOf.push(index);
  }
  return { representatives, classOf };
}
