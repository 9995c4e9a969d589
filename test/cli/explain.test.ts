import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { suite } from '../support/harness.ts';
import { schemaErrors } from '../support/json-schema.ts';
import { calm, polcScript, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, run } = suite('explain, import and schema');

const policy = `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    rules:
      - { syscalls: [socket], when: arg0 == AF_UNIX }
    allow: ["@basic-start"]
  landlock:
    paths:
      - { path: /usr, access: execute }
      - { path: /tmp, access: read-write }
resources: { disk: 1GiB }
`;

const guardrail = `policy_id: quarantine
mode: manual
ttl_minutes: 60
match: { source: [anomaly], account_ids: ["123456789012"], min_amount_usd: 200 }
scope:
  principals: [{ type: iam_role, arn: "arn:aws:iam::123456789012:role/ci" }]
  regions: [eu-west-1]
actions:
  - type: attach_deny_policy
    deny: ["ec2:RunInstances", "rds:Create*"]
notify: { slack_webhook_ssm_param: /guardrails/slack }
`;

test('explain says which rule and which document deny an action, and what reaches the same spending', () =>
  withProject(({ write, polc }) => {
    write({ 'quarantine.yaml': guardrail });
    const answer = (...words: readonly string[]) => {
      const { status, stdout, stderr } = polc(['explain', 'quarantine.yaml', ...words]);
      assert.is(status, 0, stderr);
      return stdout;
    };
    const denied = answer('--action', 'EC2:runinstances', '--region', 'eu-west-1');
    assert.match(
      denied,
      /^ec2:RunInstances in eu-west-1 is denied while a response lasts\n {2}policy +quarantine\.yaml:10:12/,
    );
    assert.match(
      denied,
      /\n {2}IR +rule 1 of 2\n {2}iam +guardrails-deny-[0-9a-f]{20}\.json \/Statement\/0\/Action\/0\n/,
    );
    assert.match(denied, /\n {2}binds +arn:aws:iam::123456789012:role\/ci\n {2}open .*ec2:StartInstances/);
    const created = answer('--action', 'rds:CreateDBInstance', '--region', 'eu-west-1');
    assert.match(created, /is denied while a response lasts\n {2}policy +quarantine\.yaml:10:32/);
    assert.match(
      answer('--action', 'ec2:RunInstances', '--region', 'us-east-1'),
      /^ec2:RunInstances in us-east-1 is left alone\n/,
    );
    assert.match(answer('--action', 'ec2:RunInstances'), /^ec2:RunInstances depends on its region\n/);
    const json = JSON.parse(answer('--action', 'ec2:RunInstances', '--region', 'eu-west-1', '--format', 'json'));
    assert.is(json.effect, 'deny');
    assert.is(json.documents[0].at, '/Statement/0/Action/0');
    const wrong = polc(['explain', 'quarantine.yaml', '--action', 'ec2:RunInstance']);
    assert.is(wrong.status, 2);
    assert.match(wrong.stderr, /did you mean `ec2:RunInstances`/);
    assert.match(
      polc(['explain', 'quarantine.yaml', '--action', 's3:GetObject', '--region', 'eu-west-9']).stderr,
      /unknown region/,
    );
  }));

