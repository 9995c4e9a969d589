import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { combineLaunches } from '../../compiler/ir/launch.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import type { LaunchFacts } from '../../runtime/launch/facts.ts';
import { launchReport } from '../../runtime/launch/wording.ts';
import { imageId, read, templateFile, transcript } from '../support/decided-launches.ts';
import { suite } from '../support/harness.ts';
import { seedMetadata } from '../support/image-metadata.ts';
import { anyFacts } from '../support/launch-facts.ts';
import { anyTemplate } from '../support/launch-policies.ts';
import { launchPart } from '../support/launches.ts';

const { test, run } = suite('launch-wording');

const none = { instanceTypes: [], regions: [], templates: [] };

test('a class may launch what is on the list of its invitation', () => {
  const governance = read(
    'cs101.yaml',
    `profile:
  name: cs101
invitation:
  name: CS101 Class
  type: read_only
  valid_days: 30
  template_whitelist: [python-basic, r-basic]
`,
  );
  const launch = (launched: string, more = {}) =>
    transcript({ governance, template: templateFile(launched), facts: { launched }, more });
  const alternatives = { ...none, templates: ['python-basic', 'r-basic'] };
  assert.equal(launch('python-advanced', { alternatives }), [
    '→ Policy check: Invitation valid ✓',
    '→ Policy check: Template not in whitelist ✗ (cs101.yaml:7)',
    "→ Error: Template 'python-advanced' not allowed for this profile",
    '→ Available templates: python-basic, r-basic',
  ]);
  assert.equal(launch('python-basic'), [
    '→ Policy check: Invitation valid ✓',
    '→ Policy check: Template in whitelist ✓',
    '→ Launch approved',
  ]);
});

test('an institution approves its own templates, and no external ones', () => {
  const governance = read(
    'university.yaml',
    `institution:
  name: University
  allowed_sources: [institutional]
  budget_limits: { max_hourly_cost: 1 }
  audit_logging: { enabled: true }
profile: { name: lab, clearance: internal }
`,
  );
  const launch = (launched: string, facts = {}) =>
    transcript({
      governance,
      template: templateFile(launched, '{ data_classification: internal }'),
      facts: { ...facts, launched },
      more: { audited: true },
    });
  assert.equal(launch('python-ml'), [
    '→ Policy check: Approved institutional template ✓',
    '→ Policy check: Template not retired ✓',
    '→ Policy check: Template signature verified ✓ (University IT)',
    '→ Resource check: Instance type within budget ✓',
    '→ Security check: User clearance sufficient ✓',
    '→ Compliance check: Audit logged ✓',
    '→ Launch approved',
  ]);
  assert.equal(launch('external-gpu-template', { source: 'external', signature: 'absent', authority: undefined }), [
    '→ Policy check: External template not approved ✗ (university.yaml:3)',
    '→ Policy check: Template not retired ✓',
    '→ Policy check: Template signature not required ✓',
    '→ Resource check: Instance type within budget ✓',
    '→ Security check: User clearance sufficient ✓',
    '→ Access denied: Contact IT for template approval',
  ]);
});

test('an image is launched within what it carries, and refused beyond', () => {
  const governance = read(
    'cs101.yaml',
    `profile:
  name: cs101
  allowed_templates: [python-basic, python-ml-compiled]
  max_hourly_cost: 0.15
`,
  );
  const launched = 'python-ml-compiled';
  const around = [
    '→ Policy check: Region allowed ✓',
    '→ Policy check: User security clearance sufficient ✓ (internal data)',
  ];
  assert.equal(transcript({ governance, image: seedMetadata, facts: { launched } }), [
    "→ Policy check: Source template 'python-ml-compiled' is in whitelist ✓",
    '→ Policy check: AMI embedded cost $0.0464 < limit $0.15 ✓',
    '→ Policy check: Instance type allowed ✓',
    ...around,
    '→ Policy check: Using pre-compiled AMI for faster launch ✓',
    `→ Launch approved (${imageId})`,
  ]);
  const facts = { launched, instanceType: 'c5.4xlarge', hourlyCost: 0.68 };
  const alternatives = {
    ...none,
    instanceTypes: [{ name: 't3.large', hourlyCost: 0.0832 }, { name: 'm5.large' }],
    regions: [{ name: 'eu-west-1', hourlyCost: 0.2 }],
  };
  assert.equal(transcript({ governance, image: seedMetadata, facts, more: { costFrom: 'price-file', alternatives } }), [
    "→ Policy check: Source template 'python-ml-compiled' is in whitelist ✓",
    `→ Policy check: Estimated cost $0.68 > limit $0.15 ✗ (cs101.yaml:4, ${imageId})`,
    `→ Policy check: Instance type not in AMI resource limits ✗ (${imageId})`,
    ...around,
    '→ Error: Estimated cost $0.68 exceeds profile limit $0.15',
    "→ Error: AMI 'python-ml-compiled' restricts instance types to: [c5.large, m5.large, t3.large, t3.medium]",
    '→ Error: Estimated cost $0.68 exceeds AMI limit $0.20',
    '→ Available instance types: t3.large ($0.0832), m5.large',
    '→ Available regions: eu-west-1 ($0.20)',
  ]);
});

