import type { Policy } from '../ir/policy.ts';
import type { Span } from '../source/span.ts';
import { nodeText } from './node-text.ts';
import { type Memory, Remembered } from './remembered.ts';

/** A node of the IR, or some of them, as a memory knows them. */
export interface Identity {
  /** The same for what says the same wherever it stands; of what was long not seen, another one than before. */
  readonly key: string;
  /** Where it stands, in an order that is the same for the same key. */
  readonly spans: readonly Span[];
}

/** Short keys in place of long texts, of which the backends of a policy would make and compare the same again. */
const numbers = new Remembered<number>(4096);

/** Nodes are immutable, and the backends share those of a policy. */
const known = new WeakMap<Memory, WeakMap<object, Identity>>();

/** One decision, limit, obligation or quota. */
export function nodeIdentity(memory: Memory, node: object): Identity {
  let identities = known.get(memory);
  if (identities === undefined) {
    identities = new WeakMap();
    known.set(memory, identities);
  }
  let identity = identities.get(node);
  if (identity === undefined) {
    const { text, spans } = nodeText(node);
    const number = numbers.recall(memory, text, () => memory.nextNumber());
    identity = { key: String(number), spans };
    identities.set(node, identity);
  }
  return identity;
}

/** All that a policy says but its name. */
export function policyIdentity(memory: Memory, policy: Policy): Identity {
  const { decisions, limits, obligations, quotas = [], adaptive } = policy;
  let key = adaptive === undefined ? '' : `${adaptive.start} ${adaptive.levels.map(({ level }) => level).join(' ')};`;
  const spans: Span[] = [];
  const ofLevels = (adaptive?.levels ?? []).flatMap((level) => [level.decisions, level.limits, level.obligations]);
  for (const nodes of [decisions, limits, obligations, quotas, ...ofLevels]) {
    for (const node of nodes) {
      const own = nodeIdentity(memory, node);
      key += `${own.key},`;
      for (const span of own.spans) spans.push(span);
    }
    key += ';';
  }
  return { key, spans };
}
