import * as assert from 'uvu/assert';
import { anomaly, budgetNotice, notification } from '../support/cost-messages.ts';
import { suite } from '../support/harness.ts';
import { smallPolicy, withProject } from '../support/polc-process.ts';

const { test, run } = suite('simulate');

const policy = (id: string, match: string, more = '') => `policy_id: ${id}
mode: manual
ttl_minutes: 180
match:
  source: [budgets, anomaly]
  account_ids: ["111122223333"]
${match}
scope:
  principals:
    - { type: iam_role, arn: "arn:aws:iam::111122223333:role/ci" }
  regions: [ap-northeast-1]
actions:
  - { type: attach_deny_policy, deny: ["ec2:RunInstances", "ec2:CreateNatGateway"] }
notify: { slack_webhook_ssm_param: /guardrails/slack }
${more}`;

const files = {
  'policies/big.yaml': policy('big', '  min_amount_usd: 500'),
  'policies/small.yaml': policy('small', '  min_amount_usd: 100'),
  'policies/lambda.yaml': policy('lambda', '  min_amount_usd: 1\n  services: [AWS Lambda]'),
  'policies/night.yaml': policy(
    'night',
    '  min_amount_usd: 1',
    'exceptions:\n  time_windows:\n    - { start: "09:00", end: "17:00", timezone: Asia/Tokyo, days: [mon] }\n',
  ),
  'policies/off.yaml': policy('off', '  min_amount_usd: 1', 'enabled: false\n'),
  'policies/disabled/old.yaml': 'not: [a policy',
  'policies/web.yaml': smallPolicy('web'),
  'event.json': JSON.stringify(notification(budgetNotice()), undefined, 2),
};

const monday = ['--at', '2026-11-23T01:00:00Z'];

test('it prints the plan of what matches, both places of what does not, and what is missing', () =>
  withProject(({ write, polc }) => {
    write(files);
    const { status, stdout, stderr } = polc(['simulate', '--event', 'event.json', ...monday]);
    assert.is(stderr, '');
    assert.is(status, 0);
    assert.match(stdout, /✔ small matches\n {4}attach_deny_policy → arn:aws:iam::111122223333:role\/ci\n/);
    assert.match(stdout, / {6}deny ec2:RunInstances, ec2:CreateNatGateway in ap-northeast-1\n/);
    assert.match(stdout, / {4}mode manual \(asks for approval, expires in 1 h\) · rolled back after 180 min\n/);
    assert.match(
      stdout,
      /✘ big does not match\n {4}policies\/big\.yaml:7:19 +min_amount_usd: 500\n {4}event\.json:6:\d+ +ACTUAL amount is 321\.09\n/,
    );
    assert.match(
      stdout,
      /\? lambda cannot be decided\n {4}policies\/lambda\.yaml:8:13 +services: \[AWS Lambda\]\n {4}event\.json:6:\d+ +a Budgets notification names no service; use --budget-map\n/,
    );
    assert.match(
      stdout,
      /✘ night does not respond: the event is exempt\n.*time_windows.*\n {4}2026-11-23T01:00:00\.000Z +it is Monday 10:00 in Asia\/Tokyo\n/,
    );
    assert.match(stdout, /- off is switched off\n/);
    assert.not.match(stdout, /web|old/);
    const inOrder = [...stdout.matchAll(/^[✔✘?-] ([a-z]+)/gmu)].map(([, name]) => name);
    assert.equal(inOrder, ['big', 'lambda', 'night', 'off', 'small']);
    const evening = polc(['guardrail', 'simulate', '--event', 'event.json', '--at', '2026-11-23T17:00:00+09:00']);
    assert.match(evening.stdout, /✔ night matches/);
  }));

