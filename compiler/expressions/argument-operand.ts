import type { Expression } from '../../grammars/argument-rules/tree.ts';
import type { TextRange } from '../../grammars/conditions/tree.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Span } from '../source/span.ts';
import type { Architecture } from '../tables/architectures.ts';
import { constantNames, constantValue } from '../tables/constants.ts';
import { argumentNames } from '../tables/syscall-arguments.ts';
import { replace } from './argument-problems.ts';
import { largest } from './possible-values.ts';

/** What an argument rule is lowered with. */
export interface RuleContext {
  readonly text: string;
  /** Maps a range of the rule's text to the source. */
  readonly spanOf: (range: TextRange) => Span;
  readonly syscalls: readonly string[];
  readonly architectures: readonly Architecture[];
  readonly diagnostics: Diagnostic[];
}

/** A number that is known, one for each architecture. */
export interface ConstantOperand {
  readonly kind: 'constant';
  readonly values: readonly bigint[];
}

/** An argument, and the mask of each architecture where one is applied. */
export interface ArgumentOperand {
  readonly kind: 'argument';
  readonly index: number;
  readonly masks: readonly bigint[] | undefined;
  /** The argument without its mask. */
  readonly range: TextRange;
}

/** What becomes of a negative number: it is taken for its 64 bits, or reported with what to write instead. */
export type Negatives = 'accepted' | { readonly advice: string };

/** Evaluates the numbers of a rule; reports what is none and gives undefined. */
export function operandOf(
  expression: Expression,
  context: RuleContext,
  negatives?: Negatives,
): ConstantOperand | ArgumentOperand | undefined {
  const { range } = expression;
  switch (expression.kind) {
    case 'argument':
      return argument(expression.index, range, context);
    case 'name':
      return namedConstant(expression.name, range, context);
    case 'integer':
      if (expression.value <= largest) return constant(expression.value, context);
      context.diagnostics.push(report('POL4003', context.spanOf(range), { number: sourceOf(range, context) }));
      return undefined;
    case 'negative': {
      const { of } = expression;
      if (negatives === 'accepted' && of.kind === 'integer' && of.value <= 0x8000_0000n)
        return constant(BigInt.asUintN(64, -of.value), context);
      const help =
        negatives === undefined || negatives === 'accepted'
          ? {}
          : { help: `compare the low 32 bits: \`${negatives.advice}\`` };
      context.diagnostics.push(report('POL4004', context.spanOf(range), { text: sourceOf(range, context) }, help));
      return undefined;
    }
    case 'complement': {
      const of = operandOf(expression.of, context);
      if (of?.kind === 'constant') return { kind: 'constant', values: of.values.map((value) => value ^ largest) };
      if (of !== undefined) return impossible('~', range, context);
      return undefined;
    }
    case 'bits':
      return bits(expression, context);
    case 'group':
      return operandOf(expression.of, context, negatives);
    case 'comparison':
    case 'membership':
    case 'logic':
    case 'not':
      context.diagnostics.push(report('POL4002', context.spanOf(range), { text: sourceOf(range, context) }));
      return undefined;
    case 'missing':
      return undefined;
    default: {
      const unreachable: never = expression;
      return unreachable;
    }
  }
}

export function sourceOf({ start, end }: TextRange, { text }: RuleContext): string {
  return text.slice(start, end);
}

function constant(value: bigint, { architectures }: RuleContext): ConstantOperand {
  return { kind: 'constant', values: architectures.map(() => value) };
}

function impossible(operator: string, range: TextRange, context: RuleContext): undefined {
  context.diagnostics.push(report('POL4006', context.spanOf(range), { operator, text: sourceOf(range, context) }));
  return undefined;
}

/** `CONST | CONST`, `CONST & CONST` and `arg & CONST`, in any order. */
function bits(
  { operator, of, range }: Extract<Expression, { kind: 'bits' }>,
  context: RuleContext,
): ConstantOperand | ArgumentOperand | undefined {
  let values: readonly bigint[] | undefined;
  let masked: ArgumentOperand | undefined;
  let wrong = false;
  for (const each of of) {
    const operand = operandOf(each, context);
    if (operand === undefined) {
      wrong = true;
    } else if (operand.kind === 'argument') {
      if (masked !== undefined || operator === '|') return impossible(operator, range, context);
      masked = operand;
    } else {
      values = values === undefined ? operand.values : joined(operator, values, operand.values);
    }
  }
  if (wrong) return undefined;
  if (masked === undefined) return values === undefined ? undefined : { kind: 'constant', values };
  if (values === undefined) return masked;
  return { ...masked, masks: masked.masks === undefined ? values : joined('&', masked.masks, values) };
}

function joined(operator: '&' | '|', left: readonly bigint[], right: readonly bigint[]): readonly bigint[] {
  return left.map((value, at) => (operator === '&' ? value & right[at]! : value | right[at]!));
}

function argument(index: number, range: TextRange, context: RuleContext): ArgumentOperand | undefined {
  if (index <= 5 && sourceOf(range, context) === `arg${index}`)
    return { kind: 'argument', index, masks: undefined, range };
  context.diagnostics.push(report('POL3053', context.spanOf(range), { name: sourceOf(range, context) }));
  return undefined;
}

function namedConstant(name: string, range: TextRange, context: RuleContext): ConstantOperand | undefined {
  const { architectures, diagnostics, spanOf } = context;
  const values: bigint[] = [];
  const missing: Architecture[] = [];
  for (const architecture of architectures) {
    const value = constantValue(name, architecture);
    if (value === undefined) missing.push(architecture);
    else values.push(value);
  }
  if (missing.length === 0) return { kind: 'constant', values };
  const span = spanOf(range);
  if (!constantNames().includes(name)) diagnostics.push(unknownName(name, span, context));
  else diagnostics.push(report('POL3051', span, { name, architectures: missing.join(', ') }));
  return undefined;
}

function unknownName(name: string, span: Span, { syscalls }: RuleContext): Diagnostic {
  for (const call of syscalls) {
    const index = argumentNames(call)?.indexOf(name) ?? -1;
    if (index === -1) continue;
    const same = syscalls.every((other) => argumentNames(other)?.[index] === name);
    return report('POL3052', span, { name, call, index }, { fixes: [replace(span, `arg${index}`, same)] });
  }
  const near = nearest(name, constantNames());
  if (near === undefined) return report('POL3050', span, { name });
  const fixes: Fix[] = [replace(span, near, true)];
  return report('POL3050', span, { name }, { help: `a constant with a similar name exists: \`${near}\``, fixes });
}
