import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { RulesetFile } from '../../compiler/backends/landlock/format.ts';
import { landlock } from '../../compiler/backends/landlock/index.ts';
import { and, attribute, inSet, or, type Predicate } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Effect, Policy } from '../../compiler/ir/policy.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, pathRule, policyOf } from '../support/policies.ts';

const { test, skip, run } = suite('landlock-kernel');
const helper = compileHelper('landlock-probe.c', []);
const target = { ...defaultTarget, landlock: 6 };

function rulesetOf(policy: Policy): RulesetFile {
  const { artifacts } = landlock.emit(policy, target);
  const validation = landlock.validate(policy, target, artifacts);
  assert.is(validation.counterexample, undefined);
  return JSON.parse(String(artifacts.find(({ path }) => path === 'ruleset.json')!.content));
}

/** Applies the ruleset in a process of its own and returns the errno of each attempt, 0 where it passed. */
function attempt(ruleset: RulesetFile, attempts: readonly (readonly [string, string | number])[]): readonly number[] {
  const { masks, path_beneath, net_port } = ruleset;
  const lines = [
    `ruleset ${masks.handled_access_fs} ${masks.handled_access_net} ${masks.scoped}`,
    ...path_beneath.map((rule) => `path ${rule.allowed_access} ${rule.file_allowed_access} ${rule.path}`),
    ...net_port.map((rule) => `port ${rule.allowed_access} ${rule.port}`),
    'restrict',
    ...attempts.map(([what, argument]) => `${what} ${argument}`),
  ];
  const ran = spawnSync(helper.path!, { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  assert.is(ran.status, 0, ran.stderr);
  return ran.stdout.trim().split('\n').map(Number);
}

function allows(decision: Decision, values: Readonly<Record<string, string | bigint | boolean>>): boolean | undefined {
  const attributeOf = (name: string) => values[name];
  const verdict = decide(decision, { attribute: attributeOf, parameter: () => undefined });
  return verdict === undefined ? undefined : verdict.effect.kind === 'allow';
}

const EACCES = 13;
const kernelAbi = Number(
  existsSync('/sys/kernel/security/landlock') || spawnSync('grep', ['-q', 'landlock', '/proc/kallsyms']).status === 0
    ? 6
    : 0,
);
const unusable = helper.path === undefined ? helper.reason : kernelAbi === 0 ? 'the kernel has no Landlock' : undefined;

if (unusable !== undefined) skip('the kernel agrees', unusable);
else {
  test('the kernel decides random path rules as the policy does', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polc-landlock-')));
    const folders = ['', '/a', '/a/b', '/a/b/c', '/d', '/d/e'].map((name) => folder + name);
    for (const each of folders) {
      mkdirSync(each, { recursive: true });
      writeFileSync(join(each, 'file'), '');
    }
    const rights = fileSystemRights()
      .filter(({ abi }) => abi <= 6)
      .map(({ name }) => name);
    const places = [...folders, ...folders.map((each) => join(each, 'file'))];
    const rule = fc
      .tuple(fc.constantFrom(...places), fc.subarray(rights, { minLength: 1 }))
      .map(([path, granted]) => pathRule(path, granted));
    // On a file only the rights for files count: a rule that names others is cut to them (EINVAL otherwise).
    const probes = [
      ...places
        .filter((path) => path.endsWith('file'))
        .flatMap((path) => [['read', path, 'read_file', path] as const, ['write', path, 'write_file', path] as const]),
      ...folders.map((path) => ['list', path, 'read_dir', path] as const),
      ...folders.map((path) => ['make', join(path, 'made'), 'make_reg', path] as const),
      ...folders.map((path) => ['mkdir', join(path, 'folder'), 'make_dir', path] as const),
      ...folders.map((path) => ['remove', join(path, 'file'), 'remove_file', path] as const),
    ];
    let refusals = 0;
    try {
      fc.assert(
        fc.property(fc.array(rule, { maxLength: 5 }), (rules) => {
          for (const each of folders) {
            rmSync(join(each, 'made'), { force: true });
            rmSync(join(each, 'folder'), { recursive: true, force: true });
            writeFileSync(join(each, 'file'), '');
          }
          const decision = decisionOf('path', 'union-of-allows', rules, deny);
          const results = attempt(
            rulesetOf(policyOf({ decisions: [decision] })),
            probes.map(([what, path]) => [what, path]),
          );
          probes.forEach(([what, path, right, decidedAt], index) => {
            const wanted = allows(decision, { path: decidedAt, right });
            refusals += wanted ? 0 : 1;
            assert.is(results[index], wanted ? 0 : EACCES, `${what} ${path}`);
          });
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    assert.ok(refusals > 100);
  });

  test('the kernel decides random port rules as the policy does', () => {
    const base = 42_100n;
    const port = fc.integer({ min: 0, max: 7 }).map((offset) => base + BigInt(offset));
    const range: fc.Arbitrary<Predicate> = fc.tuple(port, port).map(([a, b]) => ({
      kind: 'in-ranges',
      term: attribute('port'),
      ranges: [a < b ? { low: a, high: b } : { low: b, high: a }],
    }));
    const operation = fc.subarray(['bind', 'connect'], { minLength: 1 }).map((of) => inSet(attribute('operation'), of));
    const rule = fc
      .tuple(
        fc.oneof(
          range,
          fc.tuple(range, range).map((of) => or(...of)),
        ),
        operation,
        fc.constantFrom<Effect>(allow, allow, deny),
      )
      .map(([ports, on, effect]) => [and(inSet(attribute('protocol'), ['tcp']), on, ports), effect] as const);
    const attempts = Array.from({ length: 8 }, (_, at) => Number(base) + at).flatMap((at) => [
      ['bind', at] as const,
      ['connect', at] as const,
    ]);
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), (rules) => {
        const decision = decisionOf('socket', 'deny-overrides', rules, deny);
        const results = attempt(rulesetOf(policyOf({ decisions: [decision] })), attempts);
        attempts.forEach(([what, at], index) => {
          const wanted = allows(decision, { operation: what, protocol: 'tcp', port: BigInt(at), outside: true });
          assert.is(results[index] === EACCES, !wanted, `${what} ${at}: ${results[index]}`);
        });
      }),
      { numRuns: 60 },
    );
  });
}

run();
