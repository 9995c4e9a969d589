import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchesGlob } from '../../compiler/expressions/glob.ts';
import { isBeneath } from '../../compiler/expressions/path-pattern.ts';
import { ends } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('glob');

/** The meaning of a glob, spelt as a regular expression by characters. */
function asRegExp(pattern: string, star: string, one: string): RegExp {
  const parts = [...pattern].map((character) => {
    if (character === '*') return star;
    if (character === '?') return one;
    return character.replace(/[\\^$.|+()[\]{}/]/u, '\\$&');
  });
  return new RegExp(`^(?:${parts.join('')})$`, 'su');
}

const pattern = fc.array(fc.constantFrom('a', 'b', 'ab', '*', '?', '*', '.', '[', '\\', '😀'), { maxLength: 9 });
const text = fc.array(fc.constantFrom('a', 'b', 'aab', '.', '[', '\\', '😀', '\n'), { maxLength: 10 });

test('agrees with a regular expression', () => {
  fc.assert(
    fc.property(text, pattern, (textParts, patternParts) => {
      const glob = patternParts.join('');
      const subject = textParts.join('');
      assert.equal(matchesGlob(subject, glob), asRegExp(glob, '.*', '.').test(subject));
    }),
    { numRuns: 5000 },
  );
});

test('a text that was made from the pattern matches it', () => {
  const piece = fc.oneof(
    fc.tuple(fc.constant('*'), fc.string({ maxLength: 5 })),
    fc.tuple(fc.constant('?'), fc.string({ minLength: 1, maxLength: 1 })),
    fc.constantFrom('x', '-', '1').map((character) => [character, character] as const),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const glob = pieces.map(([one]) => one).join('');
      assert.ok(matchesGlob(pieces.map(([, one]) => one).join(''), glob));
    }),
  );
});

test('many stars take no more than the product of the lengths', () => {
  const matches = () => matchesGlob('a'.repeat(20_000), `${'*a'.repeat(2_000)}*b`);
  assert.equal(ends(matches), false);
});

const component = fc
  .array(fc.constantFrom('a', 'b', '.', '9'), { minLength: 1, maxLength: 3 })
  .map((all) => all.join(''));
const globComponent = fc
  .array(fc.constantFrom('a', 'b', '*', '?', '9'), { minLength: 1, maxLength: 3 })
  .map((all) => all.join(''));

test('beneath is a component-wise match of the path or an ancestor', () => {
  fc.assert(
    fc.property(
      fc.array(component, { maxLength: 5 }),
      fc.array(fc.oneof(component, globComponent), { maxLength: 4 }),
      (path, pattern) => {
        const expected =
          pattern.length <= path.length &&
          pattern.every((glob, index) => asRegExp(glob, '[^/]*', '[^/]').test(path[index]!));
        assert.equal(isBeneath(`/${path.join('/')}`, `/${pattern.join('/')}`), expected);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a name that only begins alike is not beneath', () => {
  assert.equal(isBeneath('/usr/library', '/usr/lib'), false);
  assert.equal(isBeneath('/usr/lib', '/usr/lib'), true);
  assert.equal(isBeneath('/usr/lib/x', '/usr/lib'), true);
  assert.equal(isBeneath('/', '/'), true);
  assert.equal(isBeneath('/', '/*'), false);
  assert.equal(isBeneath('usr/lib', '/'), false);
  assert.equal(isBeneath('/usr/lib/python3.11/os.py', '/usr/lib/python3*'), true);
  assert.equal(isBeneath('/usr/lib/x/python3', '/usr/lib/python3*'), false);
});

run();
