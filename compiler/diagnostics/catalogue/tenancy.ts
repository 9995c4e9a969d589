import { entries } from '../entry.ts';
import { configMapExample, tenancyExample } from './tenancy-example.ts';

const good = tenancyExample();
const template = configMapExample('  tier-standard-policy.yaml: |\n    token_limit_per_hour: 50000\n');

/** The form of a tenancy policy. */
export const tenancySchema = entries({
  POL2100: {
    severity: 'error',
    message: 'nothing says at which gateway or route the policy holds',
    help: 'add `targets` with the namespace and the name of a gateway or a route',
    explanation:
      'Requests are decided and counted at a Gateway or an HTTPRoute of the Gateway API. The policy, or a file that it includes, names at least one under `targets`.',
    bad: 'tiers: { standard: { token_limit_per_hour: 50000 } }\n',
    good,
  },
  POL2101: {
    severity: 'error',
    message: 'this target is a gateway and a route at once',
    help: 'write two targets, each an item of the list',
    explanation:
      'A policy of Kuadrant is attached to one object. A route belongs to a gateway already, so a target names the one or the other.',
    bad: tenancyExample({
      targets: '[{ gateway: { namespace: llm, name: web }, route: { namespace: llm, name: models } }]',
    }),
    good,
  },
  POL2102: {
    severity: 'error',
    message: '`{what}` is said twice',
    help: 'keep one of the two',
    explanation:
      'Files that a policy includes are joined to one. What two of them say would depend on the order in which they are read, so it is refused.',
    bad: `${tenancyExample()}---\ntiers: { standard: { token_limit_per_hour: 60000 } }\n`,
    good: `${tenancyExample()}---\ntiers: { premium: { token_limit_per_hour: 60000 } }\n`,
  },
  POL2103: {
    severity: 'error',
    message: 'tiers are read from a ConfigMap, and this is `{found}`',
    help: 'include a ConfigMap, or a file with `tiers:` or `teams:`',
    explanation:
      'Of the objects of Kubernetes a tenancy policy reads only a ConfigMap whose keys are tiers: `tier-standard-policy.yaml` and `platform-default-policy.yaml`.',
    bad: configMapExample('  tier-standard-policy.yaml: "burst_limit: 10"\n', 'Secret'),
    good: template,
  },
  POL2104: {
    severity: 'error',
    message: 'the value of `{key}` is {found}, and a ConfigMap holds texts',
    help: 'put `|` after the colon, so that what follows is a text',
    explanation:
      'The API server refuses a ConfigMap whose data is no text. The `|` makes the indented lines below it one text, which then is read as YAML.',
    bad: configMapExample('  tier-standard-policy.yaml:\n    token_limit_per_hour: 50000\n'),
    good: template,
  },
  POL2105: {
    severity: 'error',
    message: 'the {kind} `{name}` is a target already',
    help: 'remove one of the two',
    explanation:
      'Of two policies of one kind that are attached to one object only one is in force. A target stands once.',
    bad: tenancyExample({
      targets: '[{ route: { namespace: llm, name: models } }, { route: { namespace: llm, name: models } }]',
    }),
    good,
  },
});

/** Names that a tenancy policy uses. */
export const tenancyNames = entries({
  POL3140: {
    severity: 'error',
    message: 'there is no tier `{name}`',
    help: 'write one of the tiers that there are: {known}',
    explanation:
      'A team has what its tier has, and what a tier does not say may come from the one that it extends. A tier that nobody describes allows nothing.',
    bad: tenancyExample({ teams: '{ blue: { tier: premium } }' }),
    good,
  },
  POL3141: {
    severity: 'error',
    message: 'no tier is read from the key `{key}`',
    help: 'name the key `tier-NAME-policy.yaml`, or `platform-default-policy.yaml` for what holds for every tier',
    explanation:
      'The tiers of a ConfigMap are told from the names of its keys. A key of another name would be passed over, and its limits with it.',
    bad: configMapExample('  standard-policy.yaml: "burst_limit: 10"\n'),
    good: template,
  },
  POL3142: {
    severity: 'error',
    message: 'no tier allows the model `{model}`',
    help: 'allow it in a tier, or list what the platform serves under `models`',
    explanation:
      'A model that a team or a user is allowed and that no tier knows is most often misspelt, and then the team is refused what it was promised. Where a model is meant for single teams, `models` says that it is served.',
    bad: tenancyExample({
      tiers: '{ standard: { models_allowed: [qwen3] } }',
      teams: '{ blue: { tier: standard, overrides: { models_allowed: [qwen4] } } }',
    }),
    good: tenancyExample({
      tiers: '{ standard: { models_allowed: [qwen3] } }',
      teams: '{ blue: { tier: standard, overrides: { models_allowed: [qwen4] } } }',
      more: 'models: [qwen3, qwen4]',
    }),
  },
  POL3143: {
    severity: 'error',
    message: 'the tier calls itself `{name}`, and its key says `{key}`',
    help: 'write the same name in both places',
    explanation:
      'The name of a tier stands in the key of the ConfigMap, `tier-NAME-policy.yaml`, and may be repeated in the text. Teams are looked up by it, so the two must agree.',
    bad: configMapExample('  tier-standard-policy.yaml: "tier: premium"\n'),
    good: template,
  },
  POL3144: {
    severity: 'error',
    message: 'the platform serves no model `{model}`',
    help: 'write one of those under `models`, or add it there',
    explanation: 'Where `models` lists what the platform serves, every model that somebody is allowed is one of them.',
    bad: tenancyExample({ tiers: '{ standard: { models_allowed: [qwen4] } }', more: 'models: [qwen3]' }),
    good: tenancyExample({ tiers: '{ standard: { models_allowed: [qwen3] } }', more: 'models: [qwen3]' }),
  },
});

