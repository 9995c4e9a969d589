import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { AwsPort, ManagedPolicy, Tags } from '../../runtime/guardrail/aws/port.ts';

/** A call that a fake was asked for. */
export interface FakeCall {
  readonly method: keyof AwsPort;
  readonly on: string;
  readonly changes: boolean;
}

/**
 * What happens at a call: it fails with an error before or after its effect. Undefined lets it pass.
 *
 * @param index of the call since the fake was made
 */
export type Fault = (
  call: FakeCall,
  index: number,
) => { readonly when: 'before' | 'after'; readonly error: Error } | undefined;

interface StoredPolicy {
  readonly path: string;
  document: string;
  tags: Record<string, string>;
  readonly attachedTo: Set<string>;
}

interface StoredPrincipal {
  boundary: string | undefined;
}

const account = '123456789012';
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * AWS in memory, as far as guardrails see it, strict where the real one is: unknown principals, names taken whatever the
 * path, quotas of attachments and characters, what tags and parameters may hold, no deletion of what is attached.
 */
export class FakeAws implements AwsPort {
  readonly policies = new Map<string, StoredPolicy>();
  readonly principals = new Map<string, StoredPrincipal>();
  readonly parameters = new Map<string, { readonly value: string; readonly secret: boolean }>();
  readonly published: { readonly topicArn: string; readonly subject: string; readonly message: string }[] = [];
  readonly calls: FakeCall[] = [];
  fault: Fault = () => undefined;
  /** Managed policies that a principal may have. */
  attachmentQuota = 10;

  constructor(principals: readonly string[] = []) {
    for (const arn of principals) this.principals.set(arn, { boundary: undefined });
  }

  /** The calls that changed something, or tried to. */
  get changing(): readonly FakeCall[] {
    return this.calls.filter(({ changes }) => changes);
  }

