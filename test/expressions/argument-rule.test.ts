import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { type LoweredRule, lowerArgumentRule } from '../../compiler/expressions/argument-rule.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { holds } from '../../compiler/expressions/possible-values.ts';
import type { Range } from '../../compiler/expressions/predicate.ts';
import { printPredicate } from '../../compiler/expressions/print.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { type SourceText, sourceText } from '../../compiler/source/text.ts';
import type { ScalarNode, YamlNode } from '../../compiler/source/tree.ts';
import { type Architecture, architectures } from '../../compiler/tables/architectures.ts';
import { comparisonOperators, type Plain, printRule, tokenSoup } from '../support/argument-rule-text.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('argument-rule');

const largest = 0xffff_ffff_ffff_ffffn;
const served: readonly Architecture[] = ['x86_64', 'aarch64', 'riscv64'];

/** From the kernel's headers: asm-generic/fcntl.h, and arch/arm64/include/uapi/asm/fcntl.h for O_DIRECTORY there. */
const constants: Readonly<Record<string, (architecture: Architecture) => bigint>> = {
  AF_INET: () => 2n,
  O_CREAT: () => 0o100n,
  O_DIRECTORY: (architecture) => (architecture === 'aarch64' ? 0o40000n : 0o200000n),
  O_DIRECT: (architecture) => (architecture === 'aarch64' ? 0o200000n : 0o40000n),
};

const integer = fc
  .oneof(
    fc.nat(9).map(BigInt),
    fc.bigInt(0n, largest),
    fc.nat(63).map((bit) => 1n << BigInt(bit)),
    fc.constantFrom(largest, 0xffff_ffffn),
  )
  .map((value): Plain => ({ kind: 'integer', value }));
const constant: fc.Arbitrary<Plain> = fc.letrec<{ constant: Plain }>((tie) => ({
  constant: fc.oneof(
    { maxDepth: 2 },
    fc.oneof(
      integer,
      fc.constantFrom(...Object.keys(constants)).map((name): Plain => ({ kind: 'name', name })),
    ),
    tie('constant').map((of): Plain => ({ kind: 'complement', of })),
    fc
      .tuple(fc.constantFrom('&' as const, '|' as const), fc.array(tie('constant'), { minLength: 2, maxLength: 3 }))
      .map(([operator, of]): Plain => ({ kind: 'bits', operator, of })),
  ),
})).constant;
const argument = fc.nat(5).map((index): Plain => ({ kind: 'argument', index }));
const masked = fc
  .tuple(argument, constant, fc.boolean())
  .map(([left, right, swap]): Plain => ({ kind: 'bits', operator: '&', of: swap ? [right, left] : [left, right] }));
const operand = fc.oneof(argument, masked);
const operator = fc.constantFrom(...comparisonOperators);
const item = fc.oneof(
  constant.map((value) => [value]),
  fc
    .tuple(fc.bigInt(0n, largest), fc.bigInt(0n, largest))
    .map(([left, right]): Plain[] =>
      (left < right ? [left, right] : [right, left]).map((value) => ({ kind: 'integer', value })),
    ),
);
/** Any rule that means something. */
const sensible: fc.Arbitrary<Plain> = fc.letrec<{ rule: Plain }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(
      masked,
      fc
        .tuple(operator, operand, constant)
        .map(([sign, left, right]): Plain => ({ kind: 'comparison', operator: sign, left, right })),
      fc
        .tuple(operator, constant, operand)
        .map(([sign, left, right]): Plain => ({ kind: 'comparison', operator: sign, left, right })),
      fc
        .tuple(operator, constant, constant)
        .map(([sign, left, right]): Plain => ({ kind: 'comparison', operator: sign, left, right })),
      fc
        .tuple(fc.oneof(operand, constant), fc.array(item, { minLength: 1, maxLength: 4 }))
        .map(([of, items]): Plain => ({ kind: 'membership', of, items })),
    ),
    tie('rule').map((of): Plain => ({ kind: 'not', of })),
    fc
      .tuple(fc.constantFrom('&&' as const, '||' as const), fc.array(tie('rule'), { minLength: 2, maxLength: 3 }))
      .map(([sign, of]): Plain => ({ kind: 'logic', operator: sign, of })),
  ),
})).rule;

/** The bits of each argument of a few calls, from their manual pages; of calls that take no pointer. */
const widths: Readonly<Record<string, readonly number[]>> = {
  socket: [32, 32, 32],
  ioctl: [32, 32, 64],
  lseek: [32, 64, 32],
  fchmod: [32, 16],
  fallocate: [32, 32, 64, 64],
  prctl: [32, 64, 64, 64, 64],
  madvise: [64, 64, 32],
};

