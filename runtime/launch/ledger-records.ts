import { hash } from 'node:crypto';
import { isObject, jsonValue } from '../json.ts';

/** The tag of an instance and its volumes that says which launch of the ledger they are. */
export const launchTag = 'polc:launch';

/** The tag that says whose budgets an instance counts for; Cost Explorer is asked by it. */
export const profileTag = 'polc:profile';

/** Its value; that of no profile is no name of one. */
export function profileValue(profile: string | undefined): string {
  return profile ?? '-';
}

/** One line of the ledger, in its keys. Times are RFC 3339 in UTC. */
export type LedgerRecord = { readonly format: 1; readonly at: string } & (
  | ReserveRecord
  | { readonly event: 'confirm'; readonly id: string; readonly instance: string }
  /** No instance was started. */
  | { readonly event: 'release'; readonly id: string }
  /** The instance costs nothing any more: it was stopped or terminated. */
  | { readonly event: 'end'; readonly id: string }
  /** It was started again. */
  | { readonly event: 'resume'; readonly id: string }
  /** The line before was cut off by a crash: SHA-256 of what is left of it. */
  | { readonly event: 'torn'; readonly digest: string }
);

/** An instance is about to be started. */
export interface ReserveRecord {
  readonly event: 'reserve';
  readonly id: string;
  readonly profile?: string;
  readonly who: string;
  readonly name: string;
  readonly region: string;
  readonly instance_type: string;
  /** US dollars; absent where nobody knew it. */
  readonly hourly_cost?: number;
  /** When the instance ends by itself. */
  readonly until?: string;
}

export function ledgerLine(record: LedgerRecord): string {
  return JSON.stringify(record);
}

/** What the next record vouches for where a line was cut off. */
export function tornDigest(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Reads a line; undefined where it is no record. */
export function readLedgerLine(line: string): LedgerRecord | undefined {
  const value = jsonValue(line);
  return isRecord(value) ? value : undefined;
}

/** The texts that each event has besides its time. */
const texts: Readonly<Record<string, readonly string[]>> = {
  reserve: ['id', 'who', 'name', 'region', 'instance_type'],
  confirm: ['id', 'instance'],
  release: ['id'],
  end: ['id'],
  resume: ['id'],
  torn: ['digest'],
};

function isRecord(fields: unknown): fields is LedgerRecord {
  if (!isObject(fields)) return false;
  const { format, event, at, profile, hourly_cost: cost, until } = fields;
  if (format !== 1 || typeof event !== 'string' || !Object.hasOwn(texts, event) || !isTime(at)) return false;
  if (!texts[event]?.every((name) => typeof fields[name] === 'string')) return false;
  if (profile !== undefined && typeof profile !== 'string') return false;
  if (cost !== undefined && !(typeof cost === 'number' && cost >= 0)) return false;
  return until === undefined || isTime(until);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
