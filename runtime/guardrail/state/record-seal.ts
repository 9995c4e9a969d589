import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AwsFailure } from '../../aws/failure.ts';
import { CallFailure, type TrackedPort } from './tracked-port.ts';

/** A SecureString of SSM: 32 random bytes in base64, with which records are sealed that a rollback acts on. */
export const sealKeyName = '/polc/guardrail/record-key';

const keyLength = 32;

/** The key; undefined where there is none, so that no seal can be right. */
export async function sealKey(port: Pick<TrackedPort, 'parameter'>): Promise<Uint8Array | undefined> {
  const text = await port.parameter(sealKeyName);
  const key = text === undefined ? undefined : Buffer.from(text, 'base64');
  return key?.length === keyLength ? key : undefined;
}

/** The key, made where there is none; whoever calls this holds the lock. */
export async function ensureSealKey(port: Pick<TrackedPort, 'parameter' | 'putParameter'>): Promise<Uint8Array> {
  const known = await sealKey(port);
  if (known !== undefined) return known;
  const made = randomBytes(keyLength);
  try {
    await port.putParameter(sealKeyName, made.toString('base64'), { overwrite: false, secret: true });
    return made;
  } catch (error) {
    if (!(error instanceof CallFailure) || error.failure.code !== 'ParameterAlreadyExists') throw error;
    // Made by this very call, which was tried again, or it holds no key at all.
    const key = await sealKey(port);
    if (key !== undefined) return key;
    const reason = `${sealKeyName} holds no key of 32 bytes`;
    throw new CallFailure(sealKeyName, new AwsFailure('ssm:GetParameter', 'InvalidKey', reason, false));
  }
}

/** @param name of the parameter: a record is not good under another */
export function sealOf(name: string, content: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`polc guardrail record 1\n${name}\n${content}`).digest('base64url');
}

/** Whether a seal is right, in a time that does not tell where it is not. */
export function isSealed(seal: string, name: string, content: string, key: Uint8Array): boolean {
  const [given, right] = [Buffer.from(seal), Buffer.from(sealOf(name, content, key))];
  return given.length === right.length && timingSafeEqual(given, right);
}
