import { randomBytes } from 'node:crypto';
import { AwsFailure } from '../../aws/failure.ts';
import type { AwsPort } from '../aws/port.ts';

/** A SecureString of SSM: 32 random bytes in base64. */
export const approvalKeyName = '/polc/guardrail/approval-key';

const keyLength = 32;

/** The key that approvals are signed with; undefined where there is none yet, so that no approval can be genuine. */
export async function approvalKey(port: Pick<AwsPort, 'parameter'>): Promise<Uint8Array | undefined> {
  const text = await port.parameter(approvalKeyName);
  if (text === undefined) return undefined;
  const key = Buffer.from(text, 'base64');
  // A shorter one would be a weaker one, and an empty one none at all.
  if (key.length === keyLength) return key;
  throw new AwsFailure('ssm:GetParameter', 'InvalidKey', `${approvalKeyName} holds no key of 32 bytes`, false);
}

/** The key, made where there is none: of two that make one at once, both use the one that was first. */
export async function ensureApprovalKey(port: Pick<AwsPort, 'parameter' | 'putParameter'>): Promise<Uint8Array> {
  const known = await approvalKey(port);
  if (known !== undefined) return known;
  const made = randomBytes(keyLength);
  try {
    await port.putParameter(approvalKeyName, made.toString('base64'), { overwrite: false, secret: true });
    return made;
  } catch (error) {
    if (!(error instanceof AwsFailure) || error.code !== 'ParameterAlreadyExists') throw error;
    const other = await approvalKey(port);
    if (other === undefined) throw error;
    return other;
  }
}
