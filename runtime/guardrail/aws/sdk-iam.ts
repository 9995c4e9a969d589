import type { IAMClient } from '@aws-sdk/client-iam';
import { type Pace, retried } from '../../aws/retry.ts';
import { attempt, type ClientSettings, optional, orUndefined, pages } from '../../aws/sdk-calls.ts';
import type { AwsPort, ManagedPolicy, Tags } from './port.ts';

type Iam = typeof import('@aws-sdk/client-iam');

/** What IAM says while it changes what a call is about. */
const busy: ReadonlySet<string> = new Set(['ConcurrentModification', 'EntityTemporarilyUnmodifiable']);

type IamCalls = Pick<
  AwsPort,
  | 'createPolicy'
  | 'listPolicies'
  | 'getPolicy'
  | 'replaceDocument'
  | 'tagPolicy'
  | 'deletePolicy'
  | 'attachments'
  | 'attach'
  | 'detach'
  | 'principal'
  | 'setBoundary'
>;

/** The calls to IAM. */
export function iamCalls(settings: ClientSettings, pace: Pace | undefined): IamCalls {
  let iamLoading: Promise<readonly [Iam, IAMClient]> | undefined;
  /** ARNs by kind and name, since IAM names what a policy is attached to and does not give its ARN. */
  const principals = new Map<string, string>();
  const created = new Set<string>();

  const loadIam = async (): Promise<readonly [Iam, IAMClient]> => {
    const sdk = await import('@aws-sdk/client-iam');
    return [sdk, new sdk.IAMClient(settings)];
  };
  async function iam<T>(action: string, call: (sdk: Iam, client: IAMClient) => Promise<T>): Promise<T> {
    return retried(
      async () => {
        iamLoading ??= loadIam();
        const [sdk, client] = await iamLoading;
        return attempt(`iam:${action}`, () => call(sdk, client));
      },
      ({ code }) => busy.has(code),
      pace,
    );
  }
  async function findPrincipal(kind: Kind, name: string): Promise<{ arn: string; boundary?: string } | undefined> {
    const found =
      kind === 'Role'
        ? (await orUndefined(iam('GetRole', (sdk, client) => client.send(new sdk.GetRoleCommand({ RoleName: name })))))
            ?.Role
        : (await orUndefined(iam('GetUser', (sdk, client) => client.send(new sdk.GetUserCommand({ UserName: name })))))
            ?.User;
    if (found?.Arn === undefined) return undefined;
    principals.set(`${kind}/${name}`, found.Arn);
    const boundary = found.PermissionsBoundary?.PermissionsBoundaryArn;
    return { arn: found.Arn, ...(boundary === undefined ? {} : { boundary }) };
  }

  async function arnsOf(kind: Kind, names: readonly string[]): Promise<readonly string[]> {
    const arns: string[] = [];
    for (const name of names) {
      const arn = principals.get(`${kind}/${name}`) ?? (await findPrincipal(kind, name))?.arn;
      if (arn !== undefined) arns.push(arn);
    }
    return arns;
  }

  /** Newest first. */
  async function versions(arn: string): Promise<readonly { readonly id: string; readonly isDefault: boolean }[]> {
    const listed = await pages((Marker) =>
      iam('ListPolicyVersions', async (sdk, client) => {
        const page = await client.send(new sdk.ListPolicyVersionsCommand({ PolicyArn: arn, ...optional({ Marker }) }));
        return { items: page.Versions ?? [], next: page.Marker };
      }),
    );
    return listed.map(({ VersionId = '', IsDefaultVersion = false }) => ({
      id: VersionId,
      isDefault: IsDefaultVersion,
    }));
  }
  const deleteVersion = (PolicyArn: string, VersionId: string) =>
    iam('DeletePolicyVersion', (sdk, client) =>
      client.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId })),
    );

  return {
    async createPolicy({ name, path, document, tags }) {
      const arn = await iam('CreatePolicy', async (sdk, client) => {
        const command = new sdk.CreatePolicyCommand({
          PolicyName: name,
          Path: path,
          PolicyDocument: document,
          Description: 'Made by polc for the response of a guardrail, and deleted with it.',
          Tags: listed(tags),
        });
        return (await client.send(command)).Policy?.Arn ?? '';
      });
      created.add(arn);
      return arn;
    },
    async listPolicies(path) {
      const policies = await pages((Marker) =>
        iam('ListPolicies', async (sdk, client) => {
          const input = { PathPrefix: path, Scope: 'Local', ...optional({ Marker }) } as const;
          const page = await client.send(new sdk.ListPoliciesCommand(input));
          return { items: page.Policies ?? [], next: page.Marker };
        }),
      );
      const found: ManagedPolicy[] = [];
      for (const { Arn: arn = '', PolicyName: name = '' } of policies) {
        const tags = await orUndefined(
          pages((Marker) =>
            iam('ListPolicyTags', async (sdk, client) => {
              const page = await client.send(
                new sdk.ListPolicyTagsCommand({ PolicyArn: arn, ...optional({ Marker }) }),
              );
              return { items: page.Tags ?? [], next: page.Marker };
            }),
          ),
        );
        // Deleted since it was listed.
        if (tags !== undefined) found.push({ arn, name, tags: record(tags) });
      }
      return found;
    },
    getPolicy: (arn) =>
      orUndefined(
        (async () => {
          const policy = await iam('GetPolicy', async (sdk, client) => {
            return (await client.send(new sdk.GetPolicyCommand({ PolicyArn: arn }))).Policy;
          });
          const version = await iam('GetPolicyVersion', async (sdk, client) => {
            const input = { PolicyArn: arn, VersionId: policy?.DefaultVersionId ?? 'v1' };
            return (await client.send(new sdk.GetPolicyVersionCommand(input))).PolicyVersion;
          });
          return {
            arn,
            name: policy?.PolicyName ?? '',
            tags: record(policy?.Tags ?? []),
            // IAM gives documents as they stand in URLs (RFC 3986).
            document: decodeURIComponent(version?.Document ?? ''),
          };
        })(),
      ),
    async replaceDocument(arn, document) {
      const existing = await versions(arn);
      const oldest = existing.filter(({ isDefault }) => !isDefault).at(-1);
      if (existing.length >= 5 && oldest !== undefined) await deleteVersion(arn, oldest.id);
      await iam('CreatePolicyVersion', (sdk, client) => {
        const input = { PolicyArn: arn, PolicyDocument: document, SetAsDefault: true };
        return client.send(new sdk.CreatePolicyVersionCommand(input));
      });
    },
    async tagPolicy(arn, tags) {
      await iam('TagPolicy', (sdk, client) =>
        client.send(new sdk.TagPolicyCommand({ PolicyArn: arn, Tags: listed(tags) })),
      );
    },
    async deletePolicy(arn) {
      await orUndefined(
        (async () => {
          for (const { id, isDefault } of await versions(arn)) if (!isDefault) await deleteVersion(arn, id);
          await iam('DeletePolicy', (sdk, client) => client.send(new sdk.DeletePolicyCommand({ PolicyArn: arn })));
        })(),
      );
    },
    async attachments(policyArn) {
      const groups = await pages((Marker) =>
        iam('ListEntitiesForPolicy', async (sdk, client) => {
          const input = {
            PolicyArn: policyArn,
            PolicyUsageFilter: 'PermissionsPolicy',
            ...optional({ Marker }),
          } as const;
          const page = await client.send(new sdk.ListEntitiesForPolicyCommand(input));
          return { items: [page], next: page.Marker };
        }),
      );
      const names = (list: readonly (string | undefined)[]) => list.filter((name) => name !== undefined);
      return [
        ...(await arnsOf('Role', names(groups.flatMap((page) => page.PolicyRoles ?? []).map((each) => each.RoleName)))),
        ...(await arnsOf('User', names(groups.flatMap((page) => page.PolicyUsers ?? []).map((each) => each.UserName)))),
      ];
    },
    async attach(principal, PolicyArn) {
      const [kind, name] = nameOf(principal);
      // IAM does not find a policy everywhere at once that it has just made.
      const isFresh = created.has(PolicyArn);
      await retried(
        async () => {
          if (kind === 'Role') {
            await iam('AttachRolePolicy', (sdk, client) =>
              client.send(new sdk.AttachRolePolicyCommand({ RoleName: name, PolicyArn })),
            );
          } else {
            await iam('AttachUserPolicy', (sdk, client) =>
              client.send(new sdk.AttachUserPolicyCommand({ UserName: name, PolicyArn })),
            );
          }
        },
        ({ code }) => isFresh && code === 'NoSuchEntity',
        pace,
      );
    },
    async detach(principal, PolicyArn) {
      const [kind, name] = nameOf(principal);
      await orUndefined(
        kind === 'Role'
          ? iam('DetachRolePolicy', (sdk, client) =>
              client.send(new sdk.DetachRolePolicyCommand({ RoleName: name, PolicyArn })),
            )
          : iam('DetachUserPolicy', (sdk, client) =>
              client.send(new sdk.DetachUserPolicyCommand({ UserName: name, PolicyArn })),
            ),
      );
    },
    async principal(arn) {
      const found = await findPrincipal(...nameOf(arn));
      // IAM goes by the name: one of another account or path is another principal.
      if (found === undefined || found.arn !== arn) return undefined;
      return found.boundary === undefined ? {} : { boundary: found.boundary };
    },
    async setBoundary(principal, boundary) {
      const [kind, name] = nameOf(principal);
      if (boundary === undefined) {
        // There is none to remove where it was removed already; the principal was looked at before.
        await orUndefined(
          kind === 'Role'
            ? iam('DeleteRolePermissionsBoundary', (sdk, client) =>
                client.send(new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: name })),
              )
            : iam('DeleteUserPermissionsBoundary', (sdk, client) =>
                client.send(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName: name })),
              ),
        );
      } else if (kind === 'Role') {
        const input = { RoleName: name, PermissionsBoundary: boundary };
        await iam('PutRolePermissionsBoundary', (sdk, client) =>
          client.send(new sdk.PutRolePermissionsBoundaryCommand(input)),
        );
      } else {
        const input = { UserName: name, PermissionsBoundary: boundary };
        await iam('PutUserPermissionsBoundary', (sdk, client) =>
          client.send(new sdk.PutUserPermissionsBoundaryCommand(input)),
        );
      }
    },
  };
}

type Kind = 'Role' | 'User';

/** `['Role', 'ci-deployer']` of `arn:aws:iam::123456789012:role/teams/ci-deployer`: names are unique whatever the path. */
function nameOf(principal: string): readonly [Kind, string] {
  const resource = principal.split(':').slice(5).join(':');
  return [resource.startsWith('user/') ? 'User' : 'Role', resource.slice(resource.lastIndexOf('/') + 1)];
}

function listed(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function record(tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]): Tags {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
