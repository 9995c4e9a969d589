import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { combineLaunches, type LaunchPart } from '../../compiler/ir/launch.ts';
import { clearanceOf, launchFacts, refusalOf } from '../../compiler/ir/launch-facts.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('governance-facts');

function lowered(text: string): Policy {
  const { lowered, diagnostics } = compile('policy.yaml', text, nodeHost, { maximumMilliseconds: 0 });
  if (lowered === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return lowered;
}

const governed = (text: string): LaunchPart => ({ role: 'profile', policy: lowered(text) });

const template = (metadata: string): LaunchPart => ({
  role: 'template',
  policy: lowered(`name: ML\nslug: python-ml\nbase: ubuntu-22.04\npolicy_metadata: ${metadata}\n`),
});

const institution = 'institution: { name: State }\n';

test('the clearance is the lowest that is written; unwritten it is public under an institution, and unbounded without', () => {
  const clearance = (text: string) => clearanceOf(combineLaunches([governed(text)]));
  assert.is(clearance('profile: { name: a, clearance: confidential }'), 2n);
  assert.is(clearance('profile: { name: a, clearance: confidential, compliance_level: internal }'), 1n);
  assert.is(
    clearance('profile: { clearance: internal }\ninvitation: { valid_days: 3, security_clearance: restricted }'),
    1n,
  );
  assert.is(clearance(`${institution}profile: { name: a, clearance: confidential }`), 2n);
  assert.is(clearance(`${institution}profile: { name: a, max_hourly_cost: 1 }`), 0n);
  assert.is(clearance('profile: { name: a, max_hourly_cost: 1 }'), 3n);
  // What an institution lets anybody launch at most is no clearance of a person.
  assert.is(clearance('institution: { security_classification: confidential }\nprofile: { name: a }'), 0n);
});

test('optimised policies say the same of clearance as lowered ones', () => {
  const classes = ['public', 'internal', 'confidential', 'restricted'];
  for (const [rank, clearance] of classes.entries()) {
    const written = `profile: { name: a, clearance: ${clearance} }`;
    for (const text of [written, `${institution}${written}`]) {
      const { lowered, policy } = compile('policy.yaml', text, nodeHost, { maximumMilliseconds: 0 });
      assert.ok(lowered !== undefined && policy !== undefined);
      assert.equal([lowered, policy].map(clearanceOf), [BigInt(rank), BigInt(rank)]);
    }
  }
});

test('nobody launches what is classified above their clearance, and what is not classified under no institution', () => {
  const outcome = (person: string, metadata: string) => {
    const policy = combineLaunches([governed(person), template(metadata)]);
    const facts = launchFacts(policy);
    const rest: Record<string, string | boolean> = { lifecycle: 'active', signature: 'absent', launched: 'python-ml' };
    const attribute = (name: string) => facts(name) ?? rest[name];
    const verdict = decide(policy.decisions[0]!, { attribute, parameter: () => undefined });
    return verdict === undefined ? 'unknown' : verdict.effect.kind;
  };
  const classes = ['public', 'internal', 'confidential', 'restricted'];
  for (const [held, clearance] of classes.entries()) {
    for (const [needed, classification] of classes.entries()) {
      const metadata = `{ data_classification: ${classification} }`;
      const expected = needed <= held ? 'allow' : 'deny';
      assert.is(outcome(`${institution}profile: { clearance: ${clearance} }`, metadata), expected);
      assert.is(outcome(`profile: { clearance: ${clearance} }`, metadata), expected);
    }
  }
  assert.is(outcome(`${institution}profile: { clearance: restricted }`, '{}'), 'unknown');
  assert.is(outcome('profile: { max_daily_budget: 5, denied_templates: [other] }', '{}'), 'unknown');
  assert.is(outcome('profile: { denied_templates: [other] }', '{ data_classification: restricted }'), 'allow');
});

test('frameworks and rules of data are those that the template names', () => {
  const policy = combineLaunches([
    governed('profile: { name: lab, required_frameworks: [HIPAA, FERPA] }'),
    template('{ compliance_frameworks: [HIPAA], data_handling: [no_phi], data_classification: internal }'),
  ]);
  const facts = launchFacts(policy);
  assert.equal(
    ['profile', 'template', 'classification', 'framework:HIPAA', 'framework:FERPA', 'data:no_phi', 'data:no_pii'].map(
      facts,
    ),
    ['lab', 'python-ml', 1n, true, false, true, false],
  );
  assert.is(facts('instance_type'), undefined);
  const alone = launchFacts(combineLaunches([governed('profile: { name: lab, required_frameworks: [HIPAA] }')]));
  assert.equal(['template', 'classification', 'framework:HIPAA'].map(alone), [undefined, undefined, undefined]);
});

test('a name is refused by a list that denies it or does not have it, and by nothing else', () => {
  const refusal = (text: string, name: string) => refusalOf(combineLaunches([governed(text)]), name)?.topic;
  assert.is(refusal('profile: { allowed_templates: ["python-*"] }', 'python-ml'), undefined);
  assert.is(refusal('profile: { allowed_templates: ["python-*"] }', 'r-basic'), 'profile.allowed_templates');
  assert.is(refusal('profile: { template_blacklist: [python-ml] }', 'python-ml'), 'profile.template_blacklist');
  assert.is(
    refusal(`institution: { template_lifecycle: { retired: [old-*] } }`, 'old-ml'),
    'institution.template_lifecycle.retired',
  );
  // Cost and clearance are not about names.
  assert.is(refusal(`${institution}profile: { max_hourly_cost: 0.1, clearance: public }`, 'python-ml'), undefined);
});

run();
