import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { landlock } from '../../compiler/backends/landlock/index.ts';
import { landlockRuleset } from '../../compiler/backends/landlock/ruleset.ts';
import { PathIndex } from '../../compiler/expressions/path-index.ts';
import { isBeneath } from '../../compiler/expressions/path-pattern.ts';
import { attribute, compare, inSet, literal, not, or, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Effect } from '../../compiler/ir/policy.ts';
import { fileSystemRights, landlockMask } from '../../compiler/tables/landlock.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { Comparison, LandlockDifference } from '../../compiler/verify/landlock-comparison.ts';
import { comparePaths } from '../../compiler/verify/landlock-paths.ts';
import type { ReadRuleset } from '../../compiler/verify/landlock-reader.ts';
import { samplePaths } from '../../compiler/verify/landlock-samples.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';
import { naiveComparison } from '../support/naive-landlock-paths.ts';
import { allow, decisionOf, deny, pathRule, policyOf } from '../support/policies.ts';

const { test, run } = suite('landlock-many-paths');

const component = fc.constantFrom('a', 'b', 'ab', 'abc', 'polc-child', 'x');
const wildcards = fc.constantFrom('*', 'a*', '?', 'a?', '*c', '**');
const joined = (parts: readonly string[]) => `/${parts.join('/')}`;
const somePath = fc.array(component, { maxLength: 4 }).map(joined);
const somePattern = fc.array(fc.oneof({ weight: 4, arbitrary: component }, wildcards), { maxLength: 4 }).map(joined);

test('the index of paths misses no pattern that a path is beneath', () => {
  fc.assert(
    fc.property(fc.array(somePattern, { maxLength: 30 }), somePath, (patterns, path) => {
      const index = new PathIndex<number>();
      for (const [place, pattern] of patterns.entries()) index.add(pattern, place);
      const found = index.above(path);
      assert.is(new Set(found).size, found.length);
      const beneath = (place: number) => isBeneath(path, patterns[place]!);
      assert.equal(
        found.filter(beneath).sort((left, right) => left - right),
        [...patterns.keys()].filter(beneath),
      );
      for (const place of found) assert.ok(/[*?]/.test(patterns[place]!) || beneath(place));
    }),
    { numRuns: 3000 },
  );
});

const rightNames = fileSystemRights().map(({ name }) => name);
const someRights = fc.subarray(rightNames.slice(0, 5), { minLength: 1 });
const beneath = (pattern: string): Predicate => ({ kind: 'beneath', term: attribute('path'), pattern });
const someRule: fc.Arbitrary<readonly [Predicate, Effect]> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(somePattern, someRights).map(([path, rights]) => pathRule(path, rights)) },
  { weight: 1, arbitrary: someRights.map((rights) => [inSet(attribute('right'), rights), allow] as const) },
  {
    weight: 2,
    arbitrary: fc.tuple(somePath, somePath).map(([one, other]) => [or(beneath(one), beneath(other)), allow] as const),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...rightNames).map((right) => {
      return [compare(attribute('right'), '==', literal(right)), allow] as const;
    }),
  },
);
const inexpressible = somePath.map((path) => [not(beneath(path)), allow] as const);

test('a ruleset with more or less is told from the policy like rule by rule', () => {
  const told = { same: 0, differing: 0, stricter: 0 };
  fc.assert(
    fc.property(
      fc.array(someRule, { minLength: 1, maxLength: 25 }),
      fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: inexpressible }),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(),
      fc.nat(),
      (rules, other, abi, which, bit) => {
        const decision = decisionOf('path', 'union-of-allows', other === undefined ? rules : [...rules, other], deny);
        const { paths } = landlockRuleset(policyOf({ decisions: [decision] }), abi);
        const handled = landlockMask('fs', abi);
        const changed = paths.map(({ path, glob, access }, at) => ({
          path,
          glob,
          access: at === which % (2 * paths.length) ? (access ^ (1n << BigInt(bit % 5))) & handled : access,
        }));
        const ruleset: ReadRuleset = {
          abi,
          handledPaths: handled,
          handledPorts: 0n,
          scoped: 0n,
          paths: changed,
          ports: new Map(),
        };
        const comparison = new Comparison();
        let difference: string | undefined;
        try {
          comparePaths(decision, ruleset, abi, comparison);
        } catch (problem) {
          if (!(problem instanceof LandlockDifference)) throw problem;
          difference = problem.message.slice(0, problem.message.indexOf(':'));
        }
        const wanted = naiveComparison(decision, ruleset, abi, samplePaths(decision, ruleset), other !== undefined);
        // The masks are one comparison more.
        assert.equal({ count: comparison.count - 1, difference }, wanted);
        if (difference !== undefined) told.differing += 1;
        else if (other === undefined) told.same += 1;
        else told.stricter += 1;
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(told.same > 50 && told.differing > 50 && told.stricter > 20, JSON.stringify(told));
});

test('thousands of paths are not compared each with each', () => {
  inProportion((paths) => {
    const rules = Array.from({ length: paths }, (_, at) => pathRule(`/srv/${at % 7}/data/${at}`, ['read_file']));
    const policy = policyOf({ decisions: [decisionOf('path', 'union-of-allows', rules, deny)] });
    return () => {
      const { artifacts } = landlock.emit(policy, defaultTarget);
      assert.is(landlock.validate(policy, defaultTarget, artifacts).status, 'proven');
    };
  }, 4000 / times);
});

run();
