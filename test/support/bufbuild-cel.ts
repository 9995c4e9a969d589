import {
  type CelResult,
  celEnv,
  celMap,
  celUint,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  parse as parseOther,
  plan,
} from '@bufbuild/cel';
import { MapBuilder } from '../../compiler/expressions/cel/maps.ts';
import { CelError, CelMap, type Result, TypeValue, Uint, type Value } from '../../compiler/expressions/cel/value.ts';
import { show } from './cel-conformance.ts';
import { variables } from './cel-expressions.ts';

/** Expressions as @bufbuild/cel evaluates them, and where it is known to differ. */
const other = celEnv();

const otherVariables = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, toOther(value)]));

type OtherValue = Parameters<ReturnType<typeof plan>>[0] extends infer Context
  ? Context extends Record<string, infer Input>
    ? Input
    : never
  : never;

function toOther(value: Value): OtherValue {
  if (value instanceof Uint) return celUint(value.value);
  if (Array.isArray(value)) return value.map(toOther) as unknown as OtherValue;
  if (value instanceof CelMap) {
    return celMap(
      new Map(
        [...value.entries].map(([key, each]) => [
          typeof key === 'bigint' && value.unsigned.has(key) ? celUint(key) : key,
          toOther(each),
        ]),
      ),
    );
  }
  return value as OtherValue;
}

function fromOther(value: CelResult): Result {
  if (isCelError(value)) return new CelError(value.message);
  if (isCelUint(value)) return new Uint(value.value);
  if (isCelType(value)) return new TypeValue(value.name);
  if (isCelList(value)) return [...value].map((each) => fromOther(each) as Value);
  if (isCelMap(value)) {
    const map = new MapBuilder();
    for (const [key, each] of value) map.set(fromOther(key) as Value, fromOther(each) as Value);
    return map.build();
  }
  return value as Value;
}

/** The value of an expression over the variables of random expressions. */
export function otherResult(text: string): Result {
  try {
    return fromOther(plan(other, parseOther(text))(otherVariables));
  } catch (error) {
    return new CelError(String(error));
  }
}

/** Errors are alike: engines word them differently. */
export function shown(value: Result): string {
  return value instanceof CelError ? 'error' : show(value);
}

/** It takes `has` of what has no fields for false. */
export function isComparable(text: string): boolean {
  return !/has\((i|m\.b)\./.test(text);
}

/**
 * Where @bufbuild/cel is not followed, by the error that cel-go has too, or by what the text has. Below an operator that
 * absorbs errors such an error can make any difference.
 */
export function isKnownDifference(text: string, ours: Result): boolean {
  const absorbs = /&&|\|\||\.all\(|\.exists\(/.test(text);
  return differences.some(({ inText, ourError }) => {
    if (!inText.test(text)) return false;
    return absorbs || ourError === undefined || (ours instanceof CelError && ourError.test(ours.message));
  });
}

const differences: readonly { readonly inText: RegExp; readonly ourError?: RegExp }[] = [
  // It takes any text for a number: double('x') is NaN, int('') is 0.
  { inText: /\b(double|u?int)\(/, ourError: /type conversion error/ },
  // Its parser drops two signs or negations, whatever they stand before.
  { inText: /!\(!\(|-\(-\(/ },
  // It takes doubles for keys, and rounds them.
  { inText: /\{.*:/, ourError: /unsupported key type: double|repeated key/ },
  // It takes booleans for indexes.
  { inText: /\[/, ourError: /_\[_\]\(list, bool\)/ },
  // It prints -0.0 as 0, infinity as Infinity and 1000000.0 without an exponent; Go prints -0, +Inf and 1e+06.
  { inText: /string\(.*(?:[-+*/e]|\d{6})|[-+*/e].*string\(/ },
  // It compares the largest uint exactly; cel-go rounds it to a double first.
  { inText: /18446744073709551615u.*(?:double|\d\.)|(?:double|\d\.|\bd\b).*18446744073709551615u/ },
  // Its largest uint divided by 1 overflows, and its smallest int has a remainder by -1, which Go's has not.
  { inText: /18446744073709551615u.*[/%]|[/%].*18446744073709551615u|9223372036854775808.*%/ },
  // What no map can have as a key is not in it; there it is an error.
  { inText: / in (m|keyed|.*\{)/ },
];
