import { list, mapping, object, optional, required, requiredUnless } from '../../schema/collections.ts';
import { flag, number, text } from '../../schema/scalars.ts';
import type { Decoded } from '../../schema/shape.ts';
import { acceptance } from '../acceptance.ts';
import { labelText, labelValue, metadataKey, namespace, objectName } from './kubernetes-names.ts';
import { window } from './window.ts';

/** More than any model reads, and exact in every engine that counts it. */
const count = number({ integer: true, minimum: 1, maximum: 1e15 });

const model = text('a model', {
  source: '[^\\s"\'\\\\]{1,256}',
  doc: 'at most 256 characters without spaces, quotes and backslashes; `*` stands for any',
});

const settingFields = {
  token_limit_per_hour: optional(count, 'The tokens that a team may use in an hour.', '50000'),
  token_limit_per_day: optional(count, 'The tokens that a team may use in 24 hours.', '500000'),
  token_limit_per_month: optional(
    count,
    'The tokens that a team may use in a month, whose length `months_as_hours` says.',
    '10000000',
  ),
  budget_usd_monthly: optional(
    number({ integer: false, minimum: 0.01, maximum: 1e12 }),
    'The US dollars that a team may spend in a month; what it has spent is written by the `spend_writer`.',
    '500',
  ),
  models_allowed: optional(
    list(model),
    'The models that a team may use; `*` stands for any characters. Absent, it may use every one.',
    '[simulator-model, "qwen3-*"]',
  ),
  rate_limit_window: optional(
    window,
    'The window in which `burst_limit` counts, such as `30s` or `1h`; one minute where it is absent.',
    '1m',
  ),
  burst_limit: optional(count, 'The requests that a team may make in one `rate_limit_window`.', '100'),
  max_concurrent_requests: optional(count, 'The requests that a team may have open at once.', '10'),
  enable_budget_enforcement: optional(
    flag,
    'Whether a team that has spent its budget is refused; it is where there is a budget and this is absent.',
    'true',
  ),
};

export type SettingName = keyof typeof settingFields;
export type Settings = Decoded<typeof settingFields>;

export const settingNames = Object.keys(settingFields);

const settings = object(settingFields);

const tierFields = {
  ...settingFields,
  extends: optional(labelValue('a tier'), 'The tier that says what this one leaves open.', 'standard'),
};

const tierShape = object(tierFields);
export type TierDocument = Decoded<typeof tierFields>;

const users = mapping(
  labelValue('a user'),
  object({
    overrides: optional(
      settings,
      'What holds for this user, counted apart, in place of what holds for the team: the keys of a tier.',
      '{ token_limit_per_hour: 12500 }',
    ),
  }),
);

const teamFields = {
  tier: required(labelValue('a tier'), 'The tier of the team, one of `tiers`.', 'standard'),
  overrides: optional(
    settings,
    'What holds for this team in place of what the tier says: the keys of a tier.',
    '{ burst_limit: 200 }',
  ),
  users: optional(users, 'Users of the team, by what their keys say of them.', '{ alice: {} }'),
};

export type TeamDocument = Decoded<typeof teamFields>;

const place = object({
  namespace: required(namespace, 'The namespace of the object.', 'llm'),
  name: required(objectName, 'The name of the object.', 'inference-gateway'),
  section: optional(
    objectName,
    'The listener of the gateway, or the rule of the route, where only one is meant.',
    'https',
  ),
});

const targetFields = {
  gateway: requiredUnless('route', place, 'A Gateway.', '{ namespace: llm, name: inference-gateway }'),
  route: optional(place, 'An HTTPRoute.', '{ namespace: llm, name: models }'),
};

export type TargetDocument = Decoded<typeof targetFields>;

const documentFields = {
  platform: optional(
    text('a name', { source: '[A-Za-z0-9._-]{1,63}', doc: 'at most 63 letters, digits, `-`, `_` and `.`' }),
    'The name of the policy; absent, that of the file.',
    'models',
  ),
  include: optional(
    list(text('a path')),
    'Further files, beside this one, that say a part of it: of this dialect, or a ConfigMap of tiers.',
    '[teams.yaml]',
  ),
  targets: optional(
    list(object(targetFields)),
    'The gateways and routes at which requests are decided and counted.',
    '[{ gateway: { namespace: llm, name: inference-gateway } }]',
  ),
  platform_default: optional(
    settings,
    'What holds where neither user nor team nor tier says anything: the keys of a tier.',
    '{ burst_limit: 20 }',
  ),
  tiers: optional(
    mapping(labelValue('a tier'), tierShape),
    'The tiers by name.',
    '{ standard: { token_limit_per_hour: 50000 } }',
  ),
  teams: optional(
    mapping(labelValue('a team'), object(teamFields)),
    'The teams by name.',
    '{ data-science: { tier: standard } }',
  ),
  models: optional(
    list(model),
    'The models that the platform serves; those that are allowed are looked for among them.',
    '[simulator-model, qwen3-0-6b-instruct]',
  ),
  months_as_hours: optional(
    number({ integer: true, minimum: 1, maximum: 8784 }),
    'The hours that a month is counted as, since the rate limiter knows no months.',
    '720',
  ),
  spend_writer: optional(
    text('a name'),
    'Who writes what each team has spent into the annotations of its keys. Without one no budget can be enforced.',
    'usage-pipeline',
  ),
  keys: optional(
    object({
      namespace: optional(namespace, 'The namespace of the Secrets; absent, that of the first target.', 'llm'),
      labels: optional(
        mapping(metadataKey, labelText),
        'The labels by which they are chosen.',
        '{ "kuadrant.io/apikeys-by": maas }',
      ),
    }),
    'The Secrets that hold the API keys.',
    '{ namespace: llm }',
  ),
  labels: optional(
    object({
      team: optional(metadataKey, 'The label that names the team.', 'maas/team-id'),
      user: optional(metadataKey, 'The label that names the user.', 'maas/user-id'),
      tier: optional(metadataKey, 'The label that names the tier.', 'maas/tier'),
    }),
    'The labels of those Secrets that say who makes a request.',
    '{ team: maas/team-id }',
  ),
  annotations: optional(
    object({
      budget: optional(metadataKey, 'The annotation that holds the budget in US dollars.', 'maas/budget-usd'),
      spent: optional(metadataKey, 'The annotation that holds what was spent of it.', 'maas/spend-current'),
    }),
    'The annotations of those Secrets.',
    '{ budget: maas/budget-usd }',
  ),
  accept: optional(
    list(acceptance),
    'What may stay unenforced, each with the reason.',
    '[{ loss: max_concurrent_requests, because: the models queue }]',
  ),
};

/** A whole document, and each file that it includes. */
export const shape = object(documentFields);
export type TenancyDocument = Decoded<typeof documentFields>;

/** What a key of the ConfigMap holds: a tier, which may repeat its name. */
export const templateShape = object({
  tier: optional(labelValue('a tier'), 'The name of the tier.', 'standard'),
  ...tierFields,
});
