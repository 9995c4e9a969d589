import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('test-verb');

const sandbox = (tests: string) => `profile: web
mode: sandbox
security:
  level: medium
  seccomp:
    default: errno(EPERM)
    rules:
      - { syscalls: [socket], when: arg0 == AF_UNIX }
    allow: ["@basic-start", read, write]
  landlock:
    paths:
      - { path: /usr, access: execute }
    connect: [443]
${tests}`;

const guardrail = (tests: string) => `policy_id: night
mode: manual
ttl_minutes: 180
match:
  source: [budgets]
  account_ids: ["111122223333"]
  min_amount_usd: 100
  services: [AWS Lambda]
scope:
  principals:
    - { type: iam_role, arn: "arn:aws:iam::111122223333:role/ci" }
  regions: [us-east-1]
actions:
  - { type: attach_deny_policy, deny: ["lambda:InvokeFunction"] }
notify: { slack_webhook_ssm_param: /guardrails/slack }
exceptions:
  time_windows:
    - { start: "09:00", end: "17:00", timezone: Asia/Tokyo, days: [mon] }
${tests}`;

const tenancy = (tests: string) => `targets:
  - gateway: { namespace: llm, name: inference-gateway }
tiers:
  free: { models_allowed: [small], token_limit_per_hour: 10000 }
  standard: { models_allowed: [small, "large-*"], token_limit_per_hour: 50000 }
teams:
  data-science: { tier: standard }
accept:
  - { loss: models_allowed, because: "the operator runs with RATELIMIT_SERVICE_FAILURE_MODE=deny" }
${tests}`;

const governance = (tests: string) => `institution:
  name: State University
  allowed_sources: [institutional]
  required_tags: [Course]
profile:
  name: cs101
  max_hourly_cost: 0.15
  allowed_instance_types: ["t3.*"]
${tests}`;

const event = (more: string) => `{ source: budgets, account_id: "111122223333", ${more} }`;
/** Tuesday. */
const at = 'at: "2026-11-24T01:00:00Z"';

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly because?: string;
  readonly line: number;
  readonly by?: { readonly topic: string; readonly line: number };
}

/** Each test with the answer that polc gives, whatever is expected. */
const answers: Readonly<Record<string, readonly [(tests: string) => string, readonly (readonly [string, string])[]]>> =
  {
    sandbox: [
      sandbox,
      [
        ['syscall: socket, arguments: [AF_UNIX]', 'allow'],
        ['syscall: socket, arguments: [1, 2, 3]', 'allow'],
        ['syscall: socket, arguments: [AF_INET]', 'errno(EPERM)'],
        ['syscall: socket', 'unknown: on x86_64, it depends on arg0'],
        ['syscall: read', 'allow'],
        ['syscall: ptrace', 'errno(EPERM)'],
        ['path: /usr/bin/env', 'allow'],
        ['path: /usr/bin/env, access: [execute, write_file]', 'deny: on write_file'],
        ['path: /etc/shadow', 'deny'],
        ['connect: 443', 'allow'],
        ['connect: 80', 'deny'],
      ],
    ],
    guardrail: [
      guardrail,
      [
        [`event: ${event('amount: 150, service: AWS Lambda')}, ${at}`, 'match'],
        [`event: ${event('amount: 50, service: AWS Lambda')}, ${at}`, 'no-match'],
        [`event: ${event('amount: 150, service: AWS Lambda')}, at: "2026-11-23T10:00:00+09:00"`, 'no-match'],
        [`event: ${event('amount: 150')}, ${at}`, 'unknown: it depends on service'],
        [`event: ${event('amount: 150, service: AWS Lambda')}`, 'unknown: it depends on the time: say `at`'],
        [`event: ${event('amount: 50')}`, 'no-match'],
        [`event: events/breach.json, ${at}`, 'match'],
        [`event: events/gone.json, ${at}`, 'unknown: `events/gone.json` cannot be read'],
        [`event: events/two.json, ${at}`, 'unknown: `events/two.json` has 2 events, not one'],
        [`event: events/odd.json, ${at}`, 'unknown: `events/odd.json`: '],
        ['action: lambda:InvokeFunction, region: us-east-1', 'deny'],
        ['action: lambda:InvokeFunction, region: eu-west-1', 'allow'],
        ['action: lambda:InvokeFunction', 'unknown: it depends on region'],
        ['action: "lambda:Invoke*", region: us-east-1', 'deny: on lambda:InvokeFunction'],
      ],
    ],
    tenancy: [
      tenancy,
      [
        ['request: { team: data-science, tier: standard, model: large-9 }', 'allow'],
        ['request: { team: data-science, tier: free, model: large-9 }', 'deny'],
        ['request: { tier: standard, model: small }', 'deny'],
      ],
    ],
    governance: [
      governance,
      [
        ['launch: { template: ml, source: institutional, instance_type: t3.medium, hourly_cost: 0.04 }', 'allow'],
        ['launch: { template: ml, source: community, instance_type: t3.medium, hourly_cost: 0.04 }', 'deny'],
        ['launch: { template: ml, source: institutional, instance_type: t3.medium, hourly_cost: 0.40 }', 'deny'],
        ['launch: { template: ml, source: institutional, instance_type: c5.large, hourly_cost: 0.04 }', 'deny'],
        [
          'launch: { template: ml, source: institutional, instance_type: t3.medium, hourly_cost: 0.04, tags: { Owner: me } }',
          'deny',
        ],
        [
          'launch: { template: ml, source: institutional, instance_type: t3.medium }',
          'unknown: it depends on hourly_cost',
        ],
      ],
    ],
  };

