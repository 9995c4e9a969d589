import type { TextRange } from '../../grammars/conditions/tree.ts';
import type { Expression } from '../../grammars/hook-programs/tree.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Span } from '../source/span.ts';
import type { Architecture } from '../tables/architectures.ts';
import type { HookField } from '../tables/hook-field.ts';
import { nameOf } from './names.ts';

/** What a condition stands in. */
export interface Context {
  readonly hook: string;
  readonly text: string;
  readonly architectures: readonly Architecture[];
  /** The counters that conditions may ask, by name; empty in the condition of a counter. */
  readonly counters: ReadonlySet<string>;
  /** The counters that were asked. */
  readonly asked: Set<string>;
  readonly diagnostics: Diagnostic[];
  spanOf(range: TextRange): Span;
}

/** One side of a comparison. */
export type Operand =
  | FieldOperand
  /** `value` may be negative; `names` are the constants that it was written with. */
  | {
      readonly kind: 'number';
      readonly value: bigint;
      readonly names: readonly NamedConstant[];
      readonly range: TextRange;
    }
  | { readonly kind: 'text'; readonly value: string; readonly range: TextRange };

/** A field of the hook, or a counter, which is an integer of 64 bits. */
export type Readable = Omit<HookField, 'doc' | 'read'>;

export interface FieldOperand {
  readonly kind: 'field';
  readonly field: Readable;
  /** The attribute that it is in the IR. */
  readonly attribute: string;
  readonly mask?: bigint;
  readonly range: TextRange;
}

export interface NamedConstant {
  readonly name: string;
  readonly range: TextRange;
}

/** Reads a value; undefined where it is none, which is then reported. */
export function operandOf(expression: Expression, context: Context): Operand | undefined {
  const { range } = expression;
  switch (expression.kind) {
    case 'name':
      return nameOf(expression.name, range, context);
    case 'integer':
      return { kind: 'number', value: expression.value, names: [], range };
    case 'text':
      return { kind: 'text', value: expression.value, range };
    case 'group': {
      const inner = operandOf(expression.of, context);
      return inner === undefined ? undefined : { ...inner, range };
    }
    case 'negative':
    case 'complement': {
      const of = operandOf(expression.of, context);
      if (of === undefined) return undefined;
      const sign = expression.kind === 'negative' ? '-' : '~';
      if (of.kind !== 'number') return refuse(sign, of, context);
      const value = expression.kind === 'negative' ? -of.value : BigInt.asUintN(64, ~of.value);
      return { kind: 'number', value, names: of.names, range };
    }
    case 'bits':
      return bitsOf(expression, context);
    case 'comparison':
    case 'membership':
    case 'not':
    case 'logic':
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

function bitsOf(expression: Extract<Expression, { kind: 'bits' }>, context: Context): Operand | undefined {
  const { operator, range } = expression;
  const operands = expression.of.map((each) => operandOf(each, context));
  let field: FieldOperand | undefined;
  let value: bigint | undefined;
  const names: NamedConstant[] = [];
  for (const operand of operands) {
    if (operand === undefined) return undefined;
    if (operand.kind === 'text') return refuse(operator, operand, context);
    if (operand.kind === 'field') {
      // Only one field, only under a mask: a rule says of each bit what it is to be.
      if (operator === '|' || field !== undefined || operand.field.type !== 'integer') {
        return refuse(operator, operand, context);
      }
      field = operand;
      continue;
    }
    names.push(...operand.names);
    const bits = BigInt.asUintN(64, operand.value);
    value = value === undefined ? bits : operator === '&' ? value & bits : value | bits;
  }
  if (field === undefined) return { kind: 'number', value: value ?? 0n, names, range };
  const mask = field.mask === undefined ? value! : field.mask & value!;
  checkFamily(field.field, names, context);
  return { ...field, mask, range };
}

function refuse(operator: string, operand: Operand, context: Context): undefined {
  const type = operand.kind === 'text' ? 'a text' : operand.kind === 'field' ? typeName(operand.field) : 'a number';
  context.diagnostics.push(
    report('POL4162', context.spanOf(operand.range), {
      operator,
      text: sourceOf(operand.range, context),
      type,
    }),
  );
  return undefined;
}

/** Reports constants that are made for something else than this field: `PROT_EXEC` among the flags of open(2). */
export function checkFamily(field: Readable, names: readonly NamedConstant[], context: Context): void {
  const { constants } = field;
  if (constants === undefined) return;
  for (const { name, range } of names) {
    if (constants.some((prefix) => name.startsWith(prefix))) continue;
    const wanted = constants.map((prefix) => `\`${prefix}…\``).join(', ');
    context.diagnostics.push(report('POL4166', context.spanOf(range), { constant: name, field: field.name, wanted }));
  }
}

export function typeName({ type }: Readable): string {
  switch (type) {
    case 'integer':
      return 'a number';
    case 'boolean':
      return 'a truth value';
    case 'string':
      return 'a text';
    case 'path':
      return 'a path';
    case 'address':
      return 'an address';
    default: {
      const unreachable: never = type;
      return unreachable;
    }
  }
}

export function sourceOf({ start, end }: TextRange, { text }: Context): string {
  return text.slice(start, end).replace(/\s+/g, ' ');
}
