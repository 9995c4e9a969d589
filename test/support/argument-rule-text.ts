import fc from 'fast-check';
import type { Expression } from '../../grammars/argument-rules/tree.ts';
import type { ComparisonOperator } from '../../grammars/conditions/tree.ts';

/** A rule without places and parentheses: what a test says, and what a parsed tree is reduced to. */
export type Plain =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'complement' | 'negative' | 'not'; readonly of: Plain }
  | { readonly kind: 'bits'; readonly operator: '&' | '|'; readonly of: readonly Plain[] }
  | { readonly kind: 'logic'; readonly operator: '&&' | '||'; readonly of: readonly Plain[] }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Plain;
      readonly right: Plain;
    }
  | { readonly kind: 'membership'; readonly of: Plain; readonly items: readonly (readonly Plain[])[] }
  | { readonly kind: 'missing' };

/** Takes places and parentheses off. */
export function plain(expression: Expression): Plain {
  switch (expression.kind) {
    case 'group':
      return plain(expression.of);
    case 'argument':
      return { kind: 'argument', index: expression.index };
    case 'name':
      return { kind: 'name', name: expression.name };
    case 'integer':
      return { kind: 'integer', value: expression.value };
    case 'missing':
      return { kind: 'missing' };
    case 'complement':
    case 'negative':
    case 'not':
      return { kind: expression.kind, of: plain(expression.of) };
    case 'bits':
      return { kind: 'bits', operator: expression.operator, of: expression.of.map(plain) };
    case 'logic':
      return { kind: 'logic', operator: expression.operator, of: expression.of.map(plain) };
    case 'comparison':
      return {
        kind: 'comparison',
        operator: expression.operator,
        left: plain(expression.left),
        right: plain(expression.right),
      };
    case 'membership':
      return {
        kind: 'membership',
        of: plain(expression.of),
        items: expression.items.map(({ low, high }) => (high === undefined ? [plain(low)] : [plain(low), plain(high)])),
      };
    default: {
      const unreachable: never = expression;
      return unreachable;
    }
  }
}

const tightness = { logicOr: 1, logicAnd: 2, not: 3, compare: 4, bitOr: 5, bitAnd: 6, prefix: 7, atom: 8 } as const;

/** Prints with the parentheses that are needed and no others; `hexadecimal` writes numbers in base 16. */
export function printRule(rule: Plain, hexadecimal = false): string {
  const print = (inner: Plain, least: number): string => {
    const [text, level] = printed(inner);
    return level < least ? `(${text})` : text;
  };
  const printed = (inner: Plain): readonly [string, number] => {
    switch (inner.kind) {
      case 'argument':
        return [`arg${inner.index}`, tightness.atom];
      case 'name':
        return [inner.name, tightness.atom];
      case 'integer':
        return [hexadecimal ? `0x${inner.value.toString(16)}` : inner.value.toString(), tightness.atom];
      case 'missing':
        return ['?', tightness.atom];
      case 'complement':
        return [`~${print(inner.of, tightness.prefix)}`, tightness.prefix];
      case 'negative':
        return [`-${print(inner.of, tightness.prefix)}`, tightness.prefix];
      case 'not':
        return [
          inner.of.kind === 'not' ? `!${print(inner.of, tightness.not)}` : `!(${print(inner.of, 0)})`,
          tightness.not,
        ];
      case 'bits': {
        const level = inner.operator === '|' ? tightness.bitOr : tightness.bitAnd;
        return [inner.of.map((each) => print(each, level + 1)).join(` ${inner.operator} `), level];
      }
      case 'logic': {
        const level = inner.operator === '||' ? tightness.logicOr : tightness.logicAnd;
        return [inner.of.map((each) => print(each, level + 1)).join(` ${inner.operator} `), level];
      }
      case 'comparison':
        return [
          `${print(inner.left, tightness.bitOr)} ${inner.operator} ${print(inner.right, tightness.bitOr)}`,
          tightness.compare,
        ];
      case 'membership': {
        const items = inner.items.map((ends) => ends.map((end) => print(end, tightness.bitOr)).join('..'));
        const [only = ''] = items;
        const list = items.length === 1 && only.includes('..') ? only : `[${items.join(', ')}]`;
        return [`${print(inner.of, tightness.bitOr)} in ${list}`, tightness.compare];
      }
      default: {
        const unreachable: never = inner;
        return unreachable;
      }
    }
  };
  return print(rule, 0);
}

export const comparisonOperators: readonly ComparisonOperator[] = ['==', '!=', '<', '<=', '>', '>='];

/** Any tree that the grammar has, sensible or not. */
export const anyRule: fc.Arbitrary<Plain> = fc.letrec<{ rule: Plain }>((tie) => {
  const of = tie('rule');
  const several = fc.array(of, { minLength: 2, maxLength: 3 });
  return {
    rule: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'rule' },
      fc.oneof(
        fc.nat(5).map((index): Plain => ({ kind: 'argument', index })),
        fc
          .constantFrom('AF_INET', 'O_CREAT', 'inside', 'order', 'argument', '_X')
          .map((name): Plain => ({ kind: 'name', name })),
        fc.bigInt(0n, 0xffff_ffff_ffff_ffffn).map((value): Plain => ({ kind: 'integer', value })),
      ),
      fc
        .tuple(fc.constantFrom('complement' as const, 'negative' as const, 'not' as const), of)
        .map(([kind, inner]): Plain => ({ kind, of: inner })),
      fc
        .tuple(fc.constantFrom('&' as const, '|' as const), several)
        .map(([operator, list]): Plain => ({ kind: 'bits', operator, of: list })),
      fc
        .tuple(fc.constantFrom('&&' as const, '||' as const), several)
        .map(([operator, list]): Plain => ({ kind: 'logic', operator, of: list })),
      fc
        .tuple(fc.constantFrom(...comparisonOperators), of, of)
        .map(([operator, left, right]): Plain => ({ kind: 'comparison', operator, left, right })),
      fc
        .tuple(of, fc.array(fc.array(of, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }))
        .map(([inner, items]): Plain => ({ kind: 'membership', of: inner, items })),
    ),
  };
}).rule;

/** Text that is made of the language's tokens, and of some that it has not. */
export const tokenSoup: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        'arg0',
        'arg5',
        'arg9',
        'AF_INET',
        'AF_INTE',
        'O_DIRECTORY',
        '1',
        '0x10',
        '0777',
        '9u',
        '-',
        '~',
        '!',
        '&',
        '|',
      ],
      ...[
        '&&',
        '||',
        '==',
        '=',
        '!=',
        '<',
        '<=',
        '>',
        '>=',
        '<>',
        'in',
        '[',
        ']',
        ',',
        '..',
        '(',
        ')',
        'and',
        'not',
        'or',
      ],
      ...['$', '"', 'é', '\u{1f600}', '\n', '.', "'", '\\', '0x1_0000_0000_0000_0000'],
    ),
    { maxLength: 24 },
  )
  .chain((words) => fc.constantFrom(' ', '').map((space) => words.join(space)));
