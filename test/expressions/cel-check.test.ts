import fc from 'fast-check';
import { check } from '../../compiler/expressions/cel/check.ts';
import { type Environment, environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { fold } from '../../compiler/expressions/cel/fold.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import * as libraries from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import {
  bool,
  double,
  dyn,
  formatType,
  int,
  listOf,
  mapOf,
  objectOf,
  string,
  uint,
} from '../../compiler/expressions/cel/types.ts';
import { CelError, type Value } from '../../compiler/expressions/cel/value.ts';
import { show } from '../support/cel-conformance.ts';
import { ends } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-check');

const environment: Environment = environmentOf({
  libraries: [
    libraries.standardLibrary,
    libraries.optionalLibrary,
    libraries.comprehensionLibrary,
    libraries.bindingLibrary,
  ],
  variables: {
    request: objectOf('request', {
      method: string,
      size: int,
      headers: mapOf(string, string),
      'x-y': bool,
    }),
    'source.address': string,
    'source.port': uint,
    auth: dyn,
    groups: listOf(string),
    cost: double,
  },
});

/** Each problem as `CODE text it is about [suggestion]`. */
function problems(text: string, within = environment): readonly string[] {
  const parsed = parseCel(text);
  if (parsed.problems.length > 0) throw new Error(`${text} does not parse`);
  return check(parsed.expression, within).problems.map(({ code, range, fixes }) => {
    const suggested = fixes?.[0]?.edits[0]?.newText;
    return `${code} ${text.slice(range.start, range.end)}${suggested === undefined ? '' : ` → ${suggested}`}`;
  });
}

