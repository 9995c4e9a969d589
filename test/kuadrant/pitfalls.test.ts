import * as assert from 'uvu/assert';
import { type Place, pitfallsIn } from '../../compiler/dialects/kuadrant/cel/pitfalls.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-pitfalls');

const filter: Place = { component: 'filter', counter: false, tokenCondition: false };

/** The text with the first fix of each finding. */
function corrected(text: string, place: Place = filter): string {
  const edits = pitfallsIn(text, parseCel(text).expression, place).flatMap(({ fixes }) => fixes?.[0]?.edits ?? []);
  return [...edits]
    .sort((left, right) => right.range.start - left.range.start)
    .reduce((after, { range, newText }) => after.slice(0, range.start) + newText + after.slice(range.end), text);
}

test('a test for a key keeps its place among the operators around it', () => {
  assert.is(corrected("has(request.headers['x'])"), "'x' in request.headers");
  assert.is(corrected("!has(request.headers['x'])"), "!('x' in request.headers)");
  assert.is(corrected("a && has(request.headers['x']) || b"), "a && 'x' in request.headers || b");
  assert.is(corrected("true == has(request.headers['x'])"), "true == ('x' in request.headers)");
  assert.is(corrected("has(request.headers['x']) == false"), "('x' in request.headers) == false");
  assert.is(corrected("has(m[a ? 'x' : 'y'])"), "(a ? 'x' : 'y') in m");
});

test('a field is only named where CEL can name it', () => {
  assert.is(corrected("auth['identity'].tier == 'a'"), "auth.identity.tier == 'a'");
  assert.is(corrected("auth['in'] == 'a'"), "auth['in'] == 'a'");
});

test('a corrected pointer is one text', () => {
  assert.is(corrected("requestBodyJSON(\"it's.model\") == 'a'"), "requestBodyJSON('/it\\'s/model') == 'a'");
});

test('a number becomes a double whatever its base', () => {
  const authoriser: Place = { ...filter, component: 'authoriser' };
  assert.is(corrected('auth.identity.n * 0x10 > 1.0', authoriser), 'auth.identity.n * 16.0 > 1.0');
});

run();
