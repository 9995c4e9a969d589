import type { Artifact, Surroundings, Validation } from '../../backends/backend.ts';
import type { DenyQuota } from '../../backends/iam/deny-documents.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import type { Value } from '../../expressions/predicate.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import { fields, GuardrailDifference, items, only, readText } from '../guardrail/read-predicate.ts';
import { validateDocuments } from '../iam/index.ts';
import { parseStrictJson } from '../strict-json.ts';

/**
 * Reads each template again: its policies deny what the policy denies, and its actions name the principals of their
 * account, the approval of the mode, and kinds of notification and a threshold at which the policy may respond.
 */
export function validateBudgetsAction(
  policy: Policy,
  artifacts: readonly Artifact[],
  quota: DenyQuota,
  surroundings: Pick<Surroundings, 'sha256'>,
): Validation {
  const method = 'every policy over all classes of requests, every field of every action';
  let compared = 0;
  for (const { path, content } of artifacts) {
    const account = path.replace(/\.json$/, '');
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    try {
      const documents = readTemplate(policy, account, text);
      const validation = validateDocuments(policy, documents, quota, surroundings);
      if (validation.counterexample !== undefined) throw new GuardrailDifference(validation.counterexample);
      compared += validation.compared + documents.length;
    } catch (problem) {
      const counterexample = `${path}: ${problem instanceof Error ? problem.message : 'unreadable'}`;
      return { status: 'refused', method, compared, counterexample };
    }
  }
  return { status: 'proven', method, compared };
}

interface ReadAction {
  readonly type: string;
  readonly threshold: number;
  readonly policy: string;
}

function readTemplate(policy: Policy, account: string, text: string): readonly { name: string; document: string }[] {
  const template = fields(parseStrictJson(text));
  only(template, ['AWSTemplateFormatVersion', 'Parameters', 'Resources']);
  if (template.AWSTemplateFormatVersion !== '2010-09-09') throw new GuardrailDifference('another format');
  const parameters = fields(template.Parameters);
  only(parameters, ['BudgetName', 'ExecutionRoleArn', 'SubscriberTopicArn']);
  for (const parameter of Object.values(parameters)) {
    if (fields(parameter).Type !== 'String') throw new GuardrailDifference('a parameter that is no text');
  }
  const documents = new Map<string, { name: string; document: string }>();
  const actions: ReadAction[] = [];
  for (const [id, value] of Object.entries(fields(template.Resources))) {
    const { Type: type, Properties: properties, ...others } = fields(value);
    only(others, []);
    if (type === 'AWS::IAM::ManagedPolicy') {
      const managed = fields(properties);
      only(managed, ['ManagedPolicyName', 'PolicyDocument']);
      const document = JSON.stringify(managed.PolicyDocument);
      documents.set(id, { name: readText(managed.ManagedPolicyName), document });
    } else if (type === 'AWS::Budgets::BudgetsAction') actions.push(readAction(policy, account, fields(properties)));
    else throw new GuardrailDifference(`${id} is a ${String(type)}`);
  }
  for (const id of documents.keys()) {
    for (const forecast of [false, true]) {
      const own = actions.filter((each) => each.policy === id && (each.type === 'FORECASTED') === forecast);
      const wanted = !passes(policy, { forecast });
      if (own.length !== (wanted ? 1 : 0))
        throw new GuardrailDifference(`${id}: ${own.length} actions, forecast ${forecast}`);
      for (const { threshold } of own) compareThreshold(policy, threshold);
    }
  }
  for (const { policy: id } of actions) if (!documents.has(id)) throw new GuardrailDifference(`no policy ${id}`);
  return [...documents.values()];
}

