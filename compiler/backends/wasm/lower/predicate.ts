import { evaluate } from '../../../expressions/evaluate.ts';
import type { Predicate, Term } from '../../../expressions/predicate.ts';
import type { Label } from '../binary/code.ts';
import { type SlotType, typeOf } from '../layout.ts';
import { testComparison, testRanges } from './comparison.ts';
import type { Exits, Outcome } from './jumps.ts';
import { testNetwork } from './network.ts';
import { nameOf, type Operands } from './operands.ts';
import { testBeneath, testGlob, testMembership } from './texts.ts';

type Leaf = Exclude<Predicate, { kind: 'constant' | 'and' | 'or' | 'not' }>;

/** Writes a predicate as jumps, in Kleene's logic: an operand of `and` or `or` that decides does so whatever is unknown. */
export function lowerPredicate(predicate: Predicate, operands: Operands, exits: Exits): void {
  const { code } = operands;
  switch (predicate.kind) {
    case 'constant':
      leave(operands, exits, predicate.value);
      return;
    case 'not':
      lowerPredicate(predicate.of, operands, {
        whenTrue: exits.whenFalse,
        whenFalse: exits.whenTrue,
        whenUnknown: exits.whenUnknown,
      });
      return;
    case 'and':
    case 'or':
      lowerJunction(predicate.of, predicate.kind === 'or', operands, exits);
      return;
    default: {
      const names = slotsOf(predicate, operands);
      if (names.length === 0) {
        // Of constants alone.
        const value = evaluate(predicate, { attribute: () => undefined, parameter: () => undefined });
        if (value !== undefined) leave(operands, exits, value);
        else if (exits.whenUnknown !== undefined) code.branch(exits.whenUnknown);
        return;
      }
      withLabels(operands, exits, (labels) => {
        for (const [name, type] of names) operands.requireKnown(name, type, labels.whenUnknown);
        lowerLeaf(predicate, operands, {
          whenTrue: labels.whenTrue,
          whenFalse: labels.whenFalse,
          next: exits.whenTrue === undefined ? 'true' : exits.whenFalse === undefined ? 'false' : undefined,
        });
      });
    }
  }
}

function leave({ code }: Operands, { whenTrue, whenFalse }: Exits, value: boolean): void {
  const label = value ? whenTrue : whenFalse;
  if (label !== undefined) code.branch(label);
}

/** Gives the exit that falls through a label of its own, whose end is what is written next. */
function withLabels(
  { code }: Operands,
  exits: Exits,
  write: (labels: { whenTrue: Label; whenFalse: Label; whenUnknown: Label }) => void,
): void {
  const next = code.block();
  const { whenTrue = next, whenFalse = next, whenUnknown = next } = exits;
  write({ whenTrue, whenFalse, whenUnknown });
  code.end();
}

/** @param decisive what decides whatever the other operands are: true for `or` */
function lowerJunction(of: readonly Predicate[], decisive: boolean, operands: Operands, exits: Exits): void {
  const { code } = operands;
  const last = of.at(-1);
  if (last === undefined) {
    leave(operands, exits, !decisive);
    return;
  }
  if (of.length === 1) {
    lowerPredicate(last, operands, exits);
    return;
  }
  withLabels(operands, exits, ({ whenTrue, whenFalse, whenUnknown }) => {
    const decided = decisive ? whenTrue : whenFalse;
    const undecided = decisive ? whenFalse : whenTrue;
    const unknown = code.local('i32');
    const onto = (next: Label, whenOperandUnknown: Label | undefined): Exits => ({
      whenTrue: decisive ? decided : next,
      whenFalse: decisive ? next : decided,
      whenUnknown: whenOperandUnknown,
    });
    for (const operand of of.slice(0, -1)) {
      const next = code.block();
      lowerPredicate(operand, operands, onto(next, undefined));
      code.i32(1);
      code.set(unknown);
      code.end();
    }
    const held = code.block();
    lowerPredicate(last, operands, onto(held, whenUnknown));
    code.end();
    code.get(unknown);
    code.branchIf(whenUnknown);
    code.branch(undecided);
  });
}

/** The attributes and parameters of a test, each with the type of its slot. */
function slotsOf(leaf: Leaf, operands: Operands): readonly (readonly [string, SlotType])[] {
  const { point } = operands.context;
  const found = new Map<string, SlotType>();
  const add = (term: Term, type: SlotType): void => {
    if (term.kind === 'mask') add(term.term, 'integer');
    else if (term.kind === 'attribute') found.set(term.name, type);
    else if (term.kind === 'parameter') found.set(`$${term.name}`, type);
  };
  if (leaf.kind === 'compare') {
    add(leaf.left, typeOf(leaf.left, point, leaf.right));
    add(leaf.right, typeOf(leaf.right, point, leaf.left));
  } else {
    add(leaf.term, leaf.kind === 'in-ranges' ? 'integer' : leaf.kind === 'in-network' ? 'address' : 'text');
  }
  return [...found];
}

/** What it speaks of is known. */
function lowerLeaf(leaf: Leaf, operands: Operands, outcome: Outcome): void {
  switch (leaf.kind) {
    case 'compare':
      testComparison(leaf.left, leaf.operator, leaf.right, operands, outcome);
      return;
    case 'in-set':
      testMembership(operands, nameOf(leaf.term), leaf.values, outcome);
      return;
    case 'glob':
      testGlob(operands, nameOf(leaf.term), leaf.pattern, outcome);
      return;
    case 'beneath':
      testBeneath(operands, nameOf(leaf.term), leaf.pattern, outcome);
      return;
    case 'in-ranges':
      testRanges(leaf.term, leaf.ranges, operands, outcome);
      return;
    case 'in-network':
      testNetwork(nameOf(leaf.term), leaf.network, operands, outcome);
      return;
    default:
      leaf satisfies never;
  }
}