  /** All that there is, for comparison: two equal snapshots are two equal accounts. */
  snapshot(): unknown {
    const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([left], [right]) => (left < right ? -1 : 1));
    return structuredClone({
      policies: sorted(this.policies).map(([arn, { path, document, tags, attachedTo }]) => [
        arn,
        { path, document, tags, attachedTo: [...attachedTo].sort() },
      ]),
      principals: sorted(this.principals),
      parameters: sorted(this.parameters),
    });
  }

  createPolicy({ name, path, document, tags }: Parameters<AwsPort['createPolicy']>[0]): Promise<string> {
    const arn = `arn:aws:iam::${account}:policy${path}${name}`;
    return this.#change('createPolicy', arn, 'iam:CreatePolicy', (fail) => {
      if (!/^[\w+=,.@-]{1,128}$/.test(name)) fail('ValidationError', `name ${name}`);
      if (!/^\/([\x21-\x7e]+\/)?$/.test(path)) fail('ValidationError', `path ${path}`);
      if ([...this.policies.keys()].some((other) => other.endsWith(`/${name}`))) {
        fail('EntityAlreadyExists', `A policy called ${name} already exists.`);
      }
      checkDocument(document, fail);
      checkTags(tags, fail);
      this.policies.set(arn, { path, document, tags: { ...tags }, attachedTo: new Set() });
      return arn;
    });
  }

  listPolicies(path: string): Promise<readonly ManagedPolicy[]> {
    return this.#read('listPolicies', path, 'iam:ListPolicies', () =>
      [...this.policies]
        .filter(([, policy]) => policy.path.startsWith(path))
        .map(([arn, { tags }]) => ({ arn, name: arn.slice(arn.lastIndexOf('/') + 1), tags: { ...tags } })),
    );
  }

  getPolicy(arn: string): Promise<(ManagedPolicy & { readonly document: string }) | undefined> {
    return this.#read('getPolicy', arn, 'iam:GetPolicy', () => {
      const policy = this.policies.get(arn);
      return policy === undefined
        ? undefined
        : { arn, name: arn.slice(arn.lastIndexOf('/') + 1), tags: { ...policy.tags }, document: policy.document };
    });
  }

  replaceDocument(arn: string, document: string): Promise<void> {
    return this.#change('replaceDocument', arn, 'iam:CreatePolicyVersion', (fail) => {
      checkDocument(document, fail);
      this.#policy(arn, fail).document = document;
    });
  }

  tagPolicy(arn: string, tags: Tags): Promise<void> {
    return this.#change('tagPolicy', arn, 'iam:TagPolicy', (fail) => {
      const policy = this.#policy(arn, fail);
      checkTags({ ...policy.tags, ...tags }, fail);
      policy.tags = { ...policy.tags, ...tags };
    });
  }

  deletePolicy(arn: string): Promise<void> {
    return this.#change('deletePolicy', arn, 'iam:DeletePolicy', (fail) => {
      const { size } = this.policies.get(arn)?.attachedTo ?? { size: 0 };
      if (size > 0) fail('DeleteConflict', 'Cannot delete a policy attached to entities.');
      this.policies.delete(arn);
    });
  }

  attachments(policyArn: string): Promise<readonly string[]> {
    return this.#read('attachments', policyArn, 'iam:ListEntitiesForPolicy', (fail) => [
      ...this.#policy(policyArn, fail).attachedTo,
    ]);
  }

  attach(principal: string, policyArn: string): Promise<void> {
    return this.#change('attach', principal, `iam:Attach${kindOf(principal)}Policy`, (fail) => {
      this.#principal(principal, fail);
      const { attachedTo } = this.#policy(policyArn, fail);
      const count = [...this.policies.values()].filter((policy) => policy.attachedTo.has(principal)).length;
      if (!attachedTo.has(principal) && count >= this.attachmentQuota) {
        fail('LimitExceeded', `Cannot exceed quota for PoliciesPer${kindOf(principal)}: ${this.attachmentQuota}`);
      }
      attachedTo.add(principal);
    });
  }

  detach(principal: string, policyArn: string): Promise<void> {
    return this.#change('detach', principal, `iam:Detach${kindOf(principal)}Policy`, () => {
      this.policies.get(policyArn)?.attachedTo.delete(principal);
    });
  }

  principal(arn: string): Promise<{ readonly boundary?: string } | undefined> {
    return this.#read('principal', arn, `iam:Get${kindOf(arn)}`, () => {
      const found = this.principals.get(arn);
      if (found === undefined) return undefined;
      return found.boundary === undefined ? {} : { boundary: found.boundary };
    });
  }

  setBoundary(principal: string, boundary: string | undefined): Promise<void> {
    const action = `iam:${boundary === undefined ? 'Delete' : 'Put'}${kindOf(principal)}PermissionsBoundary`;
    return this.#change('setBoundary', principal, action, (fail) => {
      this.#principal(principal, fail).boundary = boundary;
    });
  }

  parameter(name: string): Promise<string | undefined> {
    return this.#read('parameter', name, 'ssm:GetParameter', () => this.parameters.get(name)?.value);
  }

  parametersBelow(path: string): Promise<readonly { readonly name: string; readonly value: string }[]> {
    return this.#read('parametersBelow', path, 'ssm:GetParametersByPath', () =>
      [...this.parameters]
        .filter(([name]) => name.startsWith(`${path.replace(/\/$/, '')}/`))
        .map(([name, { value }]) => ({ name, value })),
    );
  }

  putParameter(
    name: string,
    value: string,
    { overwrite, secret }: { readonly overwrite: boolean; readonly secret: boolean },
  ): Promise<void> {
    return this.#change('putParameter', name, 'ssm:PutParameter', (fail) => {
      if (!/^(\/[\w.-]+){1,15}$/.test(name) || name.length > 1011) fail('ValidationException', `name ${name}`);
      if (value === '' || Buffer.byteLength(value) > 4096) fail('ValidationException', 'value of 1 to 4096 bytes');
      if (!overwrite && this.parameters.has(name)) fail('ParameterAlreadyExists', `${name} exists`);
      this.parameters.set(name, { value, secret });
    });
  }

  deleteParameter(name: string): Promise<void> {
    return this.#change('deleteParameter', name, 'ssm:DeleteParameter', () => {
      this.parameters.delete(name);
    });
  }

  publish(topicArn: string, subject: string, message: string): Promise<void> {
    return this.#change('publish', topicArn, 'sns:Publish', (fail) => {
      // API reference of Publish: ASCII without line breaks and control characters, at most 100.
      if (!/^[\x20-\x7e]{1,100}$/.test(subject) || subject.startsWith(' ')) fail('InvalidParameter', 'subject');
      if (message === '' || Buffer.byteLength(message) > 262_144) fail('InvalidParameter', 'message');
      this.published.push({ topicArn, subject, message });
    });
  }

  #policy(arn: string, fail: Fail): StoredPolicy {
    return this.policies.get(arn) ?? fail('NoSuchEntity', `Policy ${arn} does not exist.`);
  }

  #principal(arn: string, fail: Fail): StoredPrincipal {
    return this.principals.get(arn) ?? fail('NoSuchEntity', `${arn} cannot be found.`);
  }

  #read<T>(method: keyof AwsPort, on: string, action: string, effect: (fail: Fail) => T): Promise<T> {
    return this.#call({ method, on, changes: false }, action, effect);
  }

  #change<T>(method: keyof AwsPort, on: string, action: string, effect: (fail: Fail) => T): Promise<T> {
    return this.#call({ method, on, changes: true }, action, effect);
  }

  async #call<T>(call: FakeCall, action: string, effect: (fail: Fail) => T): Promise<T> {
    const fault = this.fault(call, this.calls.length);
    this.calls.push(call);
    if (fault?.when === 'before') throw fault.error;
    const value = effect((code, message) => {
      throw new AwsFailure(action, code, message, false);
    });
    if (fault?.when === 'after') throw fault.error;
    return value;
  }
}

type Fail = (code: string, message: string) => never;

function kindOf(principal: string): 'Role' | 'User' {
  return /^arn:[\w-]+:iam::\d{12}:user\//.test(principal) ? 'User' : 'Role';
}

/** Source: "IAM and AWS STS quotas", IAM user guide: 6,144 characters without white space. */
function checkDocument(document: string, fail: Fail): void {
  if (document.replace(/\s/g, '').length > 6144) fail('LimitExceeded', 'PolicySize: 6144');
  try {
    JSON.parse(document);
  } catch {
    fail('MalformedPolicyDocument', 'Syntax errors in policy.');
  }
}

/** Source: "Tags for IAM resources", IAM user guide. */
function checkTags(tags: Tags, fail: Fail): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) fail('LimitExceeded', 'TagsPerPolicy: 50');
  for (const [key, value] of entries) {
    if (key === '' || key.length > 128 || !tagText.test(key) || /^aws:/i.test(key)) fail('InvalidInput', `key ${key}`);
    if (value.length > 256 || !tagText.test(value)) fail('InvalidInput', `value ${value}`);
  }
}
