import type { ComparisonOperator, MembershipOperator, TextRange } from '../../grammars/conditions/tree.ts';
import { quoteText } from '../../grammars/hook-programs/text.ts';
import { report } from '../diagnostics/report.ts';
import { replace } from '../expressions/argument-problems.ts';
import { parseNetwork } from '../expressions/network.ts';
import { and, attribute, compare, inSet, literal, never, not, or, type Predicate } from '../expressions/predicate.ts';
import { components } from '../paths.ts';
import { shorten } from '../schema/scalars.ts';
import { type Context, type FieldOperand, sourceOf, typeName } from './operand.ts';

interface TextOperand {
  readonly value: string;
  readonly range: TextRange;
}

/** `field operator "text"`; undefined where it means nothing, which is then reported. */
export function comparedText(
  operand: FieldOperand,
  operator: ComparisonOperator,
  text: TextOperand,
  range: TextRange,
  context: Context,
): Predicate | undefined {
  if (operator !== '==' && operator !== '!=') return refuse(operand, operator, range, context);
  const equal = memberTexts(operand, 'in', [text], context, '==');
  if (equal === undefined || operator === '==') return equal;
  return equal.kind === 'compare' ? { ...equal, operator } : not(equal);
}

/**
 * `field in ["a", "b"]`, `field beneath "/a"`, `field like "a*"`.
 *
 * @param written the operator that the author wrote
 */
export function memberTexts(
  operand: FieldOperand,
  operator: MembershipOperator,
  texts: readonly TextOperand[],
  context: Context,
  written: MembershipOperator | '==' = operator,
): Predicate | undefined {
  const { type } = operand.field;
  const of =
    type === 'path'
      ? texts.map((text) => pathTest(operand, operator, text, context, written))
      : type === 'address'
        ? texts.map((text) => addressTest(operand, operator, text, context, written))
        : texts.map((text) => textTest(operand, operator, text, context));
  const known = of.filter((each) => each !== undefined);
  if (known.length < of.length || known.length === 0) return undefined;
  return joined(operand, known);
}

/** Several texts that are compared as they stand are one set. */
function joined(operand: FieldOperand, tests: readonly Predicate[]): Predicate {
  if (tests.length === 1) return tests[0]!;
  const plain: string[] = [];
  const others: Predicate[] = [];
  for (const test of tests) {
    const value = test.kind === 'compare' && test.right.kind === 'literal' ? test.right.value : undefined;
    if (typeof value === 'string') plain.push(value);
    else others.push(test);
  }
  return or(...(plain.length === 0 ? [] : [inSet(attribute(operand.attribute), plain)]), ...others);
}

function textTest(
  operand: FieldOperand,
  operator: MembershipOperator,
  text: TextOperand,
  context: Context,
): Predicate | undefined {
  const term = attribute(operand.attribute);
  if (operator === 'beneath') return refuse(operand, operator, text.range, context);
  // TASK_COMM_LEN is 16, with the NUL; of other texts at most 255 bytes are read (NAME_MAX).
  const limit = /(?:^|_)comm$/.test(operand.field.name) ? 15 : 255;
  const least = operator === 'like' ? text.value.replaceAll('*', '') : text.value;
  if (new TextEncoder().encode(least).length > limit) {
    const span = context.spanOf(text.range);
    context.diagnostics.push(report('POL4168', span, { text: shorten(text.value), field: operand.field.name, limit }));
    return never;
  }
  if (operator === 'in') return compare(term, '==', literal(text.value));
  return { kind: 'glob', term, pattern: text.value };
}

function pathTest(
  operand: FieldOperand,
  operator: MembershipOperator,
  text: TextOperand,
  context: Context,
  written: string,
): Predicate | undefined {
  const { value, range } = text;
  const span = context.spanOf(range);
  const path = normalised(value);
  if (path === undefined) {
    context.diagnostics.push(report('POL4165', span, { path: shorten(value) }));
    return undefined;
  }
  if (path !== value) {
    const fixes = [replace(span, quoteText(path), true)];
    context.diagnostics.push(report('POL4165', span, { path: shorten(value) }, { help: `write \`${path}\``, fixes }));
    return undefined;
  }
  const term = attribute(operand.attribute);
  if (operator === 'in') {
    if (/[*?]/.test(value)) context.diagnostics.push(report('POL4169', span, { text: value, operator: written }));
    return compare(term, '==', literal(value));
  }
  if (value.includes('**')) {
    context.diagnostics.push(report('POL4170', span, { pattern: value }));
    return undefined;
  }
  const within = { kind: 'beneath', term, pattern: value } as const;
  if (operator === 'beneath') return within;
  if (!/[*?]/.test(value)) return compare(term, '==', literal(value));
  // What lies deeper has one component more, whatever it is.
  return and(within, not({ kind: 'beneath', term, pattern: `${value}/*` }));
}

/** The path without a slash at its end and empty and `.` components; undefined where it is relative or has `..`. */
function normalised(path: string): string | undefined {
  if (!path.startsWith('/')) return undefined;
  const parts = components(path);
  return parts.includes('..') ? undefined : `/${parts.join('/')}`;
}

function addressTest(
  operand: FieldOperand,
  operator: MembershipOperator,
  text: TextOperand,
  context: Context,
  written: string,
): Predicate | undefined {
  if (operator !== 'in') return refuse(operand, operator, text.range, context);
  const network = parseNetwork(text.value);
  if (network === undefined || !network.exact || (written === '==' && text.value.includes('/'))) {
    const hint =
      network === undefined
        ? 'write an address, `10.1.2.3` or `2001:db8::1`, or a block, `10.0.0.0/8`'
        : network.exact
          ? 'a block is asked with `in`'
          : 'the bits behind the prefix have to be 0';
    const span = context.spanOf(text.range);
    context.diagnostics.push(report('POL4167', span, { text: shorten(text.value), hint }));
    return undefined;
  }
  return { kind: 'in-network', term: attribute(operand.attribute), network: text.value };
}

function refuse(operand: FieldOperand, operator: string, range: TextRange, context: Context): undefined {
  context.diagnostics.push(
    report('POL4162', context.spanOf(range), {
      operator,
      text: sourceOf(operand.range, context),
      type: typeName(operand.field),
    }),
  );
  return undefined;
}
