import { check } from '../../compiler/expressions/cel/check.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { formatType } from '../../compiler/expressions/cel/types.ts';
import { CelError, type Result } from '../../compiler/expressions/cel/value.ts';
import {
  bindingsOf,
  type ConformanceCase,
  conformanceCases,
  environmentOfCase,
  identical,
  show,
  specValue,
} from '../support/cel-conformance.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-conformance');

const cases = conformanceCases();
const own = cases.filter(({ name, protobuf }) => name.startsWith('conformance/') && !protobuf);

/** The files of the language itself. */
const core = new Set(
  'basic comparisons conversions fields fp_math integer_math lists logic macros namespace parse plumbing string timestamps'.split(
    ' ',
  ),
);
const language = own.filter(({ file }) => core.has(file));
const kuadrant = [
  ...language,
  ...own.filter(({ file }) => file === 'type_deductions'),
  ...own.filter(
    ({ file, section }) => file === 'string_ext' && !['format', 'format_errors', 'quote', 'reverse'].includes(section),
  ),
];
/** What comes after: extensions that other engines have. */
const extensions = new Set('bindings_ext encoders_ext macros2 math_ext optionals string_ext'.split(' '));

/** Undefined where the case passes. A wrong value is told from an error that should be a value. */
function failure(each: ConformanceCase): string | undefined {
  const { expression, problems } = parseCel(each.text);
  const environment = environmentOfCase(each);
  const result = interpreter(expression, environment)(bindingsOf(each));
  const generated = compiled(expression, environment)!(bindingsOf(each));
  if (show(result) !== show(generated)) return `generated code gives ${show(generated)}, not ${show(result)}`;
  const { resultMatcher, disableCheck } = each.test;
  const checked = disableCheck ? undefined : check(expression, environment);
  const found = JSON.stringify([...problems, ...(checked?.problems ?? [])]);
  switch (resultMatcher.case) {
    case 'value': {
      if (found !== '[]') return `problems: ${found}`;
      return isWrong(result, specValue(resultMatcher.value)!);
    }
    case undefined:
      return found === '[]' ? isWrong(result, true) : `problems: ${found}`;
    case 'typedResult': {
      const value = resultMatcher.value.result;
      return value === undefined ? undefined : isWrong(result, specValue(value)!);
    }
    default:
      return result instanceof CelError ? undefined : `silent wrong value ${show(result)} for an error`;
  }
}

function isWrong(result: Result, expected: Result): string | undefined {
  if (identical(result, expected)) return undefined;
  return `${result instanceof CelError ? '' : 'silent wrong value '}${show(result)} for ${show(expected)}`;
}

function failures(of: readonly ConformanceCase[]): readonly string[] {
  return of.flatMap((each) => {
    const why = failure(each);
    return why === undefined ? [] : [`${each.name}: ${each.text}: ${why}`];
  });
}

function all(of: readonly ConformanceCase[], least: number): void {
  if (of.length < least) throw new Error(`only ${of.length} cases were found`);
  const failed = failures(of);
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

test('the language itself, in both evaluators', () => all(language, 1078));

test("what Kuadrant's components have besides", () => all(kuadrant, 1190));

test('extensions: optionals, two-variable comprehensions, bindings, math, encoders, all of strings', () =>
  all(
    own.filter(({ file }) => extensions.has(file)),
    500,
  ));

test('the checker deduces exactly the types that cel-go does', () => {
  // cel.block is made by an optimiser of cel-go's and cannot be written.
  const typed = cases.filter(({ type, protobuf, file }) => type !== undefined && !protobuf && file !== 'block_ext');
  if (typed.length < 1436) throw new Error(`only ${typed.length} cases were found`);
  const wrong = typed.flatMap((each) => {
    const { type, problems } = check(parseCel(each.text).expression, environmentOfCase(each));
    const deduced = formatType(type);
    if (deduced === each.type && problems.length === 0) return [];
    return [`${each.name}: ${each.text}: ${deduced}, not ${each.type} ${JSON.stringify(problems)}`];
  });
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${typed.length}\n${wrong.join('\n')}`);
});

/**
 * What the environment of cel-go's answers has turned off, and its engines turn on: optional syntax, and comparisons of
 * numbers of different types, which every engine evaluates.
 */
function isOff(text: string): boolean {
  return text.includes('?') || text.includes('1 <= 1.0') || / 1\.0 &&/.test(text);
}

test('the checker refuses what cel-go refuses', () => {
  const refused = cases.filter(
    ({ file, type, protobuf, text }) => file === 'checking' && type === undefined && !protobuf && !isOff(text),
  );
  if (refused.length < 12) throw new Error(`only ${refused.length} cases were found`);
  const wrong = refused.filter((each) => {
    const { expression, problems } = parseCel(each.text);
    return problems.length === 0 && check(expression, environmentOfCase(each)).problems.length === 0;
  });
  if (wrong.length > 0) throw new Error(wrong.map(({ name }) => name).join('\n'));
});

run();
