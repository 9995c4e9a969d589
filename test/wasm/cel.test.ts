import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Environment, environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import { standardLibrary, stringLibrary } from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { dyn } from '../../compiler/expressions/cel/types.ts';
import { CelError, type Result, type Value } from '../../compiler/expressions/cel/value.ts';
import { isComparable, isKnownDifference, otherResult, shown } from '../support/bufbuild-cel.ts';
import { bindingsOf, conformanceCases, environmentOfCase } from '../support/cel-conformance.ts';
import { expressions, variables } from '../support/cel-expressions.ts';
import { suite } from '../support/harness.ts';
import { wasmExpression } from '../support/wasm-cel.ts';

const { test, run } = suite('wasm cel');

/** What a condition's function gives back for a value. */
function answer(value: Result): number {
  return value === true ? 1 : value === false ? 0 : 2;
}

/** Reading these takes exact decimal arithmetic, which modules have not: they are unknown. */
const unreadable = new Set(["double('1.38e-23')", "double('-5.43e-21')"]);

test("cel-spec's cases have in modules the values that the interpreter gives", () => {
  const wrong: string[] = [];
  let passed = 0;
  let left = 0;
  const language = { lowered: 0, left: 0 };
  const obstacles = new Set<string>();
  for (const each of conformanceCases()) {
    const { expression, problems } = parseCel(each.text);
    if (problems.length > 0 || each.protobuf || !each.name.startsWith('conformance/')) continue;
    const environment = environmentOfCase(each);
    const bindings = bindingsOf(each);
    const made = wasmExpression(expression, environment, 'cell', false);
    const isLanguage = !/_ext$|^(optionals|macros2|type_deductions|proto.*)$/.test(each.file);
    if (isLanguage) language[typeof made === 'string' ? 'left' : 'lowered']++;
    if (typeof made === 'string') {
      if (isLanguage) obstacles.add(made);
      left++;
      continue;
    }
    const [is, should] = [shown(made.value(bindings)), shown(interpreter(expression, environment)(bindings))];
    if (is === should) passed++;
    else if (is === 'error' && unreadable.has(each.text)) left++;
    else wrong.push(`${each.name}: ${each.text}: ${is}, not ${should}`);
  }
  assert.deepEqual(wrong, []);
  // docs/webassembly.md has these numbers.
  assert.deepEqual({ passed, left, language }, { passed: 1212, left: 517, language: { lowered: 1056, left: 91 } });
  // Of the language itself: what takes a time zone. The others name what is not of it, wrappers of messages among them.
  const standard = new Set(standardLibrary.functions.map(({ name }) => `\`${name}\``));
  assert.deepEqual(
    [...obstacles].filter((obstacle) => standard.has(obstacle) && !/^`get/.test(obstacle)),
    ['`dyn`'],
  );
});

const pieces = fc.constantFrom(
  'a',
  'ab',
  'é',
  '🐱',
  ' ',
  '\u00a0',
  '\u1680',
  '\u200a',
  '\u200b',
  '\u2029',
  '\u3000',
  '\t',
  '\u0085',
  '\u008a',
);
const anyText = fc.array(pieces, { maxLength: 7 }).map((parts) => parts.join(''));
const place = fc.bigInt({ min: -2n, max: 9n });

for (const text of [
  's.indexOf(p)',
  's.indexOf(p, i)',
  's.lastIndexOf(p)',
  's.lastIndexOf(p, i)',
  's.replace(p, r)',
  's.replace(p, r, i)',
  's.trim()',
  's.substring(i)',
  's.split(p)',
]) {
  test(`${text} has in modules the values that the interpreter gives`, () => {
    const { expression } = parseCel(text);
    const own = environmentOf({
      libraries: [standardLibrary, stringLibrary],
      variables: { s: dyn, p: dyn, r: dyn, i: dyn },
    });
    const made = wasmExpression(expression, own, 'cell');
    if (typeof made === 'string') throw new Error(made);
    const reference = interpreter(expression, own);
    const other = <T>(of: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 20, arbitrary: of }, { weight: 1, arbitrary: fc.constantFrom(null, 2.5, true) });
    fc.assert(
      fc.property(other(anyText), other(fc.oneof(pieces, anyText)), other(anyText), other(place), (s, p, r, i) => {
        const bindings = { s, p, r, i };
        assert.equal(shown(made.value(bindings)), shown(reference(bindings)));
      }),
      { numRuns: 1500 },
    );
    const long = { s: 'a'.repeat(5000), p: 'a', r: 'b'.repeat(5000), i: 5000n };
    const [is, should] = [shown(made.value(long)), shown(reference(long))];
    assert(is === should || is === 'error', `${is.slice(0, 40)}, not ${should.slice(0, 40)}`);
  });
}

const environment = environmentOf({
  libraries: [standardLibrary, stringLibrary],
  variables: Object.fromEntries(Object.keys(variables).map((name) => [name, dyn])),
});

/** Counts the doubles whose text takes an exponent or more than 15 digits: modules do not write it, and are unknown. */
function countingUnwritable(of: Environment, count: () => void): Environment {
  const string = of.functions.get('string')!;
  const call = (value: Value) => {
    const text = string.call(value);
    if (typeof value === 'number' && typeof text === 'string' && /\de|(\d\.?){16}/.test(text.replace(/^-?0\.0*/, '')))
      count();
    return text;
  };
  return { ...of, functions: new Map([...of.functions, ['string', { ...string, call }]]) };
}

test('random expressions have in modules the values that the interpreter, generated JavaScript and @bufbuild/cel give', () => {
  let lowered = 0;
  let values = 0;
  let compared = 0;
  let unwritable = 0;
  const counting = countingUnwritable(environment, () => unwritable++);
  fc.assert(
    fc.property(expressions, (text) => {
      const { expression } = parseCel(text);
      const made = wasmExpression(expression, environment, 'cell', text.length % 3 === 0);
      if (typeof made === 'string') return;
      lowered++;
      unwritable = 0;
      const should = interpreter(expression, counting)(variables);
      if (!(should instanceof CelError)) values++;
      const value = shown(made.value(variables));
      const isUnwritten = value === 'error' && unwritable > 0;
      if (!isUnwritten) assert.equal(value, shown(should), text);
      assert.equal(shown(compiled(expression, environment)!(variables)), shown(should), text);
      if (isComparable(text) && !isKnownDifference(text, should)) {
        compared++;
        assert.equal(shown(should), shown(otherResult(text)), text);
      }
      const condition = wasmExpression(expression, environment, 'condition');
      if (typeof condition === 'string') throw new Error(condition);
      const answered = condition.ask(variables);
      if (answered !== 2 || unwritable === 0) assert.equal(answered, answer(should), text);
    }),
    // What a seed has found: a module that writes no exponent is unknown.
    { numRuns: 1500, examples: [['string(1e300)'], ['(string(1e300) == string(0.5))']] },
  );
  assert(lowered > 1200 && values > 300, `${lowered} were lowered, ${values} have a value`);
  assert(compared > 700, `${compared} were compared with @bufbuild/cel`);
});

run();
