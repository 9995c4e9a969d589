import { createHmac, timingSafeEqual } from 'node:crypto';
import { isObject, jsonValue } from '../../json.ts';

/** What a token vouches for. */
export interface Approval {
  /** 22 characters of base64url: of the request in SSM, and of the mark that it was used. */
  readonly id: string;
  readonly policy: string;
  /** `planDigest` of the plan. */
  readonly plan: string;
  readonly breach: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** An approval is good for an hour. */
export const approvalLifetime = 3_600_000;

const prefix = 'polc1.';
const idForm = /^[A-Za-z0-9_-]{22}$/;
/** Names of budgets have at most 100 characters; what is longer was not made here. */
const longest = 4096;

/** `polc1.PAYLOAD.MAC`, both in base64url, of characters that need no escaping in URLs and forms. */
export function signApproval({ id, policy, plan, breach, expires }: Approval, key: Uint8Array): string {
  const payload = Buffer.from(JSON.stringify({ id, policy, plan, breach, expires })).toString('base64url');
  return `${prefix}${payload}.${mac(payload, key).toString('base64url')}`;
}

/**
 * What a token says, where it is signed with the key; undefined where it is not. Nothing of a payload is looked at before
 * its signature is found right, and that comparison takes the same time wherever the two differ.
 */
export function readApproval(token: string, key: Uint8Array): Approval | undefined {
  const parts = splitToken(token);
  if (parts === undefined) return undefined;
  const given = Buffer.from(parts.mac, 'base64url');
  const right = mac(parts.payload, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return decode(parts.payload);
}

/** Whether a text has the form of a token at all, for which no key is needed. */
export function isTokenForm(token: string): boolean {
  return splitToken(token) !== undefined;
}

function splitToken(token: string): { readonly payload: string; readonly mac: string } | undefined {
  if (token.length > longest || !token.startsWith(prefix)) return undefined;
  const [payload = '', code = '', ...rest] = token.slice(prefix.length).split('.');
  if (rest.length > 0 || !/^[A-Za-z0-9_-]+$/.test(payload) || !/^[A-Za-z0-9_-]{43}$/.test(code)) return undefined;
  return { payload, mac: code };
}

/** The first words keep a key that signs something else one day from signing approvals too. */
function mac(payload: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`polc guardrail approval 1\n${payload}`).digest();
}

function decode(payload: string): Approval | undefined {
  const value = jsonValue(Buffer.from(payload, 'base64url').toString('utf8'));
  return isApproval(value) && idForm.test(value.id) && Number.isSafeInteger(value.expires) ? value : undefined;
}

function isApproval(fields: unknown): fields is Approval {
  if (!isObject(fields)) return false;
  return (
    ['id', 'policy', 'plan', 'breach'].every((name) => typeof fields[name] === 'string') &&
    typeof fields.expires === 'number'
  );
}
