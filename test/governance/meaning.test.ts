import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { combineLaunches } from '../../compiler/ir/launch.ts';
import { clearanceOf } from '../../compiler/ir/launch-facts.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';
import { type NaiveLaunch, type NaiveParts, naivelyAllowed } from '../support/naive-governance.ts';

const { test, run } = suite('governance-meaning');

const names = ['python-ml', 'python-basic', 'r-basic', 'ami-0abc123def456789a'];
const sources = ['institutional', 'departmental', 'pi_lab', 'community', 'external', 'personal'];
const classes = ['public', 'internal', 'confidential', 'restricted'];
const frameworks = ['HIPAA', 'FERPA'];
const rules = ['no_phi', 'no_pii', 'encrypted_storage_required'];
const regions = ['us-west-2', 'us-east-1', 'eu-west-1'];

const may = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
/** A field that mostly is not there, so that launches are allowed now and then. */
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.tuple(fc.nat(5), value).map(([roll, some]) => (roll === 0 ? some : undefined));
const list = (of: readonly string[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 3 });
const anyList = (of: readonly string[]) => fc.uniqueArray(fc.constantFrom(...of), { maxLength: 2 });
const money = fc.constantFrom(0.05, 0.15, 0.5, 1, 20);

const limits = {
  allowed_templates: rarely(list([...names, 'python-*'])),
  template_whitelist: rarely(list(names)),
  denied_templates: rarely(anyList([...names, '*-basic'])),
  template_blacklist: rarely(anyList(names)),
  allowed_images: rarely(list(names)),
  ami_whitelist: rarely(list(names)),
  image_whitelist: rarely(list(names)),
  denied_images: rarely(anyList(names)),
  allowed_instance_types: rarely(list(['t3.*', 't3.medium', 'c5.large', '*.large'])),
  max_instance_types: rarely(list(['t3.medium', 't3.large', 'c5.large'])),
  denied_instance_types: rarely(anyList(['c5.*', 't3.large'])),
  allowed_regions: rarely(list(regions)),
  forbidden_regions: rarely(anyList(regions)),
  denied_regions: rarely(anyList(regions)),
  max_hourly_cost: rarely(money),
  max_hourly_budget: rarely(money),
  max_daily_budget: rarely(money),
  max_monthly_budget: rarely(money),
  required_tags: rarely(anyList(['Project', 'Owner'])),
  required_frameworks: rarely(anyList(frameworks)),
  data_handling_rules: rarely(anyList(rules)),
};

const clearances = {
  clearance: rarely(fc.constantFrom(...classes)),
  security_clearance: rarely(fc.constantFrom(...classes)),
};

const institution = fc.record({
  ...limits,
  allowed_sources: rarely(list(sources)),
  approval_required: rarely(fc.oneof(fc.boolean(), anyList(sources))),
  required_signature: rarely(fc.boolean()),
  signature_required: rarely(fc.boolean()),
  trusted_authorities: rarely(list(['IT', 'CS'])),
  security_classification: rarely(fc.constantFrom(...classes)),
  compliance_frameworks: rarely(anyList(frameworks)),
  budget_limits: rarely(fc.record({ max_hourly_cost: may(money), max_monthly_budget: may(money) })),
  template_lifecycle: rarely(
    fc.record({ deprecated: may(anyList(names)), refuse_deprecated: may(fc.boolean()), retired: may(anyList(names)) }),
  ),
  images: rarely(
    fc.record({
      owners: may(list(['111122223333', '444455556666'])),
      max_age_days: may(fc.constantFrom(30, 90)),
      newest_base: may(fc.boolean()),
      passed_scan: may(fc.boolean()),
    }),
  ),
});
const profile = fc.record({ ...limits, ...clearances, compliance_level: rarely(fc.constantFrom(...classes)) });
const invitation = fc.record({
  ...limits,
  ...clearances,
  valid_days: fc.constant(30),
  compliance_required: rarely(anyList(frameworks)),
});

const parts: fc.Arbitrary<NaiveParts> = fc
  .record({ institution: may(institution), profile, invitation: rarely(invitation) })
  .map(plain);

