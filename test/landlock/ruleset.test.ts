import * as assert from 'uvu/assert';
import { landlock } from '../../compiler/backends/landlock/index.ts';
import { and, attribute, compare, inSet, literal, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
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
    refused += refusesAll(landlock, policy, defaultTarget, path, mutants);
  }
  assert.ok(refused > 80, `${refused}`);
});

run();