const breach = { event_id: 'b', source: 'budgets', account_id: '111122223333', amount: 150, time_window: 'monthly' };
const events = {
  'events/breach.json': JSON.stringify({ ...breach, details: { service: 'AWS Lambda' } }),
  'events/two.json': JSON.stringify([breach, { ...breach, event_id: 'c' }]),
  'events/odd.json': '{"weather": "fine"}',
};

for (const [dialect, [policy, cases]] of Object.entries(answers)) {
  test(`it asks what a policy of the dialect ${dialect} says`, () =>
    withProject(({ write, polc }) => {
      // Of all answers, the one that nothing else is: `expect` decides nothing about what is answered.
      const isEvent = (asked: string) => asked.startsWith('event:');
      const tests = (wanted: (asked: string, answer: string) => string) =>
        `tests:\n${cases.map(([asked, answer]) => `  - { ${asked}, expect: ${wanted(asked, answer)} }\n`).join('')}`;
      const wrong = (asked: string, answer: string) => {
        if (isEvent(asked)) return answer === 'match' ? 'no-match' : 'match';
        return answer === 'allow' ? 'deny' : 'allow';
      };
      write({ ...events, 'policy.yaml': policy(tests(wrong)) });
      const { status, stdout } = polc(['test', '--format', 'json']);
      assert.is(status, 1);
      const found: readonly Outcome[] = JSON.parse(stdout).files[0].tests;
      assert.is(found.length, cases.length, stdout);
      for (const [index, { passed, actual, because, line }] of found.entries()) {
        const [asked, answer] = cases[index]!;
        const said = because === undefined || !answer.includes(':') ? actual : `${actual}: ${because}`;
        assert.ok(!passed, `${asked}: ${said}`);
        const isPrefix = answer.endsWith(': ');
        assert.is(isPrefix ? said.slice(0, answer.length) : said, answer, asked);
        assert.is(line, policy('').split('\n').length + 1 + index, 'the place of what is expected');
      }
      const certain = cases.filter(([, answer]) => !answer.includes(':'));
      const right = certain.map(([asked, answer]) => `  - { ${asked}, expect: ${answer} }\n`).join('');
      write({ 'policy.yaml': policy(`tests:\n${right}`) });
      const passing = polc(['test']);
      assert.is(passing.status, 0, passing.stdout);
      assert.match(passing.stdout, new RegExp(`\\n\\n${certain.length} tests\\n$`));
    }));
}

test('it says what was expected, what came, and what decided', () =>
  withProject(({ write, polc }) => {
    const tests =
      'tests:\n  - { name: tracing is allowed, syscall: ptrace, expect: allow }\n  - { syscall: read, expect: allow }\n';
    write({ 'policies/web.yaml': sandbox(tests), 'policies/none.yaml': sandbox('') });
    const { status, stdout, stderr } = polc(['test', 'policies']);
    assert.is(stderr, '');
    assert.is(status, 1);
    assert.is(
      stdout,
      [
        'policies/web.yaml',
        '  ✘ tracing is allowed',
        '      policies/web.yaml:15:58  expected allow, got errno(EPERM): on x86_64',
        '      policies/web.yaml:4:10  security.level (preset medium)',
        '  ✔ read',
        '',
        '2 tests · 1 failed',
        '',
      ].join('\n'),
    );
    const junit = polc(['test', 'policies', '--format', 'junit']);
    assert.is(junit.status, 1);
    assert.match(junit.stdout, /<testsuites name="polc test" tests="2" failures="1" errors="0">/);
    assert.match(junit.stdout, /<testcase name="tracing is allowed" [^>]*><failure message="expected allow, got errno/);
    assert.match(junit.stdout, /<testcase name="read" classname="policies\/web.yaml" file="policies\/web.yaml"\/>/);
  }));

test('a policy with errors is asked nothing, and none with tests is a mistake', () =>
  withProject(({ write, polc }) => {
    write({
      'web.yaml': sandbox('tests:\n  - { syscall: wirte, expect: allow }\n  - { syscall: read, expect: allow }\n'),
    });
    const wrong = polc(['test', 'web.yaml']);
    assert.is(wrong.status, 1);
    assert.match(wrong.stderr, /POL3002/);
    assert.is(wrong.stdout, '0 tests · 1 policy with errors asked nothing\n');
    const junit = polc(['test', 'web.yaml', '--format', 'junit']).stdout;
    assert.match(junit, /tests="1" failures="1"/);
    write({ 'web.yaml': sandbox('') });
    const none = polc(['test']);
    assert.is(none.status, 2);
    assert.match(none.stderr, /no policy in `\.` has tests/);
    assert.is(polc(['test', 'gone.yaml']).status, 3);
  }));

test('tests change nothing of what a policy becomes', () =>
  withProject(({ write, polc, contents }) => {
    write({ 'web.yaml': sandbox('') });
    const build = ['build', 'web.yaml', '-o', 'dist', '--max-ms', '0'];
    assert.is(polc(build).status, 0);
    const without = contents('dist');
    write({ 'web.yaml': sandbox('tests:\n  - { syscall: read, expect: deny }\n') });
    assert.is(polc(build).status, 0, 'a test that fails is no error of the policy');
    const changed = Object.entries(contents('dist')).filter(([path, digest]) => without[path] !== digest);
    assert.equal(
      changed.map(([path]) => path).filter((path) => !/manifest\.json|build-report\.json/.test(path)),
      [],
    );
  }));

run();
