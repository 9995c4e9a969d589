import type { Operation } from './operation.ts';

/** Where names are, while code is being laid out. */
export interface Placement {
  /** The address of the instruction being encoded. */
  readonly here: number;
  /** The address of a label or of a piece of data. */
  addressOf(name: string): number;
}

/**
 * One architecture's encoder. The length of an operation's code may depend on the distance of a branch, never on
 * anything else that a placement says; a branch that is encoded long once stays long (`wide`).
 */
export interface Assembler {
  encode(operation: Operation, placement: Placement, wide: boolean): readonly number[];
  /** True where the short form of the branch does not reach. */
  needsWide(operation: Operation, placement: Placement): boolean;
}

/**
 * Machine code for `operations` from address `start` on.
 *
 * Branches start short and grow until all reach: lengths only grow, so it ends, and the result is the same each time.
 */
export function assemble(
  assembler: Assembler,
  operations: readonly Operation[],
  start: number,
  dataAddress: (symbol: string) => number,
): { readonly code: Uint8Array; readonly addresses: readonly number[] } {
  const wide = operations.map(() => false);
  const labels = new Map<string, number>();
  const addresses: number[] = [];
  const placementAt = (here: number): Placement => ({
    here,
    addressOf: (name) => labels.get(name) ?? dataAddress(name),
  });
  // Lengths before any label is known are those of branches to here.
  for (const operation of operations) if (operation.kind === 'label') labels.set(operation.name, start);
  for (;;) {
    let at = start;
    for (const [index, operation] of operations.entries()) {
      addresses[index] = at;
      if (operation.kind === 'label') labels.set(operation.name, at);
      at += assembler.encode(
        operation,
        { here: at, addressOf: (name) => (labels.has(name) ? at : dataAddress(name)) },
        wide[index]!,
      ).length;
    }
    let grown = false;
    for (const [index, operation] of operations.entries()) {
      if (wide[index] || !assembler.needsWide(operation, placementAt(addresses[index]!))) continue;
      wide[index] = true;
      grown = true;
    }
    if (!grown) break;
  }
  const code: number[] = [];
  for (const [index, operation] of operations.entries()) {
    for (const byte of assembler.encode(operation, placementAt(addresses[index]!), wide[index]!)) code.push(byte);
  }
  return { code: Uint8Array.from(code), addresses };
}
