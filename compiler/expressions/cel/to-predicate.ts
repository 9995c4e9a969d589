import type { Expression } from '../../../grammars/cel/syntax-tree.ts';
import { attribute, compare, inSet, literal, not, type Predicate, type Term } from '../predicate.ts';
import { operandsOf } from './chain.ts';
import { printCel } from './print.ts';

/** How an expression's paths are called in the IR. */
export interface AttributeNames {
  /** The attribute, a text, that an expression stands for; undefined where it is no path that the IR knows. */
  text(expression: Expression): string | undefined;
}

/**
 * A condition in CEL as a predicate: `&&`, `||`, `!`, comparisons of texts, `in` lists, `startsWith`, `endsWith` and
 * `contains`. CEL absorbs errors in `&&` and `||` as Kleene's logic does what is unknown; of `? :` it does not where both
 * branches agree, which predicates cannot say. The smallest part that is
 * anything else becomes an opaque attribute with its text for a name: `condition:request.size > 10`.
 */
export function predicateOfCel(expression: Expression, names: AttributeNames): Predicate {
  switch (expression.kind) {
    case 'literal':
      return expression.value.type === 'bool'
        ? { kind: 'constant', value: expression.value.value }
        : opaque(expression);
    case 'unary':
      return expression.operator === '!' ? not(predicateOfCel(expression.operand, names)) : opaque(expression);
    case 'binary':
      return ofBinary(expression, names);
    case 'call':
      return ofCall(expression, names) ?? opaque(expression);
    default:
      return opaque(expression);
  }
}

/** What a counter counts by: an attribute, or an opaque one with the expression for a name. */
export function counterOfCel(expression: Expression, names: AttributeNames): Term {
  return attribute(names.text(expression) ?? `value:${printCel(expression)}`);
}

function ofBinary(expression: Expression & { readonly kind: 'binary' }, names: AttributeNames): Predicate {
  const { operator, left, right } = expression;
  if (operator === '&&' || operator === '||') {
    const of = operandsOf(expression, operator).map((each) => predicateOfCel(each, names));
    return { kind: operator === '&&' ? 'and' : 'or', of };
  }
  if (operator === '==' || operator === '!=') {
    const [one, other] = [termOf(left, names), termOf(right, names)];
    // Of two constants nothing is to be decided here; they stay as they are written.
    if (one === undefined || other === undefined || (one.kind === 'literal' && other.kind === 'literal')) {
      return opaque(expression);
    }
    return compare(one, operator, other);
  }
  if (operator === 'in' && right.kind === 'list') {
    const name = names.text(left);
    const values = right.elements.flatMap(({ value }) => textOf(value) ?? []);
    if (name !== undefined && values.length === right.elements.length) return inSet(attribute(name), values);
  }
  return opaque(expression);
}

function ofCall(call: Expression & { readonly kind: 'call' }, names: AttributeNames): Predicate | undefined {
  const [first, second] = call.arguments;
  if (call.target === undefined || first === undefined || second !== undefined) return undefined;
  const [name, text] = [names.text(call.target), textOf(first)];
  if (name === undefined || text === undefined || /[*?]/.test(text)) return undefined;
  const pattern = { startsWith: `${text}*`, endsWith: `*${text}`, contains: `*${text}*` }[call.name];
  return pattern === undefined ? undefined : { kind: 'glob', term: attribute(name), pattern };
}

function termOf(expression: Expression, names: AttributeNames): Term | undefined {
  const text = textOf(expression);
  if (text !== undefined) return literal(text);
  const name = names.text(expression);
  return name === undefined ? undefined : attribute(name);
}

function textOf(expression: Expression): string | undefined {
  return expression.kind === 'literal' && expression.value.type === 'string' ? expression.value.value : undefined;
}

function opaque(expression: Expression): Predicate {
  return opaqueCondition(printCel(expression));
}

/** A condition of which only its text is known. */
export function opaqueCondition(text: string): Predicate {
  return compare(attribute(`condition:${text}`), '==', literal(true));
}
