import { entries } from '../entry.ts';
import { denying, guardrailExample, principal } from './guardrail-example.ts';

const good = guardrailExample();

/** Forms of account ids, ARNs and actions. */
export const guardrailTypes = entries({
  POL4060: {
    severity: 'error',
    message: '`{value}` is a number, and an account id is text',
    help: 'put the 12 digits in quotes: `"{value}"`',
    explanation:
      'YAML reads digits without quotes as a number, and whoever writes the file again may drop leading zeros. An account id is always 12 digits, so it stands in quotes.',
    bad: guardrailExample({ accounts: '[123456789012]' }),
    good,
  },
  POL4061: {
    severity: 'error',
    message: '`{value}` is not an account id',
    help: 'an account id is 12 digits in quotes, leading zeros included',
    explanation: 'Events name accounts by their 12 digits, so that no other text is ever met.',
    bad: guardrailExample({ accounts: '["1234-5678-9012"]' }),
    good,
  },
  POL4062: {
    severity: 'error',
    message: 'wildcard principals are not allowed in scope: `{value}`',
    help: 'name each role or user by its exact ARN',
    explanation:
      'A response changes what it names. With a wildcard it would change whatever has that form on the day, so every principal is named in full. Patterns are for `exceptions.principals`.',
    bad: guardrailExample({ principals: principal('arn:aws:iam::123456789012:role/*') }),
    good,
  },
  POL4063: {
    severity: 'error',
    message: '`{value}` is not the ARN of {what}: {why}',
    help: 'write it like `{example}`',
    explanation:
      'An ARN is `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. What a response changes must be named so that nothing else can be meant.',
    bad: guardrailExample({ principals: principal('arn:aws:iam:123456789012:role/ci-deployer') }),
    good,
  },
  POL4064: {
    severity: 'error',
    message: '`{value}` is a session of a role, to which no policy can be attached',
    help: 'name the role: `{role}`, with its path if it has one',
    explanation:
      'An `assumed-role` ARN stands in logs for one session. Policies are attached to the role, which all its sessions use.',
    bad: guardrailExample({ principals: principal('arn:aws:sts::123456789012:assumed-role/ci-deployer/build-7') }),
    good,
  },
  POL4065: {
    severity: 'error',
    message: '`{value}` is {what}',
    help: 'name the roles and users that spend',
    explanation:
      'A response attaches a managed policy to roles and users. The root user, groups, service-linked roles and roles that IAM Identity Center manages cannot be restricted in this way.',
    bad: guardrailExample({ principals: principal('arn:aws:iam::123456789012:root') }),
    good,
  },
  POL4066: {
    severity: 'error',
    message: '`{value}` is not an action',
    help: 'write it like `ec2:RunInstances`; `*` and `?` may stand for characters after the colon',
    explanation: 'An action is `SERVICE:ACTION`. IAM allows no wildcard in the name of the service.',
    bad: guardrailExample({ actions: denying('RunInstances') }),
    good,
  },
  POL4067: {
    severity: 'error',
    message: 'the type is `{type}`, and the ARN says `{right}`',
    help: 'write `type: {right}`, or correct the ARN',
    explanation:
      'Roles and users of one name are different principals. What the ARN names has to be what the type says.',
    bad: guardrailExample({ principals: principal('arn:aws:iam::123456789012:role/ci-deployer', 'iam_user') }),
    good,
  },
  POL4068: {
    severity: 'error',
    message: 'the URL of a webhook is a secret, and stands here for all to read',
    help: 'keep it in an SSM parameter of type SecureString, and write the name of that: `/guardrails/slack_webhook`; have Slack make another URL where this file was shared',
    explanation:
      'Whoever knows the URL of an incoming webhook can post to the channel in its name. A policy is kept with code, so it names the parameter that holds the URL.',
    bad: good.replace('/guardrails/slack_webhook', 'https://hooks.slack.com/services/T00/B00/XXX'),
    good,
  },
});
