import { entries } from '../entry.ts';
import { denying, guardrailExample, principal } from './guardrail-example.ts';

const good = guardrailExample();

/** Names of AWS that a guardrail uses. */
export const guardrailNames = entries({
  POL3060: {
    severity: 'error',
    message: 'no AWS service has the prefix `{service}`',
    help: 'write the prefix that the service has in IAM, such as `ec2` or `rds`',
    explanation:
      'An action is `SERVICE:ACTION`, where the service is the prefix of the Service Authorization Reference. A deny of a service that does not exist denies nothing, and IAM would say nothing about it.',
    bad: guardrailExample({ actions: denying('ec3:RunInstances') }),
    good,
  },
  POL3061: {
    severity: 'error',
    message: 'unknown action `{value}`',
    help: 'the Service Authorization Reference lists the actions of `{service}`',
    explanation:
      'IAM accepts any text as the name of an action, and a deny of a misspelt one denies nothing. Case does not count.',
    bad: guardrailExample({ actions: denying('ec2:RunInstnces') }),
    good,
  },
  POL3062: {
    severity: 'error',
    message: 'no action matches `{value}`',
    help: 'the Service Authorization Reference lists the actions of `{service}`',
    explanation:
      'The pattern stands for the actions of the service that have this form, and there are none: it would deny nothing.',
    bad: guardrailExample({ actions: denying('sqs:Make*') }),
    good: guardrailExample({ actions: denying('sqs:Create*') }),
  },
  POL3063: {
    severity: 'error',
    message: 'unknown service `{name}`',
    help: 'write the name as Cost Explorer shows it, such as `Amazon Elastic Compute Cloud - Compute`, or that of the family, such as `Amazon EC2`',
    explanation:
      'Cost events name services as Cost Explorer does, often several for one service: `Amazon Elastic Compute Cloud - Compute` and `EC2 - Other`. A name stands for its whole family. One that belongs to none would never be met.',
    bad: guardrailExample({ match: 'services: [Amazon EC3]' }),
    good: guardrailExample({ match: 'services: [Amazon EC2]' }),
  },
  POL3064: {
    severity: 'error',
    message: 'unknown region `{name}`',
    help: 'write the code of a region, such as `us-east-1`',
    explanation: 'A region that does not exist is never met in an event, and limits a deny to nowhere.',
    bad: guardrailExample({ match: 'regions: [us-esat-1]' }),
    good: guardrailExample({ match: 'regions: [us-east-1]' }),
  },
  POL3065: {
    severity: 'error',
    message: '`{region}` is a region of the partition `{partition}`, and the target is `{target}`',
    help: 'choose a region of `{target}`, or set the partition of the target: `partition={partition}`',
    explanation:
      'Accounts, principals and regions belong to one partition: the commercial one, that of China, or that of the government of the USA. Nothing in one of them reaches into another.',
    bad: guardrailExample({ match: 'regions: [cn-north-1]' }),
    good: guardrailExample({ match: 'regions: [us-east-1]' }),
  },
  POL3066: {
    severity: 'error',
    message: 'unknown time zone `{name}`',
    help: 'write a name of the IANA database, such as `Asia/Tokyo` or `UTC`',
    explanation:
      'A window of time is meant in the wall-clock time of its zone, daylight saving included. Offsets such as `+09:00` are not zones.',
    bad: guardrailExample({
      exceptions: '{ time_windows: [{ start: "09:00", end: "17:00", timezone: Asia/Tokio, days: [mon] }] }',
    }),
    good: guardrailExample({
      exceptions: '{ time_windows: [{ start: "09:00", end: "17:00", timezone: Asia/Tokyo, days: [mon] }] }',
    }),
  },
  POL3067: {
    severity: 'warning',
    message: '`{arn}` is of the partition `{partition}`, and the target is `{target}`',
    help: 'correct the ARN, or set the partition of the target: `partition={partition}`',
    explanation:
      'An ARN names its partition. Who acts with credentials of another one cannot reach what it names, so that the response would fail.',
    bad: guardrailExample({ principals: principal('arn:aws-cn:iam::123456789012:role/ci-deployer') }),
    good,
  },
});
