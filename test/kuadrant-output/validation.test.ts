import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { kuadrant } from '../../compiler/backends/kuadrant/index.ts';
import { always, and, not, or } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';
import {
  is,
  isIn,
  place,
  quota,
  requestCondition,
  requestDecision,
  rule,
  tenancyPolicy,
  twoTiers,
} from '../support/kuadrant-policies.ts';

const { test, run } = suite('kuadrant-validation');

const HOUR = 3_600_000;

function emitted(policy: Policy): readonly Artifact[] {
  return kuadrant.emit(policy, defaultTarget).artifacts;
}

function validated(policy: Policy, artifacts = emitted(policy)) {
  return kuadrant.validate(policy, defaultTarget, artifacts);
}

function changed(artifacts: readonly Artifact[], path: string, content: string): readonly Artifact[] {
  return artifacts.map((artifact) => (artifact.path === path ? { ...artifact, content } : artifact));
}

function contentOf(artifacts: readonly Artifact[], path: string): string {
  return String(artifacts.find((artifact) => artifact.path === path)!.content);
}

test('what is written for conditions of every form means what the policy means', () => {
  const combine = fc.constantFrom('first-match', 'union-of-allows', 'deny-overrides' as const);
  const effect = fc.constantFrom('allow', 'deny' as const);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(requestCondition, effect), { maxLength: 4 }),
      combine,
      effect,
      fc.array(
        fc.tuple(
          requestCondition,
          fc.constantFrom('requests', 'tokens' as const),
          fc.integer({ min: 0, max: 6 }),
          fc.constantFrom(1000, 60_000, HOUR),
          fc.subarray(['team', 'user', 'model', 'method']),
        ),
        { maxLength: 3 },
      ),
      (rules, how, otherwise, quotas) => {
        const policy = tenancyPolicy(
          requestDecision(
            rules.map(([when, what], index) => rule(`${index}`, when, how === 'union-of-allows' ? 'allow' : what)),
            how,
            otherwise,
          ),
          quotas.map(([when, resource, amount, window, counters], index) =>
            quota(`quota/${index}`, resource, amount, window, when, counters),
          ),
        );
        const { counterexample } = validated(policy);
        assert.is(counterexample, undefined);
      },
    ),
    { numRuns: 200 },
  );
});

/** Policies of which each mutant of the file means something else. */
const policies: readonly Policy[] = [
  twoTiers,
  tenancyPolicy(requestDecision([rule('any', not(is('team', '')))]), [
    quota('all/burst', 'requests', 5, 10_000, always, ['team']),
    quota('all/day', 'requests', 100, 24 * HOUR, always, ['team']),
  ]),
  tenancyPolicy(
    requestDecision(
      [rule('some', isIn('tier', ['a', 'b'])), rule('one', and(is('tier', 'c'), is('host', 'x.example')))],
      'union-of-allows',
    ),
    [
      quota('ab', 'tokens', 300, 90_000, or(is('tier', 'a'), is('tier', 'b')), ['team', 'user']),
      quota('c', 'tokens', 10, HOUR, and(is('tier', 'c'), isIn('model', ['large', 'huge'])), ['model']),
    ],
    [place({ at: 'route', name: 'models', sectionName: 'chat' })],
  ),
];

/** Texts with one number, name, operator or line changed. */
function mutantsOf(text: string): readonly string[] {
  const lines = text.split('\n');
  const mutants = new Set<string>();
  lines.forEach((line, at) => {
    const put = (other: string | undefined) => {
      if (other === line) return;
      mutants.add([...lines.slice(0, at), ...(other === undefined ? [] : [other]), ...lines.slice(at + 1)].join('\n'));
    };
    // Which prefix a key has, what objects are called and the label of who made them mean nothing to a request.
    // So does the window in which nothing is allowed.
    if (lines[at - 1] === '        - limit: 0') return;
    if (/^(---)?$|prefix:|managed-by|^ {2}(name|labels):/.test(line)) return;
    put(undefined);
    for (const found of line.matchAll(/(?<![\w.'-])\d+(?![\w.]*')/g)) {
      put(`${line.slice(0, found.index)}${Number(found[0]) + 1}${line.slice(found.index + found[0].length)}`);
    }
    for (const found of line.matchAll(/'([^']+)'/g)) {
      if (found[1]!.startsWith('^')) continue;
      put(`${line.slice(0, found.index)}'x${found[1]}'${line.slice(found.index + found[0].length)}`);
    }
    for (const [operator, other] of [
      [' == ', ' != '],
      [' != ', ' == '],
      [' && ', ' || '],
      [' || ', ' && '],
      [' < ', ' >= '],
      [' in ', ' == '],
      ['"1h"', '"1m"'],
      ['auth.identity.team', 'auth.identity.user'],
      ['identity.team', 'identity.tier'],
      ['Gateway', 'HTTPRoute'],
      ['HTTPRoute', 'Gateway'],
      ['!(', '('],
    ] as const) {
      for (let from = line.indexOf(operator); from !== -1; from = line.indexOf(operator, from + 1)) {
        put(`${line.slice(0, from)}${other}${line.slice(from + operator.length)}`);
      }
    }
  });
  return [...mutants];
}

