/** The words of an input as slots: the architecture and the number, then pairs of a high and a low word. */
export const slots = { architecture: 0, number: 1, pointerHigh: 2, argumentHigh: 4 };
export const slotCount = 16;
/** One level for each bit of an input; terminals lie below them all. */
export const levelCount = slotCount * 32;

/** Where each bit of an input stands in the diagrams, from the root: bit b (0 the most significant) of slot s. */
export interface BitOrder {
  /** The level of the slot's most significant bit. */
  readonly first: Int32Array;
  /** How many levels apart the bits of a slot are. */
  readonly stride: Int32Array;
  readonly slotAt: Uint8Array;
  readonly bitAt: Uint8Array;
}

/**
 * Slot after slot, which keeps a comparison with a constant a chain of 32 nodes; but the arguments that are compared
 * with each other come last and bit beside bit, since otherwise such a comparison had a node for each value of one.
 *
 * ```
 * slot   0     1   2      3      4        5        6        7      ...  15
 *      arch  nr  ip hi  ip lo  arg0 hi  arg0 lo  arg1 hi  arg1 lo  ...  arg5 lo
 * ```
 *
 * @param related the slots of the high words of such arguments
 */
export function bitOrder(related: ReadonlySet<number>): BitOrder {
  const first = new Int32Array(slotCount);
  const stride = new Int32Array(slotCount).fill(1);
  let next = 0;
  for (let slot = 0; slot < slotCount; slot += 1) {
    if (related.has(slot & ~1)) continue;
    first[slot] = next;
    next += 32;
  }
  for (const half of [0, 1]) {
    for (const slot of related) {
      first[slot + half] = next;
      stride[slot + half] = related.size;
      next += 1;
    }
    next += related.size * 31;
  }
  const slotAt = new Uint8Array(levelCount);
  const bitAt = new Uint8Array(levelCount);
  for (let slot = 0; slot < slotCount; slot += 1) {
    for (let bit = 0; bit < 32; bit += 1) {
      const level = first[slot]! + bit * stride[slot]!;
      slotAt[level] = slot;
      bitAt[level] = bit;
    }
  }
  return { first, stride, slotAt, bitAt };
}
