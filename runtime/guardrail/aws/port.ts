/**
 * Every call to AWS that guardrails make, and no other: the least privilege that they need is the list of these.
 * All of them reject with `AwsFailure`.
 */
export interface AwsPort {
  /** iam:CreatePolicy; fails with `EntityAlreadyExists` where the path and name are taken. Gives the ARN. */
  createPolicy(policy: {
    readonly name: string;
    readonly path: string;
    readonly document: string;
    readonly tags: Tags;
  }): Promise<string>;
  /** iam:ListPolicies, customer managed ones below the path. */
  listPolicies(path: string): Promise<readonly ManagedPolicy[]>;
  /** iam:GetPolicy with iam:ListPolicyTags and the document of its default version; undefined where there is none. */
  getPolicy(arn: string): Promise<(ManagedPolicy & { readonly document: string }) | undefined>;
  /** iam:CreatePolicyVersion, made the default; the oldest that is not the default goes where there are five. */
  replaceDocument(arn: string, document: string): Promise<void>;
  /** iam:TagPolicy: adds and overwrites. */
  tagPolicy(arn: string, tags: Tags): Promise<void>;
  /** iam:DeletePolicy with all of its versions; done already is done. */
  deletePolicy(arn: string): Promise<void>;
  /** iam:ListEntitiesForPolicy: ARNs of the roles and users that it is attached to. */
  attachments(policyArn: string): Promise<readonly string[]>;
  /** iam:AttachRolePolicy or iam:AttachUserPolicy; done already is done. */
  attach(principal: string, policyArn: string): Promise<void>;
  /** iam:DetachRolePolicy or iam:DetachUserPolicy; done already is done. */
  detach(principal: string, policyArn: string): Promise<void>;
  /** iam:GetRole or iam:GetUser; undefined where there is no such principal. */
  principal(arn: string): Promise<{ readonly boundary?: string } | undefined>;
  /** iam:PutRolePermissionsBoundary and its three siblings; undefined removes it. */
  setBoundary(principal: string, boundary: string | undefined): Promise<void>;
  /** ssm:GetParameter, decrypted; undefined where there is none. */
  parameter(name: string): Promise<string | undefined>;
  /** ssm:GetParametersByPath, recursive and decrypted. */
  parametersBelow(path: string): Promise<readonly { readonly name: string; readonly value: string }[]>;
  /** ssm:PutParameter. Without `overwrite` it fails with `ParameterAlreadyExists` where the name is taken, atomically. */
  putParameter(
    name: string,
    value: string,
    options: { readonly overwrite: boolean; readonly secret: boolean },
  ): Promise<void>;
  /** ssm:DeleteParameter; done already is done. */
  deleteParameter(name: string): Promise<void>;
  /** sns:Publish. */
  publish(topicArn: string, subject: string, message: string): Promise<void>;
}

export type Tags = Readonly<Record<string, string>>;

export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly tags: Tags;
}