test('explain says of an action what the mode makes of it, and what a permissions boundary may deny', () =>
  withProject(({ write, polc }) => {
    const boundary = 'arn:aws:iam::123456789012:policy/guard';
    const setting = `  - { type: set_permission_boundary, boundary_arn: "${boundary}" }\n`;
    const only = guardrail.replace(/ {2}- type: attach[\s\S]*?\n(?=notify)/, setting);
    write({
      'told.yaml': guardrail.replace('manual', 'dry_run'),
      'nobody.yaml': guardrail.replace('manual', 'dry_run').replace(/principals: .*/, 'principals: []'),
      'off.yaml': `${guardrail}enabled: false\n`,
      'both.yaml': guardrail.replace('notify:', `${setting}notify:`),
      'boundary.yaml': only,
      'boundary-told.yaml': only.replace('manual', 'dry_run'),
    });
    const ask = (file: string, action: string, format = 'pretty') => {
      const words = ['--action', action, '--region', 'eu-west-1', '--format', format];
      const { status, stdout, stderr } = polc(['explain', file, ...words]);
      assert.is(status, 0, stderr);
      return stdout;
    };
    const run = 'ec2:RunInstances';
    const answers: readonly (readonly [file: string, action: string, headline: string, effect: string])[] = [
      ['told.yaml', run, 'would be denied; `mode: dry_run` denies nothing', 'deny'],
      ['told.yaml', 'sqs:CreateQueue', 'is left alone', 'allow'],
      ['nobody.yaml', run, 'is left alone: the policy restricts nobody', 'allow'],
      ['off.yaml', run, 'is left alone: the policy denies nothing', 'allow'],
      ['both.yaml', run, 'is denied while a response lasts', 'deny'],
      [
        'both.yaml',
        'sqs:CreateQueue',
        'is denied while a response lasts where the permissions boundary does not allow it',
        'boundary',
      ],
      [
        'boundary.yaml',
        run,
        'is denied while a response lasts where the permissions boundary does not allow it',
        'boundary',
      ],
      [
        'boundary-told.yaml',
        run,
        'would be denied where the permissions boundary does not allow it; `mode: dry_run` denies nothing',
        'boundary',
      ],
    ];
    for (const [file, action, headline, effect] of answers) {
      assert.is(ask(file, action).split('\n')[0], `${action} in eu-west-1 ${headline}`, file);
      const { effect: found, mode, boundaries } = JSON.parse(ask(file, action, 'json'));
      assert.is(found, effect, file);
      assert.is(mode, file === 'off.yaml' ? undefined : /told|nobody/.test(file) ? 'dry_run' : 'manual', file);
      const principal = 'arn:aws:iam::123456789012:role/ci';
      assert.equal(boundaries, /bo(th|und)/.test(file) ? [{ principal, boundary }] : [], file);
    }
    assert.match(
      ask('boundary.yaml', run),
      /\n {2}boundary +boundary\.yaml:9:52 {2}arn:aws:iam::123456789012:policy\/guard of arn:aws:iam::123456789012:role\/ci: /,
    );
  }));

test('explain answers one question at a time, and nothing that was asked is passed over', () =>
  withProject(({ write, polc }) => {
    write({ 'quarantine.yaml': guardrail });
    for (const [words, message] of [
      [['--region', 'eu-west-1'], 'add `--action NAME`'],
      [['--region', 'nowhere'], 'add `--action NAME`'],
      [['--argument', '0=1'], 'add `--syscall NAME`'],
      [['--syscall', 'socket', '--region', 'eu-west-1'], 'add `--action NAME`'],
      [['--action', 'ec2:RunInstances', '--path', '/tmp'], '`--path` and `--action` are two questions'],
    ] as const) {
      const { status, stderr, stdout } = polc(['explain', 'quarantine.yaml', ...words]);
      assert.is(status, 2, stderr);
      assert.is(stdout, '');
      assert.ok(stderr.includes(message), stderr);
    }
  }));