/** What a call passes, and which of it the kernel takes. */
interface Passed {
  readonly call: string | undefined;
  readonly values: readonly bigint[];
}

/** `value` as the kernel has it in an argument of `width` bits when it is a negative number of such an argument. */
function asInt(value: bigint, width: number): bigint {
  const signed = BigInt.asIntN(64, value);
  return signed < 0n && signed >= -(1n << BigInt(width - 1)) ? BigInt.asUintN(width, value) : value;
}

/** What a rule means, said as shortly as it can be: numbers are numbers and conditions are truth values. */
function meaning(rule: Plain, passed: Passed, architecture: Architecture): bigint | boolean {
  const number = (of: Plain) => BigInt(meaning(of, passed, architecture));
  const widthOf = (index: number) => widths[passed.call ?? '']?.[index] ?? 64;
  /** A constant beside an argument that no mask is applied to. */
  const beside = (value: bigint, other: Plain) =>
    other.kind === 'argument' ? asInt(value, widthOf(other.index)) : value;
  const truth = (of: Plain): boolean => Boolean(meaning(of, passed, architecture));
  switch (rule.kind) {
    case 'argument':
      return BigInt.asUintN(widthOf(rule.index), passed.values[rule.index]!);
    case 'name':
      return constants[rule.name]!(architecture);
    case 'integer':
      return rule.value;
    case 'complement':
      return BigInt.asUintN(64, ~number(rule.of));
    case 'bits':
      return rule.of.map(number).reduce((left, right) => (rule.operator === '&' ? left & right : left | right));
    case 'comparison': {
      const equality = rule.operator === '==' || rule.operator === '!=';
      const left = equality ? beside(number(rule.left), rule.right) : number(rule.left);
      const right = equality ? beside(number(rule.right), rule.left) : number(rule.right);
      return {
        '==': left === right,
        '!=': left !== right,
        '<': left < right,
        '<=': left <= right,
        '>': left > right,
        '>=': left >= right,
      }[rule.operator];
    }
    case 'membership': {
      const value = number(rule.of);
      return rule.items.some((ends) => {
        const [low, high] = [number(ends[0]!), number(ends.at(-1)!)];
        return low === high ? beside(low, rule.of) === value : low <= value && value <= high;
      });
    }
    case 'not':
      return !truth(rule.of);
    case 'logic':
      return rule.operator === '&&' ? rule.of.every(truth) : rule.of.some(truth);
    default:
      throw new Error(`${rule.kind} means nothing`);
  }
}

function numbersIn(rule: Plain): readonly bigint[] {
  switch (rule.kind) {
    case 'integer':
      return [rule.value];
    case 'name':
      return [constants[rule.name]!('x86_64'), constants[rule.name]!('aarch64')];
    case 'comparison':
      return [...numbersIn(rule.left), ...numbersIn(rule.right)];
    case 'membership':
      return [...numbersIn(rule.of), ...rule.items.flatMap((ends) => ends.flatMap(numbersIn))];
    case 'bits':
    case 'logic':
      return rule.of.flatMap(numbersIn);
    case 'not':
    case 'negative':
    case 'complement':
      return numbersIn(rule.of);
    default:
      return [];
  }
}

function plainScalar(text: string): { readonly source: SourceText; readonly scalar: ScalarNode } {
  const source = sourceText('policy.yaml', text);
  const span = { file: source.path, start: 0, end: text.length };
  return { source, scalar: { kind: 'scalar', span, value: text, text, style: 'plain' } };
}

function lower(text: string, calls: readonly string[] = [], on = served): LoweredRule {
  const { source, scalar } = plainScalar(text);
  return lowerArgumentRule(source, scalar, calls, on);
}

