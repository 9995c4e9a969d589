import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { landlock } from '../../compiler/backends/landlock/index.ts';
import { isBeneath } from '../../compiler/expressions/path-pattern.ts';
import { and, attribute, compare, inSet, literal, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Effect, Policy } from '../../compiler/ir/policy.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { refusesAll, reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { jsonMutants } from '../support/mutate-json.ts';
import { allow, decisionOf, deny, pathRule, policyOf } from '../support/policies.ts';

const { test, run } = suite('landlock-ruleset');
const on = (protocol: string, operation: string, ...more: Predicate[]) =>
  and(inSet(attribute('protocol'), [protocol]), inSet(attribute('operation'), [operation]), ...more);
const ports = (low: number, high: number): Predicate => ({
  kind: 'in-ranges',
  term: attribute('port'),
  ranges: [{ low: BigInt(low), high: BigInt(high) }],
});
const outside = compare(attribute('outside'), '==', literal(true));
const paths = decisionOf(
  'path',
  'union-of-allows',
  [
    pathRule('/tmp', ['read_file', 'write_file', 'truncate', 'make_reg', 'refer']),
    pathRule('/usr/lib/python3*', ['read_file', 'read_dir', 'execute']),
    pathRule('/dev/tty', ['ioctl_dev']),
  ],
  deny,
);

const cases: Readonly<Record<string, readonly [Policy, number]>> = {
  everything: [
    policyOf({
      decisions: [
        paths,
        decisionOf(
          'socket',
          'deny-overrides',
          [
            [and(inSet(attribute('protocol'), ['unix-abstract']), outside), deny],
            [
              on('tcp', 'connect', ports(443, 443), {
                kind: 'in-network',
                term: attribute('address'),
                network: '10.0.0.0/8',
              }),
              allow,
            ],
            [on('tcp', 'bind', ports(8080, 8081)), allow],
            [on('udp', 'send', ports(123, 123)), allow],
          ],
          deny,
        ),
        decisionOf('signal', 'deny-overrides', [[outside, deny]], allow),
      ],
    }),
    6,
  ],
  'abi-1': [policyOf({ decisions: [paths] }), 1],
  'no-landlock': [policyOf({ decisions: [paths] }), 0],
  'many-ports': [
    policyOf({
      decisions: [decisionOf('socket', 'deny-overrides', [[on('tcp', 'connect', ports(1, 5000)), allow]], deny)],
    }),
    6,
  ],
  'no-grant': [
    policyOf({
      decisions: [
        decisionOf(
          'path',
          'union-of-allows',
          [[not({ kind: 'beneath', term: attribute('path'), pattern: '/etc' }), allow]],
          deny,
        ),
      ],
    }),
    6,
  ],
};

for (const fixture of fixtureCases('landlock')) {
  test(fixture.name, () => {
    const [policy, abi] = cases[fixture.name]!;
    reviewBackend(landlock, fixture, policy, { ...defaultTarget, landlock: abi });
  });
}

test('every case has a reviewed fixture', () => {
  assert.equal(
    fixtureCases('landlock').map(({ name }) => name),
    Object.keys(cases).sort(),
  );
});

test('a changed artifact is refused', () => {
  const [policy] = cases.everything!;
  let refused = 0;
  for (const path of ['ruleset.json', 'by-abi.json']) {
    const text = String(
      landlock.emit(policy, defaultTarget).artifacts.find((artifact) => artifact.path === path)!.content,
    );
    // What `lost` says is prose, and a file may well be optional: neither changes what is enforced.
    const mutants = jsonMutants(text, ['optional', 'kernel', 'lost']).filter(
      ({ what }) => !/(path|socket|signal)\/(\d|otherwise)/.test(what),
    );
    const twice = text.replace('"masks":', '"masks": {}, "masks":');
    refused += refusesAll(landlock, policy, defaultTarget, path, [...mutants, { what: 'a key twice', text: twice }]);
  }
  assert.ok(refused > 80, `${refused}`);
});

const rightNames = fileSystemRights()
  .filter((right) => right.abi <= defaultTarget.landlock)
  .map((right) => right.name);
const somePath = fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/d');
const someRule: fc.Arbitrary<readonly [Predicate, Effect]> = fc
  .tuple(somePath, fc.subarray(rightNames, { minLength: 1 }), fc.boolean())
  .map(([path, rights, one]) => {
    const beneath: Predicate = { kind: 'beneath', term: attribute('path'), pattern: path };
    const right = attribute('right');
    return [and(beneath, one ? compare(right, '==', literal(rights[0]!)) : inSet(right, rights)), allow];
  });

test('a right more or less is refused exactly where the policy answers otherwise', () => {
  const bits = new Map(fileSystemRights().map((right) => [right.name, Number(right.bit)]));
  const onFiles = new Set(['execute', 'write_file', 'read_file', 'truncate', 'ioctl_dev']);
  let same = 0;
  let differing = 0;
  fc.assert(
    fc.property(
      fc.array(someRule, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.constantFrom(...rightNames),
      (rules, which, changed) => {
        const decision = decisionOf('path', 'union-of-allows', rules, deny);
        const policy = policyOf({ decisions: [decision] });
        const { artifacts } = landlock.emit(policy, defaultTarget);
        const file = JSON.parse(String(artifacts.find(({ path }) => path === 'ruleset.json')!.content));
        const entry = file.path_beneath[which % file.path_beneath.length];
        const rights = new Set<string>(entry.rights);
        if (!rights.delete(changed)) rights.add(changed);
        if (rights.size === 0) return;
        const maskOf = (names: readonly string[]) => names.reduce((sum, name) => sum + bits.get(name)!, 0);
        entry.rights = [...rights];
        entry.allowed_access = maskOf([...rights]);
        entry.file_allowed_access = maskOf([...rights].filter((name) => onFiles.has(name)));
        const grants = (path: string, right: string) =>
          file.path_beneath.some(
            (each: { path: string; rights: string[] }) => isBeneath(path, each.path) && each.rights.includes(right),
          );
        const differs = ['/', '/a', '/a/b', '/a/b/c', '/a/b/c/d', '/a/e', '/d', '/f'].some((path) =>
          rightNames.some((right) => {
            const attribute = (name: string) => (name === 'path' ? path : right);
            const verdict = decide(decision, { attribute, parameter: () => undefined });
            return (verdict?.effect.kind === 'allow') !== grants(path, right);
          }),
        );
        const ruleset = { path: 'ruleset.json', content: JSON.stringify(file), sourceMap: [] };
        const said = landlock.validate(policy, defaultTarget, [
          ruleset,
          artifacts.find((each) => each.path !== 'ruleset.json')!,
        ]);
        assert.is(said.status, differs ? 'refused' : 'proven', JSON.stringify(said));
        if (differs) differing += 1;
        else same += 1;
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(differing > 20 && same > 5, `${differing} ${same}`);
});

run();
