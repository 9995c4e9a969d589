import { list, mapping, object, optional, required, requiredUnless } from '../../schema/collections.ts';
import { number, text } from '../../schema/scalars.ts';
import type { Decoded } from '../../schema/shape.ts';
import { acceptance } from '../acceptance.ts';
import { headerName, labelText, labelValue, metadataKey, namespace, objectName } from './kubernetes-names.ts';
import { model, type SettingName, type Settings, settingFields } from './setting-fields.ts';
import { tests } from './tests.ts';

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
  model_header: optional(
    object({
      name: required(headerName, 'The name of the header.', 'x-gateway-model-name'),
      set_by: required(
        text('a name'),
        'Who sets it from the body, in the place of whatever a client sent, before the filter of Kuadrant runs.',
        'body-based-router',
      ),
    }),
    "The request header that names the model. With it the authoriser decides about models; without, the gateway's filter.",
    '{ name: x-gateway-model-name, set_by: body-based-router }',
  ),
  accept: optional(
    list(acceptance),
    'What may stay unenforced, each with the reason.',
    '[{ loss: max_concurrent_requests, because: the models queue }]',
  ),
  tests,
};

/** A whole document, and each file that it includes. */
export const shape = object(documentFields);
export type TenancyDocument = Decoded<typeof documentFields>;

/** What a key of the ConfigMap holds: a tier, which may repeat its name. */
export const templateShape = object({
  tier: optional(labelValue('a tier'), 'The name of the tier.', 'standard'),
  ...tierFields,
});

export type { SettingName, Settings };
