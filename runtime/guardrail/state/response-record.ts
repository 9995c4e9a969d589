import { isObject, jsonValue } from '../../json.ts';
import { breachDigest, policyPath } from './places.ts';

/**
 * `/polc/guardrail/response/POLICY`: what is in force of a policy and how far that got, written before anything else
 * changes. It stays when the response has ended, since a breach that was acted on is not acted on again.
 */
export interface ResponseRecord {
  readonly policy: string;
  /**
   * `applying` and `extending` (over a response in force) become `active`, `ending` becomes `ended`. A crash leaves the
   * first three, and another run goes on from there.
   */
  readonly phase: 'applying' | 'extending' | 'active' | 'ending' | 'ended';
  /** The sha-256 of the policy's source, in hexadecimal. */
  readonly policyHash: string;
  /** The latest breach that the response is for. */
  readonly breach: string;
  readonly approver?: string;
  /** RFC 3339, in UTC. */
  readonly since: string;
  /** RFC 3339 in UTC, or `never`. */
  readonly expires: string;
  /** ARNs of the deny policies, of those that are about to be created too. */
  readonly documents: readonly string[];
  /**
   * By the digest of a breach, the topics and the parameter of the webhook that are still to be told of it: after a crash
   * the same event again tells them. Absent where all were.
   */
  readonly untold?: Readonly<Record<string, readonly string[]>>;
  /** Digests of the breaches that were acted on, the latest last. */
  readonly acted: readonly string[];
}

/** Bytes of a standard parameter. Source: PutParameter, API reference of AWS Systems Manager. */
const mostBytes = 4096;
/** Breaches that are remembered: four years of a monthly budget. */
const mostActed = 48;
/** Of a breach or an approver, so that the record fits. */
const mostCharacters = 256;

export function hasActed({ acted }: ResponseRecord, breach: string): boolean {
  return acted.includes(breachDigest(breach));
}

export function withActed(acted: readonly string[], breach: string): readonly string[] {
  const digest = breachDigest(breach);
  return [...acted.filter((other) => other !== digest), digest].slice(-mostActed);
}

export function withoutActed(acted: readonly string[], breach: string): readonly string[] {
  return acted.filter((digest) => digest !== breachDigest(breach));
}

/** Who is still to be told of a breach. */
export function untoldOf({ untold }: ResponseRecord, breach: string): readonly string[] {
  return untold?.[breachDigest(breach)] ?? [];
}

/** The record once these are still to be told of a breach, and as before of the others. */
export function withUntold(record: ResponseRecord, breach: string, left: readonly string[]): ResponseRecord {
  const { [breachDigest(breach)]: _, ...others } = record.untold ?? {};
  const { untold: __, ...rest } = record;
  const untold = left.length === 0 ? others : { ...others, [breachDigest(breach)]: left };
  return Object.keys(untold).length === 0 ? rest : { ...rest, untold };
}

/** As the parameter's value: the oldest breaches go where it would not fit, with who is still to be told of them. */
export function writeResponse(record: ResponseRecord): string {
  const { untold, ...rest } = record;
  for (let { acted } = record; ; acted = acted.slice(1)) {
    const left = Object.entries(untold ?? {}).filter(([digest]) => acted.includes(digest));
    const kept = left.length === 0 ? {} : { untold: Object.fromEntries(left) };
    const text = JSON.stringify({ ...rest, ...kept, acted });
    if (acted.length === 0 || Buffer.byteLength(text) <= mostBytes) return text;
  }
}

/** A breach or an approver as the record holds it: cut between characters, since half of a pair has no UTF-8. */
export function shortened(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** @returns undefined where the value is not a record */
export function readResponse(text: string): ResponseRecord | undefined {
  const value = jsonValue(text);
  return isResponse(value) ? value : undefined;
}

const phases: readonly unknown[] = ['applying', 'extending', 'active', 'ending', 'ended'];

function isResponse(fields: unknown): fields is ResponseRecord {
  if (!isObject(fields)) return false;
  return (
    ['policy', 'policyHash', 'breach', 'since', 'expires'].every((name) => typeof fields[name] === 'string') &&
    ['undefined', 'string'].includes(typeof fields.approver) &&
    phases.includes(fields.phase) &&
    (fields.untold === undefined || isUntold(fields.untold)) &&
    isTexts(fields.acted) &&
    isTexts(fields.documents) &&
    fields.documents.every(isDenyPolicy)
  );
}

function isUntold(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isTexts);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** A record that names any other policy was not written here: a rollback would delete that policy. */
function isDenyPolicy(arn: string): boolean {
  return /^arn:[^:]+:iam::[0-9]{12}:/.test(arn) && arn.split(':')[5]?.startsWith(`policy${policyPath}`) === true;
}

/**
 * When a response ends by itself: RFC 3339 in UTC, or `never`.
 *
 * @param now in milliseconds since 1970
 */
export function expiryAfter(ttlMinutes: number, now: number): string {
  return ttlMinutes === 0 ? 'never' : new Date(now + ttlMinutes * 60_000).toISOString();
}

/** `never`, and what cannot be read as a time, is not over. */
export function isOver(expires: string, now: number): boolean {
  return Date.parse(expires) <= now;
}

export function laterExpiry(left: string, right: string): string {
  if (left === 'never' || right === 'never') return 'never';
  return Date.parse(left) >= Date.parse(right) ? left : right;
}
