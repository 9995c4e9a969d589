import { isObject, jsonValue } from '../../json.ts';
import { boundariesBelow, boundaryParameter } from './places.ts';
import { ensureSealKey, isSealed, sealKey, sealOf } from './record-seal.ts';
import type { TrackedPort } from './tracked-port.ts';

/**
 * `/polc/guardrail/boundary/POLICY/DIGEST OF THE PRINCIPAL`: a permissions boundary that a response sets, written before
 * it is set. The records of one principal are a pile: each says which boundary it found. Since a rollback sets what they
 * say, they are sealed: one that was altered, or put under another name, is not read.
 */
export interface BoundaryRecord {
  readonly policy: string;
  readonly principal: string;
  /** The ARN of the boundary that the response sets. */
  readonly set: string;
  /** What the response set before its policy was changed. */
  readonly was?: string;
  /** The ARN of the boundary that was there; null where there was none. */
  readonly before: string | null;
  /** The place in the pile: greater lies above. */
  readonly order: number;
  readonly breach: string;
  /** RFC 3339 in UTC, or `never`. */
  readonly expires: string;
}

export interface UnreadableBoundary {
  readonly parameter: string;
  readonly policy: string;
  /** It may be what was written, but the key of its seal is gone. */
  readonly isKeyless: boolean;
}

/** The boundary records of all policies, kept in step with the parameters. */
export class BoundaryLedger {
  readonly unreadable: readonly UnreadableBoundary[];
  readonly #port: TrackedPort;
  readonly #records: Map<string, BoundaryRecord>;
  /** Read when it is first needed. */
  #key: Uint8Array | undefined;

  private constructor(
    port: TrackedPort,
    records: Map<string, BoundaryRecord>,
    unreadable: UnreadableBoundary[],
    key: Uint8Array | undefined,
  ) {
    this.#key = key;
    this.#port = port;
    this.#records = records;
    this.unreadable = unreadable;
  }

  static async load(port: TrackedPort): Promise<BoundaryLedger> {
    const records = new Map<string, BoundaryRecord>();
    const unreadable: UnreadableBoundary[] = [];
    const parameters = await port.parametersBelow(boundariesBelow);
    const key = parameters.length === 0 ? undefined : await sealKey(port);
    for (const { name, value } of parameters) {
      const record = key === undefined ? undefined : readBoundary(name, value, key);
      if (record === undefined) {
        const policy = name.slice(boundariesBelow.length + 1).split('/')[0] ?? '';
        unreadable.push({ parameter: name, policy, isKeyless: key === undefined });
      } else records.set(name, record);
    }
    return new BoundaryLedger(port, records, unreadable, key);
  }

  ofPolicy(policy: string): readonly BoundaryRecord[] {
    return [...this.#records.values()].filter((record) => record.policy === policy);
  }

  policies(): readonly string[] {
    return [...new Set([...this.#records.values(), ...this.unreadable].map(({ policy }) => policy))];
  }

  /** The lowest first. */
  onPrincipal(principal: string): readonly BoundaryRecord[] {
    return [...this.#records.values()]
      .filter((record) => record.principal === principal)
      .sort((left, right) => left.order - right.order || (left.policy < right.policy ? -1 : 1));
  }

  /** The record that lies on another. */
  above(record: BoundaryRecord): BoundaryRecord | undefined {
    const pile = this.onPrincipal(record.principal);
    return pile[pile.findIndex(({ policy }) => policy === record.policy) + 1];
  }

  async put(record: BoundaryRecord): Promise<void> {
    const name = boundaryParameter(record.policy, record.principal);
    this.#key ??= await ensureSealKey(this.#port);
    const seal = sealOf(name, contentOf(record), this.#key);
    await this.#port.putParameter(name, JSON.stringify({ ...record, seal }), { overwrite: true, secret: false });
    this.#records.set(name, record);
  }

  async delete({ policy, principal }: Pick<BoundaryRecord, 'policy' | 'principal'>): Promise<void> {
    const name = boundaryParameter(policy, principal);
    await this.#port.deleteParameter(name);
    this.#records.delete(name);
  }
}

/** What the seal is of: every field, in one order. */
function contentOf({ policy, principal, set, was, before, order, breach, expires }: BoundaryRecord): string {
  return JSON.stringify([policy, principal, set, was ?? null, before, order, breach, expires]);
}

function readBoundary(name: string, text: string, key: Uint8Array): BoundaryRecord | undefined {
  const value = jsonValue(text);
  if (!isSealedBoundary(value)) return undefined;
  const { seal, ...record } = value;
  return isSealed(seal, name, contentOf(record), key) ? record : undefined;
}

function isSealedBoundary(fields: unknown): fields is BoundaryRecord & { readonly seal: string } {
  if (!isObject(fields)) return false;
  return (
    ['policy', 'principal', 'set', 'breach', 'expires', 'seal'].every((name) => typeof fields[name] === 'string') &&
    ['undefined', 'string'].includes(typeof fields.was) &&
    (fields.before === null || typeof fields.before === 'string') &&
    typeof fields.order === 'number'
  );
}
