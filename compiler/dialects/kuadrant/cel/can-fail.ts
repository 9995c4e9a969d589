import { partsOf } from '../../../../grammars/cel/parts.ts';
import type { Expression, Range } from '../../../../grammars/cel/syntax-tree.ts';
import { operandsOf } from '../../../expressions/cel/chain.ts';
import { printCel } from '../../../expressions/cel/print.ts';
import { pathOf } from './walk.ts';

/** A part of an expression that fails for some requests. */
export interface Failing {
  readonly range: Range;
  /** When it does: `the key is absent`. */
  readonly where: string;
  /** A condition under which it does not, in CEL; undefined where there is no short one. */
  readonly guard: string | undefined;
}

/** Conditions that are known to hold, as the texts of `guardsIn`. */
export type Guards = ReadonlySet<string>;

/**
 * The parts of an expression that can fail when it runs though its types are right: keys that may be absent, items of
 * lists, conversions of texts, divisions, functions of texts on what the body may not have.
 *
 * @param known conditions that hold wherever the expression is evaluated
 */
export function failingIn(expression: Expression, known: Guards): readonly Failing[] {
  const found: Failing[] = [];
  visit(expression, known, found);
  return found;
}

function visit(each: Expression, known: Guards, found: Failing[]): void {
  if (each.kind === 'binary' && (each.operator === '&&' || each.operator === '||')) {
    // An error of one operand is absorbed by the others, whichever comes first.
    const guards = union(known, guardsIn(each, each.operator === '&&'));
    for (const operand of operandsOf(each, each.operator)) visit(operand, guards, found);
    return;
  }
  if (each.kind === 'conditional') {
    visit(each.condition, known, found);
    visit(each.then, union(known, guardsIn(each.condition, true)), found);
    visit(each.otherwise, union(known, guardsIn(each.condition, false)), found);
    return;
  }
  // `has` asks, and does not fail for the last field of its path.
  if (
    each.kind === 'call' &&
    each.name === 'has' &&
    each.target === undefined &&
    each.arguments[0]?.kind === 'select'
  ) {
    visit(each.arguments[0].operand, known, found);
    return;
  }
  for (const part of partsOf(each)) visit(part, known, found);
  const failing = failureOf(each);
  if (failing !== undefined && !known.has(failing.guardKey)) found.push(failing);
}

interface Failure extends Failing {
  readonly guardKey: string;
}

const conversions = new Set(['int', 'uint', 'double', 'timestamp', 'duration']);
const textFunctions = new Set(['startsWith', 'endsWith', 'contains', 'matches', 'split', 'lowerAscii', 'upperAscii']);
/** Maps whose keys are up to whoever sends a request or makes a key. */
const openMaps = new Set(['headers', 'labels', 'annotations']);

function failureOf(each: Expression): Failure | undefined {
  switch (each.kind) {
    case 'index':
      return each.optional ? undefined : indexFailure(each);
    case 'select': {
      const { operand, field, range } = each;
      if (each.optional || !openMaps.has(pathOf(operand)?.at(-1) ?? '')) return undefined;
      return keyFailure(range, `'${field}'`, printCel(operand));
    }
    case 'call':
      return callFailure(each);
    case 'binary': {
      const { operator, left, right, range } = each;
      // Doubles have infinity.
      if ((operator !== '/' && operator !== '%') || right.kind === 'literal' || isDouble(left) || isDouble(right)) {
        return undefined;
      }
      const divisor = printCel(right);
      return { range, where: 'it divides by 0', guard: `${divisor} != 0`, guardKey: `not zero ${divisor}` };
    }
    default:
      return undefined;
  }
}