/**
 * Where a change may leave the meaning as it is: a guard against what is unknown, which the conditions around it refuse
 * as well.
 */
const harmless = 0.12;

test('nearly every mutant of the policies is refused, and all that change an amount, a window, a counter or a target', () => {
  let all = 0;
  const accepted: string[] = [];
  for (const policy of policies) {
    const artifacts = emitted(policy);
    assert.is(validated(policy, artifacts).counterexample, undefined);
    const text = contentOf(artifacts, 'policies.yaml');
    for (const mutant of mutantsOf(text)) {
      all += 1;
      if (validated(policy, changed(artifacts, 'policies.yaml', mutant)).status !== 'refused') {
        const lines = text.split('\n');
        const at = mutant.split('\n').findIndex((line, index) => line !== lines[index]);
        accepted.push(`${at} ${lines[at]} → ${mutant.split('\n')[at]}`);
      }
    }
  }
  assert.ok(all > 250, `only ${all} mutants`);
  const grave = accepted.filter((each) => !/ [!=]= ''|predicate|expression: "/.test(each.split(' → ')[0]!));
  assert.equal(grave, []);
  assert.ok(
    accepted.length <= all * harmless,
    `${accepted.length} of ${all} mutants were accepted:\n${accepted.join('\n')}`,
  );
});

test('permissions that are too wide or too few, and a template that makes no keys, are refused', () => {
  const artifacts = emitted(twoTiers);
  const rbac = contentOf(artifacts, 'rbac.yaml');
  const refused: readonly (readonly [string, string, string])[] = [
    ['another verb', 'rbac.yaml', rbac.replace('- patch', '- patch\n      - update')],
    ['any resource', 'rbac.yaml', rbac.replace('- ratelimitpolicies', "- '*'")],
    ['no names', 'rbac.yaml', rbac.replace('    resourceNames:\n      - platform-tiers\n', '')],
    ['no list', 'rbac.yaml', rbac.replace('- create\n      - list', '- create')],
    [
      'a role of another',
      'rbac.yaml',
      rbac.replace('kind: Role\n  name: polc-platform-tiers', 'kind: Role\n  name: admin'),
    ],
    ['a ClusterRole', 'rbac.yaml', rbac.replace('kind: Role\n  name: polc', 'kind: ClusterRole\n  name: polc')],
    ['no label', 'api-key.yaml', contentOf(artifacts, 'api-key.yaml').replace('    app: llm-gateway\n', '')],
    [
      'not watched',
      'api-key.yaml',
      contentOf(artifacts, 'api-key.yaml').replace('managed-by: authorino', 'managed-by: x'),
    ],
  ];
  for (const [what, path, content] of refused) {
    assert.not.equal(content, contentOf(artifacts, path), what);
    assert.is(validated(twoTiers, changed(artifacts, path, content)).status, 'refused', what);
  }
});

test('a second policy for one target, a limit before authentication and a double quote in a counter are refused', () => {
  const artifacts = emitted(twoTiers);
  const text = contentOf(artifacts, 'policies.yaml');
  const [, , second = ''] = text.split('---\n');
  const refused: readonly (readonly [string, string])[] = [
    ['a second RateLimitPolicy', `${text}---\n${second.replace('name: platform-tiers', 'name: other')}`],
    ['a double quote', text.replace('- expression: auth.identity.user', `- expression: 'auth.identity["user"]'`)],
    [
      'a field that nobody knows',
      text.replace('  limits:\n', '  limits:\n    x: { rates: [{ limit: 1, window: 1h }], note: y }\n'),
    ],
  ];
  for (const [what, content] of refused) {
    assert.not.equal(content, text, what);
    assert.is(validated(twoTiers, changed(artifacts, 'policies.yaml', content)).status, 'refused', what);
  }
});

test('a limit that asks for nothing waits for authentication all the same', () => {
  const policy = tenancyPolicy(requestDecision([rule('any', not(is('team', '')))]), [
    quota('all', 'requests', 3, 60_000, is('method', 'POST'), []),
  ]);
  const artifacts = emitted(policy);
  assert.is(validated(policy, artifacts).counterexample, undefined);
  const text = contentOf(artifacts, 'policies.yaml');
  const early = text.replace("        - predicate: auth.identity.key == 'valid'\n", '');
  assert.not.equal(early, text);
  assert.is(validated(policy, changed(artifacts, 'policies.yaml', early)).status, 'refused');
});

run();
