import { report } from '../../diagnostics/report.ts';
import { type Decision, decisionAt, type Obligation, type Rule } from '../../ir/policy.ts';
import { validateBudgetsAction } from '../../verify/budgets-action/index.ts';
import type { Coverage, PlacedBackend } from '../backend.ts';
import { denyCoverage, denyProblems } from '../iam/coverage.ts';
import { denyDocuments } from '../iam/deny-documents.ts';
import { managedQuota } from '../iam/index.ts';
import { type BudgetPlan, budgetPlan } from './plan.ts';
import { budgetTemplate } from './template.ts';

/** Actions of AWS Budgets that attach the deny policies, for an account that runs no guardrail runtime. */
export const budgetsAction: PlacedBackend = {
  name: 'budgets-action',
  summary: 'CloudFormation templates with actions of AWS Budgets',
  byDefault: false,
  applies: (policy) => decisionAt(policy, 'cost-event')?.otherwise.effect.kind === 'deny',
  emit(policy, { aws }, surroundings) {
    const cost = decisionAt(policy, 'cost-event')!;
    const denied = decisionAt(policy, 'aws-request');
    const plan = budgetPlan(policy);
    if (typeof plan === 'string' || denied === undefined) {
      const reason = typeof plan === 'string' ? plan : 'the policy denies nothing';
      const span = cost.otherwise.origin.span;
      return { artifacts: [], coverage: [], diagnostics: [report('POL6052', span, { reason })], summary: '' };
    }
    const quota = managedQuota(aws);
    const made = denyDocuments(denied, policy.name, quota, surroundings);
    return {
      artifacts: [...plan.accounts].map(([account, targets]) => ({
        path: `${account}.json`,
        content: budgetTemplate(plan, targets, made.documents),
        sourceMap: made.documents.flatMap(({ sourceMap }, index) =>
          sourceMap.map(({ at, rule, span }) => ({
            at: `/Resources/Deny${index}/Properties/PolicyDocument${at}`,
            rule,
            span,
          })),
        ),
      })),
      coverage: [
        ...denyCoverage(denied, made, managed),
        ...cost.rules.map((rule) => ruleCoverage(rule, plan)),
        answerOf(cost, plan),
        ...policy.obligations.map((obligation) => obligationCoverage(obligation, plan)),
      ],
      diagnostics: denyProblems(denied, made, quota, managed),
      summary: `${plan.accounts.size} account${plan.accounts.size === 1 ? '' : 's'}`,
    };
  },
  validate: (policy, { aws }, artifacts, surroundings) =>
    validateBudgetsAction(policy, artifacts, managedQuota(aws), surroundings),
};

const managed = { what: 'a managed policy', many: 'managed policies', holder: 'a role or user' };

function ruleCoverage(rule: Rule, { held }: BudgetPlan): Coverage {
  const answer = held.get(rule);
  if (answer === undefined) {
    return { rule: rule.id, status: 'none', lost: 'an action has one threshold, and neither windows nor conditions' };
  }
  return { rule: rule.id, status: answer.lost === undefined ? 'full' : 'partial', ...answer };
}

function answerOf({ otherwise }: Decision, { accounts }: BudgetPlan): Coverage {
  return {
    rule: otherwise.id,
    status: 'partial',
    enforced: 'AWS Budgets attaches the policies when a budget passes the threshold',
    lost: `anomalies, and spending in another account than the principal's (${[...accounts.keys()].join(', ')})`,
  };
}

function obligationCoverage(obligation: Obligation, plan: BudgetPlan): Coverage {
  const { id } = obligation;
  switch (obligation.kind) {
    case 'respond':
      return { rule: id, status: 'full', enforced: `approval ${plan.approval.toLowerCase()}` };
    case 'attach-deny': {
      const [, , , , account = ''] = obligation.principal.split(':');
      return plan.accounts.has(account)
        ? { rule: id, status: 'full', enforced: 'attached by AWS Budgets' }
        : { rule: id, status: 'none', lost: `the policy does not watch the account ${account}` };
    }
    case 'publish':
      return obligation.topicArn === plan.topic
        ? { rule: id, status: 'full', enforced: 'the subscriber of the action' }
        : { rule: id, status: 'none', lost: 'an action has one SNS topic' };
    case 'expire':
      return { rule: id, status: 'none', lost: 'a person reverses the action: AWS Budgets knows no minutes' };
    default:
      return {
        rule: id,
        status: 'none',
        lost: 'an action of AWS Budgets attaches policies and tells a topic, no more',
      };
  }
}