test('an image without a signature is not approved, and one that is signed is, with what it is approved for', () => {
  const governance = read(
    'university.yaml',
    `institution:
  name: University
  signature_required: true
  allowed_sources: [institutional]
  compliance_frameworks: [HIPAA, FERPA]
profile: { name: lab, clearance: internal }
`,
  );
  const image = { ...seedMetadata, compliance_frameworks: ['FERPA', 'HIPAA'] };
  const common = [
    '→ Policy check: Instance type allowed ✓',
    '→ Policy check: Region allowed ✓',
    '→ Policy check: AMI embedded cost $0.0464 < limit $0.20 ✓',
    '→ Policy check: User security clearance sufficient ✓ (internal data)',
    '→ Policy check: Compliance frameworks match ✓ (HIPAA approved, FERPA approved)',
  ];
  assert.equal(
    transcript({ governance, image, facts: { launched: 'institutional-python-ml' }, more: { audited: true } }),
    [
      '→ Policy check: Template source approved ✓ (institutional template)',
      '→ Policy check: Template not retired ✓',
      '→ Policy check: AMI signature verified ✓ (University IT)',
      ...common,
      '→ Policy check: Using pre-compiled AMI for faster launch ✓',
      `→ Launch approved with audit log entry (${imageId})`,
    ],
  );
  for (const signature of ['absent', 'invalid', undefined] as const) {
    const unsigned: Partial<LaunchFacts> = { launched: imageId, ...(signature === undefined ? {} : { signature }) };
    const facts = signature === undefined ? ({ ...unsigned, signature: undefined } as object) : unsigned;
    assert.equal(transcript({ governance, image, facts }), [
      '→ Policy check: Template source approved ✓ (institutional template)',
      '→ Policy check: Template not retired ✓',
      '→ Policy check: AMI signature missing or invalid ✗ (university.yaml:3)',
      ...common,
      '→ Error: AMI not approved by institutional policy',
      '→ Contact IT for AMI approval process',
    ]);
  }
});

const strict = read(
  'strict.yaml',
  `institution:
  name: Uni
  denied_templates: [r-*]
  approval_required: [community]
  trusted_authorities: [University IT]
  forbidden_regions: [eu-west-1]
  denied_instance_types: ["p3.*"]
  security_classification: confidential
  data_handling_rules: [encrypted_storage_required, no_phi]
  template_lifecycle: { deprecated: [python-m*], retired: [old] }
  images: { owners: ["123456789012"], max_age_days: 30, newest_base: true, passed_scan: true }
  required_tags: [Course]
profile:
  name: cs101
  clearance: confidential
  max_hourly_budget: 2
  max_daily_budget: 3
  max_monthly_budget: 4
  max_hourly_cost: 1
  allowed_instance_types: ["t3.*"]
`,
);
const careful = templateFile('python-ml', '{ data_classification: internal, data_handling: [no_phi] }');

/** Each fact that is bad, or not known, with what is said of it alone. */
const said: readonly (readonly [facts: object, ...lines: readonly string[]])[] = [
  [{ launched: 'r-basic' }, "→ Error: Template 'python-ml' not allowed by institutional policy"],
  [{ launched: 'old' }, "→ Error: Template 'python-ml' is retired"],
  [{ lifecycle: 'retired' }, "→ Error: Template 'python-ml' is retired"],
  [
    { source: 'community', approved: false },
    "→ Error: Template 'python-ml' not approved, which institutional policy requires",
    '→ Contact IT for template approval',
  ],
  [
    { authority: 'somebody' },
    '→ Error: Template not approved by institutional policy',
    '→ Contact IT for template approval',
  ],
  [{ owner: '1' }, '→ Error: AMI not approved by institutional policy', '→ Contact IT for template approval'],
  [{ region: 'eu-west-1' }, "→ Error: Region 'eu-west-1' not allowed by institutional policy"],
  [{ region: undefined }, '→ Error: Region unknown, which institutional policy limits'],
  [
    { instanceType: 'p3.2xlarge' },
    "→ Error: Instance type 'p3.2xlarge' not allowed by institutional policy",
    "→ Error: Profile 'cs101' restricts instance types to: [t3.*]",
  ],
  [{ tags: new Map() }, "→ Error: Required tag 'Course' missing: add --tag Course=VALUE"],
  [{ tags: new Map([['Course', '']]) }, "→ Error: Required tag 'Course' missing: add --tag Course=VALUE"],
  [{ hourlyCost: 1.5 }, '→ Error: Estimated cost $1.50 exceeds profile limit $1.00'],
  [
    { hourlyCost: undefined },
    "→ Error: Estimated cost of 't3.medium' in us-west-2 unknown under profile limit $1.00: write its price into the price file",
  ],
  [{ hourlySpend: 2.5 }, '→ Error: Hourly spend exceeds profile limit $2.00: sum of hourly_spend over 2'],
  [{ dailySpend: undefined }, '→ Error: Daily spend unknown under profile limit $3.00: sum of daily_spend over 3'],
  [{ monthlySpend: 4.01 }, '→ Error: Monthly spend exceeds profile limit $4.00: sum of monthly_spend over 4'],
  [{ encrypted: false }, '→ Error: Unencrypted storage not allowed by institutional policy'],
  [{ encrypted: undefined }, '→ Error: Storage encryption unknown, which institutional policy limits'],
  [{ imageAge: 31.7 }, '→ Error: AMI age 31 days exceeds institutional limit 30 days: build it again'],
  [{ imageAge: -1 }, '→ Error: Age of the image unknown, which institutional policy limits'],
  [
    { baseOutdated: true },
    '→ Error: A newer base image exists, which institutional policy asks for: build the image again',
  ],
  [{ scan: 'failed' }, '→ Error: Vulnerability scan failed, which institutional policy asks for'],
  [{ scan: 'absent' }, '→ Error: Vulnerability scan missing, which institutional policy asks for'],
];

