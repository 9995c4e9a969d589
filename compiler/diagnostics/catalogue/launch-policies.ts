import { entries } from '../entry.ts';

/** What of a launch's limits is larger than IAM and EC2 take. */
export const launchPolicySizes = entries({
  POL7320: {
    severity: 'error',
    message: 'the launch role needs {count} managed policies: a role can have {limit}',
    help: 'write patterns such as `t3.*` in place of long lists of instance types',
    explanation:
      'A managed policy holds 6,144 characters, and a role has so many of them as the quota of the account says. The role allows each instance type twice: to be launched, and to be what an instance is changed into.',
  },
  POL7321: {
    severity: 'error',
    message: '`{topic}` does not fit into a managed policy of {limit} characters',
    help: 'name what is allowed in place of what is denied: lists of what is allowed are divided over policies',
    explanation:
      'What a statement refuses it has to hold as a whole, since whatever one statement of several allows is allowed. A list of what is denied is therefore never divided.',
  },
  POL7322: {
    severity: 'warning',
    message: '`{topic}` names {count} accounts: Allowed AMIs takes 200, so it is left to the launch role alone',
    help: 'launch only through the role, or allow images of fewer accounts',
    explanation:
      'The declarative policy for Allowed AMIs binds every launch in the organisation, whoever launches; a criterion of it names at most 200 accounts. Without it only those who launch with the role are bound.',
  },
});
