import { createHash } from 'node:crypto';

/** Where guardrails keep their state in AWS: an IAM path, and SSM parameters by hierarchy. */
export const policyPath = '/polc/guardrail/';
export const responsesBelow = '/polc/guardrail/response';
export const boundariesBelow = '/polc/guardrail/boundary';

export function responseParameter(policy: string): string {
  return `${responsesBelow}/${policy}`;
}

/** A principal's ARN has characters that a parameter's name has not. */
export function boundaryParameter(policy: string, principal: string): string {
  return `${boundariesBelow}/${policy}/${digest(principal).slice(0, 32)}`;
}

/** The ARN that a deny policy has in the account of the principals, which is the account it is created in. */
export function policyArn(name: string, principal: string): string {
  const [, partition, , , account] = principal.split(':');
  return `arn:${partition}:iam::${account}:policy${policyPath}${name}`;
}

/** What `acted` of a response's record holds of a breach: 96 bits, so that many fit into one parameter. */
export function breachDigest(breach: string): string {
  return digest(breach).slice(0, 24);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