function indexFailure({ operand, index, range }: Expression & { readonly kind: 'index' }): Failure | undefined {
  const of = printCel(operand);
  if (index.kind !== 'literal') return undefined;
  if (index.value.type === 'string') {
    // Paths below `auth` are checked against what the AuthPolicies export.
    const path = pathOf(operand);
    if (path?.[0] === 'auth' && !openMaps.has(path.at(-1) ?? '')) return undefined;
    return keyFailure(range, printCel(index), of);
  }
  if (index.value.type !== 'int') return undefined;
  // Splitting gives one item at least.
  if (index.value.value === 0n && operand.kind === 'call' && operand.name === 'split') return undefined;
  return {
    range,
    where: 'the list is shorter',
    guard: `size(${of}) > ${index.value.value}`,
    guardKey: `size ${of}`,
  };
}

function keyFailure(range: Range, key: string, of: string): Failure {
  return { range, where: `the key ${key} is absent`, guard: `${key} in ${of}`, guardKey: `key ${key} ${of}` };
}

function callFailure({ name, target, arguments: given, range }: Expression & { readonly kind: 'call' }) {
  const [first] = given;
  if (target === undefined && conversions.has(name) && first !== undefined && first.kind !== 'literal') {
    if (!mayBeText(first)) return undefined;
    const of = printCel(first);
    const guard = name === 'int' || name === 'uint' ? `${of}.matches('^[0-9]{1,18}$')` : undefined;
    return { range, where: `the text is no ${name}`, guard, guardKey: `form ${of}` };
  }
  if (target?.kind === 'call' && target.name === 'requestBodyJSON' && textFunctions.has(name)) {
    const of = printCel(target);
    return { range, where: 'the body has no such text', guard: `${of} != null`, guardKey: `not null ${of}` };
  }
  return undefined;
}

function isDouble(expression: Expression): boolean {
  if (expression.kind === 'literal') return expression.value.type === 'double';
  return expression.kind === 'call' && expression.name === 'double' && expression.target === undefined;
}

/**
 * Paths, items and what functions of texts give; a conversion of numbers does not fail. What AuthPolicies export is
 * taken to be what it should be.
 */
function mayBeText(expression: Expression): boolean {
  const path = pathOf(expression);
  if (path?.[0] === 'auth') return openMaps.has(path.at(-2) ?? '');
  return expression.kind === 'select' || expression.kind === 'index' || expression.kind === 'call';
}

/**
 * What is known where a condition holds, or where it does not.
 *
 * @param holds whether it does
 */
export function guardsIn(condition: Expression, holds: boolean): Guards {
  const found = new Set<string>();
  collect(condition, holds, found);
  return found;
}

function collect(condition: Expression, holds: boolean, found: Set<string>): void {
  if (condition.kind === 'unary' && condition.operator === '!') collect(condition.operand, !holds, found);
  else if (condition.kind === 'binary') {
    const { operator, left, right } = condition;
    if (operator === (holds ? '&&' : '||')) {
      for (const operand of operandsOf(condition, operator)) collect(operand, holds, found);
    } else if (operator === 'in' && holds) found.add(`key ${printCel(left)} ${printCel(right)}`);
    else compared(condition, found);
  } else if (condition.kind === 'call' && holds) {
    const [first] = condition.arguments;
    if (condition.name === 'has' && first?.kind === 'select') {
      found.add(`key '${first.field}' ${printCel(first.operand)}`);
    }
    if (condition.name === 'matches' && condition.target !== undefined) found.add(`form ${printCel(condition.target)}`);
  }
}

/** Whoever compares a size, a divisor or a value with `null` has thought of it, whichever way round. */
function compared({ left, right }: Expression & { readonly kind: 'binary' }, found: Set<string>): void {
  for (const side of [left, right]) {
    const text = printCel(side);
    found.add(`not zero ${text}`);
    found.add(`not null ${text}`);
    if (side.kind === 'call' && side.name === 'size') {
      const of = side.target ?? side.arguments[0];
      if (of !== undefined) found.add(`size ${printCel(of)}`);
    }
  }
}

export function union(left: Guards, right: Guards): Guards {
  return right.size === 0 ? left : new Set([...left, ...right]);
}
