import { parseArgumentRule } from '../../grammars/argument-rules/parse.ts';
import type { ComparisonOperator, Expression, Item, TextRange } from '../../grammars/argument-rules/tree.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { type ScalarMap, scalarMap } from '../source/scalar-map.ts';
import type { SourceText } from '../source/text.ts';
import type { ScalarNode } from '../source/tree.ts';
import type { Architecture } from '../tables/architectures.ts';
import {
  type ArgumentOperand,
  type ConstantOperand,
  operandOf,
  type RuleContext,
  sourceOf,
} from './argument-operand.ts';
import { problemReport, replace } from './argument-problems.ts';
import { checkArgument } from './argument-uses.ts';
import { accepted, holds, largest, merged } from './possible-values.ts';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  never,
  not,
  or,
  type Predicate,
  type Range,
  type Term,
} from './predicate.ts';

export interface LoweredRule {
  /** Over `arg0` to `arg5` and, where a constant differs between the architectures, `arch`. Undefined after an error. */
  readonly predicate: Predicate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and lowers the `when:` of a seccomp rule. Never throws.
 *
 * Arguments are the 64 bits that the kernel hands to the filter. Of an `int` argument the kernel itself uses the low 32
 * only, so a rule that refuses something by `arg0 == 2` is passed by with other high bits; `arg0 & 0xffffffff == 2` is not.
 *
 * @param source the file that the scalar stands in
 * @param syscalls the names of the calls that the rule speaks of, for what is said about their arguments
 * @param architectures those that the policy is for, at least one; constants are resolved for each
 */
export function lowerArgumentRule(
  source: SourceText,
  scalar: ScalarNode,
  syscalls: readonly string[],
  architectures: readonly Architecture[],
): LoweredRule {
  const { tree, problems } = parseArgumentRule(scalar.text);
  const diagnostics: Diagnostic[] = [];
  let map: ScalarMap | undefined;
  const spanOf = ({ start, end }: TextRange) => {
    map ??= scalarMap(source, scalar);
    return map.span(start, end);
  };
  for (const problem of problems) diagnostics.push(problemReport(problem, spanOf));
  const context: RuleContext = { text: scalar.text, spanOf, syscalls, architectures, diagnostics };
  const predicate = condition(tree, context);
  diagnostics.sort((left, right) => left.span.start - right.span.start);
  const broken = diagnostics.some(({ severity }) => severity === 'error');
  return { predicate: broken ? undefined : predicate, diagnostics };
}

function condition(expression: Expression, context: RuleContext): Predicate | undefined {
  switch (expression.kind) {
    case 'logic': {
      const of = expression.of.map((operand) => condition(operand, context));
      const known = of.filter((operand) => operand !== undefined);
      if (known.length < of.length) return undefined;
      return expression.operator === '&&' ? and(...known) : or(...known);
    }
    case 'not': {
      const of = condition(expression.of, context);
      return of === undefined ? undefined : not(of);
    }
    case 'group':
      return condition(expression.of, context);
    case 'comparison':
      return comparison(expression, context);
    case 'membership':
      return membership(expression, context);
    case 'missing':
      return undefined;
    case 'argument':
    case 'name':
    case 'integer':
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

/** `arg1 & MASK` alone asks whether a bit of the mask is set; no other number is a condition. */
function bareValue(expression: Expression, context: RuleContext): Predicate | undefined {
  const operand = operandOf(expression, context);
  if (operand === undefined) return undefined;
  const { range } = expression;
  if (operand.kind === 'constant' || operand.masks === undefined) {
    const written = sourceOf(range, context);
    const span = context.spanOf(range);
    const options =
      operand.kind === 'argument'
        ? { fixes: [replace(span, `${written} != 0`, false)] }
        : {
            help: `compare an argument with it: \`arg0 == ${written}\`; several values are a list: \`arg0 in [A, B]\``,
          };
    context.diagnostics.push(report('POL4001', span, { text: written }, options));
    return undefined;
  }
  checkArgument(operand, false, context);
  return compared(
    operand,
    '!=',
    context.architectures.map(() => 0n),
    range,
    context,
  );
}

const flipped: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function comparison(
  expression: Extract<Expression, { kind: 'comparison' }>,
  context: RuleContext,
): Predicate | undefined {
  const { left, right, operator, range } = expression;
  const first = operandOf(left, context, maskAdvice(right, flipped[operator], left, context));
  const second = operandOf(right, context, maskAdvice(left, operator, right, context));
  if (first === undefined || second === undefined) {
    // Said also where the other side is wrong: both have to be corrected.
    for (const operand of [first, second]) if (operand?.kind === 'argument') checkArgument(operand, false, context);
    return undefined;
  }
  if (first.kind === 'argument') {
    if (second.kind === 'constant') return withConstant(first, operator, second, range, context);
    context.diagnostics.push(report('POL4005', context.spanOf(range), {}));
    return undefined;
  }
  if (second.kind === 'argument') return withConstant(second, flipped[operator], first, range, context);
  const answers = first.values.map((value, at) =>
    accepted(operator, second.values[at]!).some(({ low, high }) => low <= value && value <= high),
  );
  decided(
    answers.map((answer) => (answer ? 'always' : 'never')),
    range,
    context,
  );
  return perArchitecture(
    answers.map((answer) => (answer ? always : never)),
    answers.map(String),
    context,
  );
}

function withConstant(
  operand: ArgumentOperand,
  operator: ComparisonOperator,
  constant: ConstantOperand,
  range: TextRange,
  context: RuleContext,
): Predicate | undefined {
  const isNull = operand.masks === undefined && constant.values.every((value) => value === 0n);
  checkArgument(operand, isNull && (operator === '==' || operator === '!='), context);
  if (operator === '==' || operator === '!=') signExtension(operand, constant, range, context);
  return compared(operand, operator, constant.values, range, context);
}

function compared(
  operand: ArgumentOperand,
  operator: ComparisonOperator,
  values: readonly bigint[],
  range: TextRange,
  context: RuleContext,
): Predicate | undefined {
  const masks = operand.masks ?? values.map(() => largest);
  decided(
    values.map((value, at) => holds(masks[at]!, accepted(operator, value))),
    range,
    context,
  );
  return perArchitecture(
    values.map((value, at) => compare(termOf(operand, at), operator, literal(value))),
    values.map((value, at) => `${masks[at]} ${value}`),
    context,
  );
}

function membership(
  expression: Extract<Expression, { kind: 'membership' }>,
  context: RuleContext,
): Predicate | undefined {
  const { of, items, range } = expression;
  const operand = operandOf(of, context);
  const lists = items.map((item) => itemRanges(item, context));
  if (operand?.kind === 'argument') checkArgument(operand, false, context);
  const known = lists.filter((list) => list !== undefined);
  if (operand === undefined || known.length < lists.length || known.length === 0) return undefined;
  const ranges = context.architectures.map((_, at) => merged(known.map((list) => list[at]!)));
  if (operand.kind === 'constant') {
    const answers = operand.values.map((value, at) =>
      ranges[at]!.some(({ low, high }) => low <= value && value <= high),
    );
    decided(
      answers.map((answer) => (answer ? 'always' : 'never')),
      range,
      context,
    );
    return perArchitecture(
      answers.map((answer) => (answer ? always : never)),
      answers.map(String),
      context,
    );
  }
  const masks = operand.masks ?? ranges.map(() => largest);
  const verdicts = ranges.map((list, at) => holds(masks[at]!, list));
  // Of a list in which one value can never be had, that value is what is wrong.
  if (verdicts.every((verdict) => verdict === 'sometimes')) {
    known.forEach((list, index) => {
      const each = list.map((one, at) => holds(masks[at]!, [one]));
      decided(
        each.map((verdict) => (verdict === 'never' ? 'never' : 'sometimes')),
        items[index]!.range,
        context,
        `${sourceOf(of.range, context)} in ${sourceOf(items[index]!.range, context)}`,
      );
    });
  } else {
    decided(verdicts, range, context);
  }
  return perArchitecture(
    ranges.map((list, at): Predicate => ({ kind: 'in-ranges', term: termOf(operand, at), ranges: list })),
    ranges.map((list, at) => `${masks[at]} ${list.map(({ low, high }) => `${low}-${high}`).join()}`),
    context,
  );
}

/** The range that an item stands for, on each architecture. */
function itemRanges({ low, high, range }: Item, context: RuleContext): readonly Range[] | undefined {
  const ends = [low, high ?? low].map((end, at) =>
    at === 1 && high === undefined ? undefined : constantOf(end, context),
  );
  const from = ends[0];
  const to = high === undefined ? from : ends[1];
  if (from === undefined || to === undefined) return undefined;
  if (from.values.some((value, at) => value > to.values[at]!)) {
    const [start, end] = [sourceOf(low.range, context), sourceOf((high ?? low).range, context)];
    const span = context.spanOf(range);
    const fixes = from.values.every((value, at) => value > to.values[at]!)
      ? [replace(span, `${end}..${start}`, false)]
      : [];
    context.diagnostics.push(report('POL4009', span, { low: start, high: end }, { fixes }));
    return undefined;
  }
  return from.values.map((value, at) => ({ low: value, high: to.values[at]! }));
}

function constantOf(expression: Expression, context: RuleContext): ConstantOperand | undefined {
  const operand = operandOf(expression, context);
  if (operand?.kind !== 'argument') return operand;
  context.diagnostics.push(report('POL4005', context.spanOf(expression.range), {}));
  return undefined;
}

function termOf({ index, masks }: ArgumentOperand, architecture: number): Term {
  const term = attribute(`arg${index}`);
  return masks === undefined ? term : { kind: 'mask', term, mask: masks[architecture]! };
}

/** One predicate where all architectures agree, by their keys; else each group of them has its own. */
function perArchitecture(
  predicates: readonly Predicate[],
  keys: readonly string[],
  { architectures }: RuleContext,
): Predicate {
  const groups = new Map<string, number[]>();
  keys.forEach((key, at) => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [at]);
    else group.push(at);
  });
  if (groups.size === 1) return predicates[0]!;
  return or(
    ...[...groups.values()].map((group) =>
      and(
        inSet(
          attribute('arch'),
          group.map((at) => architectures[at]!),
        ),
        predicates[group[0]!]!,
      ),
    ),
  );
}

/** Says that a comparison is decided whatever the argument is, on some architecture or on all. */
function decided(
  verdicts: readonly ('always' | 'never' | 'sometimes')[],
  range: TextRange,
  { architectures, diagnostics, spanOf, text }: RuleContext,
  said = text.slice(range.start, range.end),
): void {
  for (const [verdict, code] of [
    ['never', 'POL4020'],
    ['always', 'POL4021'],
  ] as const) {
    const where = architectures.filter((_, at) => verdicts[at] === verdict);
    if (where.length === 0) continue;
    const notes = where.length === architectures.length ? [] : [`this is so on ${where.join(', ')}`];
    diagnostics.push(report(code, spanOf(range), { text: said }, { notes }));
  }
}

/** How a negative `value` is compared with `other`: in the low word, where an int is. */
function maskAdvice(
  other: Expression,
  operator: ComparisonOperator,
  value: Expression,
  context: RuleContext,
): string | undefined {
  if (operator !== '==' && operator !== '!=') return undefined;
  if (value.kind !== 'negative' || value.of.kind !== 'integer' || other.kind !== 'argument') return undefined;
  const { value: magnitude } = value.of;
  if (magnitude === 0n || magnitude > 0x8000_0000n) return undefined;
  return `${sourceOf(other.range, context)} & 0xffffffff ${operator} 0x${(0x1_0000_0000n - magnitude).toString(16)}`;
}

/** A number with bit 31 set is a negative int to C, and callers differ in how they widen it to 64 bits. */
function signExtension(
  { index, masks, range: argument }: ArgumentOperand,
  { values }: ConstantOperand,
  range: TextRange,
  { spanOf, diagnostics, text, architectures }: RuleContext,
): void {
  const value = values.find((one, at) => one >= 0x8000_0000n && one <= 0xffff_ffffn && !narrow.has(architectures[at]!));
  if (masks !== undefined || value === undefined) return;
  const extended = `0x${(value | 0xffff_ffff_0000_0000n).toString(16)}`;
  const values64 = { text: text.slice(range.start, range.end), extended, argument: `arg${index}` };
  const edits = [{ span: spanOf({ start: argument.end, end: argument.end }), newText: ' & 0xffffffff' }];
  const fixes = [{ title: `compare the low 32 bits of \`arg${index}\``, certain: false, edits }];
  diagnostics.push(report('POL4022', spanOf(range), values64, { fixes }));
}

/** Arguments are 32 bits wide here, and the kernel fills the high word of what the filter sees with zeros. */
const narrow: ReadonlySet<Architecture> = new Set(['x86', 'arm']);