test('each kind of limit has its sentence', () => {
  const spending = (attribute: string, limit: number) => `sum of ${attribute} over ${limit}`;
  const warning = "→ Warning: Template 'python-ml' is deprecated (strict.yaml:10)";
  const lines = (facts: object) => transcript({ governance: strict, template: careful, facts, more: { spending } });
  assert.equal(lines({}).slice(-2), [warning, '→ Launch approved']);
  for (const [facts, ...expected] of said) {
    const all = lines(facts);
    assert.equal(all.slice(all.indexOf(warning) + 1), expected, JSON.stringify(facts));
    assert.ok(
      all.some((line) => / ✗ \(strict\.yaml:\d+/.test(line)),
      all.join('\n'),
    );
  }
  const restricted = templateFile('python-ml', '{ data_classification: restricted, data_handling: [no_phi] }');
  assert.equal(transcript({ governance: strict, template: restricted }).slice(-3), [
    warning,
    "→ Error: Template 'python-ml' is for restricted data, and the clearance is confidential",
    "→ Error: Classification 'restricted' above 'confidential', the most that institutional policy allows",
  ]);
  assert.equal(transcript({ governance: strict, template: templateFile('python-ml') }).slice(-3), [
    "→ Error: Template 'python-ml' does not promise no_phi",
    "→ Error: Template 'python-ml' has no classification, which institutional policy asks for",
    "→ Error: Template 'python-ml' has no classification, which profile policy asks for",
  ]);
});

test('what refuses besides the rules comes first, and nothing is approved then', () => {
  const problem = 'ec2:DescribeImages failed: RequestLimitExceeded';
  const lines = transcript({ governance: strict, template: careful, problems: [problem] });
  assert.is(lines.at(-1), `→ Error: ${problem}`);
  assert.not.ok(lines.some((line) => line.includes('Launch approved')));
});

test('nothing that an image or a person wrote commands the terminal or makes a line of its own', () => {
  const evil = 'x\u001b[2J\n→ Launch approved\u009b';
  const lines = transcript({
    governance: strict,
    image: { ...seedMetadata, source_template: evil, allowed_profiles: [evil] },
    facts: { launched: evil, region: evil, instanceType: evil, authority: evil, source: evil },
    problems: [evil],
  });
  assert.ok(lines.length > 5);
  for (const line of lines) assert.not.match(line, /\p{Cc}/u);
});

test('every rule that refuses is behind a cross, and a launch that is allowed has none', () => {
  const combined = fc
    .tuple(fc.array(launchPart(true), { maxLength: 3 }), anyTemplate)
    .map(([parts, policy]): Policy => combineLaunches([...parts, { role: 'template', policy }]));
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(combined, fc.array(anyFacts, { minLength: 4, maxLength: 4 }), (policy, launches) => {
      for (const facts of launches) {
        const verdict = decideLaunch(policy, facts);
        const report = launchReport({ policy, facts, verdict, place: ({ file }) => file });
        const refusing = verdict.steps.flatMap(({ rule, outcome }) => (outcome === 'holds' ? [] : [rule]));
        assert.equal(
          report.violations.map(({ rule }) => rule),
          refusing,
        );
        const crossed = new Set(report.checks.flatMap(({ passed, rules }) => (passed ? [] : rules)));
        for (const rule of refusing) assert.ok(crossed.has(rule), rule.id);
        assert.is(
          report.checks.some(({ passed }) => !passed),
          !verdict.allowed,
        );
        assert.is(
          report.lines.some((line) => line.startsWith('→ Launch approved')),
          verdict.allowed,
        );
        assert.is(
          report.lines.some((line) => /^→ (Error|Access denied): /.test(line)),
          !verdict.allowed,
        );
        seen.add(verdict.allowed);
      }
    }),
    { numRuns: 500 },
  );
  assert.is(seen.size, 2);
});

run();
