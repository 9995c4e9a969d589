import type { Term } from '../../expressions/predicate.ts';
import { slots } from './bit-order.ts';

/** The slot of the high word of the argument that a term reads, perhaps under masks; undefined for other terms. */
export function argumentSlot(term: Term): number | undefined {
  if (term.kind === 'mask') return argumentSlot(term.term);
  if (term.kind !== 'attribute' || term.name.length !== 4 || !term.name.startsWith('arg')) return undefined;
  const index = term.name.charCodeAt(3) - 48;
  return index >= 0 && index <= 5 ? slots.argumentHigh + 2 * index : undefined;
}
