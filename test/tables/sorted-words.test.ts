import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { common, differing } from '../../compiler/tables/constants.generated.ts';
import { namesIn, valueIn } from '../../compiler/tables/sorted-words.ts';
import { prototypes } from '../../compiler/tables/syscall-arguments.generated.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('sorted-words');

const name = fc.stringMatching(/^[A-Za-z0-9_]{1,4}$/);

test('a name has the value that a map of the words gives, and others have none', () => {
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.stringMatching(/^[0-9a-f,*]{0,5}$/), { maxKeys: 40 }),
      fc.array(name, { maxLength: 20 }),
      fc.constantFrom(' ', '\n'),
      fc.constantFrom('', '\n'),
      (table, others, between, around) => {
        const entries = Object.entries(table).sort(([left], [right]) => (left < right ? -1 : 1));
        const words = around + entries.map(([key, value]) => `${key}=${value}`).join(between) + around;
        for (const [key, value] of entries) assert.is(valueIn(words, key), value);
        for (const other of others) {
          const own = Object.hasOwn(table, other) ? table[other] : undefined;
          assert.is(valueIn(words, other), own);
        }
        if (entries.length > 0) {
          assert.equal(
            namesIn(words),
            entries.map(([key]) => key),
          );
        }
      },
    ),
  );
});

test('the generated tables are in the order that the search needs', () => {
  for (const table of [common, differing, prototypes]) {
    const names = namesIn(table);
    assert.ok(names.length > 50);
    assert.ok(names.every((each, at) => at === 0 || names[at - 1]! < each));
    for (const each of names) assert.ok(valueIn(table, each) !== undefined, each);
  }
});

run();
