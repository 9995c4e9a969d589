import type { Value } from '../expressions/predicate.ts';
import { classificationRank, launchFacts } from '../ir/launch-facts.ts';
import type { Policy } from '../ir/policy.ts';
import { allowOrDeny } from '../policy-tests/allow-or-deny.ts';
import { type Question, testsField } from '../policy-tests/policy-test.ts';
import { mapping, object, optional, required } from '../schema/collections.ts';
import { enumeration, flag, number, text } from '../schema/scalars.ts';
import type { Decoded } from '../schema/shape.ts';
import { region } from './aws-region.ts';
import { accountId } from './guardrail/account-id.ts';
import { classification, instanceType, line } from './template/names.ts';
import { templateSource } from './template-source.ts';

const dollars = number({ integer: false, minimum: 0, maximum: 1e9 });
const tagText = text('a tag', { source: '[^\\u0000-\\u001f]{0,256}', doc: 'at most 256 characters' });
const signature = enumeration('what a signature is', {
  valid: 'it is there, and whole',
  absent: 'nobody signed',
  invalid: 'what was signed is something else',
});

const launchFields = {
  template: optional(line('a template'), 'The template by its name.', 'python-ml'),
  image: optional(line('an image'), 'The image by its id or name, where one is launched.', 'chem-analysis-v2.1'),
  source: optional(templateSource, 'Where the template is from.', 'community'),
  owner: optional(accountId, 'The account that owns the image.', '"123456789012"'),
  instance_type: optional(instanceType, 'The instance type.', 't3.medium'),
  region: optional(region, 'The region.', 'us-west-2'),
  hourly_cost: optional(dollars, 'US dollars an hour that the instance costs.', '0.04'),
  daily_spend: optional(dollars, 'US dollars of this day, this instance included. Default: 0.', '4.50'),
  monthly_spend: optional(dollars, 'US dollars of this month, this instance included. Default: 0.', '120'),
  classification: optional(classification, 'Of the template. Default: what it says itself, or `public`.', 'internal'),
  signature: optional(signature, 'Of the template or image. Default: valid.', 'absent'),
  authority: optional(line('an authority'), 'Who signed.', 'University IT Security'),
  approved: optional(flag, 'Whether there is an approval. Default: true.', 'false'),
  encrypted: optional(flag, 'Whether every volume is encrypted. Default: true.', 'false'),
  image_age_days: optional(dollars, 'Days since the image was made. Default: 0.', '100'),
  tags: optional(
    mapping(tagText, tagText),
    'The tags that are asked for. Absent: all that are required.',
    '{ Course: CS101 }',
  ),
};

/** What nothing is wrong with, for a test that is about something else. */
const innocent: Readonly<Record<string, Value>> = {
  signature: 'valid',
  approved: true,
  lifecycle: 'active',
  encrypted: true,
  hourly_spend: 0,
  daily_spend: 0,
  monthly_spend: 0,
  classification: 0n,
  image_age: 0,
  base_outdated: false,
  scan: 'passed',
  invitation: 'valid',
};

/** What governance policies and templates can be asked. */
export const tests = testsField(
  {
    fields: {
      launch: optional(
        object(launchFields),
        'May this be launched? What is left out is in order where a default says so, and else unknown.',
        '{ template: python-ml, instance_type: t3.medium, region: us-west-2, hourly_cost: 0.04 }',
      ),
    },
    questions: { launch: [] },
    expect: required(allowOrDeny, 'The answer: `allow` or `deny`.', 'deny'),
    read({ launch }) {
      if (launch === undefined) return undefined;
      const said = launch.value;
      const question: Question = {
        kind: 'decision',
        point: 'launch',
        cases: (policy) => [{ where: '', attribute: launchAttributes(said, policy) }],
      };
      const words = [said.image ?? said.template, said.instance_type, said.region].flatMap((each) => each?.value ?? []);
      return { name: words.length === 0 ? 'a launch' : words.join(' in '), question };
    },
    answers: () => true,
  },
  '[{ launch: { template: python-ml, instance_type: t3.medium, hourly_cost: 0.04 }, expect: allow }]',
);

function launchAttributes(said: Decoded<typeof launchFields>, policy: Policy): (name: string) => Value | undefined {
  const own = launchFacts(policy);
  const template = said.template?.value ?? own('template');
  const given: Readonly<Record<string, Value | undefined>> = {
    template,
    launched: said.image?.value ?? template,
    source: said.source?.value,
    owner: said.owner?.value,
    instance_type: said.instance_type?.value,
    region: said.region?.value,
    hourly_cost: said.hourly_cost?.value,
    hourly_spend: said.hourly_cost?.value,
    daily_spend: said.daily_spend?.value,
    monthly_spend: said.monthly_spend?.value,
    classification: classificationRank(said.classification?.value),
    signature: said.signature?.value,
    authority: said.authority?.value,
    approved: said.approved?.value,
    encrypted: said.encrypted?.value,
    image_age: said.image_age_days?.value,
  };
  const tags = said.tags?.value;
  return (name) => {
    if (name.startsWith('tag:')) {
      const key = name.slice('tag:'.length);
      return tags === undefined ? 'any' : (tags.find((tag) => tag.key.value === key)?.value.value ?? '');
    }
    const known = given[name] ?? own(name) ?? innocent[name];
    if (known !== undefined) return known;
    return name.startsWith('framework:') || name.startsWith('data:') ? true : undefined;
  };
}
