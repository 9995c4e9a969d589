import { list, mapping, object, optional } from '../../schema/collections.ts';
import { flag, number, text } from '../../schema/scalars.ts';
import type { Decoded } from '../../schema/shape.ts';
import { count, countOrShare, percent } from './amount.ts';
import { window } from './window.ts';

export const model = text('a model', {
  source: '[^\\s"\'\\\\]{1,256}',
  doc: 'at most 256 characters without spaces, quotes and backslashes; `*` stands for any',
});

const tokenFields = {
  token_limit_per_hour: optional(countOrShare, 'The tokens in an hour.', '12500'),
  token_limit_per_day: optional(countOrShare, 'The tokens in 24 hours.', '25%'),
  token_limit_per_month: optional(countOrShare, 'The tokens in a month.', '2500000'),
};

const limitFields = {
  ...tokenFields,
  burst_limit: optional(countOrShare, 'The requests in one `rate_limit_window`.', '20'),
};

const nearBudgetFields = {
  at: optional(percent, 'The part of the budget from which these limits hold; `80%` where it is absent.', '80%'),
  ...limitFields,
  per_user: optional(
    object(limitFields),
    'What each user of the team may use then, in place of what `per_user` says.',
    '{ token_limit_per_hour: 1000 }',
  ),
};

export const settingFields = {
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
  per_user: optional(
    object(limitFields),
    "What each user of a team may use: a number, or a share of the team's limit such as `25%`.",
    '{ token_limit_per_hour: 25% }',
  ),
  per_model: optional(
    mapping(model, object(tokenFields)),
    "What a team may use of a model, counted apart from the team's other tokens; of a name with `*`, of each such model.",
    '{ "*premium*": { token_limit_per_hour: 5000 } }',
  ),
  near_budget: optional(
    object(nearBudgetFields),
    'What holds in place of the limits of the same names once most of the budget is spent.',
    '{ at: 80%, token_limit_per_hour: 1000 }',
  ),
};

export type SettingName = keyof typeof settingFields;
export type Settings = Decoded<typeof settingFields>;

/** A limit that teams, users, models and what is left of a budget may have; those of tokens first. */
export type LimitName = keyof typeof limitFields;
export type TokenLimitName = keyof typeof tokenFields;
