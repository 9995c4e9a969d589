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

const always = classes.jump | jumps.always;
const leave = classes.jump | jumps.exit;

/** Every item has all of these, so that each of the many is made alike. */
interface Item {
  readonly instruction: Instruction;
  readonly target: string | undefined;
  readonly field: Field | undefined;
  readonly reference: Reference | undefined;
}

export type Operand = { readonly register: Register } | number;

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
    if (typeof from === 'number') {
      const opcode = classes.st | modes.memory | widths[width];
      this.#push({ opcode, destination: to, source: 0, offset, immediate: from });
    } else {
      const opcode = classes.stx | modes.memory | widths[width];
      this.#push({ opcode, destination: to, source: from.register, offset, immediate: 0 });
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

  /** Slots of what has been written, of which some may turn out to be unreachable. */
  get size(): number {
    let size = 0;
    for (const { instruction } of this.#items) size += slots(instruction);
    return size;
  }

  /**
   * Resolves the jumps, and leaves out what no way leads to, which the kernel's verifier refuses. INVARIANT: every label
   * that is jumped to is placed, at most 32767 slots away.
   */
  assemble(): AssembledProgram {
    const kept = this.#kept();
    const places: number[] = [];
    const placeOf: number[] = [];
    const items: Item[] = [];
    let slot = 0;
    for (const [index, item] of this.#items.entries()) {
      placeOf.push(slot);
      if (kept[index] === 0) continue;
      places.push(slot);
      items.push(item);
      slot += slots(item.instruction);
    }
    placeOf.push(slot);
    const fields: { slot: number; field: Field }[] = [];
    const references: { slot: number; reference: Reference }[] = [];
    const instructions = items.map(({ instruction, target, field, reference }, index) => {
      const at = places[index]!;
      if (field !== undefined) fields.push({ slot: at, field });
      if (reference !== undefined) references.push({ slot: at, reference });
      if (target === undefined) return instruction;
      const { opcode, destination, source, immediate } = instruction;
      const offset = placeOf[this.#placed(target)]! - at - 1;
      if (offset !== (offset << 16) >> 16) throw new Error(`the label ${target} is too far away`);
      return { opcode, destination, source, offset, immediate };
    });
    return {
      instructions,
      places,
      fields,
      references,
      rules: this.#ruleStarts(placeOf, slot),
      remarks: new Map([...this.#remarks].map(([item, text]) => [placeOf[item]!, text])),
    };
  }

  #placed(label: string): number {
    const at = this.#labels.get(label);
    if (at === undefined) throw new Error(`no label ${label}`);
    return at;
  }

  /** By item 1 for those that are reached, without jumps to what follows them anyway. */
  #kept(): Uint8Array {
    const reached = new Uint8Array(this.#items.length);
    const pending = [0];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (let index = at; index < reached.length && reached[index] === 0; index += 1) {
        reached[index] = 1;
        const { instruction, target } = this.#items[index]!;
        if (target !== undefined) pending.push(this.#placed(target));
        if (instruction.opcode === always || instruction.opcode === leave) break;
      }
    }
    for (let index = this.#items.length - 1; index >= 0; index -= 1) {
      const { instruction, target } = this.#items[index]!;
      if (instruction.opcode !== always || target === undefined || reached[index] === 0) continue;
      const to = this.#placed(target);
      let next = index + 1;
      while (next < to && reached[next] === 0) next += 1;
      if (next === to) reached[index] = 0;
    }
    return reached;
  }

  /** Of rules whose code is not there none is named. */
  #ruleStarts(placeOf: readonly number[], end: number): readonly { slot: number; rule: number }[] {
    const starts: { slot: number; rule: number }[] = [];
    for (const { item, rule } of this.#rules) {
      const slot = placeOf[item]!;
      if (slot === end) continue;
      if (starts.at(-1)?.slot === slot) starts.pop();
      if (starts.at(-1)?.rule !== rule) starts.push({ slot, rule });
    }
    return starts;
  }

  #operate(opcode: number, destination: Register, operand: Operand): void {
    this.#push(withOperand(opcode, destination, operand));
  }

  #branch(kind: number, left: Register, comparison: Comparison, right: Operand, target: string): void {
    this.#push(withOperand(kind | jumps[comparison], left, right), { target });
  }

  #push(instruction: Instruction, { target, field, reference }: Partial<Item> = {}): void {
    this.#items.push({ instruction, target, field, reference });
  }
}

function withOperand(opcode: number, destination: Register, operand: Operand): Instruction {
  return typeof operand === 'number'
    ? { opcode, destination, source: 0, offset: 0, immediate: operand }
    : { opcode: opcode | fromRegister, destination, source: operand.register, offset: 0, immediate: 0 };
}
