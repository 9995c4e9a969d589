import { Automaton, matched } from './automaton.ts';
import { parsePattern } from './parse.ts';
import { programOf } from './program.ts';

/** The smallest deterministic automaton of a pattern, as a table. */
export interface PatternTable {
  /** For each byte its class. */
  readonly classes: Uint8Array;
  readonly classCount: number;
  readonly stateCount: number;
  readonly start: number;
  /** `next[state * classCount + class]`. */
  readonly next: Uint16Array;
  /** For each state 1 where a text that ends there matches. */
  readonly accepts: Uint8Array;
  /** The states that no byte leaves: in one every text matches, in the other none does; undefined where there is none. */
  readonly accepted: number | undefined;
  readonly refused: number | undefined;
}

/** Automata with more states are not made tables of. */
const mostTableStates = 2000;

/** The table of a pattern; `invalid` where RE2 takes it for none, `too large` where its table would be. */
export function patternTable(pattern: string): PatternTable | 'invalid' | 'too large' {
  const tree = parsePattern(pattern);
  if (tree === undefined) return 'invalid';
  const program = programOf(tree);
  if (program === undefined) return 'too large';
  const automaton = new Automaton(program);
  const next: number[][] = [];
  for (let state = 0; state < automaton.size; state++) {
    const row: number[] = [];
    for (let byteClass = 0; byteClass < automaton.classCount; byteClass++) row.push(automaton.next(state, byteClass));
    if (automaton.size > mostTableStates) return 'too large';
    next.push(row);
  }
  const accepts = next.map((_, state) => (automaton.matchesAtEnd(state) ? 1 : 0));
  return smallest(next, accepts, automaton);
}

/** Moore's algorithm: states are one until a byte tells them apart. */
function smallest(
  next: readonly (readonly number[])[],
  accepts: readonly number[],
  { classes, classCount, start }: Automaton,
): PatternTable {
  let blocks: readonly number[] = accepts;
  for (let count = new Set(blocks).size; ; ) {
    const numbers = new Map<string, number>();
    const finer = next.map((row, state) => {
      const key = `${blocks[state]}:${row.map((each) => blocks[each]).join()}`;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
    blocks = finer;
    if (numbers.size === count) break;
    count = numbers.size;
  }
  const stateCount = Math.max(...blocks) + 1;
  const table = new Uint16Array(stateCount * classCount);
  const ends = new Uint8Array(stateCount);
  next.forEach((row, state) => {
    const block = blocks[state]!;
    ends[block] = accepts[state]!;
    row.forEach((each, byteClass) => {
      table[block * classCount + byteClass] = blocks[each]!;
    });
  });
  const stays = (state: number) =>
    table.subarray(state * classCount, (state + 1) * classCount).every((each) => each === state);
  const resting = Array.from({ length: stateCount }, (_, state) => state).filter(stays);
  const accepted = blocks[matched]!;
  return {
    classes,
    classCount,
    stateCount,
    start: blocks[start]!,
    next: table,
    accepts: ends,
    accepted:
      next.some((row, state) => state !== matched && row.includes(matched)) || start === matched ? accepted : undefined,
    refused: resting.find((state) => ends[state] === 0),
  };
}
