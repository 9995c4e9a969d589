import type { Operation } from './operation.ts';

/** Turns operations into the machine code of one architecture. */
export interface Assembler {
  /** Appends the operation's code. A branch is the last instruction of its operation, in its short form. */
  write(operation: Operation, code: CodeWriter): void;
}

/** Machine code, and the places in it that wait for an address. */
export interface CodeWriter {
  readonly bytes: number[];
  /** In the order of their places. */
  readonly references: Reference[];
}

/** The address of a label, or of a byte of a piece of data, that the code at `at` needs. */
export interface Reference {
  readonly at: number;
  readonly form: ReferenceForm;
  readonly symbol: string;
  readonly plus: number;
}

/** How an address goes into the code. */
export interface ReferenceForm {
  /** How many bytes of code are the reference's. */
  readonly size: number;
  /** Completes the bytes at `at`, which lie at the address `here`. */
  complete(code: Uint8Array, at: number, here: number, target: number): void;
  /** For a branch that reaches 128 bytes: the form that reaches everywhere, and is completed from the short one's bytes. */
  readonly long?: ReferenceForm;
}

/** Code from address 0 on, before anything is known of the data's addresses. */
export interface CodeLayout {
  readonly size: number;
  /** Where each operation's code begins. */
  readonly offsets: readonly number[];
  readonly labels: ReadonlyMap<string, number>;
  /** The code with every branch short. */
  readonly written: CodeWriter;
  /** For each reference, whether it has the long form. */
  readonly long: Uint8Array;
}

/**
 * Writes the code of `operations` and finds each branch's form.
 *
 * Branches start short and grow until all reach: lengths only grow, so it ends, and the result is the same each time.
 */
export function layOutCode(assembler: Assembler, operations: readonly Operation[]): CodeLayout {
  const written: CodeWriter = { bytes: [], references: [] };
  const { bytes, references } = written;
  const offsets: number[] = [];
  // A label is known by its operation until branches have their forms.
  const operationOf = new Map<string, number>();
  for (const operation of operations) {
    if (operation.kind === 'label') operationOf.set(operation.name, offsets.length);
    offsets.push(bytes.length);
    assembler.write(operation, written);
  }
  const long = new Uint8Array(references.length);
  let size = bytes.length;
  for (;;) {
    let grown = 0;
    let shift = 0;
    const places = shifted(offsets, references, long);
    for (let index = 0; index < references.length; index += 1) {
      const { at, form, symbol } = references[index]!;
      if (form.long === undefined) continue;
      if (long[index] === 1) {
        shift += form.long.size - form.size;
        continue;
      }
      const distance = places[operationOf.get(symbol)!]! - (at + shift + form.size);
      if (distance >= -128 && distance <= 127) continue;
      long[index] = 2;
      grown += form.long.size - form.size;
    }
    if (grown === 0) {
      const labels = new Map<string, number>();
      for (const [name, operation] of operationOf) labels.set(name, places[operation]!);
      return { size, offsets: places, labels, written, long };
    }
    for (let index = 0; index < long.length; index += 1) if (long[index] === 2) long[index] = 1;
    size += grown;
  }
}

/** The offsets when the references that are marked have their long form. */
function shifted(offsets: readonly number[], references: readonly Reference[], long: Uint8Array): readonly number[] {
  let next = 0;
  let shift = 0;
  return offsets.map((offset) => {
    for (; next < references.length && references[next]!.at < offset; next += 1) {
      const { form } = references[next]!;
      if (long[next] === 1) shift += form.long!.size - form.size;
    }
    return offset + shift;
  });
}

/** The machine code of operations that were laid out, for the address `start`. */
export function linkCode(layout: CodeLayout, start: number, dataAddress: (symbol: string) => number): Uint8Array {
  const { written, labels, long, size } = layout;
  const short = Uint8Array.from(written.bytes);
  const code = new Uint8Array(size);
  let copied = 0;
  let shift = 0;
  for (let index = 0; index < written.references.length; index += 1) {
    const { at, form, symbol, plus } = written.references[index]!;
    const end = at + form.size;
    code.set(short.subarray(copied, end), copied + shift);
    copied = end;
    const label = labels.get(symbol);
    const target = (label === undefined ? dataAddress(symbol) : start + label) + plus;
    const place = at + shift;
    const chosen = long[index] === 1 ? form.long! : form;
    chosen.complete(code, place, start + place, target);
    shift += chosen.size - form.size;
  }
  code.set(short.subarray(copied), copied + shift);
  return code;
}
