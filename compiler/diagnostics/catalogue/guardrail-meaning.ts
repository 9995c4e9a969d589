import { entries } from '../entry.ts';
import { denying, guardrailExample } from './guardrail-example.ts';

const good = guardrailExample();
const otherAccount = '["123456789012", "210987654321"]';
const twoRegions = 'regions: [us-east-1]';
const office = (window: string) => `{ time_windows: [{ ${window} }] }`;

/** What a guardrail means, and what it cannot. */
export const guardrailMeaning = entries({
  POL5030: {
    severity: 'error',
    message: 'max_amount_usd must be greater than min_amount_usd',
    help: 'swap the two, or remove `max_amount_usd`',
    explanation: 'Both bounds belong to the range. An event would have to be below the one and above the other.',
    bad: guardrailExample({ least: '500', match: 'max_amount_usd: 200' }),
    good: guardrailExample({ least: '200', match: 'max_amount_usd: 500' }),
  },
  POL5032: {
    severity: 'warning',
    message: 'a least amount of 0 calls for a response to every event',
    help: 'set the amount from which you want a response, or use `mode: dry_run` to be told only',
    explanation:
      'Every alert of every budget has an amount of at least 0. That is fine for being told, and rarely for acting.',
    bad: guardrailExample({ least: '0' }),
    good,
  },
  POL5033: {
    severity: 'error',
    message: '`principals` is empty, and an action restricts principals',
    help: 'name the roles and users to restrict, or use `mode: dry_run`, or actions that only tell',
    explanation: 'A response that restricts nobody looks like protection and is none.',
    bad: guardrailExample({ principals: '[]' }),
    good,
  },
  POL5034: {
    severity: 'error',
    message: '`actions` is empty',
    help: 'to be told and nothing else, write one action of the type `notify_only`',
    explanation: 'A policy says what its response is, also where that is only a notification.',
    bad: guardrailExample({ actions: '[]' }),
    good: guardrailExample({ actions: '[{ type: notify_only }]' }),
  },
  POL5035: {
    severity: 'error',
    message: 'dangerous action `{action}` is not allowed in a deny list',
    help: 'deny the actions that create cost; name them one by one where a wildcard stands for this one too',
    explanation:
      'Deny lists hold actions that start spending. Actions that delete data stay out of them, however they are spelled: in other case, or meant by a wildcard such as `s3:*`. A deny list is for reading at a glance, and who finds a deletion in one has to wonder which way round it is meant; and a principal that may not delete goes on paying for what it keeps.',
    bad: guardrailExample({ actions: denying('s3:DeleteBucket') }),
    good,
  },
  POL5036: {
    severity: 'warning',
    message:
      'requests of {actions} are made to `{region}` wherever they come from, so with `scope.regions` they are {effect}',
    help: 'deny it in a policy of its own without `scope.regions`',
    explanation:
      '`scope.regions` becomes a condition on the region that a request is made to. Requests to global services are made to one region, wherever the caller and the resource are.',
    bad: guardrailExample({ actions: denying('iam:CreateUser'), scope: 'regions: [eu-west-1]' }),
    good: guardrailExample({ scope: 'regions: [eu-west-1]' }),
  },
  POL5037: {
    severity: 'warning',
    message: '`{action}` is denied, but {siblings} can do the same and still pass',
    help: 'deny them too, or leave them on purpose and say so in a suppression',
    explanation:
      'Many ways lead to the same bill: instances start from RunInstances, from a fleet, from a spot request or from a group of Auto Scaling. Who is denied one takes another.',
    bad: guardrailExample({ actions: denying('ec2:RunInstances') }),
    good,
  },
  POL5038: {
    severity: 'error',
    message: 'the window ends when it begins',
    help: 'correct one of the times; a whole day is `00:00` to `24:00`',
    explanation:
      'A window holds the times from its start up to its end, the end not included. With both the same it could mean no time or a whole day.',
    bad: guardrailExample({ exceptions: office('start: "09:00", end: "09:00", timezone: UTC, days: [mon]') }),
    good: guardrailExample({ exceptions: office('start: "09:00", end: "17:00", timezone: UTC, days: [mon]') }),
  },
  POL5039: {
    severity: 'hint',
    message: 'the window has no `days`, so it is meant for every day',
    help: 'write `days: [mon, tue, wed, thu, fri]`, or all seven to say so',
    explanation: 'A window without days begins on every day of the week, Saturday and Sunday too.',
    bad: guardrailExample({ exceptions: office('start: "09:00", end: "17:00", timezone: UTC') }),
    good: guardrailExample({ exceptions: office('start: "09:00", end: "17:00", timezone: UTC, days: [mon]') }),
  },
  POL5040: {
    severity: 'warning',
    message: 'the exception of `{account}` never applies: events of this account are not looked at',
    help: 'remove it, or add the account to `match.account_ids`',
    explanation:
      'An exception takes accounts out of those that `match.account_ids` names. One that is not there is dead, and may be a slip of the other list.',
    bad: guardrailExample({ exceptions: '{ accounts: ["999888777666"] }' }),
    good: guardrailExample({ accounts: otherAccount, exceptions: '{ accounts: ["210987654321"] }' }),
  },
  POL5041: {
    severity: 'warning',
    message: 'the exception `{pattern}` never applies: no principal of the scope has this form',
    help: 'remove it, or correct the pattern; `*` stands for characters of one part of the ARN',
    explanation:
      'An exception takes principals out of `scope.principals`. Parts of an ARN are compared one by one, between their colons.',
    bad: guardrailExample({ exceptions: '{ principals: ["arn:aws:iam::*:role/admin"] }' }),
    good,
  },
  POL5042: {
    severity: 'warning',
    message: 'every principal is exempt, so the response restricts nobody',
    help: 'narrow the exceptions, or remove the principals from the scope',
    explanation: 'An exempt principal leaves the plan. With none left nothing is done besides telling.',
    bad: guardrailExample({ exceptions: '{ principals: ["arn:aws:iam::*:role/ci-*"] }' }),
    good,
  },
  POL5043: {
    severity: 'hint',
    message: '`{arn}` is exempt and left alone',
    help: 'remove it from the scope, or narrow the exception',
    explanation: 'A principal that an exception names leaves the plan, although the scope names it.',
    bad: guardrailExample({ exceptions: '{ principals: ["arn:aws:iam::*:role/ci-*"] }' }),
    good,
  },
  POL5044: {
    severity: 'warning',
    message: 'the response never ends by itself: `ttl_minutes` is 0',
    help: 'set the minutes after which it is taken back, or plan who takes it back',
    explanation:
      'With 0, what the response attached stays until a person takes it back with `polc guardrail rollback`.',
    bad: guardrailExample({ ttl: '0' }),
    good,
  },
  POL5045: {
    severity: 'warning',
    message: 'the policy is called `{id}`, and its file is not',
    help: 'name the file `{file}`, or correct `policy_id`',
    explanation:
      'One policy is one file, named after its id, so that people find it by the name that notifications show.',
    bad: guardrailExample().replace('policy_id: policy', 'policy_id: ci-quarantine'),
    good,
  },
  POL5046: {
    severity: 'hint',
    message: 'the policy is switched off: it is checked, and responds to nothing',
    help: 'set `enabled: true` and keep it out of folders named `disabled` to use it',
    explanation:
      '`enabled: false`, or a folder `disabled/` around the file, switches a policy off without deleting it. It is still checked, so that it works on the day it is needed.',
    bad: guardrailExample({ more: 'enabled: false' }),
    good,
  },
  POL5047: {
    severity: 'warning',
    message: '`{field}` is unknown for every event of {source}, so the policy never acts by itself',
    help: 'remove the condition, or use another source',
    explanation:
      'A notification of AWS Budgets names the account, the budget and amounts, and neither a service, a region nor a tag; an anomaly names no tag. Where a condition asks for what an event does not say, whether it holds is unknown. An unknown match is reported, and nothing acts on it. A map of budgets (`--budget-map`) says what each budget is for.',
    bad: guardrailExample({ source: '[budgets]', match: 'services: [Amazon EC2]' }),
    good: guardrailExample({ source: '[anomaly]', match: 'services: [Amazon EC2]' }),
  },
  POL5048: {
    severity: 'warning',
    message: 'the policy never responds: {why}',
    help: 'correct one of the places, or switch the policy off with `enabled: false`',
    explanation: 'What the policy says excludes every event that there could be.',
    bad: guardrailExample({ exceptions: '{ accounts: ["123456789012"] }' }),
    good: guardrailExample({ accounts: otherAccount, exceptions: '{ accounts: ["210987654321"] }' }),
  },
  POL5049: {
    severity: 'error',
    message: '`{key}` is an empty list, which nothing fits',
    help: 'fill the list, or remove the key if it is not required',
    explanation: 'An empty list is not the same as no list: no event, no request and no day is among none.',
    bad: guardrailExample({ match: 'services: []' }),
    good,
  },
  POL5050: {
    severity: 'hint',
    message: 'this entry adds nothing to another one',
    help: 'remove one of the two',
    explanation:
      'Case does not count in the names of actions, a wildcard stands for many of them, and a service may have several names. One entry is enough.',
    bad: guardrailExample({ actions: denying('sqs:CreateQueue', 'sqs:createqueue') }),
    good,
  },
  POL5051: {
    severity: 'error',
    message: '`overrides` stands without `extends`',
    help: 'write the keys at the top level, or name the policy to build on: `extends: base.yaml`',
    explanation:
      '`overrides` says what differs from the policy that `extends` names. Without one there is nothing to override.',
    bad: guardrailExample({ more: 'overrides: { description: spikes }' }),
    good,
  },
  POL5052: {
    severity: 'error',
    message: '`{key}` is written at the top level and under `overrides`',
    help: 'remove one of the two',
    explanation: 'Both places mean the same, so two values contradict each other.',
  },
  POL5054: {
    severity: 'error',
    message: 'a principal has one permissions boundary, and this is a second one',
    help: 'keep one of the two, or join them in one managed policy',
    explanation: 'IAM holds one permissions boundary for a role or user. The second would replace the first.',
    bad: guardrailExample({
      actions:
        '[{ type: set_permission_boundary, boundary_arn: "arn:aws:iam::123456789012:policy/a" }, { type: set_permission_boundary, boundary_arn: "arn:aws:iam::123456789012:policy/b" }]',
    }),
    good: guardrailExample({
      actions: '[{ type: set_permission_boundary, boundary_arn: "arn:aws:iam::123456789012:policy/a" }]',
    }),
  },
  POL5055: {
    severity: 'hint',
    message: '`notify_only` changes nothing beside an action that does something',
    help: 'remove it: people are told in any case',
    explanation: 'Every response notifies. `notify_only` is for policies that do nothing else.',
    bad: guardrailExample({
      actions: '[{ type: notify_only }, { type: attach_deny_policy, deny: ["sqs:CreateQueue"] }]',
    }),
    good: guardrailExample({ actions: '[{ type: notify_only }]' }),
  },
  POL5056: {
    severity: 'error',
    message: '`{key}` means nothing in an action of the type `{type}`',
    help: 'write an action of the type `{owner}` for it, or remove it',
    explanation: 'Each type of action has one key of its own. One that another type reads would be ignored in silence.',
    bad: guardrailExample({ actions: '[{ type: notify_only, deny: ["sqs:CreateQueue"] }]' }),
    good: guardrailExample({ actions: '[{ type: notify_only }]' }),
  },
  POL5057: {
    severity: 'error',
    message: 'the boundary is not in the account `{account}` of its principal',
    help: 'name a policy of that account, or one of AWS: `arn:aws:iam::aws:policy/NAME`',
    explanation:
      'IAM takes as a permissions boundary only a managed policy of the same account, or one that AWS manages.',
    bad: guardrailExample({
      actions: '[{ type: set_permission_boundary, boundary_arn: "arn:aws:iam::210987654321:policy/a" }]',
    }),
    good: guardrailExample({
      actions: '[{ type: set_permission_boundary, boundary_arn: "arn:aws:iam::123456789012:policy/a" }]',
    }),
  },
  POL5061: {
    severity: 'hint',
    message: '`{name}` is shown as text and tells nobody: it is no Slack id',
    help: 'write the id of the user or group, such as `U012AB3CD` or `S012AB3CD`, or `@here`',
    explanation:
      'Slack makes a mention of ids only. The id of a member stands in their profile, that of a group in the address of its page. A name stays in the message for people to read.',
    bad: guardrailExample({ notify: 'mention_users: ["@platform-team"]' }),
    good: guardrailExample({ notify: 'mention_users: [U012AB3CD]' }),
  },
  POL5062: {
    severity: 'hint',
    message: '`{channel}` does not look like a channel',
    help: 'write it like `"#cost-alerts"`, in quotes, since `#` begins a comment in YAML',
    explanation:
      'The channel is there for people to read: an incoming webhook posts to the channel that it was made for. Channels of Slack begin with `#` and have small letters, digits, `-` and `_`.',
    bad: guardrailExample({ notify: 'channel_hint: Cost Alerts' }),
    good: guardrailExample({ notify: 'channel_hint: "#cost-alerts"' }),
  },
  POL5063: {
    severity: 'warning',
    message: '`scope.regions` limits nothing, since no action denies',
    help: 'remove it, or write an action of the type `attach_deny_policy`',
    explanation: 'The regions of the scope limit what a deny list denies. Boundaries and notifications have no region.',
    bad: guardrailExample({ actions: '[{ type: notify_only }]', scope: twoRegions }),
    good: guardrailExample({ scope: twoRegions }),
  },
  POL5065: {
    severity: 'hint',
    message: '`{field}` is unknown for events of {source}, of which people are only told',
    help: 'remove the condition, or the source',
    explanation:
      'A notification of AWS Budgets names neither a service, a region nor a tag, and an anomaly names no tag. For the events of one of the sources whether the policy matches is unknown: they are reported, and nothing acts on them by itself.',
    bad: guardrailExample({ source: '[budgets, anomaly]', match: 'services: [Amazon EC2]' }),
    good: guardrailExample({ source: '[anomaly]', match: 'services: [Amazon EC2]' }),
  },
  POL5066: {
    severity: 'hint',
    message: 'no event says how fast costs change: it is unknown without earlier periods',
    help: 'give them with `--history FILE`',
    explanation:
      'The change is that of the amount against the mean of the earlier periods of the same budget or service. Where they are not known, whether the policy matches is unknown, and nothing acts by itself.',
    bad: guardrailExample({ match: 'cost_rate_change: ">200%"' }),
    good,
  },
  POL5067: {
    severity: 'warning',
    message: 'the principals are of the accounts {accounts}, and a response acts in one account',
    help: 'write a policy for each account, and run each in its account',
    explanation:
      'The runtime calls AWS with the credentials of one account, in which it finds no principal of another. A response is carried out whole or not at all, so this one never would be. `--emit budgets-action` has a template for each account.',
    bad: guardrailExample({
      principals:
        '[{ type: iam_role, arn: "arn:aws:iam::123456789012:role/a" }, { type: iam_role, arn: "arn:aws:iam::210987654321:role/b" }]',
    }),
    good,
  },
});