const launch: fc.Arbitrary<NaiveLaunch> = fc
  .record({
    template: fc.constantFrom(...names),
    launched: fc.constantFrom(...names),
    source: fc.constantFrom(...sources),
    signature: fc.constantFrom('valid', 'valid', 'absent', 'invalid'),
    owner: fc.constantFrom('111122223333', '444455556666'),
    approved: fc.boolean(),
    lifecycle: fc.constantFrom('active', 'active', 'active', 'deprecated', 'retired'),
    instanceType: fc.constantFrom('t3.medium', 't3.large', 'c5.large'),
    region: fc.constantFrom(...regions),
    encrypted: fc.boolean(),
    hourlyCost: may(fc.constantFrom(0.05, 0.15, 0.4)),
    hourlySpend: fc.constantFrom(0.05, 0.5, 2),
    dailySpend: fc.constantFrom(0.05, 0.5, 20, 30),
    monthlySpend: fc.constantFrom(0.15, 1, 30),
    classification: may(fc.constantFrom(0, 1, 2, 3)),
    tags: fc.record({ Project: fc.constantFrom('', 'a'), Owner: fc.constantFrom('', 'b') }),
    frameworks: anyList(frameworks),
    dataRules: anyList(['no_phi', 'no_pii']),
    imageAge: fc.constantFrom(0, 30, 31, 200),
    baseOutdated: fc.boolean(),
    scan: fc.constantFrom('passed', 'passed', 'failed', 'absent'),
    invitation: fc.constantFrom('valid', 'valid', 'expired', 'absent'),
  })
  .chain((said) =>
    fc.constantFrom('IT', 'CS').map((by) => (said.signature === 'valid' ? { ...said, authority: by } : said)),
  )
  .map(plain);

/** Without the keys whose values are undefined. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** What the launch says of an attribute of the point `launch`. */
function attributeOf(of: NaiveLaunch, clearance: bigint, name: string): Value | undefined {
  const said: Readonly<Record<string, Value | undefined>> = {
    template: of.template,
    launched: of.launched,
    source: of.source,
    signature: of.signature,
    authority: of.authority,
    owner: of.owner,
    approved: of.approved,
    lifecycle: of.lifecycle,
    instance_type: of.instanceType,
    region: of.region,
    encrypted: of.encrypted,
    hourly_cost: of.hourlyCost,
    hourly_spend: of.hourlySpend,
    daily_spend: of.dailySpend,
    monthly_spend: of.monthlySpend,
    classification: of.classification === undefined ? undefined : BigInt(of.classification),
    clearance,
    image_age: of.imageAge,
    base_outdated: of.baseOutdated,
    scan: of.scan,
    invitation: of.invitation,
  };
  if (name.startsWith('tag:')) return of.tags[name.slice('tag:'.length)];
  if (name.startsWith('framework:')) return of.frameworks.includes(name.slice('framework:'.length));
  if (name.startsWith('data:')) return of.dataRules.includes(name.slice('data:'.length));
  return said[name];
}

test('a launch is allowed exactly where the documents, read key by key, allow it', () => {
  let allowed = 0;
  let refused = 0;
  const property = fc.property(parts, fc.array(launch, { minLength: 20, maxLength: 20 }), (documents, launches) => {
    const { lowered, diagnostics } = compile('policy.yaml', JSON.stringify(documents), nodeHost, {
      maximumMilliseconds: 0,
    });
    // Parts that leave nothing are errors; what they mean is lowered all the same.
    const others = diagnostics.filter(({ code, severity }) => severity === 'error' && code !== 'POL5347');
    assert.equal(
      others.map(({ code, message }) => `${code} ${message}`),
      [],
    );
    const policy = combineLaunches([{ role: 'profile', policy: lowered! }]);
    const clearance = clearanceOf(policy);
    for (const each of launches) {
      const environment = {
        attribute: (name: string) => attributeOf(each, clearance, name),
        parameter: () => undefined,
      };
      const verdict = decide(policy.decisions[0]!, environment)?.effect.kind === 'allow';
      const expected = naivelyAllowed(documents, each);
      if (verdict !== expected) assert.is(verdict, expected, JSON.stringify({ documents, each }));
      if (expected) allowed += 1;
      else refused += 1;
    }
  });
  assertFor(property, { leastRuns: 200, milliseconds: 4000 });
  assert.ok(allowed > 50 && refused > 500, `${allowed} allowed, ${refused} refused`);
});

run();
