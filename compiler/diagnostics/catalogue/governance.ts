import { entries } from '../entry.ts';
import { governanceExample } from './governance-example.ts';

/** Names that governance policies use. */
export const governanceNames = entries({
  POL3220: {
    severity: 'error',
    message: 'no instance type fits `{pattern}`',
    help: 'write a family that EC2 has, such as `t3.*`',
    explanation:
      'In lists of instance types `*` stands for any characters and `?` for one. A pattern that fits none of the types in the table would allow or deny nothing.',
    bad: governanceExample({ profile: 'allowed_instance_types: ["tt3.*"]' }),
    good: governanceExample({ profile: 'allowed_instance_types: ["t3.*"]' }),
  },
  POL3221: {
    severity: 'error',
    message: '`{file}` has no `{part}`',
    help: 'name the file that has it',
    explanation:
      '`institution` and `profile` name a file in which the part of that name stands, with whatever limits it.',
  },
});

/** Values of governance policies. */
export const governanceTypes = entries({
  POL4220: {
    severity: 'error',
    message: '`{value}` is no time that there is',
    help: 'write a date of the calendar, such as `2027-01-31`, or an instant in UTC',
    explanation:
      'A token expires at the end of a day or at an instant. The calendar has no such day, or the day no such hour.',
    bad: governanceExample({ profile: 'clearance: internal', invitation: 'expires: "2027-02-30"' }),
    good: governanceExample({ profile: 'clearance: internal', invitation: 'expires: "2027-02-28"' }),
  },
});

/** What governance policies mean. */
export const governanceMeaning = entries({
  POL5340: {
    severity: 'error',
    message: '`{key}` is an empty list, which lets nothing be launched',
    help: 'name what may be launched, or remove the key to leave this unlimited',
    explanation:
      'A list of what is allowed refuses everything else, and an empty one everything. That is rarely meant: without the key nothing is limited.',
    bad: governanceExample({ profile: 'allowed_instance_types: []' }),
    good: governanceExample({ profile: 'allowed_instance_types: [t3.medium]' }),
  },
  POL5341: {
    severity: 'error',
    message: '`{key}` is 0, which lets nothing be launched',
    help: 'write the most that may be spent, or remove the key to leave this unlimited',
    explanation:
      'Programs that read such files often take 0 for no limit. Here it would be a limit that every instance exceeds. So it is refused.',
    bad: governanceExample({ profile: 'max_hourly_cost: 0' }),
    good: governanceExample({ profile: 'max_hourly_cost: 0.15' }),
  },
  POL5342: {
    severity: 'warning',
    message: '`{name}` is allowed here and denied as well, so it is denied',
    help: 'remove it from one of the two lists',
    explanation: 'What one list allows and another denies is not launched: a deny wins over every allow.',
    bad: governanceExample({ profile: 'allowed_templates: [python-ml, r-basic], denied_templates: ["python-*"]' }),
    good: governanceExample({ profile: 'allowed_templates: [r-basic], denied_templates: ["python-*"]' }),
  },
  POL5343: {
    severity: 'warning',
    message: '`{region}` is a region of the partition `{other}`, which nobody of `{partition}` reaches',
    help: 'remove it, or compile for its partition with `--target partition={other}`',
    explanation:
      'The regions of AWS, of AWS in China and of AWS GovCloud are apart: accounts and credentials of one partition are not known in another. So a launch from here never asks for that region.',
    bad: governanceExample({ profile: 'forbidden_regions: [us-gov-west-1]' }),
    good: governanceExample({ profile: 'forbidden_regions: [us-west-1]' }),
  },
  POL5344: {
    severity: 'error',
    message: 'an invitation without what its profile says would widen what the profile may',
    help: 'remove the line; narrow the invitation by limits of its own',
    explanation:
      'Who invites gives away no more than they hold. What the institution and the profile refuse is refused to whoever is invited to the profile, and no key changes that.',
    bad: governanceExample({
      profile: 'max_hourly_cost: 0.15',
      invitation: 'valid_days: 30, policy_inheritance: false',
    }),
    good: governanceExample({
      profile: 'max_hourly_cost: 0.15',
      invitation: 'valid_days: 30, policy_inheritance: true',
    }),
  },
  POL5345: {
    severity: 'warning',
    message: 'this limit has no effect, since that of the {part} is lower',
    help: 'lower it, or remove it',
    explanation:
      'Of the limits of an institution, a profile, an invitation, a template and an image the lowest holds. A narrower part never raises what a wider one says.',
    bad: governanceExample({ institution: 'max_hourly_cost: 0.2', profile: 'max_hourly_cost: 0.5' }),
    good: governanceExample({ institution: 'max_hourly_cost: 0.5', profile: 'max_hourly_cost: 0.2' }),
  },
  POL5346: {
    severity: 'warning',
    message: 'the {part} refuses {names}, whatever this list says',
    help: 'remove what is refused, or allow it there',
    explanation:
      'What may be launched is on the list of every part that has one. A name that a wider part refuses has no effect here.',
    bad: governanceExample({
      institution: 'allowed_instance_types: ["t3.*"]',
      profile: 'allowed_instance_types: [t3.medium, c5.large]',
    }),
    good: governanceExample({
      institution: 'allowed_instance_types: ["t3.*"]',
      profile: 'allowed_instance_types: [t3.medium]',
    }),
  },
  POL5347: {
    severity: 'error',
    message: 'nothing is left to launch: the {part} refuses everything on this list',
    help: 'name something that it allows, or allow one of these there',
    explanation:
      'What may be launched is on the list of every part that has one. These lists have nothing in common, so every launch would be refused.',
    bad: governanceExample({
      institution: 'allowed_instance_types: ["t3.*"]',
      profile: 'allowed_instance_types: [c5.large]',
    }),
    good: governanceExample({
      institution: 'allowed_instance_types: ["t3.*", c5.large]',
      profile: 'allowed_instance_types: [c5.large]',
    }),
  },
  POL5348: {
    severity: 'error',
    message: 'the profile is to be under the institution `{institution}`, and {found}',
    help: 'write `institution:` with the file of that institution, or correct the name',
    explanation:
      'A profile that names the institution whose policy it is under is wrong without it: read by itself it would let people launch what the institution refuses.',
    bad: governanceExample({ profile: 'institutional_policy_id: state-university' }),
    good: governanceExample({
      institution: 'max_hourly_cost: 1',
      profile: 'institutional_policy_id: state-university',
    }),
  },
});
