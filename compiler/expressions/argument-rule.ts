import { parseArgumentRule } from '../../grammars/argument-rules/parse.ts';
import type { Expression, Item } from '../../grammars/argument-rules/tree.ts';
import type { ComparisonOperator, TextRange } from '../../grammars/conditions/tree.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { type ScalarMap, scalarMap } from '../source/scalar-map.ts';
import type { SourceText } from '../source/text.ts';
import type { ScalarNode } from '../source/tree.ts';
import type { Architecture } from '../tables/architectures.ts';
import {
  type ArgumentOperand,
  type ConstantOperand,
  type Negatives,
  operandOf,
  type RuleContext,
  sourceOf,
} from './argument-operand.ts';
import { problemReport, replace } from './argument-problems.ts';
import { masksOf, perArchitecture, perWidth, termOf } from './argument-terms.ts';
import { checkArgument } from './argument-uses.ts';
import { decided, decidedByWidth, signExtension } from './argument-verdicts.ts';
import { allBits, narrowed, widthGroups } from './argument-width.ts';
import { mirroredOperator } from './operators.ts';
import { accepted, holds, merged } from './possible-values.ts';
import { always, and, compare, literal, never, not, or, type Predicate, type Range } from './predicate.ts';

export interface LoweredRule {
  /**
   * Over `arg0` to `arg5`; also `arch` where a constant differs between the architectures, and `syscall` where the width
   * of an argument differs between the calls. Undefined after an error.
   */
  readonly predicate: Predicate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and lowers the `when:` of a seccomp rule. Never throws.
 *
 * A filter is handed 64 bits of each argument, of which the kernel drops the high ones where the argument is an `int`.
 * There the low bits are compared, which are what the kernel acts by; else a rule would be passed by with any high bit
 * set. Where the calls of a rule differ in the width of an argument, each width has a comparison of its own.
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

function comparison(
  expression: Extract<Expression, { kind: 'comparison' }>,
  context: RuleContext,
): Predicate | undefined {
  const { left, right, operator, range } = expression;
  const first = operandOf(left, context, negatives(right, mirroredOperator[operator], left, context));
  const second = operandOf(right, context, negatives(left, operator, right, context));
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
  if (second.kind === 'argument') return withConstant(second, mirroredOperator[operator], first, range, context);
  const answers = first.values.map((value, at) =>
    accepted(operator, second.values[at]!).some(({ low, high }) => low <= value && value <= high),
  );
  return settled(answers, range, context);
}

/** What says the same whatever the arguments are, perhaps another thing on each architecture. */
function settled(answers: readonly boolean[], range: TextRange, context: RuleContext): Predicate | undefined {
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
  const equality = operator === '==' || operator === '!=';
  const groups = widthGroups(operand.index, context).map((group) => {
    const masks = masksOf(operand, group, context);
    const own = equality && operand.masks === undefined ? values.map((value) => narrowed(value, group)) : values;
    return {
      group,
      verdicts: own.map((value, at) => holds(masks[at]!, accepted(operator, value))),
      predicate: perArchitecture(
        own.map((value, at) => compare(termOf(operand.index, masks[at]!), operator, literal(value))),
        own.map((value, at) => `${masks[at]} ${value}`),
        context,
      ),
    };
  });
  decidedByWidth(groups, range, context);
  return perWidth(groups);
}

function membership(
  expression: Extract<Expression, { kind: 'membership' }>,
  context: RuleContext,
): Predicate | undefined {
  const { of, items, range } = expression;
  const operand = operandOf(of, context);
  const lists = items.map((item) => itemRanges(item, of, context));
  if (operand?.kind === 'argument') checkArgument(operand, false, context);
  const known = lists.filter((list) => list !== undefined);
  if (operand === undefined || known.length < lists.length || known.length === 0) return undefined;
  const ranges = context.architectures.map((_, at) => merged(known.map((list) => list[at]!)));
  if (operand.kind === 'constant') {
    const answers = operand.values.map((value, at) =>
      ranges[at]!.some(({ low, high }) => low <= value && value <= high),
    );
    return settled(answers, range, context);
  }
  const groups = widthGroups(operand.index, context).map((group) => {
    const masks = masksOf(operand, group, context);
    const single = operand.masks === undefined;
    const own = known.map((list) =>
      list.map(({ low, high }) =>
        single && low === high ? { low: narrowed(low, group), high: narrowed(low, group) } : { low, high },
      ),
    );
    const inside = context.architectures.map((_, at) => merged(own.map((list) => list[at]!)));
    return {
      group,
      items: own.map((list) => list.map((one, at) => holds(masks[at]!, [one]))),
      verdicts: inside.map((list, at) => holds(masks[at]!, list)),
      predicate: perArchitecture(
        inside.map(
          (list, at): Predicate => ({ kind: 'in-ranges', term: termOf(operand.index, masks[at]!), ranges: list }),
        ),
        inside.map((list, at) => `${masks[at]} ${list.map(({ low, high }) => `${low}-${high}`).join()}`),
        context,
      ),
    };
  });
  // Of a list in which one value can never be had, that value is what is wrong.
  if (groups.every(({ verdicts }) => verdicts.every((verdict) => verdict === 'sometimes'))) {
    items.forEach((item, index) => {
      decidedByWidth(
        groups.map((one) => ({
          group: one.group,
          verdicts: one.items[index]!.map((verdict) => (verdict === 'never' ? 'never' : 'sometimes')),
        })),
        item.range,
        context,
        `${sourceOf(of.range, context)} in ${sourceOf(item.range, context)}`,
      );
    });
  } else {
    decidedByWidth(groups, range, context);
  }
  return perWidth(groups);
}

/** The range that an item stands for, on each architecture. */
function itemRanges({ low, high, range }: Item, of: Expression, context: RuleContext): readonly Range[] | undefined {
  const ends = [low, high ?? low].map((end, at) =>
    at === 1 && high === undefined
      ? undefined
      : constantOf(end, context, high === undefined ? negatives(of, undefined, end, context) : undefined),
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

function constantOf(
  expression: Expression,
  context: RuleContext,
  negative: Negatives | undefined,
): ConstantOperand | undefined {
  const operand = operandOf(expression, context, negative);
  if (operand?.kind !== 'argument') return operand;
  context.diagnostics.push(report('POL4005', context.spanOf(expression.range), {}));
  return undefined;
}

/** A negative number is what a comparison for equality with an int means; elsewhere the low word is to be compared. */
function negatives(
  other: Expression,
  operator: ComparisonOperator | undefined,
  value: Expression,
  context: RuleContext,
): Negatives | undefined {
  if (operator !== undefined && operator !== '==' && operator !== '!=') return undefined;
  if (value.kind !== 'negative' || value.of.kind !== 'integer' || other.kind !== 'argument') return undefined;
  const { value: magnitude } = value.of;
  if (magnitude === 0n || magnitude > 0x8000_0000n) return undefined;
  if (widthGroups(other.index, context).every(({ mask }) => mask !== allBits)) return 'accepted';
  if (operator === undefined) return undefined;
  return {
    advice: `${sourceOf(other.range, context)} & 0xffffffff ${operator} 0x${(0x1_0000_0000n - magnitude).toString(16)}`,
  };
}
