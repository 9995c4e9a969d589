import { list, object, optional, required, requiredUnless } from '../../schema/collections.ts';
import { enumeration, flag, number, text } from '../../schema/scalars.ts';
import type { Decoded, Located, Shape } from '../../schema/shape.ts';
import { acceptance } from '../acceptance.ts';
import { region } from '../aws-region.ts';
import { accountId } from './account-id.ts';
import { actionPattern } from './action-pattern.ts';
import { costService, timeZone } from './names.ts';
import { principalArn, principalPattern } from './principal.ts';
import { endTime, eventAge, rateChange, startTime } from './quantities.ts';
import { managedPolicyArn, topicArn } from './resource-arns.ts';
import { tests } from './tests.ts';
import { webhookParameter } from './webhook-parameter.ts';

/** More than anybody spends, so that what is written stays a finite number. */
const amount = number({ integer: false, minimum: 0, maximum: 1e15 });

const tag = object({
  key: required(
    text('a tag key', { source: '[^\\u0000-\\u001f]{1,128}', doc: '1 to 128 characters' }),
    'The key of the tag; case counts.',
    'Environment',
  ),
  value: required(
    text('a tag value', { source: '[^\\u0000-\\u001f]{0,256}', doc: 'at most 256 characters' }),
    'The value of the tag; case counts.',
    'dev',
  ),
});

const match = {
  source: required(
    list(
      enumeration(
        'a source of cost events',
        {
          budgets: 'AWS Budgets: an actual or forecast amount crossed an alert threshold',
          anomaly: 'AWS Cost Anomaly Detection',
        },
        { forecast: 'budgets', threshold: 'budgets', cad: 'anomaly', spike: 'anomaly' },
      ),
    ),
    'Where the events come from that the policy responds to.',
    '[budgets, anomaly]',
  ),
  account_ids: required(
    list(accountId),
    'The accounts whose spending the policy responds to, each 12 digits in quotes.',
    '["123456789012"]',
  ),
  min_amount_usd: required(
    amount,
    'The least amount in US dollars that the policy responds to, itself included. 0 is any amount.',
    '200',
  ),
  max_amount_usd: optional(
    amount,
    'The greatest amount in US dollars that the policy responds to, itself included. Absent or `null`: no bound.',
    '1000',
  ),
  services: optional(
    list(costService),
    'The services that are spent on; a name stands for all that Cost Explorer calls services of its family. Absent: any.',
    '["Amazon Elastic Compute Cloud"]',
  ),
  regions: optional(list(region), 'The regions in which is spent. Absent: any.', '[us-east-1]'),
  cost_rate_change: optional(
    rateChange,
    'By how many percent the amount exceeds the mean of the earlier periods of the same budget or service.',
    '">200%"',
  ),
  forecast_overage: optional(
    flag,
    'True: only amounts that are forecast. False: only amounts that have been spent. Absent: both.',
    'true',
  ),
  tags: optional(
    list(tag),
    'Tags of what is spent on; every one must fit. Absent: any.',
    '[{ key: Environment, value: dev }]',
  ),
};

const scope = {
  principals: required(
    list(
      object({
        type: required(
          enumeration(
            'a type of principal',
            { iam_role: 'a role', iam_user: 'a user' },
            { 'assumed-role': 'iam_role', 'instance-profile': 'iam_role' },
          ),
          'What the ARN names.',
          'iam_role',
        ),
        arn: required(
          principalArn,
          'The ARN of one role or user, without wildcards.',
          'arn:aws:iam::123456789012:role/ci-deployer',
        ),
      }),
    ),
    'The roles and users that are restricted. It may be empty in `mode: dry_run`, or where every action is `notify_only`.',
    '[{ type: iam_role, arn: "arn:aws:iam::123456789012:role/ci-deployer" }]',
  ),
  regions: optional(
    list(region),
    'The regions in which the actions of a deny list are denied. Absent: all.',
    '[ap-northeast-1]',
  ),
};

const action = {
  type: required(
    enumeration(
      'a type of action',
      {
        attach_deny_policy: 'attach a managed policy that denies the actions under `deny`',
        set_permission_boundary: 'make `boundary_arn` the permissions boundary of the principals',
        send_sns: 'publish to the topic `topic_arn`',
        notify_only: 'nothing besides the notification, which is sent in any case',
      },
      {
        'attach-policy': 'attach_deny_policy',
        block: 'attach_deny_policy',
        quarantine: 'attach_deny_policy',
        'set-boundary': 'set_permission_boundary',
        publish: 'send_sns',
        alert: 'notify_only',
        none: 'notify_only',
        slack: 'notify_only',
      },
    ),
    'What is done.',
    'attach_deny_policy',
  ),
  deny: optional(
    list(actionPattern),
    'Of `attach_deny_policy`: the actions that are denied, by their names in IAM; `*` and `?` stand for characters of the name.',
    '["ec2:RunInstances", "ec2:CreateNatGateway"]',
  ),
  boundary_arn: optional(
    managedPolicyArn,
    'Of `set_permission_boundary`: the managed policy that becomes the boundary.',
    'arn:aws:iam::123456789012:policy/guardrails-boundary',
  ),
  topic_arn: optional(topicArn, 'Of `send_sns`: the topic.', 'arn:aws:sns:us-east-1:123456789012:escalation'),
};

