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

/** Where each operation's code lies, before anything is known of the data's addresses. */
export interface CodeLayout {
  readonly start: number;
  readonly size: number;
  readonly addresses: readonly number[];
  readonly labels: ReadonlyMap<string, number>;
  readonly wide: readonly boolean[];
}

/**
 * Lays out the code of `operations` from address `start` on.
 *
 * Branches start short and grow until all reach: lengths only grow, so it ends, and the result is the same each time.
 */
export function layOutCode(assembler: Assembler, operations: readonly Operation[], start: number): CodeLayout {
  const labels = new Map<string, number>();
  const anywhere: Placement = { here: start, addressOf: () => start };
  const lengths = operations.map((operation) => assembler.encode(operation, anywhere, false).length);
  const wide = operations.map(() => false);
  const addresses: number[] = [];
  for (;;) {
    let at = start;
    for (const [index, operation] of operations.entries()) {
      addresses[index] = at;
      if (operation.kind === 'label') labels.set(operation.name, at);
      at += lengths[index]!;
    }
    let grown = false;
    for (const [index, operation] of operations.entries()) {
      if (wide[index] || (operation.kind !== 'branch' && operation.kind !== 'jump')) continue;
      const placement = { here: addresses[index]!, addressOf: (name: string) => labels.get(name) ?? start };
      if (!assembler.needsWide(operation, placement)) continue;
      wide[index] = true;
      lengths[index] = assembler.encode(operation, placement, true).length;
      grown = true;
    }
    if (!grown) return { start, size: at - start, addresses, labels, wide };
  }
}

/** The machine code of operations that were laid out. */
export function encodeCode(
  assembler: Assembler,
  operations: readonly Operation[],
  layout: CodeLayout,
  dataAddress: (symbol: string) => number,
): Uint8Array {
  const code = new Uint8Array(layout.size);
  const addressOf = (name: string) => layout.labels.get(name) ?? dataAddress(name);
  for (const [index, operation] of operations.entries()) {
    const here = layout.addresses[index]!;
    code.set(assembler.encode(operation, { here, addressOf }, layout.wide[index]!), here - layout.start);
  }
  return code;
}