function readAction(policy: Policy, account: string, action: Readonly<Record<string, unknown>>): ReadAction {
  only(action, [
    'BudgetName',
    'NotificationType',
    'ActionType',
    'ActionThreshold',
    'ApprovalModel',
    'ExecutionRoleArn',
    'Subscribers',
    'Definition',
  ]);
  const { Type: kind, Value: threshold, ...others } = fields(action.ActionThreshold);
  only(others, []);
  if (action.ActionType !== 'APPLY_IAM_POLICY' || kind !== 'ABSOLUTE_VALUE' || typeof threshold !== 'number') {
    throw new GuardrailDifference('another kind of action');
  }
  const mode = policy.obligations.find((each) => each.kind === 'respond');
  const isAuto = mode?.kind === 'respond' && mode.mode === 'auto';
  if (action.ApprovalModel !== (isAuto ? 'AUTOMATIC' : 'MANUAL')) throw new GuardrailDifference('another approval');
  const type = readText(action.NotificationType);
  if (type !== 'ACTUAL' && type !== 'FORECASTED') throw new GuardrailDifference(`the notification ${type}`);
  refer(action.BudgetName, 'BudgetName');
  refer(action.ExecutionRoleArn, 'ExecutionRoleArn');
  compareSubscribers(policy, items(action.Subscribers));
  const definition = fields(action.Definition);
  only(definition, ['IamActionDefinition']);
  const { PolicyArn: arn, Roles: roles, Users: users, ...rest } = fields(definition.IamActionDefinition);
  only(rest, []);
  comparePrincipals(policy, account, 'role', roles);
  comparePrincipals(policy, account, 'user', users);
  return { type, threshold, policy: readText(fields(arn).Ref) };
}

function refer(value: unknown, parameter: string): void {
  if (fields(value).Ref !== parameter) throw new GuardrailDifference(`not the parameter ${parameter}`);
}

function compareSubscribers({ obligations }: Policy, subscribers: readonly unknown[]): void {
  const topics = obligations.flatMap((each) => (each.kind === 'publish' ? [each.topicArn] : []));
  const [subscriber] = subscribers;
  const { Type: type, Address: address, ...others } = fields(subscriber);
  only(others, []);
  if (subscribers.length !== 1 || type !== 'SNS') throw new GuardrailDifference('another subscriber than a topic');
  if (topics.length === 0) refer(address, 'SubscriberTopicArn');
  else if (address !== topics[0]) throw new GuardrailDifference(`the topic ${String(address)}`);
}

function comparePrincipals(policy: Policy, account: string, kind: 'role' | 'user', names: unknown): void {
  const wanted = passes(policy, { account })
    ? []
    : policy.obligations.flatMap((each) => {
        if (each.kind !== 'attach-deny') return [];
        const match = /^arn:[^:]+:iam::(\d{12}):(role|user)\/(?:.*\/)?([^/]+)$/.exec(each.principal);
        return match !== null && match[1] === account && match[2] === kind ? [match[3]!] : [];
      });
  const said = names === undefined ? [] : items(names).map(readText);
  if (JSON.stringify([...said].sort()) !== JSON.stringify([...wanted].sort())) {
    throw new GuardrailDifference(`the ${kind}s ${said.join(', ')} where the policy has ${wanted.join(', ')}`);
  }
}

/** Just below the threshold every event passes, and above it none does for its amount alone unless it is too large. */
function compareThreshold(policy: Policy, threshold: number): void {
  const below = threshold - Math.max(Math.abs(threshold) * Number.EPSILON, Number.MIN_VALUE);
  const isLowest = threshold === 0 || passes(policy, { amount: below });
  const above = threshold + Math.max(Math.abs(threshold) * Number.EPSILON, Number.MIN_VALUE);
  if (!isLowest || passes(policy, { amount: above })) throw new GuardrailDifference(`the threshold ${threshold}`);
}

/** Whether a rule lets pass whatever has these attributes. */
function passes(policy: Policy, known: Readonly<Record<string, Value>>): boolean {
  const rules = decisionAt(policy, 'cost-event')?.rules ?? [];
  const environment = { attribute: (name: string) => known[name], parameter: () => undefined };
  return rules.some(({ when }) => evaluate(when, environment) === true);
}
