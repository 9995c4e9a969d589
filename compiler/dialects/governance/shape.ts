import { list, object, oneOf, optional, requiredUnless } from '../../schema/collections.ts';
import { enumeration, flag, number, text } from '../../schema/scalars.ts';
import type { Decoded, Shape } from '../../schema/shape.ts';
import { accountId } from '../guardrail/account-id.ts';
import { tests } from '../launch-tests.ts';
import { classification, line } from '../template/names.ts';
import { templateSource } from '../template-source.ts';
import { budgetFields, limitFields } from './limit-fields.ts';
import { launchedName } from './names.ts';

const name = optional(line('a name'), 'The name. Default: that of the file.', 'State University');

const description = optional(line('a description'), 'What it is for, for people to read.', 'the first-year course');

const identifier = text('a name', {
  source: '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}',
  doc: 'letters, digits, `.`, `-` and `_`, at most 128',
});

const days = number({ integer: true, minimum: 1, maximum: 36_500 });

const lifecycle = {
  deprecated: optional(list(launchedName), 'Templates that people are told to leave.', '[python-ml-v1]'),
  refuse_deprecated: optional(flag, 'True: those are not launched any more. Default: false.', 'true'),
  retired: optional(list(launchedName), 'Templates that are not launched any more.', '[python2-basic]'),
};

const images = {
  owners: optional(list(accountId), 'The accounts whose images may be launched. Absent: any.', '["123456789012"]'),
  max_age_days: optional(days, 'The age in days beyond which an image is not launched.', '90'),
  newest_base: optional(
    flag,
    'True: an image is not launched once there is a newer base image. Default: false.',
    'true',
  ),
  passed_scan: optional(
    flag,
    'True: only images whose last vulnerability scan passed are launched. Default: false.',
    'true',
  ),
};

const audit = {
  enabled: optional(
    flag,
    'Whether each launch has to be recorded with every step of its decision. False asks for no record; `polc launch` keeps one all the same. Default: true.',
    'true',
  ),
  retention_days: optional(
    days,
    'For how many days the records have to be kept at least: polc removes none by itself. Absent: for ever.',
    '2555',
  ),
};

const institution = {
  name,
  description,
  allowed_sources: optional(
    list(templateSource),
    'Where the templates that may be launched are from. Absent: anywhere.',
    '[institutional, departmental]',
  ),
  approval_required: optional(
    oneOf(flag, list(templateSource)),
    'True: each launch needs a signed approval that has not expired. A list: those of templates from these sources do.',
    '[external]',
  ),
  required_signature: optional(
    flag,
    'True: templates and images without a valid signature are not launched. One with an invalid signature never is. Default: false.',
    'true',
  ),
  signature_required: optional(flag, 'The same as `required_signature`. Where both are written, both hold.', 'true'),
  trusted_authorities: optional(
    list(line('an authority')),
    'Whose signatures count, by the names of the trust store. Absent: those of every authority in it.',
    '[University IT Security]',
  ),
  security_classification: optional(
    classification,
    'The highest classification that may be launched at all. Absent: restricted.',
    'confidential',
  ),
  compliance_frameworks: optional(
    list(line('a compliance framework')),
    'The same as `required_frameworks`. Where both are written, both hold.',
    '[HIPAA]',
  ),
  budget_limits: optional(
    object(budgetFields),
    'What people may spend; the same keys may stand beside the others.',
    '{ max_hourly_cost: 1.00, max_monthly_budget: 500 }',
  ),
  ...limitFields,
  template_lifecycle: optional(
    object(lifecycle),
    'Templates that are on their way out.',
    '{ deprecated: [python-ml-v1], retired: [python2-basic] }',
  ),
  images: optional(object(images), 'Which images may be launched.', '{ max_age_days: 90 }'),
  audit_logging: optional(object(audit), 'What is recorded.', '{ enabled: true, retention_days: 2555 }'),
};

const clearances = {
  clearance: optional(
    classification,
    'The highest classification that people may launch. Absent: under an institution `public`, and without one any.',
    'internal',
  ),
  security_clearance: optional(
    classification,
    'The same as `clearance`. Where both are written, both hold.',
    'internal',
  ),
};

const profile = {
  name: optional(identifier, 'The name, which templates and `--profile` use. Default: that of the file.', 'cs101'),
  description,
  ...clearances,
  compliance_level: optional(classification, 'The same as `clearance`. Where both are written, both hold.', 'internal'),
  institutional_policy_id: optional(
    line('the name of an institution'),
    'The institution whose policy the profile is under. Where `institution` is not there, or is another one, the profile is wrong.',
    'state-university',
  ),
  ...limitFields,
};

const invitation = {
  name,
  description,
  type: optional(
    enumeration(
      'a type of invitation',
      {
        read_only: 'whoever accepts it launches, and changes nothing of the profile',
        read_write: 'may also narrow the profile that it makes',
        admin: 'may also invite others',
      },
      { readonly: 'read_only', viewer: 'read_only', write: 'read_write', editor: 'read_write', owner: 'admin' },
    ),
    'What whoever accepts it may do with the profile. Default: `read_only`.',
    'read_only',
  ),
  expires: requiredUnless(
    'valid_days',
    text('a time', {
      source: '\\d{4}-[01]\\d-[0-3]\\d(T[0-2]\\d:[0-5]\\d:[0-5]\\d(\\.\\d{1,3})?Z)?',
      doc: 'a date, or an instant in UTC such as 2027-01-31T12:00:00Z',
    }),
    'When its tokens expire: at the end of a day, or at an instant, in UTC.',
    '"2027-01-31"',
  ),
  valid_days: optional(days, 'The days after which a token expires, from when it is made.', '120'),
  max_uses: optional(
    number({ integer: true, minimum: 1, maximum: 1_000_000 }),
    'How often one token may be accepted. Absent: any number of times.',
    '40',
  ),
  device_binding: optional(
    flag,
    'Whether what was accepted on one device is of no use on another. Default: true.',
    'true',
  ),
  policy_inheritance: optional(
    flag,
    'True, as it always is: what the profile may not, whoever is invited to it may not.',
    'true',
  ),
  ...clearances,
  compliance_required: optional(
    list(line('a compliance framework')),
    'The same as `required_frameworks`. Where both are written, both hold.',
    '[HIPAA]',
  ),
  ...limitFields,
};

const fileName = text('a file name beside the policy');

const document = {
  institution: optional(
    oneOf(fileName, object(institution)),
    'The policy of the institution, or the file that has it.',
    'state-university.yaml',
  ),
  profile: optional(oneOf(fileName, object(profile)), 'A profile, or the file that has it.', '{ name: cs101 }'),
  invitation: optional(
    object(invitation),
    'An invitation to the profile, which narrows what the profile may.',
    '{ name: CS101 Class, expires: "2027-01-31" }',
  ),
  tests,
};

/** The shape of one file: the parts from the widest to the narrowest. */
export const shape: Shape<Decoded<typeof document>> = object(document);

export type GovernanceDocument = Decoded<typeof document>;
export type InstitutionDocument = Decoded<typeof institution>;
export type ProfileDocument = Decoded<typeof profile>;
export type InvitationDocument = Decoded<typeof invitation>;
export type LimitsDocument = Decoded<typeof limitFields>;
export type BudgetsDocument = Decoded<typeof budgetFields>;
