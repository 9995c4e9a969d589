import { hash } from 'node:crypto';
import { writeListing } from './listing.ts';
import { createPolicyIndex, type PolicyIndex } from './policy-index.ts';
import type { Guardrails } from './world.ts';

/** Guardrails that events are evaluated against together. */
export interface GuardrailSet {
  /** By the policies' ids, in which order they respond. */
  readonly ordered: Guardrails;
  /** Over `ordered`. */
  readonly index: PolicyIndex;
  /** Of `ordered`. */
  readonly listing: string;
  /** The sha-256 of the listing, in hexadecimal: by it the audit log names all of them. */
  readonly digest: string;
}

const made = new WeakMap<Guardrails, GuardrailSet>();

/** What is made of a list of guardrails is kept as long as the list: the handler on AWS Lambda uses one for all events. */
export function guardrailSet(guardrails: Guardrails): GuardrailSet {
  const known = made.get(guardrails);
  if (known !== undefined) return known;
  const ordered = [...guardrails].sort((left, right) => (left.compiled.policy < right.compiled.policy ? -1 : 1));
  const listing = writeListing(ordered);
  const index = createPolicyIndex(ordered.map(({ compiled }) => compiled));
  const set = { ordered, index, listing, digest: hash('sha256', listing, 'hex') };
  made.set(guardrails, set);
  return set;
}