test('a lowered rule decides as the rule does, by the bits that the kernel takes, on every architecture', () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(64), fc.boolean()), { minLength: 6, maxLength: 6 });
  const calls = fc.subarray(Object.keys(widths));
  fc.assert(
    fc.property(sensible, calls, fc.array(flips, { minLength: 4, maxLength: 4 }), (rule, names, samples) => {
      const { predicate, diagnostics } = lower(printRule(rule), names);
      assert(predicate !== undefined, `${printRule(rule)}: ${diagnostics.map(({ message }) => message).join()}`);
      const numbers = [0n, ...numbersIn(rule)];
      for (const sample of samples) {
        // Near what the rule names: one of its numbers, as it is or with one bit changed, perhaps with high bits set.
        const values = sample.map(
          ([which, bit, high]) =>
            numbers[which % numbers.length]! ^ (bit === 64 ? 0n : 1n << BigInt(bit)) ^ (high ? 1n << 32n : 0n),
        );
        for (const architecture of served) {
          for (const call of names.length === 0 ? [undefined] : names) {
            const answer = evaluate(predicate, {
              attribute: (name) =>
                name === 'arch' ? architecture : name === 'syscall' ? call : values[Number(name.slice(3))],
              parameter: () => undefined,
            });
            const meant = meaning(rule, { call, values }, architecture);
            assert.equal(
              answer,
              meant === true || (rule.kind === 'bits' && meant !== 0n),
              `${printRule(rule)} lowered to ${printPredicate(predicate)} on ${architecture} for ${call} of ${values}`,
            );
          }
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('what is said to hold never or always does so, and nothing else', () => {
  const range = fc
    .tuple(fc.nat(70), fc.nat(70))
    .map(([left, right]): Range => ({ low: BigInt(Math.min(left, right)), high: BigInt(Math.max(left, right)) }));
  fc.assert(
    fc.property(fc.nat(63), fc.array(range, { maxLength: 4 }), (mask, ranges) => {
      const seen = new Set<boolean>();
      for (let value = 0; value < 64; value += 1) {
        seen.add(ranges.some(({ low, high }) => low <= BigInt(value & mask) && BigInt(value & mask) <= high));
      }
      assert.equal(holds(BigInt(mask), ranges), seen.size === 2 ? 'sometimes' : seen.has(true) ? 'always' : 'never');
    }),
    { numRuns: 5000 },
  );
});

test('no text makes it throw, and every place lies in the scalar', () => {
  fc.assert(
    fc.property(fc.oneof(tokenSoup, fc.string({ unit: 'binary', maxLength: 30 })), (text) => {
      const { predicate, diagnostics } = lower(text, ['openat', 'socket'], architectures);
      assert.equal(
        predicate === undefined,
        diagnostics.some(({ severity }) => severity === 'error'),
        text,
      );
      for (const { span, help } of diagnostics) {
        assert(span.start >= 0 && span.start <= span.end && span.end <= text.length);
        assert.notEqual(help, '');
      }
    }),
    { numRuns: 5000 },
  );
});

const placings: readonly [style: string, write: (text: string) => string][] = [
  ['plain', (text) => text],
  ['single', (text) => `'${text}'`],
  ['double', (text) => JSON.stringify(text).replaceAll('A', '\\x41').replace('arg', '\\u0061rg')],
  ['literal', (text) => `|\n  ${text.replaceAll(' ', '\n  ')}`],
  ['folded', (text) => `>-\n  ${text.replaceAll(' ', '\n  ')}`],
];
for (const [style, write] of placings) {
  test(`the unknown name is what is underlined in a ${style} scalar`, () => {
    const text = 'arg0 == AF_UNIX || arg1 in [1, AF_INTE] && arg2 == 0';
    const source = sourceText('policy.yaml', `when: ${write(text)}\n`);
    const when = entry(parseYaml(source).root, 'when') as ScalarNode;
    const { diagnostics } = lowerArgumentRule(source, when, ['socket'], ['x86_64']);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['POL3050'],
    );
    const [{ span }] = diagnostics as [(typeof diagnostics)[0]];
    assert.equal(source.text.slice(span.start, span.end), style === 'double' ? '\\x41F_INTE' : 'AF_INTE');
  });
}

for (const fixture of fixtureCases('argument-rules')) {
  test(fixture.name, () => {
    const source = sourceText('rule.yaml', fixture.input('rule.yaml') ?? '');
    const { root } = parseYaml(source);
    const list = (key: string) => {
      const node = entry(root, key);
      return node?.kind === 'sequence' ? node.items.map((each) => (each as ScalarNode).text) : [];
    };
    const on = list('architectures').map((name) => architectures.find((known) => known === name)!);
    const when = entry(root, 'when') as ScalarNode;
    const { predicate, diagnostics } = lowerArgumentRule(
      source,
      when,
      list('syscalls'),
      on.length === 0 ? ['x86_64'] : on,
    );
    fixture.expectReviewed('diagnostics.txt', pretty(diagnostics, () => source) || undefined);
    fixture.expectReviewed('predicate.txt', predicate === undefined ? undefined : `${printPredicate(predicate)}\n`);
  });
}

function entry(root: YamlNode | undefined, key: string): YamlNode | undefined {
  return root?.kind === 'map' ? root.entries.find((each) => each.key.text === key)?.value : undefined;
}

run();
