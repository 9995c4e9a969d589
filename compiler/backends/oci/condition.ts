import { compareValues } from '../../expressions/evaluate.ts';
import { mirroredOperator } from '../../expressions/operators.ts';
import type { Predicate, Term, Value } from '../../expressions/predicate.ts';
import { type Cube, comparisonCubes, everything, intersectAll, isEverything, rangeCubes, subtractAll } from './cube.ts';

/** Which calls are asked about; what is left of a predicate is then about their arguments alone. */
export interface Call {
  readonly arch: string;
  readonly newer: boolean;
  /** For each leaf about names, whether it holds for a call that no leaf names. */
  readonly unnamed: ReadonlyMap<Predicate, boolean>;
  /** The leaves that answer otherwise for these calls. */
  readonly otherwise: ReadonlySet<Predicate>;
}

/**
 * The argument vectors for which a predicate holds at a call, as disjoint cubes.
 *
 * @returns undefined where cubes cannot say it: two arguments compared, a launch-time parameter, too many cubes.
 */
export function conditionCubes(predicate: Predicate, call: Call): readonly Cube[] | undefined {
  const unnamed = call.unnamed.get(predicate);
  if (unnamed !== undefined) return truth(unnamed !== call.otherwise.has(predicate));
  switch (predicate.kind) {
    case 'constant':
      return truth(predicate.value);
    case 'not': {
      const inner = conditionCubes(predicate.of, call);
      return inner === undefined ? undefined : subtractAll(whole, inner);
    }
    case 'and': {
      let joined = whole;
      for (const operand of predicate.of) {
        const cubes = conditionCubes(operand, call);
        if (cubes === undefined) {
          if (isNever(predicate, call)) return [];
          return undefined;
        }
        if (cubes.length === 0) return [];
        const next = intersectAll(joined, cubes);
        if (next === undefined) return undefined;
        joined = next;
      }
      return joined;
    }
    case 'or': {
      let joined: readonly Cube[] = [];
      for (const operand of predicate.of) {
        if (isEverything(joined)) break;
        const cubes = conditionCubes(operand, call);
        if (cubes === undefined) return undefined;
        const fresh = subtractAll(cubes, joined);
        if (fresh === undefined) return undefined;
        joined = fresh.length === 0 ? joined : [...joined, ...fresh];
      }
      return joined;
    }
    case 'compare': {
      const left = operandOf(predicate.left, call);
      const right = operandOf(predicate.right, call);
      if (left === undefined || right === undefined) return undefined;
      if (left.kind === 'value' && right.kind === 'value') {
        return truth(compareValues(left.value, predicate.operator, right.value));
      }
      if (left.kind === 'argument' && right.kind === 'value' && typeof right.value === 'bigint') {
        return comparisonCubes(left.index, left.mask, predicate.operator, right.value);
      }
      if (right.kind === 'argument' && left.kind === 'value' && typeof left.value === 'bigint') {
        return comparisonCubes(right.index, right.mask, mirroredOperator[predicate.operator], left.value);
      }
      return undefined;
    }
    case 'in-set': {
      const term = operandOf(predicate.term, call);
      if (term?.kind !== 'value') return undefined;
      return truth(predicate.values.includes(String(term.value)));
    }
    case 'in-ranges': {
      const term = operandOf(predicate.term, call);
      if (term?.kind !== 'argument') return undefined;
      if (term.mask === allBits) return predicate.ranges.flatMap((range) => rangeCubes(term.index, range));
      let joined: readonly Cube[] = [];
      for (const { low, high } of predicate.ranges) {
        const above = comparisonCubes(term.index, term.mask, '>=', low);
        const inside = intersectAll(above, comparisonCubes(term.index, term.mask, '<=', high));
        if (inside === undefined) return undefined;
        joined = [...joined, ...inside];
      }
      return joined;
    }
    case 'glob':
    case 'beneath':
    case 'in-network':
      return undefined;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

/** A conjunction is about another call when one of its operands says so, whatever the others are. */
function isNever(predicate: Predicate & { readonly kind: 'and' }, call: Call): boolean {
  return predicate.of.some((operand) => conditionCubes(operand, call)?.length === 0);
}

const allBits = (1n << 64n) - 1n;

const whole: readonly Cube[] = [everything];

function truth(value: boolean): readonly Cube[] {
  return value ? whole : [];
}

type Operand =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'argument'; readonly index: number; readonly mask: bigint };

const argumentOf: ReadonlyMap<string, Operand> = new Map(
  [0, 1, 2, 3, 4, 5].map((index) => [`arg${index}`, { kind: 'argument', index, mask: allBits }]),
);

function operandOf(term: Term, call: Call): Operand | undefined {
  switch (term.kind) {
    case 'literal':
      return { kind: 'value', value: term.value };
    case 'attribute':
      if (term.name === 'arch' || term.name === 'newer') {
        return { kind: 'value', value: call[term.name] };
      }
      return argumentOf.get(term.name);
    case 'mask': {
      const inner = operandOf(term.term, call);
      if (inner?.kind === 'argument') return { ...inner, mask: inner.mask & term.mask };
      return inner !== undefined && typeof inner.value === 'bigint'
        ? { kind: 'value', value: inner.value & term.mask }
        : undefined;
    }
    case 'parameter':
      return undefined;
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}
