import type { Expression } from '../../grammars/hook-programs/tree.ts';
import { report } from '../diagnostics/report.ts';
import { replace } from '../expressions/argument-problems.ts';
import { mirroredOperator } from '../expressions/operators.ts';
import { and, attribute, compare, literal, not, or, type Predicate } from '../expressions/predicate.ts';
import { comparedNumber, memberNumbers } from './numbers.ts';
import {
  type Context,
  checkFamily,
  type FieldOperand,
  type Operand,
  operandOf,
  sourceOf,
  typeName,
} from './operand.ts';
import { comparedText, memberTexts } from './texts.ts';

/** The predicate of a condition; undefined where it is none, which is then reported. */
export function conditionOf(expression: Expression, context: Context): Predicate | undefined {
  switch (expression.kind) {
    case 'logic': {
      const of = expression.of.map((operand) => conditionOf(operand, context));
      const known = of.filter((operand) => operand !== undefined);
      if (known.length < of.length) return undefined;
      return expression.operator === '&&' ? and(...known) : or(...known);
    }
    case 'not': {
      const of = conditionOf(expression.of, context);
      return of && not(of);
    }
    case 'group':
      return conditionOf(expression.of, context);
    case 'comparison':
      return comparison(expression, context);
    case 'membership':
      return membership(expression, context);
    case 'missing':
      return undefined;
    case 'name':
    case 'integer':
    case 'text':
    case 'negative':
    case 'complement':
    case 'bits':
      return bareValue(expression, context);
    default: {
      const unreachable: never = expression;
      return unreachable;
    }
  }
}

/** A truth value is a condition, and `flags & MASK` asks whether a bit of the mask is set; nothing else is one alone. */
function bareValue(expression: Expression, context: Context): Predicate | undefined {
  const operand = operandOf(expression, context);
  if (operand === undefined) return undefined;
  if (operand.kind === 'field' && operand.field.type === 'boolean') {
    return guarded(operand, compare(attribute(operand.attribute), '==', literal(true)));
  }
  if (operand.kind === 'field' && operand.mask !== undefined) {
    return guarded(operand, comparedNumber(operand, '!=', 0n, expression.range, context));
  }
  const text = sourceOf(expression.range, context);
  const span = context.spanOf(expression.range);
  const number = operand.kind === 'field' && operand.field.type === 'integer';
  const type = operand.kind === 'field' ? typeName(operand.field) : operand.kind === 'text' ? 'a text' : 'a number';
  context.diagnostics.push(
    report('POL4160', span, { text, type }, number ? { fixes: [replace(span, `${text} != 0`, false)] } : {}),
  );
  return undefined;
}

function comparison(expression: Extract<Expression, { kind: 'comparison' }>, context: Context): Predicate | undefined {
  const left = operandOf(expression.left, context);
  const right = operandOf(expression.right, context);
  if (left === undefined || right === undefined) return undefined;
  const { operator, range } = expression;
  if (left.kind === 'field' && right.kind !== 'field') return withConstant(left, operator, right, range, context);
  if (right.kind === 'field' && left.kind !== 'field') {
    return withConstant(right, mirroredOperator[operator], left, range, context);
  }
  context.diagnostics.push(report('POL4163', context.spanOf(range), {}));
  return undefined;
}

function withConstant(
  field: FieldOperand,
  operator: Extract<Expression, { kind: 'comparison' }>['operator'],
  constant: Exclude<Operand, FieldOperand>,
  range: Expression['range'],
  context: Context,
): Predicate | undefined {
  if (!fits(field, constant, context)) return undefined;
  if (constant.kind === 'number') {
    checkFamily(field.field, constant.names, context);
    return guarded(field, comparedNumber(field, operator, constant.value, range, context));
  }
  return guarded(field, comparedText(field, operator, constant, range, context));
}

/** Reports a number that is compared with a text, and the other way round. */
function fits(field: FieldOperand, constant: Exclude<Operand, FieldOperand>, context: Context): boolean {
  const { type } = field.field;
  if (type !== 'boolean' && (constant.kind === 'number') === (type === 'integer')) return true;
  context.diagnostics.push(
    report('POL4161', context.spanOf(constant.range), {
      field: field.field.name,
      type: typeName(field.field),
      text: sourceOf(constant.range, context),
      other: constant.kind === 'number' ? 'a number' : 'a text',
    }),
  );
  return false;
}

function membership(expression: Extract<Expression, { kind: 'membership' }>, context: Context): Predicate | undefined {
  const field = operandOf(expression.of, context);
  const items = expression.items.map(({ low, high, range }) => ({
    low: operandOf(low, context),
    ...(high === undefined ? {} : { high: operandOf(high, context) }),
    isRange: high !== undefined,
    range,
  }));
  if (field === undefined) return undefined;
  if (field.kind !== 'field') {
    context.diagnostics.push(report('POL4163', context.spanOf(expression.of.range), {}));
    return undefined;
  }
  const { operator, range } = expression;
  const numbers: { low: bigint; high: bigint; range: Expression['range'] }[] = [];
  const texts: Extract<Operand, { kind: 'text' }>[] = [];
  let whole = items.length > 0;
  for (const { low, high, isRange, range: place } of items) {
    const ends = isRange ? [low, high] : [low];
    for (const end of ends) {
      if (end?.kind === 'field') context.diagnostics.push(report('POL4163', context.spanOf(end.range), {}));
    }
    const constants = ends.filter((end) => end !== undefined && end.kind !== 'field');
    if (constants.length < ends.length || !constants.every((end) => fits(field, end, context))) {
      whole = false;
      continue;
    }
    for (const end of constants) if (end.kind === 'number') checkFamily(field.field, end.names, context);
    const [first, last = first] = constants;
    if (first?.kind === 'number' && last?.kind === 'number') {
      numbers.push({ low: first.value, high: last.value, range: place });
    } else if (first?.kind === 'text' && !isRange) texts.push(first);
    else {
      context.diagnostics.push(
        report('POL4162', context.spanOf(place), { operator: '..', text: sourceOf(place, context), type: 'a text' }),
      );
      whole = false;
    }
  }
  if (!whole) return undefined;
  if (field.field.type !== 'integer') return guarded(field, memberTexts(field, operator, texts, context));
  if (operator === 'in') return guarded(field, memberNumbers(field, numbers, range, context));
  context.diagnostics.push(
    report('POL4162', context.spanOf(range), {
      operator,
      text: sourceOf(expression.of.range, context),
      type: typeName(field.field),
    }),
  );
  return undefined;
}

/** Of a call that has not the field, a comparison with it does not hold. */
function guarded({ field }: FieldOperand, predicate: Predicate | undefined): Predicate | undefined {
  return predicate === undefined || field.given === undefined ? predicate : and(field.given, predicate);
}
