import { AwsFailure } from '../../aws/failure.ts';
import type { AwsPort } from '../aws/port.ts';
import type { ChangingCall } from '../outcome.ts';

/** A call that failed, with what it was about. */
export class CallFailure extends Error {
  readonly on: string;
  readonly failure: AwsFailure;

  constructor(on: string, failure: AwsFailure) {
    super(failure.message);
    this.name = 'CallFailure';
    this.on = on;
    this.failure = failure;
  }
}

export interface TrackedPort extends Omit<AwsPort, 'publish'> {
  /** The changing calls that were made; in a dry run, that would have been. */
  readonly calls: readonly ChangingCall[];
  readonly dryRun: boolean;
}

/**
 * Keeps a list of the calls that changed something, and names the place of those that fail: all reject with
 * `CallFailure`. A dry run makes none that changes anything, and remembers of the boundaries and policies what it would
 * have made of them, since one step may look at what another did.
 */
export function trackCalls(port: AwsPort, dryRun: boolean): TrackedPort {
  const calls: ChangingCall[] = [];
  const boundaries = new Map<string, string | undefined>();
  const deleted = new Set<string>();

  const read = async <T>(action: string, on: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw new CallFailure(on, failureOf(action, error));
    }
  };
  const change = async (call: ChangingCall, make: () => Promise<unknown>): Promise<void> => {
    if (!dryRun) await read(call.action, call.on, make);
    calls.push(call);
  };

  return {
    calls,
    dryRun,
    async createPolicy(policy) {
      let arn = policy.name;
      const call = { action: 'iam:CreatePolicy', on: `${policy.path}${policy.name}` };
      await change(call, async () => {
        arn = await port.createPolicy(policy);
      });
      return arn;
    },
    replaceDocument: (arn, document) =>
      change({ action: 'iam:CreatePolicyVersion', on: arn }, () => port.replaceDocument(arn, document)),
    tagPolicy: (arn, tags) => change({ action: 'iam:TagPolicy', on: arn }, () => port.tagPolicy(arn, tags)),
    async deletePolicy(arn) {
      await change({ action: 'iam:DeletePolicy', on: arn }, () => port.deletePolicy(arn));
      deleted.add(arn);
    },
    attach: (principal, arn) =>
      change({ action: `iam:Attach${kindOf(principal)}Policy`, on: principal, with: arn }, () =>
        port.attach(principal, arn),
      ),
    detach: (principal, arn) =>
      change({ action: `iam:Detach${kindOf(principal)}Policy`, on: principal, with: arn }, () =>
        port.detach(principal, arn),
      ),
    async setBoundary(principal, boundary) {
      const action = `iam:${boundary === undefined ? 'Delete' : 'Put'}${kindOf(principal)}PermissionsBoundary`;
      const call = { action, on: principal, ...(boundary === undefined ? {} : { with: boundary }) };
      await change(call, () => port.setBoundary(principal, boundary));
      boundaries.set(principal, boundary);
    },
    putParameter: (name, value, options) =>
      change({ action: 'ssm:PutParameter', on: name }, () => port.putParameter(name, value, options)),
    deleteParameter: (name) => change({ action: 'ssm:DeleteParameter', on: name }, () => port.deleteParameter(name)),
    listPolicies: (path) => read('iam:ListPolicies', path, () => port.listPolicies(path)),
    async getPolicy(arn) {
      if (dryRun && deleted.has(arn)) return undefined;
      return read('iam:GetPolicy', arn, () => port.getPolicy(arn));
    },
    attachments: (arn) => read('iam:ListEntitiesForPolicy', arn, () => port.attachments(arn)),
    async principal(arn) {
      const found = await read(`iam:Get${kindOf(arn)}`, arn, () => port.principal(arn));
      if (found === undefined || !dryRun || !boundaries.has(arn)) return found;
      const boundary = boundaries.get(arn);
      return boundary === undefined ? {} : { boundary };
    },
    parameter: (name) => read('ssm:GetParameter', name, () => port.parameter(name)),
    parametersBelow: (path) => read('ssm:GetParametersByPath', path, () => port.parametersBelow(path)),
  };
}

/** What is not a failure of AWS is one of ours; it ends the response all the same, in the same order. */
function failureOf(action: string, error: unknown): AwsFailure {
  if (error instanceof AwsFailure) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new AwsFailure(action, name, message, false);
}

function kindOf(principal: string): 'Role' | 'User' {
  return principal.split(':')[5]?.startsWith('user/') === true ? 'User' : 'Role';
}
