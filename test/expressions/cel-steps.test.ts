import * as assert from 'uvu/assert';
import { environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import * as libraries from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { exhausted } from '../../compiler/expressions/cel/running.ts';
import { ends } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-steps');

const environment = environmentOf({ libraries: Object.values(libraries) });

function list(length: number, element = '1'): string {
  return `[${new Array(length).fill(element).join(', ')}]`;
}

/** Runs the body 810,000 times, where no step is taken for what it does. */
function often(body: string): string {
  return `${list(900)}.exists(a, ${list(900)}.exists(b, ${body}))`;
}

const long = `'${'a'.repeat(50_000)}'`;
const entries = new Array(1000).fill('').map((_, key) => `${key}: a`);

const heavy: Readonly<Record<string, string>> = {
  'long lists': often(`size(${list(2000, 'a')}) == 0`),
  'long maps': often(`size({${entries.join(', ')}}) == 0`),
  'lists that are kept': `${list(900)}.map(a, ${list(900)}.map(b, ${list(2000, 'b')}))`,
  'constants that are matched': often(`${long}.matches('b')`),
  'constants that are searched': often(`${long}.contains('b')`),
  'bytes that are joined': often(`(b${long} + b'b') == b''`),
  'nested lists that are compared': `cel.bind(x, ${list(400)}, cel.bind(y, ${list(400, 'x')}, cel.bind(z, y.map(q, q), ${often('y != z')})))`,
  'maps that are compared': `cel.bind(x, {${entries.join(', ').replaceAll('a', '1')}}, cel.bind(y, [x], ${often('y != [x]')}))`,
  'texts that grow': often(`${long}.replace('', '${'b'.repeat(200)}') == ''`),
  'lists that are begun only': `cel.bind(x, ${list(9000)}, ${often('x.exists(i, v, true) ? false : true')})`,
};

for (const [what, text] of Object.entries(heavy)) {
  test(`${what} again and again end`, () => {
    const { expression, problems } = parseCel(text);
    assert.equal(problems, []);
    for (const make of [interpreter, compiled]) {
      const result = ends(() => make(expression, environment)!({}), make.name);
      assert.is(result, exhausted, make.name);
    }
  });
}

test('what people write is far from the end', () => {
  const texts = new Array(1000).fill('').map((_, at) => `team-${at}`);
  const teams = environmentOf({ libraries: [libraries.standardLibrary], variables: { xs: { kind: 'dyn' } } });
  const { expression } = parseCel("xs.all(x, x.startsWith('team-') && x != 'team-' && xs.exists(y, y == x))");
  for (const make of [interpreter, compiled]) assert.is(make(expression, teams)!({ xs: texts }), true);
});

run();