function expect(text: string, ...expected: readonly string[]): void {
  const found = problems(text);
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${text}: ${JSON.stringify(found)}`);
}

test('a problem is at the smallest expression that explains it', () => {
  expect("request.method == 'GET' && request.size + 1.0 > 2.0", 'POL4080 request.size + 1.0');
  expect('(groups.size() + 1) && true', 'POL4081 groups.size() + 1');
  expect('groups.exists(g, g.startsWith(1))', 'POL4080 1');
  expect('request.size.startsWith("a")', 'POL4080 request.size');
  expect('groups[0].name', 'POL4083 name');
  expect("true ? 'a' : 1", "POL4082 'a' : 1");
  expect('request.size.all(x, x)', 'POL4089 request.size');
  expect('groups.map(request.method, 1)', 'POL4084 request.method');
  expect('has(groups)', 'POL4084 groups');
  expect('cost * 2 > 1.0', 'POL4080 cost * 2');
  expect('source.port * 2 > 1u', 'POL4080 source.port * 2');
});

test('a name that nothing has comes with the one that was meant', () => {
  expect('reqest.method', 'POL3100 reqest → request');
  expect('request.metod', 'POL3102 metod → method');
  expect('has(request.metod)', 'POL3102 metod → method');
  expect("request['metod']", "POL3102 'metod' → method");
  expect('source.adress', 'POL3102 adress → address');
  expect("request.method.startWith('G')", 'POL3101 startWith → startsWith');
  expect('groups.exist(g, g == source.adress)', 'POL3101 exist → exists');
  expect('zzzzzz', 'POL3100 zzzzzz');
});

test('several problems are found at once', () => {
  expect(
    'reqest.method && groups[0] || request.size',
    'POL3100 reqest → request',
    'POL4081 groups[0]',
    'POL4081 request.size',
  );
});

test('what is right has no problem and its type', () => {
  const right: readonly (readonly [string, string])[] = [
    ["request.headers['x'].contains(source.address)", 'bool'],
    ["request['x-y'] || 'host' in request.headers", 'bool'],
    ['auth.identity.groups.filter(g, g in groups)', 'list(dyn)'],
    ['groups.map(g, {g: g.size()})', 'list(map(string, int))'],
    ['request.?method.orValue("GET")', 'string'],
    ['groups.transformMap(i, g, g)', 'map(int, string)'],
    ['cel.bind(n, request.size, n > 1 ? n : 1)', 'int'],
    ["timestamp('2024-01-01T00:00:00Z') + duration('1h')", 'timestamp'],
    ['1 < cost && source.port < 3', 'bool'],
  ];
  for (const [text, type] of right) {
    expect(text);
    const deduced = formatType(check(parseCel(text).expression, environment).type);
    if (deduced !== type) throw new Error(`${text}: ${deduced}`);
  }
});

test('every code that the checker gives has an example above or here', () => {
  expect('[?1]', 'POL4085 1');
  expect('Unknown{}', 'POL4086 Unknown');
  expect("google.protobuf.Int64Value{value: 'a'}", "POL4087 'a'");
});

test('a tree that nests deeper than any text can is refused, not walked', () => {
  let expression = parseCel('request').expression;
  for (let depth = 0; depth < 100_000; depth++) {
    expression = { kind: 'unary', operator: '!', operand: expression, range: expression.range };
  }
  const { problems: found } = check(expression, environment);
  if (found[0]?.code !== 'POL4088') throw new Error(JSON.stringify(found[0]));
  for (const make of [interpreter, compiled]) {
    const result = make(expression, environment)!({});
    if (!(result instanceof CelError && result.message.includes('deep'))) throw new Error(show(result));
  }
});

test('plain objects of the host hide nothing of their prototypes', () => {
  const data = environmentOf({ libraries: [libraries.standardLibrary], variables: { o: dyn } });
  const o = JSON.parse('{"a": 1, "__proto__": {"x": 1}, "constructor": 2}') as Value;
  const expected: readonly (readonly [string, string])[] = [
    ['o.a', 'double(1)'],
    ['o.constructor', 'double(2)'],
    ["o['__proto__'].x", 'double(1)'],
    ['o.toString', "error: no such key: 'toString'"],
    ["has(o.hasOwnProperty) || 'valueOf' in o", 'false'],
    ["'constructor' in o", 'true'],
    ['o.x', "error: no such key: 'x'"],
    ['o.size()', '3'],
    ["'text'.length", 'error: no such overload: select .length(string)'],
  ];
  for (const [text, value] of expected) {
    const { expression } = parseCel(text);
    for (const make of [interpreter, compiled]) {
      const found = show(make(expression, data)!({ o }));
      if (found !== value) throw new Error(`${text}: ${found}`);
    }
  }
});

test('nothing that is written takes forever, and nothing throws', () => {
  const million = `[${Array.from({ length: 100 }, () => '1').join(', ')}]`;
  const endless = [
    // 10^8 steps, and as many of the generated code.
    `${million}.all(a, ${million}.all(b, ${million}.all(c, ${million}.all(d, true))))`,
    // 2^60 letters, elements, and comparisons of one list with itself.
    doubled("'ab'", (name) => `${name} + ${name}`, '0 == 0'),
    doubled('[1]', (name) => `${name} + ${name}`, '0 == 0'),
    doubled('[1]', (name) => `[${name}, ${name}]`, 'v39 == v39'),
  ];
  for (const text of endless) {
    const { expression, problems: wrong } = parseCel(text);
    if (wrong.length > 0) throw new Error(`${text.slice(0, 40)} does not parse: ${JSON.stringify(wrong[0])}`);
    ends(() => check(expression, environment), text.slice(0, 40));
    for (const make of [interpreter, compiled]) {
      const result = ends(() => make(expression, environment)!({}), text.slice(0, 40));
      if (!(result instanceof CelError) && result !== true)
        throw new Error(`${text.slice(0, 40)}: ${show(result).slice(0, 40)}`);
    }
  }
});

/** `cel.bind` forty times, each of which doubles the one before. */
function doubled(first: string, next: (name: string) => string, last: string): string {
  let text = last;
  for (let index = 39; index > 0; index--) text = `cel.bind(v${index}, ${next(`v${index - 1}`)}, ${text})`;
  return `cel.bind(v0, ${first}, ${text})`;
}

test('a pattern that backtracking could not finish is matched at once', () => {
  const { expression } = parseCel("request.matches('^(a+)+$')");
  const matching = environmentOf({ libraries: [libraries.standardLibrary], variables: { request: string } });
  const result = ends(() => interpreter(expression, matching)({ request: `${'a'.repeat(50_000)}b` }));
  if (result !== false) throw new Error(show(result));
  const invalid = interpreter(parseCel("'a'.matches('(?=a)')").expression, matching)({});
  if (!(invalid instanceof CelError)) throw new Error('lookahead is not of RE2');
});

test('no text makes anything throw', () => {
  const words = [
    'request',
    '.',
    'size',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '?',
    ':',
    ',',
    '1',
    "'a'",
    '&&',
    '-',
    'x',
    'all',
    'has',
    ' in ',
    'cel.bind',
    '0u',
    '==',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 24 }), (parts) => {
      const { expression } = parseCel(parts.join(''));
      check(expression, environment);
      interpreter(expression, environment)({});
      compiled(expression, environment)!({});
      fold(expression, environment);
    }),
    { numRuns: 3000 },
  );
});

run();
