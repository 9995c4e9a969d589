import assert from 'node:assert/strict';
import fc from 'fast-check';
import { environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import { standardLibrary, stringLibrary } from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { dyn } from '../../compiler/expressions/cel/types.ts';
import { CelError, type Result } from '../../compiler/expressions/cel/value.ts';
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
  for (const each of conformanceCases()) {
    const { expression, problems } = parseCel(each.text);
    if (problems.length > 0 || each.protobuf || !each.name.startsWith('conformance/')) continue;
    const environment = environmentOfCase(each);
    const bindings = bindingsOf(each);
    const made = wasmExpression(expression, environment, 'cell', false);
    if (typeof made === 'string') {
      left++;
      continue;
    }
    const [is, should] = [shown(made.value(bindings)), shown(interpreter(expression, environment)(bindings))];
    if (is === should) passed++;
    else if (is === 'error' && unreadable.has(each.text)) left++;
    else wrong.push(`${each.name}: ${each.text}: ${is}, not ${should}`);
  }
  assert.deepEqual(wrong, []);
  assert(passed > 1150 && left < 600, `${passed} passed, ${left} have no function`);
});

const environment = environmentOf({
  libraries: [standardLibrary, stringLibrary],
  variables: Object.fromEntries(Object.keys(variables).map((name) => [name, dyn])),
});

test('random expressions have in modules the values that the interpreter, generated JavaScript and @bufbuild/cel give', () => {
  let lowered = 0;
  let values = 0;
  let compared = 0;
  fc.assert(
    fc.property(expressions, (text) => {
      const { expression } = parseCel(text);
      const made = wasmExpression(expression, environment, 'cell', text.length % 3 === 0);
      if (typeof made === 'string') return;
      lowered++;
      const should = interpreter(expression, environment)(variables);
      if (!(should instanceof CelError)) values++;
      const value = shown(made.value(variables));
      assert.equal(value, shown(should), text);
      assert.equal(shown(compiled(expression, environment)!(variables)), shown(should), text);
      if (isComparable(text) && !isKnownDifference(text, should)) {
        compared++;
        assert.equal(value, shown(otherResult(text)), text);
      }
      const condition = wasmExpression(expression, environment, 'condition');
      if (typeof condition === 'string') throw new Error(condition);
      assert.equal(condition.ask(variables), answer(should), text);
    }),
    { numRuns: 1500 },
  );
  assert(lowered > 1200 && values > 300, `${lowered} were lowered, ${values} have a value`);
  assert(compared > 700, `${compared} were compared with @bufbuild/cel`);
});

run();