const notify = {
  slack_webhook_ssm_param: required(
    webhookParameter,
    'The SSM parameter that holds the URL of the incoming webhook.',
    '/guardrails/slack_webhook',
  ),
  channel_hint: optional(
    text('a channel', { source: '[^\\u0000-\\u001f]{1,80}', doc: 'at most 80 characters on one line' }),
    'The channel, for people to read: an incoming webhook posts where it was made for.',
    '"#cost-alerts"',
  ),
  mention_users: optional(
    list(
      text('a mention', { source: '[^\\u0000-\\u001f<>]{1,80}|<[@!#][\\w^|@.-]{1,80}>', doc: 'a Slack id or a name' }),
    ),
    'Who is mentioned: Slack ids such as `U012AB3CD` (a user) and `S012AB3CD` (a group), or `@here`; any other name is shown as text.',
    '[U012AB3CD]',
  ),
};

const window = {
  start: required(startTime, 'When the window begins, in 24 hours.', '"09:00"'),
  end: required(
    endTime,
    'When it is over. Earlier than `start`: on the next day, and the window belongs to the day on which it began.',
    '"17:00"',
  ),
  timezone: required(timeZone, 'The zone whose wall clock is meant.', 'Asia/Tokyo'),
  days: optional(
    list(
      enumeration('a day of the week', {
        mon: 'Monday',
        tue: 'Tuesday',
        wed: 'Wednesday',
        thu: 'Thursday',
        fri: 'Friday',
        sat: 'Saturday',
        sun: 'Sunday',
      }),
    ),
    'The days on which the window begins. Absent: every day.',
    '[mon, tue, wed, thu, fri]',
  ),
};

const exceptions = {
  accounts: optional(list(accountId), 'Accounts whose spending never calls for a response.', '["999888777666"]'),
  principals: optional(
    list(principalPattern),
    'Principals that are left alone, by ARN; `*` and `?` stand for characters of one part of the ARN.',
    '["arn:aws:iam::*:role/admin"]',
  ),
  time_windows: optional(
    list(object(window)),
    'Times at which the policy does not respond.',
    '[{ start: "09:00", end: "17:00", timezone: Asia/Tokyo, days: [mon, tue, wed, thu, fri] }]',
  ),
};

const policy = {
  policy_id: requiredUnless(
    'extends',
    text('a policy id', {
      source: '[A-Za-z0-9_][A-Za-z0-9_-]{0,127}',
      doc: 'letters, digits, `-` and `_`, at most 128',
    }),
    'The name of the policy, of its file, and of its folder in the output.',
    'ci-quarantine',
  ),
  description: optional(text('a description'), 'What the policy is for, for people to read.', 'quarantine the CI role'),
  enabled: optional(
    flag,
    'False switches the policy off: it is checked, and does nothing. So does a folder `disabled/` around it. Default: true.',
    'true',
  ),
  mode: requiredUnless(
    'extends',
    enumeration(
      'a mode',
      {
        dry_run: 'tell what would be done, and do nothing',
        manual: 'ask, and act when a person approves within an hour',
        auto: 'act, and tell',
      },
      {
        audit: 'dry_run',
        monitor: 'dry_run',
        observe: 'dry_run',
        simulate: 'dry_run',
        test: 'dry_run',
        approval: 'manual',
        approve: 'manual',
        ask: 'manual',
        enforce: 'auto',
      },
    ),
    'How far a response goes by itself.',
    'dry_run',
  ),
  ttl_minutes: requiredUnless(
    'extends',
    number({ integer: true, minimum: 0, maximum: 5_256_000 }),
    'The minutes after which the response is taken back. 0: a person takes it back.',
    '180',
  ),
  max_event_age: optional(
    eventAge,
    'How old an event may be for `mode: auto` to act on it. On an older one, or one without a date, the policy only tells. Default: `72h`.',
    '72h',
  ),
  match: requiredUnless(
    'extends',
    object(match),
    'The cost events that the policy responds to: those for which every condition holds.',
    '{ source: [budgets], account_ids: ["123456789012"], min_amount_usd: 200 }',
  ),
  scope: requiredUnless('extends', object(scope), 'What the response restricts.', '{ principals: [] }'),
  actions: requiredUnless('extends', list(object(action)), 'What the response is.', '[{ type: notify_only }]'),
  notify: requiredUnless(
    'extends',
    object(notify),
    'Who is told.',
    '{ slack_webhook_ssm_param: /guardrails/slack_webhook }',
  ),
  exceptions: optional(object(exceptions), 'What is left alone.', '{ accounts: ["999888777666"] }'),
  accept: optional(
    list(acceptance),
    'Rules that may stay unenforced on the target, each with a reason.',
    '[{ loss: match.services, because: we map budgets to services }]',
  ),
  tests,
};

/** The shape of a policy with all that it extends put in. */
export const shape: Shape<Decoded<typeof policy>> = object(policy);

/** What `extends` names. */
export const baseFile = text('a file name beside the policy');

export type GuardrailDocument = Decoded<typeof policy>;
export type MatchDocument = Decoded<typeof match>;
export type ActionDocument = Decoded<typeof action>;
export type WindowDocument = Decoded<typeof window>;
export type { Located };
