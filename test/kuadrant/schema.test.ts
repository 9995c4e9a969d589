import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { compile } from '../../compiler/compile.ts';
import { changedSpec, specChanges } from '../support/changed-specs.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';
import { kuadrantSeeds } from '../support/kuadrant-seeds.ts';
import { isPolicyKind, missingDefinitions, violations } from '../support/naive-crd.ts';

const { test, skip, run } = suite('kuadrant-schema');

/** Findings about what the API server accepts: expressions, methods, names. */
const aboutMeaning = /^POL(1[1-9]|31|40|41|5|2081)/;

if (missingDefinitions !== undefined) skip('changed resources', missingDefinitions);
else {
  for (const [name, text] of Object.entries(kuadrantSeeds)) {
    const seed = parse(text);
    test(`${name} is sound to both`, () => {
      assert.ok(isPolicyKind(seed.kind));
      assert.equal(violations(seed.kind, seed.spec), []);
      assert.equal(errorsOf(text), []);
    });
    test(`${name} changed is wrong to both or to neither`, () => {
      fc.assert(
        fc.property(specChanges, (changes) => {
          const spec = changedSpec(seed.spec, changes);
          const expected = violations(seed.kind, spec);
          const actual = errorsOf(stringify({ ...seed, spec }));
          assert.is(
            actual.length > 0,
            expected.length > 0,
            `${JSON.stringify(spec)}\nexpected ${JSON.stringify(expected)}\nfound ${JSON.stringify(actual)}`,
          );
        }),
        { numRuns: 250 },
      );
    });
  }
}

function errorsOf(text: string): readonly string[] {
  return compile('policy.yaml', text, hostOf('/nowhere'), { maximumMilliseconds: 0 })
    .diagnostics.filter(({ severity, code }) => severity === 'error' && !aboutMeaning.test(code))
    .map(({ code, message }) => `${code} ${message}`);
}

run();