test('JSON has the fields of the seed, POLICY_DIR names the folder, and standard input is an event', () =>
  withProject(({ write, polc }) => {
    write({ ...files, 'map.yaml': 'team budget: { services: [Lambda] }\n' });
    const words = ['simulate', '--event', '-', '--format', 'json', '--budget-map', 'map.yaml', ...monday];
    const { status, stdout, stderr } = polc(words, { input: budgetNotice(), env: { POLICY_DIR: 'policies' } });
    assert.is(status, 0, stderr);
    const { at, events } = JSON.parse(stdout);
    assert.is(at, '2026-11-23T01:00:00.000Z');
    const [{ plans, policies, event }] = events;
    assert.equal(
      plans.map((plan: { matched_policy_id: string }) => plan.matched_policy_id),
      ['lambda', 'small'],
    );
    const { mode, ttl_minutes, breach, actions } = plans[0];
    assert.equal([mode, ttl_minutes], ['manual', 180]);
    assert.is(breach, 'lambda/111122223333/team%20budget/2024-08');
    assert.is(actions.length, 1);
    assert.is(actions[0].type, 'attach_deny_policy');
    assert.equal(actions[0].principals, ['arn:aws:iam::111122223333:role/ci']);
    assert.equal(actions[0].deny, ['ec2:RunInstances', 'ec2:CreateNatGateway']);
    assert.is(event.amount, 321.09);
    assert.equal(policies[0].reasons[0].policy, { file: 'policies/big.yaml', line: 7, column: 19 });
    assert.is(policies[0].reasons[0].event.line, 13);
  }));

test('--exit-code tells that nothing matches', () =>
  withProject(({ write, polc }) => {
    write({ ...files, 'none.json': JSON.stringify(anomaly()) });
    const exit = (...words: readonly string[]) => polc(['simulate', ...words, ...monday]).status;
    assert.is(exit('policies/small.yaml', '--event', 'none.json', '--exit-code'), 4);
    assert.is(exit('policies/small.yaml', '--event', 'none.json'), 0);
    assert.is(exit('policies/small.yaml', '--event', 'event.json', '--exit-code'), 0);
    // What cannot be decided has not matched.
    assert.is(exit('policies/lambda.yaml', '--event', 'event.json', '--exit-code'), 4);
  }));

test('wrong events, policies, maps and words are said with their exit codes', () =>
  withProject(({ write, polc }) => {
    write({
      ...files,
      'euro.json': JSON.stringify(notification(budgetNotice({ amount: '\u20ac321.09' }))),
      'map.yaml': 'team budget: { services: [Lamda] }\n',
      'bad/wrong.yaml': policy('wrong', '  min_amount_usd: -1'),
      'bad/right.yaml': policy('right', '  min_amount_usd: 1'),
      'twice/a.yaml': policy('same', '  min_amount_usd: 1'),
      'twice/b.yaml': policy('same', '  min_amount_usd: 2'),
    });
    const fails = (code: number, wording: RegExp, ...words: readonly string[]) => {
      const { status, stdout, stderr } = polc(['simulate', ...words]);
      assert.is(status, code, stderr);
      assert.is(stdout, '');
      assert.match(stderr, wording);
    };
    fails(1, /POL2045[\s\S]*euro\.json:1:\d+/, 'policies', '--event', 'euro.json');
    fails(1, /POL3063[\s\S]*map\.yaml:1:27/, 'policies', '--event', 'event.json', '--budget-map', 'map.yaml');
    const mapped = polc(['simulate', 'policies', '--event', 'event.json', '--budget-map', 'map.yaml']);
    assert.not.match(mapped.stderr, /check --fix/);
    const piped = polc(['simulate', 'policies', '--event', '-'], { input: '\n{"event_id": "e"' });
    assert.match(piped.stderr, /POL2040[\s\S]*-:2:17\n[\s\S]*2 \| \{"event_id": "e"/);
    fails(1, /bad\/wrong\.yaml:7:19/, 'bad', '--event', 'event.json');
    fails(1, /POL5021[\s\S]*the other policy/, 'twice', '--event', 'event.json');
    fails(2, /there is no event/, 'policies');
    fails(2, /is no time/, 'policies', '--event', 'event.json', '--at', '2026-11-23 09:00');
    fails(3, /cannot read `absent\.json`/, 'policies', '--event', 'absent.json');
    fails(3, /cannot read `nowhere`/, 'nowhere', '--event', 'event.json');
    fails(3, /dialect sandbox, not a guardrail/, 'policies/web.yaml', '--event', 'event.json');
  }));

test('without a folder of policies it says how to name one', () =>
  withProject(({ write, polc }) => {
    write({ 'event.json': files['event.json'] });
    const { status, stderr } = polc(['simulate', '--event', 'event.json']);
    assert.is(status, 3);
    assert.match(stderr, /cannot read `policies`.*\n {2}= help: .*POLICY_DIR/);
  }));

run();
