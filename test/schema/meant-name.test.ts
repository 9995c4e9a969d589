import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { guardrailExample, principal } from '../../compiler/diagnostics/catalogue/guardrail-example.ts';
import { authExample } from '../../compiler/diagnostics/catalogue/kuadrant-example.ts';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { meantName } from '../../compiler/schema/meant-name.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('meant-name');

const window = (day: string) => `{ time_windows: [{ start: "09:00", end: "17:00", timezone: UTC, days: [${day}] }] }`;
const role = 'arn:aws:iam::123456789012:role/ci';
const condition = (operator: string) =>
  authExample(
    '{ anyone: { anonymous: {} } }',
    `authorization: { only: { patternMatching: { patterns: [{ selector: request.path, operator: ${operator}, value: / }] } } }`,
  );
const sandbox = (mode: string, more = '') => `profile: web\nmode: ${mode}\n${more}`;

/** A field of a dialect as a policy with the written word, and for each word the name that is meant. */
const fields: readonly (readonly [
  name: string,
  policy: (word: string) => string,
  words: Readonly<Record<string, string | undefined>>,
])[] = [
  [
    'guardrail mode',
    (mode) => guardrailExample({ mode }),
    {
      automatic: 'auto',
      enforce: 'auto',
      manul: 'manual',
      Approval: 'manual',
      'dry-run': 'dry_run',
      dryrun: 'dry_run',
      simulate: 'dry_run',
      // Whether it is to act or to tell is for a person to say.
      warn: undefined,
    },
  ],
  [
    'guardrail source',
    (source) => guardrailExample({ source: `[${source}]` }),
    {
      budget: 'budgets',
      aws_budgets: 'budgets',
      anomalies: 'anomaly',
      cost_anomaly_detection: 'anomaly',
      ec2: undefined,
    },
  ],
  [
    'guardrail principal',
    (type) => guardrailExample({ principals: principal(role, type) }),
    { role: 'iam_role', user: 'iam_user', 'IAM::Role': 'iam_role', iam: undefined, group: undefined },
  ],
  [
    'guardrail action',
    (type) => guardrailExample({ actions: `[{ type: ${type} }]` }),
    {
      deny: 'attach_deny_policy',
      attach_policy: 'attach_deny_policy',
      permissions_boundary: 'set_permission_boundary',
      sns: 'send_sns',
      notify: 'notify_only',
    },
  ],
  [
    'guardrail day',
    (day) => guardrailExample({ exceptions: window(day) }),
    { monday: 'mon', Tuesday: 'tue', thurs: 'thu', Sat: 'sat', weekdays: undefined, sun: undefined },
  ],
  ['sandbox mode', sandbox, { sandboxed: 'sandbox', strict: 'hardened', off: 'direct' }],
  [
    'sandbox network',
    (mode) => sandbox('sandbox', `network: { mode: ${mode} }\n`),
    { loopback: 'loopback-only', isolated: 'none', loopback_only: 'loopback-only', bridge: undefined },
  ],
  [
    'sandbox architecture',
    (name) => sandbox('sandbox', `security: { seccomp: { architectures: [${name}] } }\n`),
    { amd64: 'x86_64', arm64: 'aarch64', 'x86-64': 'x86_64', riscv: 'riscv64' },
  ],
  ['kuadrant operator', condition, { equals: 'eq', contains: 'incl', '"!="': 'neq', match: 'matches' }],
];

for (const [name, policy, words] of fields) {
  test(name, () => {
    for (const [word, meant] of Object.entries(words)) {
      const text = policy(word);
      const { diagnostics, sources } = compile('policy.yaml', text, nodeHost, { maximumMilliseconds: 0 });
      const found = diagnostics.filter(({ code }) => code === 'POL3001');
      if (meant === undefined) {
        for (const { help } of found) assert.match(help, /^write one of /, word);
        continue;
      }
      assert.is(found.length, 1, word);
      assert.is(found[0]?.help, `did you mean \`${meant}\`?`, word);
      const fixed = applyFixes(found, (file) => sources.get(file), 'all').texts.get('policy.yaml');
      assert.is(fixed, policy(word).replace(word, meant), word);
    }
  });
}

test('another word of the same meaning is changed by a person only: nothing begins to act by itself', () => {
  for (const mode of ['automatic', 'enforce']) {
    const text = guardrailExample({ mode });
    const { diagnostics, sources } = compile('policy.yaml', text, nodeHost, { maximumMilliseconds: 0 });
    assert.is(applyFixes(diagnostics, (file) => sources.get(file), 'certain').texts.get('policy.yaml'), undefined);
  }
});

test('a word that fits several names, and one without letters, stand for none', () => {
  assert.is(meantName('iam', ['iam_role', 'iam_user']), undefined);
  assert.is(meantName('read-write', ['read', 'write']), undefined);
  assert.is(meantName('--', ['a-b', 'c']), undefined);
  assert.is(meantName('', ['auto']), undefined);
  assert.is(meantName('constructor', ['auto'], {}), undefined);
});

run();
