import fc from 'fast-check';
import type { Expression, Literal } from '../../grammars/cel/syntax-tree.ts';
import { tokens } from '../../grammars/cel/tokens.ts';

const nowhere = { start: 0, end: 0 };
const word = fc.constantFrom('a', 'b', 'auth', 'request', 'x1', '_y', 'size', 'r', 'b2', 'and', 'not', 'int');
/** Reserved words too, and what needs backticks. */
const field = fc.constantFrom('identity', 'path', 'x', 'for', 'in', 'null', 'a-b', 'x.y', 'maas/team-id', 'a b');
const plainField = fc.constantFrom('identity', 'path', 'x', 'for', 'package', 'e5');

const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.constant<Literal>({ type: 'null' }),
  fc.boolean().map((value): Literal => ({ type: 'bool', value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Literal => ({ type: 'int', value })),
  fc.integer({ min: -3, max: 12 }).map((value): Literal => ({ type: 'int', value: BigInt(value) })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Literal => ({ type: 'uint', value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Literal => ({ type: 'double', value })),
  fc.string({ unit: 'binary', maxLength: 8 }).map((value): Literal => ({ type: 'string', value })),
  fc.constantFrom('gold', "it's", '"', '\\d', '', 'a\nb').map((value): Literal => ({ type: 'string', value })),
  fc.uint8Array({ maxLength: 6 }).map((value): Literal => ({ type: 'bytes', value: Uint8Array.from(value) })),
);

/** Trees of well-formed expressions; their ranges mean nothing. */
export const anyExpression: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => {
  const tree = tie('tree');
  const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
  return {
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal.map((value): Expression => ({ kind: 'literal', range: nowhere, value })),
      fc
        .tuple(word, fc.boolean())
        .map(([name, rooted]): Expression => ({ kind: 'identifier', range: nowhere, name, rooted })),
      fc.tuple(tree, field, fc.boolean()).map(
        ([operand, name, optional]): Expression => ({
          kind: 'select',
          range: nowhere,
          operand,
          field: name,
          fieldRange: nowhere,
          optional,
        }),
      ),
      fc
        .tuple(tree, tree, fc.boolean())
        .map(([operand, index, optional]): Expression => ({ kind: 'index', range: nowhere, operand, index, optional })),
      fc.tuple(fc.option(tree), word, plainField, fc.boolean(), some(tree)).map(
        ([target, name, method, rooted, parts]): Expression =>
          target === null
            ? { kind: 'call', range: nowhere, name, nameRange: nowhere, rooted, arguments: parts }
            : {
                kind: 'call',
                range: nowhere,
                target,
                name: method,
                nameRange: nowhere,
                rooted: false,
                arguments: parts,
              },
      ),
      fc
        .tuple(fc.constantFrom('!' as const, '-' as const), tree)
        .map(([operator, operand]): Expression => ({ kind: 'unary', range: nowhere, operator, operand })),
      fc
        .tuple(
          fc.constantFrom(...(['||', '&&', '<', '<=', '>', '>=', '==', '!=', 'in', '+', '-', '*', '/', '%'] as const)),
          tree,
          tree,
        )
        .map(
          ([operator, left, right]): Expression => ({
            kind: 'binary',
            range: nowhere,
            operator,
            operatorRange: nowhere,
            left,
            right,
          }),
        ),
      fc.tuple(tree, tree, tree).map(
        ([condition, then, otherwise]): Expression => ({
          kind: 'conditional',
          range: nowhere,
          condition,
          then,
          otherwise,
        }),
      ),
      some(fc.record({ value: tree, optional: fc.boolean() })).map(
        (elements): Expression => ({ kind: 'list', range: nowhere, elements }),
      ),
      some(fc.record({ key: tree, value: tree, optional: fc.boolean() })).map(
        (entries): Expression => ({ kind: 'map', range: nowhere, entries }),
      ),
      fc
        .tuple(
          fc.constantFrom('Msg', 'a.b.C', 'for.x'),
          fc.boolean(),
          some(fc.record({ name: field, nameRange: fc.constant(nowhere), value: tree, optional: fc.boolean() })),
        )
        .map(
          ([name, rooted, fields]): Expression => ({
            kind: 'message',
            range: nowhere,
            name,
            nameRange: nowhere,
            rooted: rooted && name !== 'for.x',
            fields,
          }),
        ),
    ),
  };
}).tree;

const samples: readonly string[] = [
  ...tokens.flatMap(({ pattern }) => (typeof pattern === 'string' ? [pattern] : [])),
  ...["'a'", '"b"', "r'\\d'", "b'\\xff'", "'''a'b'''", "'", '"', '"""', "'\\q'", '1', '0x1F', '2u', '1.5', '1e3', '.5'],
  ...['1_0', '1e', '0x', 'a', 'in', 'true', 'false', 'null', 'for', 'and', 'not', 'int', '`a-b`', '`$`', '`', '// c\n'],
  ...['$', '\u00e9', '\u{1f600}', '\ud800', '\n', ' ', '\t'],
];

/** CEL's tokens in any order, with blanks between some. */
export const tokenSoup: fc.Arbitrary<string> = fc
  .array(fc.tuple(fc.constantFrom(...samples), fc.constantFrom('', ' ', ' ')), { maxLength: 14 })
  .map((words) => words.map(([text, blank]) => text + blank).join(''));

/** Text with some of it left out, doubled or exchanged. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(), fc.nat(4), fc.oneof(fc.constantFrom(...samples), fc.constant('')));
  return fc.tuple(texts, fc.array(change, { minLength: 1, maxLength: 3 })).map(([original, changes]) => {
    let text = original;
    for (const [place, length, put] of changes) {
      const at = place % (text.length + 1);
      text = text.slice(0, at) + put + text.slice(at + length);
    }
    return text;
  });
}

/** The tree without its ranges. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !/^(?:r|.*R)ange$/.test(key))
      .map(([key, each]) => [key, plain(each)]),
  );
}
