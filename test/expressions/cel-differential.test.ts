import fc from 'fast-check';
import { check } from '../../compiler/expressions/cel/check.ts';
import { environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { fold } from '../../compiler/expressions/cel/fold.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import { standardLibrary } from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import {
  bool,
  bytes,
  type CelType,
  double,
  dyn,
  int,
  listOf,
  mapOf,
  nullType,
  string,
  uint,
} from '../../compiler/expressions/cel/types.ts';
import { CelError, CelMap, kindOf, TypeValue, Uint, type Value } from '../../compiler/expressions/cel/value.ts';
import { isComparable, isKnownDifference, otherResult, shown } from '../support/bufbuild-cel.ts';
import { show } from '../support/cel-conformance.ts';
import { expressions, variables } from '../support/cel-expressions.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-differential');

const types: Readonly<Record<string, CelType>> = {
  i: int,
  u: uint,
  d: double,
  s: string,
  t: bool,
  n: nullType,
  xs: listOf(int),
  words: listOf(string),
  mixed: listOf(dyn),
  m: mapOf(string, dyn),
  keyed: mapOf(dyn, string),
};
const environment = environmentOf({ libraries: [standardLibrary], variables: types });

test('it gives what @bufbuild/cel gives', () => {
  let compared = 0;
  let values = 0;
  fc.assert(
    fc.property(expressions, (text) => {
      fc.pre(isComparable(text));
      const ours = interpreter(parseCel(text).expression, environment)(variables);
      const theirs = otherResult(text);
      compared++;
      if (!(ours instanceof CelError)) values++;
      if (shown(ours) === shown(theirs) || isKnownDifference(text, ours)) return;
      throw new Error(`${text}: ${show(ours)}, not ${show(theirs)}`);
    }),
    { numRuns: 6000 },
  );
  if (values < compared / 20) throw new Error(`only ${values} of ${compared} expressions have a value`);
});

test('generated JavaScript gives what the interpreter gives, with the same error at the same place', () => {
  fc.assert(
    fc.property(expressions, (text) => {
      const { expression } = parseCel(text);
      const one = interpreter(expression, environment)(variables);
      const two = compiled(expression, environment)!(variables);
      if (show(one) !== show(two)) throw new Error(`${text}: ${show(two)}, not ${show(one)}`);
      if (
        one instanceof CelError &&
        two instanceof CelError &&
        JSON.stringify(one.range) !== JSON.stringify(two.range)
      ) {
        throw new Error(`${text}: ${JSON.stringify(two.range)}, not ${JSON.stringify(one.range)}`);
      }
      if (one instanceof CelError && one.range === undefined) throw new Error(`${text}: no range for ${one.message}`);
    }),
    { numRuns: 4000 },
  );
});

test('what is folded has the same value, or is an error as before', () => {
  fc.assert(
    fc.property(expressions, (text) => {
      const { expression } = parseCel(text);
      const before = shown(interpreter(expression, environment)(variables));
      const after = shown(interpreter(fold(expression, environment), environment)(variables));
      if (before !== after) throw new Error(`${text}: ${after}, not ${before}`);
    }),
    { numRuns: 4000 },
  );
});

test('a value has the type that the checker found', () => {
  let sound = 0;
  fc.assert(
    fc.property(expressions, (text) => {
      const { expression } = parseCel(text);
      const { type, types: parts, problems } = check(expression, environment);
      if (problems.length > 0) return;
      const value = interpreter(expression, environment)(variables);
      if (value instanceof CelError) {
        if (
          /no such overload|undeclared/.test(value.message) &&
          !/dyn|mixed|keyed|\bm\b|\bn\b|null|\[\]|\{\}/.test(text)
        ) {
          if (![...parts.values()].some(mentionsDyn)) throw new Error(`${text}: checked, and ${value.message}`);
        }
        return;
      }
      sound++;
      // To cel-go too, `dyn([0]) + [0.0]` is a list of doubles.
      if (text.includes('+') && [...parts.values()].some(mentionsDyn)) return;
      if (!fits(value, type)) throw new Error(`${text}: ${show(value)} is no ${JSON.stringify(type)}`);
    }),
    { numRuns: 6000 },
  );
  if (sound < 300) throw new Error(`only ${sound} expressions were checked and have a value`);
});

function mentionsDyn(type: CelType): boolean {
  return JSON.stringify(type).includes('"dyn"');
}

function fits(value: Value, type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
      return true;
    case 'null':
      return value === null;
    case 'list':
      return Array.isArray(value) && value.every((each) => fits(each, type.element));
    case 'map':
      return (
        value instanceof CelMap &&
        [...value.entries].every(
          ([key, each]) =>
            fits(each, type.value) &&
            fits(typeof key === 'bigint' && value.unsigned.has(key) ? new Uint(key) : key, type.key),
        )
      );
    case 'type':
      return value instanceof TypeValue;
    default:
      return kindOf(value) === type.kind || (value === null && type.kind === 'wrapper');
  }
}

test('every expression of bytes has a length', () => {
  const value = interpreter(parseCel("size(bytes('é'))").expression, environment)({});
  if (value !== 2n) throw new Error(show(value));
  if (check(parseCel("bytes('é')").expression, environment).type.kind !== bytes.kind) throw new Error('no bytes');
});

run();