test('explain says which rule and which instructions decide a call', () =>
  withProject(({ write, polc }) => {
    write({ 'web.yaml': policy });
    const answer = (...words: readonly string[]) => {
      const { status, stdout, stderr } = polc(['explain', 'web.yaml', ...words]);
      assert.is(status, 0, stderr);
      return stdout;
    };
    const allowed = answer('--syscall', 'openat');
    assert.match(allowed, /^openat is allowed whatever its arguments\n {2}policy +web\.yaml:8:13/);
    assert.match(allowed, /\n {2}x86_64 +instructions 0 → .* \d+ executed\n {2}aarch64 +instructions 0 → /);
    assert.match(allowed, /landlock decides by path/);
    assert.match(answer('-s', 'mount'), /^mount fails with EPERM whatever its arguments\n {2}policy +web\.yaml:5:14/);
    const open = answer('-s', 'socket');
    assert.match(
      open,
      /^socket depends on its arguments\n {2}policy +web\.yaml:7:9[\s\S]*\n {2}policy +web\.yaml:5:14/,
    );
    assert.match(answer('-s', 'socket', '-a', '0=1'), /^socket is allowed with arg0 = 1\n {2}policy +web\.yaml:7:9/);
    assert.match(answer('-s', 'socket', '--argument', '0=0x2'), /^socket fails with EPERM with arg0 = 2\n/);
    assert.match(answer('-s', 'access'), /\n {2}aarch64 +has no such call\n/);
    const json = JSON.parse(answer('-s', 'socket', '-a', '0=1', '--format', 'json'));
    assert.is(json.syscall, 'socket');
    assert.equal(
      json.answers.map((each: { architecture: string; number: number; effect: { kind: string } }) => [
        each.architecture,
        each.number,
        each.effect.kind,
      ]),
      [
        ['x86_64', 41, 'allow'],
        ['aarch64', 198, 'allow'],
      ],
    );
  }));

test('explain says what may be done with a path, and what covers each rule', () =>
  withProject(({ write, polc }) => {
    write({ 'web.yaml': policy });
    const usr = polc(['explain', 'web.yaml', '--path', '/usr/bin/env']).stdout;
    assert.match(usr, /^\/usr\/bin\/env may be used for: execute, .*\n {2}policy +web\.yaml:11:9/);
    assert.not.match(usr, /write_file/);
    assert.match(polc(['explain', 'web.yaml', '-p', '/tmp/x']).stdout, /write_file/);
    assert.match(polc(['explain', 'web.yaml', '-p', '/etc/passwd']).stdout, /^\/etc\/passwd is denied in every way\n/);
    assert.match(polc(['explain', 'web.yaml', '-p', '/tmpfile']).stdout, /denied in every way/);
    const coverage = polc(['explain', 'web.yaml']).stdout;
    assert.match(coverage, /^web: \d+ rules, limits and obligations\n✔ /);
    assert.match(coverage, /\n⚠ resources\.disk +web\.yaml:13:20\n[\s\S]* lost: /);
    const json = JSON.parse(polc(['explain', 'web.yaml', '--format', 'json']).stdout);
    const disk = json.coverage.find((each: { topic: string }) => each.topic === 'resources.disk');
    assert.is(disk.status, 'partial');
    for (const [words, code, message] of [
      [['-s', 'opneat'], 2, 'did you mean `openat`?'],
      [['-p', 'tmp'], 2, 'write the absolute path'],
      [['-s', 'socket', '-a', '9=1'], 2, 'N is from 0 to 5'],
    ] as const) {
      const wrong = polc(['explain', 'web.yaml', ...words]);
      assert.is(wrong.status, code);
      assert.ok(wrong.stderr.includes(message), wrong.stderr);
    }
    assert.is(polc(['explain', 'nowhere.yaml']).status, 3);
    assert.is(polc(['explain']).status, 2);
  }));

test('import writes a policy that means what the profile means', () =>
  withProject(({ write, read, polc }) => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { names: ['read', 'write', 'execve', 'no_such_call'], action: 'SCMP_ACT_ALLOW' },
        { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }] },
        { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      ],
    };
    write({ 'small.json': JSON.stringify(profile) });
    const imported = polc(['import', 'small.json', '--out', 'small.yaml']);
    assert.is(imported.status, 0, imported.stderr);
    assert.is(polc(['check', 'small.yaml', ...calm]).status, 0);
    const answer = (file: string, ...words: readonly string[]) =>
      polc(['explain', file, '--target', 'architectures=x86_64', ...words]).stdout.split('\n')[0];
    assert.is(answer('small.yaml', '-s', 'read'), 'read is allowed whatever its arguments');
    assert.is(answer('small.yaml', '-s', 'personality', '-a', '0=8'), 'personality is allowed with arg0 = 8');
    assert.is(answer('small.yaml', '-s', 'personality', '-a', '0=9'), 'personality fails with EPERM with arg0 = 9');
    assert.is(answer('small.yaml', '-s', 'mount'), 'mount fails with EPERM whatever its arguments');
    const before = read('small.yaml');
    const again = polc(['import', 'small.json', '--out', 'small.yaml', '--capabilities', 'sys_admin']);
    assert.is(again.status, 2);
    assert.match(again.stderr, /`--force`/);
    assert.is(read('small.yaml'), before);
    assert.is(polc(['import', 'small.json', '-f', '-o', 'small.yaml', '--capabilities', 'CAP_SYS_ADMIN']).status, 0);
    assert.is(answer('small.yaml', '-s', 'mount'), 'mount is allowed whatever its arguments');
    assert.match(polc(['import', 'small.json', '--capabilities', 'sys_admn']).stderr, /did you mean `sys_admin`\?/);
    write({ 'broken.json': '{"defaultAction": "SCMP_ACT_ALOW"' });
    assert.is(polc(['import', 'broken.json']).status, 1);
    assert.is(polc(['import', 'nowhere.json']).status, 3);
  }));

