import { policyPath } from '../state/places.ts';
import type { AwsPort } from './port.ts';

/** The IAM actions that each call needs. */
export const actionsOfCall: Readonly<Record<keyof AwsPort, readonly string[]>> = {
  // Tags given as a policy is created need the permission to tag it.
  createPolicy: ['iam:CreatePolicy', 'iam:TagPolicy'],
  listPolicies: ['iam:ListPolicies', 'iam:ListPolicyTags'],
  getPolicy: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
  replaceDocument: ['iam:ListPolicyVersions', 'iam:DeletePolicyVersion', 'iam:CreatePolicyVersion'],
  tagPolicy: ['iam:TagPolicy'],
  deletePolicy: ['iam:ListPolicyVersions', 'iam:DeletePolicyVersion', 'iam:DeletePolicy'],
  attachments: ['iam:ListEntitiesForPolicy', 'iam:GetRole', 'iam:GetUser'],
  attach: ['iam:AttachRolePolicy', 'iam:AttachUserPolicy'],
  detach: ['iam:DetachRolePolicy', 'iam:DetachUserPolicy'],
  principal: ['iam:GetRole', 'iam:GetUser'],
  setBoundary: [
    'iam:PutRolePermissionsBoundary',
    'iam:DeleteRolePermissionsBoundary',
    'iam:PutUserPermissionsBoundary',
    'iam:DeleteUserPermissionsBoundary',
  ],
  parameter: ['ssm:GetParameter'],
  parametersBelow: ['ssm:GetParametersByPath'],
  putParameter: ['ssm:PutParameter'],
  deleteParameter: ['ssm:DeleteParameter'],
  publish: ['sns:Publish'],
};

/** What guardrails act on: what their plans name. */
export interface Reach {
  /** `aws` */
  readonly partition: string;
  /** 12 digits. */
  readonly account: string;
  /** ARNs of roles and users that deny policies are attached to. */
  readonly denied: readonly string[];
  /** ARNs of roles and users that get a permissions boundary. */
  readonly bounded: readonly string[];
  /** ARNs of SNS topics. */
  readonly topics: readonly string[];
  /** Names of the SSM parameters with webhooks. */
  readonly webhooks: readonly string[];
}

export interface PermissionStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface PermissionsDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PermissionStatement[];
}

/**
 * The least that the role of polc needs in order to carry out and roll back what is named, as an IAM policy document.
 * A webhook whose parameter is encrypted with a key of one's own needs `kms:Decrypt` of that key besides.
 */
export function requiredPermissions(reach: Reach): PermissionsDocument {
  const { partition, account, denied, bounded, topics, webhooks } = reach;
  const policies = [`arn:${partition}:iam::${account}:policy${policyPath}*`];
  const parameter = (name: string) =>
    `arn:${partition}:ssm:*:${account}:parameter/${name.startsWith('/') ? name.slice(1) : name}`;
  const own = [parameter('polc/guardrail/*')];
  const statement = (
    sid: string,
    calls: readonly (keyof AwsPort)[],
    resources: readonly string[],
    only: (action: string) => boolean = () => true,
    condition?: PermissionStatement['Condition'],
  ): PermissionStatement[] => {
    const actions = [...new Set(calls.flatMap((call) => actionsOfCall[call]))].filter(only).sort();
    if (actions.length === 0 || resources.length === 0) return [];
    return [
      {
        Sid: sid,
        Effect: 'Allow',
        Action: actions,
        Resource: [...new Set(resources)].sort(),
        ...(condition === undefined ? {} : { Condition: condition }),
      },
    ];
  };
  const roles = (principals: readonly string[]) => principals.filter((arn) => arn.split(':')[5]?.startsWith('role/'));
  const users = (principals: readonly string[]) => principals.filter((arn) => arn.split(':')[5]?.startsWith('user/'));
  const ofRole = (action: string) => action.includes('Role');
  const ofUser = (action: string) => action.includes('User');
  const listing = (action: string) => action === 'iam:ListPolicies';
  const ofPrincipal = (action: string) => ofRole(action) || ofUser(action);
  const ofPolicy = (action: string) => !ofPrincipal(action) && !listing(action);
  const onlyOurs = { ArnLike: { 'iam:PolicyARN': policies } };
  const policyCalls = [
    'createPolicy',
    'listPolicies',
    'getPolicy',
    'replaceDocument',
    'tagPolicy',
    'deletePolicy',
    'attachments',
  ] as const;
  const anybody =
    denied.length + bounded.length === 0
      ? []
      : ['role', 'user'].map((kind) => `arn:${partition}:iam::${account}:${kind}/*`);
  return {
    Version: '2012-10-17',
    Statement: [
      // ListPolicies cannot be limited to a path. Source: "Actions defined by IAM", service authorization reference.
      ...statement('ListPolicies', ['listPolicies'], ['*'], listing),
      ...statement('DenyPolicies', policyCalls, policies, ofPolicy),
      // Somebody may have attached a deny policy to others too, from whom a rollback detaches it.
      ...statement('LookAtPrincipals', ['principal', 'attachments'], anybody, ofPrincipal),
      ...statement('Detach', ['detach'], anybody, ofPrincipal, onlyOurs),
      ...statement('AttachToRoles', ['attach'], roles(denied), ofRole, onlyOurs),
      ...statement('AttachToUsers', ['attach'], users(denied), ofUser, onlyOurs),
      ...statement('BoundariesOfRoles', ['setBoundary'], roles(bounded), ofRole),
      ...statement('BoundariesOfUsers', ['setBoundary'], users(bounded), ofUser),
      ...statement('State', ['parameter', 'parametersBelow', 'putParameter', 'deleteParameter'], own),
      ...statement('Webhooks', ['parameter'], webhooks.map(parameter)),
      ...statement('Topics', ['publish'], topics),
    ],
  };
}
