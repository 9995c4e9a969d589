import type { Helper } from './helpers.ts';
import { helperNumbers } from './helpers.ts';
import {
  type Arithmetic,
  arithmetic,
  atomicFetchAdd,
  type Comparison,
  classes,
  fromRegister,
  type Instruction,
  jumps,
  loadWide,
  modes,
  pseudo,
  type Register,
  slots,
  type Width,
  widths,
} from './instruction.ts';
import { type Field, fieldOffset } from './kernel-types.ts';

/** What the loader puts into a load of 64 bits: a map, or the address of a byte of the object's constants. */
export type Reference =
  | { readonly kind: 'map'; readonly map: string }
  | { readonly kind: 'constants'; readonly offset: number };

/** A program whose jumps are resolved. Places are slots of 8 bytes from its beginning. */
export interface AssembledProgram {
  readonly instructions: readonly Instruction[];
  /** The slot of each instruction. */
  readonly places: readonly number[];
  readonly fields: readonly { readonly slot: number; readonly field: Field }[];
  readonly references: readonly { readonly slot: number; readonly reference: Reference }[];
  /** Where the code of each rule begins: the index that `rule` was called with. The first is at slot 0. */
  readonly rules: readonly { readonly slot: number; readonly rule: number }[];
  /** What listings say at a slot. */
  readonly remarks: ReadonlyMap<number, string>;
}

interface Item {
  readonly instruction: Instruction;
  readonly target?: string;
  readonly field?: Field;
  readonly reference?: Reference;
}

type Operand = { readonly register: Register } | number;

/** The operand that is a register; a number is one that the instruction holds. */
export function register(number: Register): Operand {
  return { register: number };
}

/** Writes a program, instruction by instruction. Jumps name labels, which may be placed later. */
export class ProgramWriter {
  readonly #items: Item[] = [];
  readonly #labels = new Map<string, number>();
  readonly #rules: { item: number; rule: number }[] = [];
  readonly #remarks = new Map<number, string>();
  #fresh = 0;

  /** From here on the code is that of this rule. */
  rule(index: number): void {
    const last = this.#rules.at(-1);
    if (last?.rule === index) return;
    if (last?.item === this.#items.length) this.#rules.pop();
    this.#rules.push({ item: this.#items.length, rule: index });
  }

  /** What the listing says before the next instruction. */
  remark(text: string): void {
    this.#remarks.set(this.#items.length, text);
  }

  /** A label that nothing else has. */
  fresh(hint: string): string {
    this.#fresh += 1;
    return `${hint}.${this.#fresh}`;
  }

  label(name: string): void {
    if (this.#labels.has(name)) throw new Error(`the label ${name} is placed twice`);
    this.#labels.set(name, this.#items.length);
  }

  move(destination: Register, from: Operand): void {
    this.calculate('mov', destination, from);
  }

  /** `destination = destination OP operand`, on 64 bits. */
  calculate(operation: Arithmetic, destination: Register, operand: Operand): void {
    this.#operate(classes.alu64 | arithmetic[operation], destination, operand);
  }

  /** The same on the low 32 bits; the high ones become 0. */
  calculate32(operation: Arithmetic, destination: Register, operand: Operand): void {
    this.#operate(classes.alu32 | arithmetic[operation], destination, operand);
  }

  /** Turns the low `bits` from the network's order into the machine's. */
  fromBigEndian(destination: Register, bits: 16 | 32 | 64): void {
    this.#push({
      opcode: classes.alu32 | arithmetic.end | fromRegister,
      destination,
      source: 0,
      offset: 0,
      immediate: bits,
    });
  }

  load(width: Width, destination: Register, from: Register, offset: number): void {
    const opcode = classes.ldx | modes.memory | widths[width];
    this.#push({ opcode, destination, source: from, offset, immediate: 0 });
  }

  store(width: Width, to: Register, offset: number, from: Operand): void {
    const common = { destination: to, offset };
    if (typeof from === 'number') {
      const opcode = classes.st | modes.memory | widths[width];
      this.#push({ ...common, opcode, source: 0, immediate: from });
    } else {
      const opcode = classes.stx | modes.memory | widths[width];
      this.#push({ ...common, opcode, source: from.register, immediate: 0 });
    }
  }

  /** Adds `source` to the 64 bits at `to + offset`, at once for every processor; `source` becomes what was there. */
  fetchAdd(to: Register, offset: number, source: Register): void {
    const opcode = classes.stx | modes.atomic | widths[8];
    this.#push({ opcode, destination: to, source, offset, immediate: atomicFetchAdd });
  }

  /** Loads a pointer in the kernel's structure at `from`; its place is found when the program is loaded. */
  loadField(destination: Register, from: Register, field: Field): void {
    const opcode = classes.ldx | modes.memory | widths[8];
    this.#push({ opcode, destination, source: from, offset: fieldOffset(field), immediate: 0 }, { field });
  }

