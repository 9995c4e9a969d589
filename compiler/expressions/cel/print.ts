import { precedenceOf } from '../../../grammars/cel/operators.ts';
import type { Element, Expression, Literal, MapEntry, MessageField } from '../../../grammars/cel/syntax-tree.ts';
import { isFieldName } from './field-name.ts';
import { quoted, quotedBytes } from './quote.ts';

/** How tightly what is printed must bind; binary operators have 1 to 5. */
const anything = 0;
const operation = 1;
const unary = 6;
const member = 7;

/**
 * An expression in canonical text, on one line: single quotes, and parentheses only where the tree would be another without
 * them. What is printed parses to the same tree, apart from its ranges; a `hole` prints as what was understood of it.
 */
export function printCel(expression: Expression): string {
  return print(expression, anything);
}

function print(expression: Expression, least: number): string {
  const text = bare(expression);
  return tightness(expression) < least ? `(${text})` : text;
}

function tightness(expression: Expression): number {
  switch (expression.kind) {
    case 'conditional':
      return anything;
    case 'binary':
      return precedenceOf(expression.operator);
    case 'unary':
      return unary;
    case 'hole':
      return expression.parts.length === 1 ? tightness(expression.parts[0]!) : member;
    default:
      return member;
  }
}

function bare(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression.value);
    case 'identifier':
      return (expression.rooted ? '.' : '') + expression.name;
    case 'select':
      return `${print(expression.operand, member)}${expression.optional ? '.?' : '.'}${fieldName(expression.field)}`;
    case 'index':
      return `${print(expression.operand, member)}${expression.optional ? '[?' : '['}${printCel(expression.index)}]`;
    case 'call': {
      const target = expression.target === undefined ? '' : `${print(expression.target, member)}.`;
      return `${expression.rooted ? '.' : ''}${target}${expression.name}(${expression.arguments.map(printCel).join(', ')})`;
    }
    case 'unary':
      return printUnary(expression);
    case 'binary': {
      const precedence = precedenceOf(expression.operator);
      const left = print(expression.left, precedence);
      return `${left} ${expression.operator} ${print(expression.right, precedence + 1)}`;
    }
    case 'conditional': {
      const then = print(expression.then, operation);
      return `${print(expression.condition, operation)} ? ${then} : ${printCel(expression.otherwise)}`;
    }
    case 'list':
      return `[${expression.elements.map(printElement).join(', ')}]`;
    case 'map':
      return `{${expression.entries.map(printEntry).join(', ')}}`;
    case 'message':
      return `${expression.rooted ? '.' : ''}${expression.name}{${expression.fields.map(printField).join(', ')}}`;
    case 'hole':
      return expression.parts.map((part) => print(part, expression.parts.length === 1 ? anything : member)).join(' ');
    default: {
      const unreachable: never = expression;
      return unreachable;
    }
  }
}

function printUnary({ operator, operand }: Extract<Expression, { kind: 'unary' }>): string {
  const text = print(operand, unary);
  // `!` and `-` do not mix, `-1` is a number of its own, and `--1` is 1 negated twice.
  const other = operand.kind === 'unary' && operand.operator !== operator;
  return other || (operator === '-' && /^-?[0-9]/.test(text)) ? `${operator}(${text})` : operator + text;
}

function printElement({ value, optional }: Element): string {
  return (optional ? '?' : '') + printCel(value);
}

function printEntry({ key, value, optional }: MapEntry): string {
  return `${optional ? '?' : ''}${printCel(key)}: ${printCel(value)}`;
}

function printField({ name, value, optional }: MessageField): string {
  return `${optional ? '?' : ''}${fieldName(name)}: ${printCel(value)}`;
}

function fieldName(name: string): string {
  return isFieldName(name) ? name : `\`${name}\``;
}

/** A constant as CEL writes it. */
function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'null':
      return 'null';
    case 'bool':
    case 'int':
      return String(literal.value);
    case 'uint':
      return `${literal.value}u`;
    case 'double':
      return printDouble(literal.value);
    case 'string':
      return quoted(literal.value);
    case 'bytes':
      return quotedBytes(literal.value);
    default: {
      const unreachable: never = literal;
      return unreachable;
    }
  }
}

function printDouble(value: number): string {
  if (!Number.isFinite(value)) return `double('${value}')`;
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
