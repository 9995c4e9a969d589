import { run as evaluate } from '@bufbuild/cel';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { expressionOf, predicateOf } from '../../compiler/dialects/kuadrant/migrate/condition.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-condition');

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,4}$/);
/** A root: reserved words are no names of variables. */
const root = fc.constantFrom('auth', 'request');
const key = fc.oneof(word, fc.stringMatching(/^[a-z]{1,3}[./-][a-z]{1,3}(-[a-z0-9]{1,3})?$/));
const value = fc.oneof(word, fc.string({ maxLength: 6 }), fc.constantFrom("it's", '\\', '"', 'a\nb', ''));

/** What a selector and its operator mean over texts and lists of texts. Source: Authorino's documentation of patterns. */
const meanings: Readonly<Record<string, (actual: string | readonly string[], wanted: string) => boolean>> = {
  eq: (actual, wanted) => actual === wanted,
  neq: (actual, wanted) => actual !== wanted,
  incl: (actual, wanted) => typeof actual !== 'string' && actual.includes(wanted),
  excl: (actual, wanted) => !(typeof actual !== 'string' && actual.includes(wanted)),
  startswith: (actual, wanted) => typeof actual === 'string' && actual.startsWith(wanted),
  endswith: (actual, wanted) => typeof actual === 'string' && actual.endsWith(wanted),
};

test('a condition and its predicate hold of the same values', () => {
  fc.assert(
    fc.property(
      root,
      fc.array(fc.oneof(key, fc.constantFrom('in', 'for', 'true')), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...Object.keys(meanings)),
      fc.oneof(value, fc.array(value, { maxLength: 3 })),
      value,
      fc.boolean(),
      (first, keys, operator, found, other, equal) => {
        const isList = operator === 'incl' || operator === 'excl';
        const actual = isList ? [found].flat() : [found].flat().join('');
        const wanted = equal ? ([actual].flat()[0] ?? other) : other;
        const selector = [first, ...keys.map((each) => each.replaceAll('.', '\\.'))].join('.');
        // A slash or dash is read as part of a key, which a bare selector has only inside a name.
        const predicate = predicateOf({ selector, operator, value: wanted });
        assert.ok(predicate !== undefined, selector);
        const bound = keys.reduceRight<unknown>((inner, each) => ({ [each]: inner }), actual);
        assert.is(
          evaluate(predicate, { [first]: JSON.parse(JSON.stringify(bound)) }),
          meanings[operator]?.(actual, wanted),
          predicate,
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('matches keeps its pattern', () => {
  fc.assert(
    fc.property(fc.constantFrom('^a.*', '\\d+', "'", 'a|b', '\\.'), fc.string({ maxLength: 5 }), (pattern, text) => {
      const predicate = predicateOf({ selector: 'request.path', operator: 'matches', value: pattern });
      assert.is(evaluate(predicate ?? '', { request: { path: text } }), new RegExp(pattern).test(text), predicate);
    }),
  );
});

test('numbers are compared as numbers', () => {
  const over = (selector: string) => predicateOf({ selector, operator: 'gt', value: '0.8' });
  assert.is(over('auth.identity.share'), 'double(auth.identity.share) > 0.8');
  assert.is(predicateOf({ selector: 'request.size', operator: 'gt', value: '10' }), 'request.size > 10');
  assert.is(predicateOf({ selector: 'auth.identity.n', operator: 'gt', value: 'ten' }), undefined);
});

test('names of older versions become those of today, and what has no counterpart is left', () => {
  assert.is(expressionOf('context.request.http.path'), 'request.path');
  assert.is(expressionOf('context.request.http.headers.x-user'), "request.headers['x-user']");
  assert.is(expressionOf('auth.identity.groups.0'), 'auth.identity.groups[0]');
  assert.is(expressionOf('auth.identity.groups.@tostr'), undefined);
  assert.is(expressionOf('auth.identity.groups.#(name=="a")'), undefined);
  assert.is(predicateOf({ selector: 'request.path', operator: 'like', value: 'x' }), undefined);
});

run();
