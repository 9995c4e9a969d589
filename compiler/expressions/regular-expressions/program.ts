import type { Ranges } from '../../tables/unicode-classes.ts';
import type { Assertion, RegularExpression } from './syntax-tree.ts';
import { type ByteTree, byteTree } from './utf8-classes.ts';

/** A state of the nondeterministic automaton over bytes. */
export type State =
  /** First byte, last byte, next state; and so on. */
  | { readonly kind: 'bytes'; readonly edges: readonly number[] }
  | { readonly kind: 'split'; readonly to: readonly number[] }
  | { readonly kind: 'assert'; readonly bit: number; readonly to: number }
  | { readonly kind: 'match' };

export interface PatternProgram {
  readonly states: readonly State[];
  readonly start: number;
  /** The bits of all assertions that the pattern has. */
  readonly assertions: number;
}

/** Patterns with more states are not compiled: counts in braces multiply. */
const mostStates = 100_000;

const bits: Readonly<Record<Assertion, number>> = {
  'text start': 1,
  'text end': 2,
  'line start': 4,
  'line end': 8,
  'word boundary': 16,
  'no word boundary': 32,
};

export function assertionBit(assertion: Assertion): number {
  return bits[assertion];
}

/** @returns undefined where the pattern is too large */
export function programOf(expression: RegularExpression): PatternProgram | undefined {
  const writer = new Writer();
  const start = writer.write(expression, writer.add({ kind: 'match' }));
  return writer.states.length > mostStates
    ? undefined
    : { states: writer.states, start, assertions: writer.assertions };
}

class Writer {
  readonly states: State[] = [];
  assertions = 0;
  readonly #trees = new Map<Ranges, ByteTree>();

  add(state: State): number {
    // What is beyond the limit is thrown away.
    if (this.states.length <= mostStates) this.states.push(state);
    return this.states.length - 1;
  }

  /** @returns where the expression begins, of which the end leads on to `next` */
  write(expression: RegularExpression, next: number): number {
    if (this.states.length > mostStates) return next;
    switch (expression.kind) {
      case 'empty':
        return next;
      case 'class':
        return this.#class(expression.ranges, next);
      case 'sequence':
        return expression.of.reduceRight((after, each) => this.write(each, after), next);
      case 'choice':
        return this.add({ kind: 'split', to: expression.of.map((each) => this.write(each, next)) });
      case 'assertion': {
        const bit = bits[expression.of];
        this.assertions |= bit;
        return this.add({ kind: 'assert', bit, to: next });
      }
      case 'repeat':
        return this.#repeat(expression, next);
    }
  }

  #repeat({ of, least, most }: RegularExpression & { kind: 'repeat' }, next: number): number {
    let after = next;
    if (most === undefined) {
      const to: number[] = [];
      after = this.add({ kind: 'split', to });
      to.push(this.write(of, after), next);
    } else {
      // x{0,2} is (x(x)?)?: each may be the last.
      for (let count = least; count < most; count++) {
        after = this.add({ kind: 'split', to: [this.write(of, after), next] });
        if (this.states.length > mostStates) return after;
      }
    }
    for (let count = 0; count < least; count++) after = this.write(of, after);
    return after;
  }

  #class(ranges: Ranges, next: number): number {
    let tree = this.#trees.get(ranges);
    if (tree === undefined) {
      tree = byteTree(ranges);
      this.#trees.set(ranges, tree);
    }
    const { nodes, root, final } = tree;
    const placed: number[] = [];
    for (let node = 0; node <= root; node++) {
      if (node === final) placed.push(next);
      else {
        const edges = nodes[node]!.map((each, index) => (index % 3 === 2 ? placed[each]! : each));
        placed.push(this.add({ kind: 'bytes', edges }));
      }
    }
    return placed[root]!;
  }
}
