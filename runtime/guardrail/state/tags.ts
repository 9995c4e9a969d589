import { createHash } from 'node:crypto';
import type { Tags } from '../aws/port.ts';

/**
 * The tags of a deny policy, for people who find it in the account, and for a rollback whose record is lost.
 *
 * A value has at most 256 characters, of letters, digits, spaces and `_.:/=+-@`, and a policy has at most 50 tags.
 * Source: "Tags for IAM resources", IAM user guide.
 */
export interface ResponseTags {
  readonly policy: string;
  readonly policyHash: string;
  readonly breach: string;
  readonly approver: string | undefined;
  readonly expires: string;
  /** ARNs, all of the account of the policy. */
  readonly principals: readonly string[];
}

const mostCharacters = 256;
const mostTags = 50;
const prefix = 'polc:principals';

/** @returns undefined where there are more principals than the tags can name */
export function writeTags({
  policy,
  policyHash,
  breach,
  approver,
  expires,
  principals,
}: ResponseTags): Tags | undefined {
  const listed = principals.map((arn) => encode(resourceOf(arn))).join('+');
  const tags: Record<string, string> = {
    'polc:policy': policy,
    'polc:policy-hash': policyHash,
    'polc:breach': fit(encode(breach)),
    'polc:approver': approver === undefined ? 'automatic' : fit(encode(approver)),
    'polc:expires': expires,
  };
  for (let start = 0, index = 1; start < listed.length; start += mostCharacters, index++) {
    tags[principalKey(index)] = listed.slice(start, start + mostCharacters);
  }
  return Object.keys(tags).length > mostTags ? undefined : tags;
}

/** The tags that overwrite what there is, where they differ; a list of principals that got shorter ends in empty tags. */
export function changedTags(existing: Tags, wanted: Tags): Tags {
  const changed: Record<string, string> = {};
  for (const [key, value] of Object.entries(wanted)) if (existing[key] !== value) changed[key] = value;
  for (const key of Object.keys(existing)) {
    if (key.startsWith(prefix) && wanted[key] === undefined && existing[key] !== '') changed[key] = '';
  }
  return changed;
}

/** The principals that a deny policy is meant for, as its tags say. */
export function taggedPrincipals(policyArn: string, tags: Tags): readonly string[] {
  const [, partition, , , account] = policyArn.split(':');
  let listed = '';
  for (let index = 1; tags[principalKey(index)] !== undefined; index++) listed += tags[principalKey(index)];
  return listed === '' ? [] : listed.split('+').map((text) => `arn:${partition}:iam::${account}:${decode(text)}`);
}

function principalKey(index: number): string {
  return index === 1 ? prefix : `${prefix}-${index}`;
}

/** `role/ci-deployer`; the rest is the same as in the policy's ARN. */
function resourceOf(arn: string): string {
  return arn.split(':').slice(5).join(':');
}

/** Bytes that a tag may not have, and `=` and `+` themselves, as `=2C`. */
function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9_.:/\-@]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

function decode(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** What is too long ends in its digest, so that two values never look the same. */
function fit(text: string): string {
  if (text.length <= mostCharacters) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `${text.slice(0, mostCharacters - digest.length - 1)}@${digest}`;
}
