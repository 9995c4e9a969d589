import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { printDouble, printPlainDouble } from '../../compiler/expressions/cel/functions/conversions.ts';
import { formatLibrary, standardLibrary, stringLibrary } from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-functions');

const environment = environmentOf({ libraries: [standardLibrary, stringLibrary, formatLibrary] });

function resultOf(text: string): unknown {
  return interpreter(parseCel(text).expression, environment)({});
}

test('doubles print as Go prints them with %g', () => {
  // Go 1.22, strconv.FormatFloat(value, 'g', -1, 64).
  for (const [value, printed] of [
    [1000000, '1e+06'],
    [999999, '999999'],
    [123456789, '1.23456789e+08'],
    [100000.5, '100000.5'],
    [-2.5e7, '-2.5e+07'],
    [1e20, '1e+20'],
    [1e100, '1e+100'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
  ] as const) {
    assert.is(printDouble(value), printed);
  }
  assert.is(resultOf('string(3.0e6)'), '3e+06');
});

test('a double without exponent is the same number, in its shortest digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const text of [printDouble(value), printPlainDouble(value)]) assert.ok(Object.is(Number(text), value), text);
      const plain = printPlainDouble(value);
      assert.match(plain, /^-?\d+(\.\d*[1-9])?$/);
      const digits = (text: string) => text.replace(/e.*|[-.]/g, '').replace(/^0+|0+$/g, '');
      assert.is(digits(plain), digits(value.toExponential()));
    }),
  );
  assert.is(resultOf("'%s %d'.format([1e21, 1.5e-9])"), '1000000000000000000000 0.0000000015');
});

test('a map is formatted in the order of its keys', () => {
  assert.is(resultOf("'%s'.format([{'a b': 2, 'a': 1}])"), '{a: 1, a b: 2}');
  assert.is(resultOf("'%s'.format([{'\\U0001F600': 2, '\\uFF21': 1}])"), '{Ａ: 1, 😀: 2}');
});

test('empty text is replaced before each character and at the end, as in Go', () => {
  assert.is(resultOf("''.replace('', 'x')"), 'x');
  assert.is(resultOf("''.replace('', 'x', 1)"), 'x');
  assert.is(resultOf("'ab'.replace('', '-')"), '-a-b-');
  assert.is(resultOf("'ab'.replace('', '-', 2)"), '-a-b');
});

run();
