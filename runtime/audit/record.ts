import { hash } from 'node:crypto';
import { isObject, jsonValue } from '../json.ts';

/** A decision as whoever made it tells it. */
export interface AuditEntry {
  /** RFC 3339 in UTC. */
  readonly time: string;
  /** Who decided: a user, a role, or the holder of an approval. */
  readonly actor: string;
  /** What was asked or done: `guardrail.evaluate`, `guardrail.act`. */
  readonly action: string;
  /** On what: a policy and a breach, a machine image, a tenant. */
  readonly subject: string;
  /** The answer: `respond`, `refused`. */
  readonly decision: string;
  readonly reasons: readonly AuditReason[];
  /** The sha-256 of the policy that decided, in hexadecimal; empty where none had a part in it. */
  readonly policy_hash: string;
  /** What else a dialect needs to find the record by: `mode` of a guardrail. */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface AuditReason {
  readonly text: string;
  /** The place in the policy, or in what it was asked about, that the reason speaks of. */
  readonly span?: AuditSpan;
}

/** Offsets in UTF-16 code units. */
export interface AuditSpan {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** One line of an audit log. */
export interface AuditRecord extends AuditEntry {
  /** The sha-256 of the line before, without its line feed, in hexadecimal; `firstPrevious` in the first record. */
  readonly previous: string;
}

/** What the first record of a log names as the one before. */
export const firstPrevious = '0'.repeat(64);

/** Of a record that continues a log whose last line was cut off by a crash: `previous` is the digest of what is left of it. */
export const recoveredAction = 'audit.recovered';

/** The line of a record, without line feed: its fields always in the same order. */
export function recordLine(entry: AuditEntry, previous: string): string {
  const { time, actor, action, subject, decision, reasons, policy_hash, facts } = entry;
  return JSON.stringify({
    time,
    actor,
    action,
    subject,
    decision,
    reasons: reasons.map(({ text, span }) =>
      span === undefined ? { text } : { text, span: { file: span.file, start: span.start, end: span.end } },
    ),
    policy_hash,
    ...(facts === undefined ? {} : { facts }),
    previous,
  });
}

export function lineDigest(line: string | Uint8Array): string {
  return hash('sha256', line, 'hex');
}

/** Reads a line; undefined where it is no record. */
export function readRecord(line: string): AuditRecord | undefined {
  const value = jsonValue(line);
  return isRecord(value) ? value : undefined;
}

const texts = ['time', 'actor', 'action', 'subject', 'decision', 'policy_hash', 'previous'] as const;

function isRecord(value: unknown): value is AuditRecord {
  if (!isObject(value) || !texts.every((name) => typeof value[name] === 'string')) return false;
  const { reasons, facts } = value;
  if (facts !== undefined && !(isObject(facts) && Object.values(facts).every((each) => typeof each === 'string'))) {
    return false;
  }
  return Array.isArray(reasons) && reasons.every(isReason);
}

function isReason(value: unknown): boolean {
  if (!isObject(value) || typeof value.text !== 'string') return false;
  const { span } = value;
  if (span === undefined) return true;
  return (
    isObject(span) &&
    typeof span.file === 'string' &&
    Number.isSafeInteger(span.start) &&
    Number.isSafeInteger(span.end)
  );
}
