import * as assert from 'uvu/assert';
import { bitOrder, slots } from '../../compiler/verify/seccomp/bit-order.ts';
import { Diagrams } from '../../compiler/verify/seccomp/diagram.ts';
import { Relation } from '../../compiler/verify/seccomp/relation.ts';
import { suite } from '../support/harness.ts';
import { Random } from '../support/random-decision.ts';

const { test, run } = suite('seccomp-diagram');

const slotsInUse = [slots.number, slots.argumentHigh, slots.argumentHigh + 1, slots.argumentHigh + 2];

/** A word in which few bits matter, so that random words meet random constants. */
function sparse(random: Random): number {
  return random.below(4) === 0 ? random.word() : (random.word() & 0xc000_0103) >>> 0;
}

type Test = (words: Uint32Array) => boolean;

interface Atom {
  holds: Test;
  put(diagrams: Diagrams, whenTrue: number, whenFalse: number): number;
}

function randomAtom(random: Random, relations: boolean): Atom {
  const slot = random.pick(slotsInUse);
  const [mask, constant] = [random.below(2) === 0 ? 0xffff_ffff : sparse(random), sparse(random)];
  if (relations && random.below(2) === 0) {
    const kind = random.pick(['equal', 'greater', 'any-bit'] as const);
    const [left, right] = [random.pick([4, 6]), random.pick([4, 6])];
    const other = sparse(random);
    return {
      holds: (words) => {
        const [one, two] = [(words[left]! & mask) >>> 0, (words[right]! & other) >>> 0];
        return kind === 'equal' ? one === two : kind === 'greater' ? one > two : (one & two) !== 0;
      },
      put: (diagrams, whenTrue, whenFalse) => {
        const operands = [
          { slot: left, mask: { high: mask, low: 0 } },
          { slot: right, mask: { high: other, low: 0 } },
        ] as const;
        return new Relation(diagrams, kind, ...operands, 32).build(whenTrue, whenFalse);
      },
    };
  }
  if (random.below(3) === 0) {
    const long = { high: sparse(random), low: sparse(random) };
    const masks = { high: mask, low: random.below(2) === 0 ? 0xffff_ffff : sparse(random) };
    const value = (BigInt(long.high) << 32n) | BigInt(long.low);
    return {
      holds: (words) => {
        const high = (words[4]! & masks.high) >>> 0;
        const low = (words[5]! & masks.low) >>> 0;
        return ((BigInt(high) << 32n) | BigInt(low)) > value;
      },
      put: (diagrams, whenTrue, whenFalse) => diagrams.branchLong('greater', 4, masks, long, whenTrue, whenFalse),
    };
  }
  const kind = random.pick(['equal', 'greater'] as const);
  return {
    holds: (words) => {
      const word = (words[slot]! & mask) >>> 0;
      return kind === 'equal' ? word === constant : word > constant;
    },
    put: (diagrams, whenTrue, whenFalse) => diagrams.branch(kind, slot, mask, constant, whenTrue, whenFalse),
  };
}

test('a diagram of random tests in random order says on every input what the tests say', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    const relations = seed % 2 === 0;
    const diagrams = new Diagrams(10_000_000, bitOrder(new Set(relations ? [4, 6] : [])));
    const atoms = Array.from({ length: 1 + random.below(5) }, () => randomAtom(random, relations));
    // First match: atom i gives i, none gives 99; and the same function built with every test asked twice.
    let node = diagrams.terminal(99);
    let twice = diagrams.terminal(99);
    for (let at = atoms.length - 1; at >= 0; at -= 1) {
      const hit = diagrams.terminal(at);
      node = atoms[at]!.put(diagrams, hit, node);
      twice = atoms[at]!.put(diagrams, hit, atoms[at]!.put(diagrams, diagrams.terminal(1000), twice));
    }
    assert.not(diagrams.exhausted);
    assert.is(node, twice, `seed ${seed}: one function, two nodes`);
    for (let sample = 0; sample < 300; sample += 1) {
      const words = new Uint32Array(16).map(() => sparse(random));
      if (random.below(3) === 0) words[6] = words[4]!;
      const first = atoms.findIndex((atom) => atom.holds(words));
      assert.is(diagrams.evaluate(node, words), first < 0 ? 99 : first, `seed ${seed}: ${words}`);
    }
  }
});

test('every bit of a small word: masks, equality and order are exact', () => {
  for (let mask = 0; mask < 16; mask += 1) {
    for (let constant = 0; constant < 17; constant += 1) {
      const diagrams = new Diagrams(1_000_000, bitOrder(new Set()));
      const [yes, no] = [diagrams.terminal(1), diagrams.terminal(0)];
      const equal = diagrams.branch('equal', slots.number, mask, constant, yes, no);
      const greater = diagrams.branch('greater', slots.number, mask, constant, yes, no);
      for (let word = 0; word < 64; word += 1) {
        const words = new Uint32Array(16);
        words[slots.number] = word;
        assert.is(diagrams.evaluate(equal, words) === 1, (word & mask) === constant);
        assert.is(diagrams.evaluate(greater, words) === 1, (word & mask) > constant);
      }
    }
  }
});

test('equal functions are one node though the table of nodes grows, and unequal ones have a difference', () => {
  const diagrams = new Diagrams(10_000_000, bitOrder(new Set()));
  const random = new Random(5);
  const constants = Array.from({ length: 600 }, () => random.word());
  const build = (from: readonly number[]) =>
    from.reduce(
      (node, constant) =>
        diagrams.branch('equal', slots.number, 0xffff_ffff, constant, diagrams.terminal(constant), node),
      diagrams.terminal(7),
    );
  const node = build(constants);
  assert.ok(diagrams.cells(node) >= 600);
  assert.is(build([...constants].reverse()), node);
  const less = build(constants.slice(1));
  const words = diagrams.difference(node, less);
  assert.is(words[slots.number], constants[0]);
  assert.is(diagrams.evaluate(node, words), constants[0]);
  assert.is(diagrams.evaluate(less, words), 7);
});

test('a node out of order exhausts the diagrams, so that nothing is proven with it', () => {
  const diagrams = new Diagrams(1000, bitOrder(new Set()));
  const upper = diagrams.make(3, diagrams.terminal(0), diagrams.terminal(1));
  diagrams.make(5, upper, diagrams.terminal(0));
  assert.ok(diagrams.exhausted);
});

run();
