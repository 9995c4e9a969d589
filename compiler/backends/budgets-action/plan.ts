import { decisionAt, type Policy, type Rule } from '../../ir/policy.ts';
import { requirementOf } from '../eventbridge/requirements.ts';

/** What AWS Budgets can be told of a policy. */
export interface BudgetPlan {
  /** US dollars that the budget must pass. */
  readonly threshold: number;
  readonly notifications: readonly ('ACTUAL' | 'FORECASTED')[];
  readonly approval: 'AUTOMATIC' | 'MANUAL';
  /** By account: the names of its roles and users. Accounts that are let pass have none. */
  readonly accounts: ReadonlyMap<string, BudgetTargets>;
  /** At most one, as AWS Budgets takes it. */
  readonly topic: string | undefined;
  /** The rules that the plan holds, and how. */
  readonly held: ReadonlyMap<Rule, Held>;
}

export interface Held {
  readonly enforced: string;
  readonly lost?: string;
}

export interface BudgetTargets {
  readonly roles: readonly string[];
  readonly users: readonly string[];
}

/** The plan, or why AWS Budgets cannot act for the policy. */
export function budgetPlan(policy: Policy): BudgetPlan | string {
  const rules = decisionAt(policy, 'cost-event')?.rules ?? [];
  const held = new Map<Rule, Held>();
  let threshold = 0;
  let notifications: BudgetPlan['notifications'] = ['ACTUAL', 'FORECASTED'];
  let isWanted = (_account: string) => true;
  for (const rule of rules) {
    const required = requirementOf(rule);
    if (required?.kind === 'amount' && required.operator.startsWith('>')) {
      threshold = Math.max(threshold, required.bound);
      held.set(rule, { enforced: `a threshold of ${required.bound} USD` });
    } else if (required?.kind === 'forecast') {
      notifications = notifications.filter((type) => (type === 'FORECASTED') === required.is);
      held.set(rule, { enforced: 'by the kind of notification' });
    } else if (required?.kind === 'among' || required?.kind === 'none-of') {
      const { attribute, values, kind } = required;
      const takes = (value: string) => values.includes(value) === (kind === 'among');
      if (attribute === 'source' && !takes('budgets')) return 'the policy responds to anomalies only';
      if (attribute === 'account') {
        const before = isWanted;
        isWanted = (account) => before(account) && takes(account);
        const lost = 'spending in one account does not bind principals of another';
        const enforced = 'templates for the accounts that are watched';
        held.set(rule, kind === 'among' && values.length > 1 ? { enforced, lost } : { enforced });
      } else if (attribute === 'source') {
        const lost = 'AWS Budgets knows no anomalies';
        held.set(rule, takes('anomaly') ? { enforced: 'budgets', lost } : { enforced: 'budgets' });
      }
    }
  }
  if (decisionAt(policy, 'aws-request') === undefined) return 'the policy denies nothing';
  const respond = policy.obligations.find(({ kind }) => kind === 'respond');
  const mode = respond?.kind === 'respond' ? respond.mode : 'dry-run';
  if (mode === 'dry-run') return '`dry_run` only tells';
  const accounts = targetsByAccount(policy, isWanted);
  if (accounts.size === 0) return 'no principal is in an account that the policy watches';
  const topics = policy.obligations.flatMap((each) => (each.kind === 'publish' ? [each.topicArn] : []));
  const approval = mode === 'auto' ? 'AUTOMATIC' : 'MANUAL';
  return { threshold, notifications, approval, accounts, topic: topics[0], held };
}

/** `arn:aws:iam::ACCOUNT:role/PATH/NAME`: AWS Budgets takes the name, without its path. */
function targetsByAccount(
  { obligations }: Policy,
  isWanted: (account: string) => boolean,
): ReadonlyMap<string, BudgetTargets> {
  const found = new Map<string, { roles: string[]; users: string[] }>();
  for (const each of obligations) {
    if (each.kind !== 'attach-deny') continue;
    const [, , , , account = '', resource = ''] = each.principal.split(':');
    if (!isWanted(account)) continue;
    const targets = found.get(account) ?? { roles: [], users: [] };
    found.set(account, targets);
    const name = resource.slice(resource.lastIndexOf('/') + 1);
    (resource.startsWith('user/') ? targets.users : targets.roles).push(name);
  }
  return new Map([...found].sort());
}
