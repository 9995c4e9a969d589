import type { NamedDocument } from '../guardrail/format.ts';
import type { BudgetPlan, BudgetTargets } from './plan.ts';

/**
 * An AWS CloudFormation template for one account: the deny policies, and for each of them an action of a budget that is
 * there already (AWS::IAM::ManagedPolicy, AWS::Budgets::BudgetsAction).
 */
export function budgetTemplate(plan: BudgetPlan, targets: BudgetTargets, documents: readonly NamedDocument[]): string {
  const resources: Record<string, unknown> = {};
  documents.forEach(({ name, document }, index) => {
    resources[`Deny${index}`] = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { ManagedPolicyName: name, PolicyDocument: JSON.parse(document) },
    };
    for (const type of plan.notifications) {
      resources[`${type === 'ACTUAL' ? 'Actual' : 'Forecasted'}${index}`] = {
        Type: 'AWS::Budgets::BudgetsAction',
        Properties: {
          BudgetName: { Ref: 'BudgetName' },
          NotificationType: type,
          ActionType: 'APPLY_IAM_POLICY',
          ActionThreshold: { Type: 'ABSOLUTE_VALUE', Value: plan.threshold },
          ApprovalModel: plan.approval,
          ExecutionRoleArn: { Ref: 'ExecutionRoleArn' },
          Subscribers: [{ Type: 'SNS', Address: plan.topic ?? { Ref: 'SubscriberTopicArn' } }],
          Definition: {
            IamActionDefinition: {
              PolicyArn: { Ref: `Deny${index}` },
              ...(targets.roles.length === 0 ? {} : { Roles: targets.roles }),
              ...(targets.users.length === 0 ? {} : { Users: targets.users }),
            },
          },
        },
      };
    }
  });
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Parameters: {
      BudgetName: { Type: 'String', Description: 'The budget, with a cost filter for what the policy is about' },
      ExecutionRoleArn: { Type: 'String', Description: 'The role as which AWS Budgets attaches the policies' },
      ...(plan.topic === undefined
        ? { SubscriberTopicArn: { Type: 'String', Description: 'The SNS topic that is told' } }
        : {}),
    },
    Resources: resources,
  };
  return `${JSON.stringify(template, undefined, 2)}\n`;
}