/** Types of a tenancy policy. */
export const tenancyTypes = entries({
  POL4140: {
    severity: 'error',
    message: '`{value}` cannot be the name of {noun}: {why}',
    help: 'write at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends',
    explanation:
      'Tiers, teams and users are told by labels of the Secrets that hold the API keys, and the API server refuses a label with any other value. An address such as `alice@example.com` needs a short name in its place.',
    bad: tenancyExample({ teams: '{ blue: { tier: standard, users: { alice@example.com: {} } } }' }),
    good: tenancyExample({ teams: '{ blue: { tier: standard, users: { alice: {} } } }' }),
  },
});

/** What a tenancy policy means. */
export const tenancyMeaning = entries({
  POL5170: {
    severity: 'error',
    message: 'nobody writes what is spent, so this budget can never be enforced',
    help: 'name who does with `spend_writer: NAME`, set `enable_budget_enforcement: false`, or accept the loss of `budget_usd_monthly`',
    explanation:
      'A budget is compared with what an annotation of the key says was spent. Kubernetes and Kuadrant do not write it: a pipeline that reads the usage does. The policy names it, so that nobody relies on a budget that nothing measures.',
    bad: tenancyExample({ tiers: '{ standard: { budget_usd_monthly: 500 } }' }),
    good: tenancyExample({
      tiers: '{ standard: { budget_usd_monthly: 500 } }',
      more: 'spend_writer: usage-pipeline',
    }),
  },
  POL5171: {
    severity: 'error',
    message: 'the team `{team}` is of the tier `{tier}` and of `{other}`',
    help: 'keep one of the two',
    explanation: 'A team has one tier, which its keys name in a label. Two files, or two documents, give it two.',
    bad: `${tenancyExample({ tiers: '{ standard: { burst_limit: 5 }, premium: { burst_limit: 9 } }' })}---\nteams: { blue: { tier: premium } }\n`,
    good: `${tenancyExample({ tiers: '{ standard: { burst_limit: 5 }, premium: { burst_limit: 9 } }' })}---\nteams: { red: { tier: premium } }\n`,
  },
  POL5172: {
    severity: 'error',
    message: 'these tiers extend each other in a circle: {circle}',
    help: 'remove one `extends`',
    explanation:
      'A tier that extends another has what that one says and it does not. In a circle no tier is the one that says it.',
    bad: tenancyExample({
      tiers: '{ standard: { extends: premium }, premium: { extends: standard, burst_limit: 9 } }',
    }),
    good: tenancyExample({ tiers: '{ standard: { burst_limit: 5 }, premium: { extends: standard, burst_limit: 9 } }' }),
  },
  POL5173: {
    severity: 'warning',
    message: 'this limit is used up before `{field}`, which is {amount} in a shorter window',
    help: 'make the limit of the longer window at least as large, or remove the other',
    explanation:
      'What is used within the shorter window counts in the longer one too. So the limit of the shorter one can never be reached, and is most often a slip of a digit.',
    bad: tenancyExample({ tiers: '{ standard: { token_limit_per_hour: 50000, token_limit_per_day: 5000 } }' }),
    good: tenancyExample({ tiers: '{ standard: { token_limit_per_hour: 50000, token_limit_per_day: 500000 } }' }),
  },
  POL5174: {
    severity: 'error',
    message: 'the rate limiter knows no months',
    help: 'add `months_as_hours: 720` to count a month as 30 days, or remove the limit',
    explanation:
      'A window of Kuadrant is a fixed number of hours, and months differ in length: a window that stands for one drifts away from the calendar. With `months_as_hours` the policy says which length is meant.',
    bad: tenancyExample({ tiers: '{ standard: { token_limit_per_month: 1000000 } }' }),
    good: tenancyExample({ tiers: '{ standard: { token_limit_per_month: 1000000 } }', more: 'months_as_hours: 720' }),
  },
  POL5175: {
    severity: 'warning',
    message: 'this window limits nothing: there is no `burst_limit` that counts in it',
    help: 'add `burst_limit`, or remove the window',
    explanation:
      '`rate_limit_window` is the window in which `burst_limit` counts requests. By itself it means nothing.',
    bad: tenancyExample({ tiers: '{ standard: { rate_limit_window: 1m } }' }),
    good: tenancyExample({ tiers: '{ standard: { rate_limit_window: 1m, burst_limit: 100 } }' }),
  },
  POL5176: {
    severity: 'warning',
    message: 'there is no budget to enforce',
    help: 'add `budget_usd_monthly`, or remove the key',
    explanation: 'Neither this place nor any that it falls back to says what may be spent in a month.',
    bad: tenancyExample({ tiers: '{ standard: { enable_budget_enforcement: true } }' }),
    good: tenancyExample({ tiers: '{ standard: { burst_limit: 5 } }' }),
  },
  POL5178: {
    severity: 'error',
    message: '`models_allowed` is an empty list, which allows no model at all',
    help: 'list the models, or remove the key to allow every one',
    explanation: 'An empty list is not the same as no list: whoever it holds for could use nothing.',
    bad: tenancyExample({ tiers: '{ standard: { models_allowed: [] } }' }),
    good: tenancyExample({ tiers: '{ standard: { models_allowed: [qwen3] } }' }),
  },
  POL5179: {
    severity: 'warning',
    message: 'nobody is allowed the model `{model}`',
    help: 'allow it in a tier, or remove it',
    explanation: 'The platform serves the model, and every request for it is refused.',
    bad: tenancyExample({ tiers: '{ standard: { models_allowed: [qwen3] } }', more: 'models: [qwen3, qwen4]' }),
    good: tenancyExample({ tiers: '{ standard: { models_allowed: ["qwen*"] } }', more: 'models: [qwen3, qwen4]' }),
  },
  POL5180: {
    severity: 'error',
    message: '`{share}` is a share of a `{field}` that nobody has',
    help: 'add `{field}` for the team, its tier or the platform, or write a number',
    explanation:
      'A share of a limit is a part of what the team has: of its own `overrides`, its tier, or `platform_default`. None of them says this limit.',
    bad: tenancyExample({ tiers: '{ standard: { per_user: { burst_limit: 25% } } }' }),
    good: tenancyExample({ tiers: '{ standard: { burst_limit: 100, per_user: { burst_limit: 25% } } }' }),
  },
  POL5181: {
    severity: 'error',
    message: 'nothing tells when the budget is nearly spent, so this limit never holds',
    help: 'add `budget_usd_monthly` and `spend_writer: NAME`, or remove `near_budget`',
    explanation:
      'What `near_budget` says holds from a part of the budget on. That needs a budget that is enforced, and somebody who writes what was spent of it into the annotations of the keys.',
    bad: tenancyExample({ tiers: '{ standard: { burst_limit: 100, near_budget: { burst_limit: 10 } } }' }),
    good: tenancyExample({
      tiers: '{ standard: { burst_limit: 100, budget_usd_monthly: 500, near_budget: { burst_limit: 10 } } }',
      more: 'spend_writer: usage-pipeline',
    }),
  },
  POL5182: {
    severity: 'warning',
    message: 'this limit of {amount} is no lower than `{field}`, which is {most}',
    help: 'write a lower number, or remove the limit',
    explanation:
      'What each user may use, and what may be used near the end of the budget, is meant to be less than what holds for the team as a whole, or at other times. Otherwise it limits nothing, or allows more just when less is left.',
    bad: tenancyExample({ tiers: '{ standard: { burst_limit: 100, per_user: { burst_limit: 100 } } }' }),
    good: tenancyExample({ tiers: '{ standard: { burst_limit: 100, per_user: { burst_limit: 25 } } }' }),
  },
  POL5183: {
    severity: 'warning',
    message: '`near_budget` limits nothing',
    help: 'add a limit such as `token_limit_per_hour: 20%`, or remove the key',
    explanation: 'It says from which part of the budget on other limits hold, and which. Here is neither.',
    bad: tenancyExample({ tiers: '{ standard: { burst_limit: 100, near_budget: {} } }' }),
    good: tenancyExample({ tiers: '{ standard: { burst_limit: 100 } }' }),
  },
});
