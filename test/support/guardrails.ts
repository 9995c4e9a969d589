import { nodeHost } from '../../cli/host.ts';
import type { Surroundings } from '../../compiler/backends/backend.ts';
import { hasWildcard } from '../../compiler/expressions/glob.ts';
import { and, attribute, inSet, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { ObligationBody } from '../../compiler/ir/obligation.ts';
import type { Decision, Obligation, Policy, Rule } from '../../compiler/ir/policy.ts';

/** Guardrails written as IR, for tests of what comes after the dialect. */

const file = 'guardrail.yaml';

export const surroundings: Surroundings = {
  sha256: nodeHost.sha256,
  position: ({ start }) => ({ line: 1 + Math.floor(start / 10), column: 1 + (start % 10), text: '' }),
};

/** One denying rule for each entry of a deny list, as the dialect lowers them. */
export function denying(actions: readonly string[], regions?: readonly string[]): Decision {
  return requestDecision(
    actions.map((action) => {
      const names = actionPredicate(action);
      return regions === undefined ? names : and(names, inSet(attribute('region'), regions));
    }),
  );
}

export function actionPredicate(action: string): Predicate {
  const lower = action.toLowerCase();
  return hasWildcard(lower)
    ? { kind: 'glob', term: attribute('action'), pattern: lower }
    : inSet(attribute('action'), [lower]);
}

export function requestDecision(denied: readonly Predicate[]): Decision {
  return {
    point: 'aws-request',
    combine: 'deny-overrides',
    rules: denied.map((when, index) => ({
      ...ruleOf('aws-request', index, `actions[0].deny[${index}]`, when),
      effect: { kind: 'deny' },
    })),
    otherwise: { ...node('aws-request/otherwise', 'actions', 900), effect: { kind: 'allow' } },
  };
}

/** What lets an event pass, by the field that says so. */
export function passing(conditions: readonly (readonly [topic: string, when: Predicate])[]): Decision {
  return {
    point: 'cost-event',
    combine: 'union-of-allows',
    rules: conditions.map(([topic, when], index) => ruleOf('cost-event', index, topic, when)),
    otherwise: { ...node('cost-event/otherwise', 'match', 950), effect: { kind: 'deny' } },
  };
}

export function oneOf(name: string, ...values: readonly string[]): Predicate {
  return inSet(attribute(name), values);
}

export function noneOf(name: string, ...values: readonly string[]): Predicate {
  return not(oneOf(name, ...values));
}

function amount(operator: '<' | '>', value: number): Predicate {
  return { kind: 'compare', operator, left: attribute('amount'), right: { kind: 'literal', value } };
}

export function guardrailOf(
  name: string,
  decisions: readonly (Decision | undefined)[],
  obligations: readonly ObligationBody[],
): Policy {
  return {
    name,
    decisions: decisions.filter((each) => each !== undefined),
    limits: [],
    obligations: obligations.map(
      (body, index): Obligation => ({ ...node(`obligation/${index}`, body.kind, 500 + index), ...body }),
    ),
  };
}

function ruleOf(point: string, index: number, topic: string, when: Predicate): Rule {
  return { ...node(`${point}/${index}`, topic, index), when, effect: { kind: 'allow' } };
}

function node(id: string, topic: string, start: number) {
  return { id, topic, origin: { span: { file, start, end: start + 1 } } };
}

export const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

const notify = { kind: 'notify', parameter: '/guardrails/slack_webhook', channel: '#alerts', mentions: [] } as const;
const computing = [
  'EC2 - Other',
  'Amazon Elastic Compute Cloud - Compute',
  'Amazon Elastic Compute Cloud',
  'Amazon EC2',
] as const;

/** The guardrails of the examples in the dialect's specification, and some that they have no example of. */
export const guardrails: Readonly<Record<string, Policy>> = {
  monitoring: guardrailOf(
    'free-tier-monitoring',
    [
      passing([
        ['match.source', noneOf('source', 'budgets')],
        ['match.account_ids', noneOf('account', '123456789012')],
        ['match.min_amount_usd', amount('<', 0)],
      ]),
    ],
    [{ kind: 'respond', mode: 'dry-run' }, notify],
  ),
  quarantine: guardrailOf(
    'ci-ec2-spike-manual',
    [
      passing([
        ['match.source', noneOf('source', 'anomaly', 'budgets')],
        ['match.account_ids', noneOf('account', '123456789012')],
        ['match.min_amount_usd', amount('<', 200)],
        ['match.services', noneOf('service', ...computing)],
      ]),
      denying(['ec2:RunInstances', 'ec2:CreateNatGateway']),
    ],
    [
      { kind: 'respond', mode: 'manual' },
      { kind: 'attach-deny', principal: role('ci-deployer') },
      notify,
      { kind: 'expire', afterMinutes: 180 },
    ],
  ),
  complete: guardrailOf(
    'budget-spike-ci-quarantine',
    [
      passing([
        [
          'exceptions.time_windows[0]',
          and(
            { kind: 'in-ranges', term: attribute('minute@Asia/Tokyo'), ranges: [{ low: 540n, high: 1019n }] },
            { kind: 'in-ranges', term: attribute('weekday@Asia/Tokyo'), ranges: [{ low: 0n, high: 4n }] },
          ),
        ],
        ['exceptions.accounts', oneOf('account', '999888777666')],
        ['match.source', noneOf('source', 'anomaly', 'budgets')],
        ['match.account_ids', noneOf('account', '123456789012')],
        ['match.min_amount_usd', amount('<', 200)],
        ['match.max_amount_usd', amount('>', 1000.5)],
        ['match.services', noneOf('service', ...computing)],
        ['match.regions', noneOf('region', 'us-east-1', 'ap-northeast-1')],
        [
          'match.forecast_overage',
          { kind: 'compare', operator: '==', left: attribute('forecast'), right: { kind: 'literal', value: false } },
        ],
        ['match.tags[0]', noneOf('tag:Environment', 'dev')],
      ]),
      denying(
        ['ec2:RunInstances', 'ec2:CreateNatGateway', 'ec2:CreateVpc', 'ec2:AllocateAddress', 'rds:Create*'],
        ['ap-northeast-1'],
      ),
    ],
    [
      { kind: 'respond', mode: 'auto' },
      { kind: 'attach-deny', principal: role('ci-deployer') },
      { kind: 'attach-deny', principal: 'arn:aws:iam::123456789012:user/dev-sandbox' },
      { kind: 'set-boundary', principal: role('ci-deployer'), boundary: 'arn:aws:iam::123456789012:policy/bound' },
      { kind: 'publish', topicArn: 'arn:aws:sns:us-east-1:123456789012:escalation' },
      { ...notify, mentions: ['@platform-team'] },
      { kind: 'expire', afterMinutes: 60 },
    ],
  ),
};
