import { matchesGlob } from './glob.ts';
import { isInNetwork } from './network.ts';
import { isBeneath } from './path-pattern.ts';
import type { CompareOperator, Predicate, Term, Value } from './predicate.ts';

/** What a predicate is evaluated against; undefined is *unknown*. */
export interface Environment {
  attribute(name: string): Value | undefined;
  parameter(name: string): Value | undefined;
}

/** The reference evaluator of predicates, in Kleene's logic: undefined is unknown. */
export function evaluate(predicate: Predicate, environment: Environment): boolean | undefined {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value;
    case 'not': {
      const inner = evaluate(predicate.of, environment);
      return inner === undefined ? undefined : !inner;
    }
    case 'and':
      return junction(predicate.of, environment, false);
    case 'or':
      return junction(predicate.of, environment, true);
    case 'compare': {
      const left = termValue(predicate.left, environment);
      const right = termValue(predicate.right, environment);
      return left === undefined || right === undefined ? undefined : compareValues(left, predicate.operator, right);
    }
    case 'in-set': {
      const value = termValue(predicate.term, environment);
      return value === undefined ? undefined : predicate.values.includes(value as string);
    }
    case 'in-ranges': {
      const value = termValue(predicate.term, environment);
      if (value === undefined) return undefined;
      return predicate.ranges.some((range) => (value as bigint) >= range.low && (value as bigint) <= range.high);
    }
    case 'beneath':
      return onString(predicate.term, environment, (path) => isBeneath(path, predicate.pattern));
    case 'glob':
      return onString(predicate.term, environment, (text) => matchesGlob(text, predicate.pattern));
    case 'in-network':
      return onString(predicate.term, environment, (address) => isInNetwork(address, predicate.network));
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

/** `and` where `decisive` is false, `or` where it is true: one decisive operand decides whatever the others are. */
function junction(of: readonly Predicate[], environment: Environment, decisive: boolean): boolean | undefined {
  let unknown = false;
  for (const operand of of) {
    const value = evaluate(operand, environment);
    if (value === decisive) return decisive;
    if (value === undefined) unknown = true;
  }
  return unknown ? undefined : !decisive;
}

function onString(
  term: Term,
  environment: Environment,
  test: (text: string) => boolean | undefined,
): boolean | undefined {
  const value = termValue(term, environment);
  return typeof value === 'string' ? test(value) : undefined;
}

function termValue(term: Term, environment: Environment): Value | undefined {
  switch (term.kind) {
    case 'literal':
      return term.value;
    case 'attribute':
      return environment.attribute(term.name);
    case 'parameter':
      return environment.parameter(term.name);
    case 'mask': {
      const value = termValue(term.term, environment);
      return typeof value === 'bigint' ? value & term.mask : undefined;
    }
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}

/** Compares two values of one type; integers by value, texts by code units. */
export function compareValues(left: Value, operator: CompareOperator, right: Value): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default: {
      const unreachable: never = operator;
      return unreachable;
    }
  }
}