  /** Makes the address of a structure that of its field. */
  addField(destination: Register, field: Field): void {
    const opcode = classes.alu64 | arithmetic.add;
    this.#push({ opcode, destination, source: 0, offset: 0, immediate: fieldOffset(field) }, { field });
  }

  /** Makes the address of a field that of its structure. */
  subtractField(destination: Register, field: Field): void {
    const opcode = classes.alu64 | arithmetic.sub;
    this.#push({ opcode, destination, source: 0, offset: 0, immediate: fieldOffset(field) }, { field });
  }

  loadWide(destination: Register, value: bigint): void {
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(BigInt.asIntN(32, value >> 32n));
    this.#push({ opcode: loadWide, destination, source: 0, offset: 0, immediate: low, high });
  }

  /** A number of 64 bits in the shortest form. */
  loadNumber(destination: Register, value: bigint): void {
    const signed = BigInt.asIntN(64, value);
    if (signed >= -0x8000_0000n && signed <= 0x7fff_ffffn) this.move(destination, Number(signed));
    else this.loadWide(destination, value);
  }

  loadMap(destination: Register, map: string): void {
    this.#push(
      { opcode: loadWide, destination, source: pseudo.map, offset: 0, immediate: 0, high: 0 },
      { reference: { kind: 'map', map } },
    );
  }

  /** The address of a byte of the object's constants. */
  loadConstants(destination: Register, offset: number): void {
    this.#push(
      { opcode: loadWide, destination, source: pseudo.mapValue, offset: 0, immediate: 0, high: 0 },
      { reference: { kind: 'constants', offset } },
    );
  }

  jump(target: string): void {
    this.#push({ opcode: classes.jump | jumps.always, destination: 0, source: 0, offset: 0, immediate: 0 }, { target });
  }

  /** Jumps where `left COMPARISON right` holds, on 64 bits; `&` holds where a bit is set in both. */
  when(left: Register, comparison: Comparison, right: Operand, target: string): void {
    this.#branch(classes.jump, left, comparison, right, target);
  }

  when32(left: Register, comparison: Comparison, right: Operand, target: string): void {
    this.#branch(classes.jump32, left, comparison, right, target);
  }

  call(helper: Helper): void {
    const opcode = classes.jump | jumps.call;
    this.#push({ opcode, destination: 0, source: 0, offset: 0, immediate: helperNumbers[helper] });
  }

  exit(): void {
    this.#push({ opcode: classes.jump | jumps.exit, destination: 0, source: 0, offset: 0, immediate: 0 });
  }

  /** Resolves the jumps. INVARIANT: every label that is jumped to is placed, at most 32767 slots away. */
  assemble(): AssembledProgram {
    const places: number[] = [];
    let slot = 0;
    for (const { instruction } of this.#items) {
      places.push(slot);
      slot += slots(instruction);
    }
    places.push(slot);
    const instructions = this.#items.map(({ instruction, target }, index) => {
      if (target === undefined) return instruction;
      const at = this.#labels.get(target);
      if (at === undefined) throw new Error(`no label ${target}`);
      const offset = places[at]! - places[index]! - 1;
      if (offset !== (offset << 16) >> 16) throw new Error(`the label ${target} is too far away`);
      return { ...instruction, offset };
    });
    places.pop();
    const placed = <Key extends 'field' | 'reference'>(key: Key) =>
      this.#items.flatMap((item, index) => {
        const value = item[key];
        return value === undefined ? [] : [{ slot: places[index]!, value }];
      });
    return {
      instructions,
      places,
      fields: placed('field').map(({ slot: at, value }) => ({ slot: at, field: value as Field })),
      references: placed('reference').map(({ slot: at, value }) => ({ slot: at, reference: value as Reference })),
      rules: this.#rules
        .filter(({ item }) => item < places.length)
        .map(({ item, rule }) => ({ slot: places[item]!, rule })),
      remarks: new Map([...this.#remarks].map(([item, text]) => [places[item] ?? slot, text])),
    };
  }

  #operate(operation: number, destination: Register, operand: Operand): void {
    const common = { destination, offset: 0 };
    if (typeof operand === 'number') {
      this.#push({ ...common, opcode: operation, source: 0, immediate: operand });
    } else {
      this.#push({ ...common, opcode: operation | fromRegister, source: operand.register, immediate: 0 });
    }
  }

  #branch(kind: number, left: Register, comparison: Comparison, right: Operand, target: string): void {
    const opcode = kind | jumps[comparison];
    const common = { destination: left, offset: 0 };
    if (typeof right === 'number') this.#push({ ...common, opcode, source: 0, immediate: right }, { target });
    else this.#push({ ...common, opcode: opcode | fromRegister, source: right.register, immediate: 0 }, { target });
  }

  #push(instruction: Instruction, more: Omit<Item, 'instruction'> = {}): void {
    this.#items.push({ instruction, ...more });
  }
}