test('the printed schema accepts the examples and refuses what polc refuses', () =>
  withProject(({ polc }) => {
    const printed = polc(['schema', 'sandbox']);
    assert.is(printed.status, 0);
    const schema = JSON.parse(printed.stdout);
    const examples = join(polcScript, '../../examples');
    const texts = readdirSync(examples)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(join(examples, name), 'utf8'));
    const sandboxes = texts.filter((text) => text.startsWith('profile:') || text.includes('\nmode: sandbox'));
    assert.ok(sandboxes.length > 0);
    for (const text of [...sandboxes, policy, smallPolicy('a'), polc(['init', '-']).stdout]) {
      assert.equal(schemaErrors(schema, parse(text)), []);
    }
    const guardrails = texts.filter((text) => text.includes('policy_id:'));
    assert.ok(guardrails.length > 0);
    const guardrailSchema = JSON.parse(polc(['schema', 'guardrail']).stdout);
    const inherited = 'extends: base.yaml\noverrides: { ttl_minutes: 5, match: { max_amount_usd: null } }\n';
    for (const text of [...guardrails, inherited, polc(['init', '--dialect', 'guardrail', '-']).stdout]) {
      assert.equal(schemaErrors(guardrailSchema, parse(text)), [], text);
    }
    const governing = texts.filter((text) => text.includes('institution:'));
    assert.ok(governing.length > 0);
    const governanceSchema = JSON.parse(polc(['schema', 'governance']).stdout);
    for (const text of [...governing, polc(['init', '--dialect', 'governance', '-']).stdout]) {
      assert.equal(schemaErrors(governanceSchema, parse(text)), [], text);
    }
    const misspelt = governing[0]!.replace('clearance:', 'clearence:');
    assert.ok(schemaErrors(governanceSchema, parse(misspelt)).length > 0);
    for (const [from, to] of [
      ['"123456789012"', '123456789012'],
      ['"manual"', '"manul"'],
      ['ttl_minutes: 180', 'ttl_minutes: -1'],
      ['notify:', 'notifys:'],
    ] as const) {
      const changed = guardrails[0]!.replace(from, to);
      assert.not.equal(changed, guardrails[0]);
      assert.ok(schemaErrors(guardrailSchema, parse(changed)).length > 0, to);
    }
    assert.equal(schemaErrors(schema, parse('profile: web\nextends: base.yaml\n')), []);
    for (const [from, to] of [
      ['profile: web\n', ''],
      ['mode: sandbox', 'mode: sandbx'],
      ['mode: sandbox\n', ''],
      ['access: execute', 'access: 7'],
      ['1GiB', 'lots'],
      ['resources:', 'resuorces:'],
      ['"@basic-start"', '[read]'],
    ] as const) {
      assert.ok(policy.includes(from));
      assert.ok(schemaErrors(schema, parse(policy.replace(from, to))).length > 0, to);
    }
    assert.match(polc(['schema', 'sandbx']).stderr, /did you mean `sandbox`\?/);
    assert.match(polc(['schema']).stdout, /^sandbox {2}/);
  }));

run();
