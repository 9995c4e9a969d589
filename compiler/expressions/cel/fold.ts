import type { Expression, Literal } from '../../../grammars/cel/syntax-tree.ts';
import type { Environment } from './environment.ts';
import { interpreter } from './evaluate.ts';
import { macroOf } from './macros.ts';
import { type Result, Uint } from './value.ts';

/** Longer strings and bytes are left as the expression that makes them. */
const longestLiteral = 4096;

/**
 * The expression with its constant parts computed: it has the same value as the original whatever the variables are, and
 * is an error where that is one. What fails stays as written (`1 / 0`), since it may be meant, or never be reached;
 * `x && false` is false even where `x` fails. Computed parts have the range of what they replace.
 */
export function fold(expression: Expression, environment: Environment): Expression {
  const inner = (each: Expression) => fold(each, environment);
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
    case 'hole':
      return expression;
    case 'select':
      return computed({ ...expression, operand: inner(expression.operand) }, environment);
    case 'index':
      return computed(
        { ...expression, operand: inner(expression.operand), index: inner(expression.index) },
        environment,
      );
    case 'unary':
      return computed({ ...expression, operand: inner(expression.operand) }, environment);
    case 'binary': {
      const folded = { ...expression, left: inner(expression.left), right: inner(expression.right) };
      return junction(folded) ?? computed(folded, environment);
    }
    case 'conditional': {
      const condition = inner(expression.condition);
      const decided = booleanOf(condition);
      if (decided !== undefined) return inner(decided ? expression.then : expression.otherwise);
      // biome-ignore lint/suspicious/noThenProperty: the syntax tree's name of the branch
      return { ...expression, condition, then: inner(expression.then), otherwise: inner(expression.otherwise) };
    }
    case 'list':
      return {
        ...expression,
        elements: expression.elements.map((each) => ({ ...each, value: inner(each.value) })),
      };
    case 'map':
      return {
        ...expression,
        entries: expression.entries.map((each) => ({ ...each, key: inner(each.key), value: inner(each.value) })),
      };
    case 'message':
      return { ...expression, fields: expression.fields.map((each) => ({ ...each, value: inner(each.value) })) };
    case 'call':
      return call(expression, environment);
  }
}

function call(expression: Expression & { kind: 'call' }, environment: Environment): Expression {
  const inner = (each: Expression) => fold(each, environment);
  const macro = macroOf(expression, environment.macros);
  const { target } = expression;
  if (macro === undefined || macro.kind === 'variadic') {
    const folded = { ...expression, arguments: expression.arguments.map(inner) };
    return computed(target === undefined ? folded : { ...folded, target: inner(target) }, environment);
  }
  // `has` asks for a field: `has({'a': 1}.a)` must not become `has(1)`.
  if (macro.kind === 'has' || macro.kind === 'wrong') return expression;
  const folded = { ...expression, arguments: expression.arguments.map(inner) };
  return target === undefined || target.kind === 'identifier' ? folded : { ...folded, target: inner(target) };
}

/** `&&` and `||` with a constant operand. */
function junction(expression: Expression & { kind: 'binary' }): Expression | undefined {
  const { operator, left, right, range } = expression;
  if (operator !== '&&' && operator !== '||') return undefined;
  const decisive = operator === '||';
  const sides = [booleanOf(left), booleanOf(right)];
  if (sides.includes(decisive)) return { kind: 'literal', range, value: { type: 'bool', value: decisive } };
  if (sides[0] !== undefined && isCondition(right)) return right;
  return sides[1] !== undefined && isCondition(left) ? left : undefined;
}

function booleanOf(expression: Expression): boolean | undefined {
  return expression.kind === 'literal' && expression.value.type === 'bool' ? expression.value.value : undefined;
}

/** True where the value is a boolean or an error whatever the variables are, so that `true && x` is `x`. */
function isCondition(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return expression.value.type === 'bool';
    case 'unary':
      return expression.operator === '!';
    case 'binary':
      return ['&&', '||', '==', '!=', '<', '<=', '>', '>=', 'in'].includes(expression.operator);
    default:
      return false;
  }
}

/** The literal that an expression of constants is, or the expression where it fails or is no literal. */
function computed(expression: Expression, environment: Environment): Expression {
  if (!partsOf(expression).every(isConstant)) return expression;
  const literal = literalOf(interpreter(expression, environment)({}));
  return literal === undefined ? expression : { kind: 'literal', range: expression.range, value: literal };
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'select':
      return [expression.operand];
    case 'index':
      return [expression.operand, expression.index];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.target === undefined ? expression.arguments : [expression.target, ...expression.arguments];
    default:
      return [];
  }
}

function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return true;
    case 'list':
      return expression.elements.every(({ value, optional }) => !optional && isConstant(value));
    case 'map':
      return expression.entries.every(({ key, value, optional }) => !optional && isConstant(key) && isConstant(value));
    default:
      return false;
  }
}

function literalOf(value: Result): Literal | undefined {
  switch (typeof value) {
    case 'boolean':
      return { type: 'bool', value };
    case 'bigint':
      return { type: 'int', value };
    case 'number':
      return Number.isFinite(value) ? { type: 'double', value } : undefined;
    case 'string':
      return value.length > longestLiteral ? undefined : { type: 'string', value };
    default:
      if (value === null) return { type: 'null' };
      if (value instanceof Uint) return { type: 'uint', value: value.value };
      return value instanceof Uint8Array && value.length <= longestLiteral ? { type: 'bytes', value } : undefined;
  }
}
