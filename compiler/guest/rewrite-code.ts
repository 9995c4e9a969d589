import { Bytes } from '../backends/wasm/binary/bytes.ts';
import { emptyBlock } from '../backends/wasm/binary/operations.ts';
import { readInstruction } from './instructions.ts';
import { MeterCode, type MeterPoints } from './metering/emit.ts';
import { type Plan, planOf } from './metering/plan.ts';
import { ShortFunctions, skipLocals } from './metering/short-functions.ts';
import type { FunctionType, GuestModule } from './module.ts';
import { Reader } from './reader.ts';

/** How the bodies of a guest's functions are rewritten. */
export interface Rewriting {
  /** The new index of each function. */
  index(old: number): number;
  /** The index of a type, which is added where there is none. */
  type(wanted: FunctionType): number;
  /** Undefined where the guest's time is not held. */
  readonly meter: Metering | undefined;
}

export interface Metering extends MeterPoints {
  /** The function that stands for a bulk instruction, and charges for what it moves. */
  bulk(operation: number, first: number, second: number): number;
}

/** The content of the code section's entries: each body with its size, rewritten. */
export function rewriteBodies(
  module: GuestModule,
  start: number,
  end: number,
  rewriting: Rewriting,
  into: Bytes,
): void {
  const reader = new Reader(module.bytes, start, end);
  const count = reader.unsigned();
  const bodies: Reader[] = [];
  for (let at = 0; at < count; at += 1) {
    const size = reader.unsigned();
    bodies.push(new Reader(module.bytes, reader.at, reader.at + size));
    reader.skip(size);
  }
  const { index, type, meter } = rewriting;
  const short = new ShortFunctions(module, bodies);
  bodies.forEach((each, at) => {
    const { parameters, results } = module.types[module.functions[at]!]!;
    const locals = parameters.length + skipLocals(each.again());
    const body = each.again();
    if (meter === undefined) into.sized(renumbered(body, index));
    else into.sized(new MeteredBody(body, locals, short, { index, meter, type }).rewritten(results));
  });
}

/** A body with the functions' new indices. */
function renumbered(body: Reader, index: (old: number) => number): Uint8Array {
  const into = new Bytes();
  let copied = body.at;
  skipLocals(body);
  while (!body.done) {
    const { at } = body;
    const immediate = readInstruction(body);
    if (immediate.kind !== 'call' && immediate.kind !== 'reference') continue;
    into.all(body.bytes.subarray(copied, at + 1));
    into.unsigned(index(immediate.index));
    copied = body.at;
  }
  into.all(body.bytes.subarray(copied, body.end));
  return into.copy();
}

/**
 * One body, rewritten so that it takes units where its plan says. Where it counts turns of loops in a local, it is put
 * into a block, behind which the turns are charged for that were not before.
 */
class MeteredBody {
  readonly #body: Reader;
  readonly #plan: Plan;
  readonly #rewriting: Rewriting & { readonly meter: Metering };
  readonly #into = new Bytes();
  readonly #code: MeterCode;
  readonly #turns: boolean;
  readonly #start: number;
  /** Up to where what there was has been copied. */
  #copied: number;
  /** How many blocks are open, of which the first is the function. */
  #open = 1;
  /** The place among them of the loop with another around it. There is one at most: it has no loop in it. */
  #around = Number.POSITIVE_INFINITY;
  #calls = 0;
  #loops = 0;

  constructor(
    body: Reader,
    locals: number,
    short: ShortFunctions,
    rewriting: Rewriting & { readonly meter: Metering },
  ) {
    this.#body = body;
    this.#rewriting = rewriting;
    const instructions = body.again();
    skipLocals(instructions);
    this.#start = instructions.at;
    this.#copied = body.at;
    this.#plan = planOf(instructions, short);
    this.#turns = this.#plan.loops.some(({ counted }) => counted !== 'with-call');
    this.#code = new MeterCode(this.#into, rewriting.meter, locals);
  }

  rewritten(results: readonly number[]): Uint8Array {
    const into = this.#into;
    const body = this.#body;
    const { entry, calls } = this.#plan;
    if (entry > 0 || calls.length > 0 || this.#turns) {
      const groups = body.unsigned();
      into.unsigned(groups + 1);
      into.all(body.bytes.subarray(body.at, this.#start));
      into.all([1, 0x7f]);
      this.#copied = this.#start;
    }
    body.at = this.#start;
    if (entry > 0) this.#code.take(entry, this.#turns);
    if (this.#turns) {
      into.byte(0x02);
      this.#blockType(results);
    }
    while (!body.done) this.#instruction();
    this.#copyTo(body.end);
    if (this.#turns) {
      this.#code.take(0, true);
      into.byte(0x0b);
    }
    return into.copy();
  }

  #blockType(results: readonly number[]): void {
    const [first, second] = results;
    if (first === undefined) this.#into.byte(emptyBlock);
    else if (second === undefined) this.#into.byte(first);
    else this.#into.signed(this.#rewriting.type({ parameters: [], results }));
  }

  #instruction(): void {
    const into = this.#into;
    const body = this.#body;
    const { at } = body;
    const opcode = body.bytes[at]!;
    const immediate = readInstruction(body);
    if (this.#plan.calls[this.#calls]?.at === at) {
      this.#copyTo(at);
      this.#code.take(this.#plan.calls[this.#calls]!.units, this.#turns);
      this.#calls += 1;
    }
    switch (immediate.kind) {
      case 'call':
      case 'reference':
        this.#replace(at);
        into.byte(opcode);
        into.unsigned(this.#rewriting.index(immediate.index));
        return;
      case 'bulk':
        this.#replace(at);
        into.byte(0x10);
        into.unsigned(this.#rewriting.meter.bulk(immediate.operation, immediate.first, immediate.second));
        return;
      case 'loop':
        this.#loop(at);
        return;
      case 'open':
        this.#open += 1;
        return;
      case 'end':
        this.#open -= 1;
        if (this.#open !== this.#around) return;
        this.#around = Number.POSITIVE_INFINITY;
        this.#copyTo(body.at);
        into.byte(0x0b);
        return;
      case 'branch':
        if (this.#around < this.#open) this.#branch(at, opcode, immediate.labels);
        return;
      case 'throw':
        if (!this.#turns) return;
        this.#copyTo(at);
        this.#code.take(0, true);
        return;
    }
    if (opcode !== 0x0f || !this.#turns) return;
    this.#replace(at);
    into.byte(0x0c);
    into.unsigned(this.#outward(this.#open - 1));
  }

  #loop(at: number): void {
    const { counted, units } = this.#plan.loops[this.#loops]!;
    this.#loops += 1;
    if (counted === 'around') this.#around = this.#open;
    this.#open += 1;
    if (counted === 'with-call') return;
    if (counted === 'around') {
      this.#copyTo(at);
      this.#code.around(this.#body.bytes.subarray(at + 1, this.#body.at), units);
    }
    this.#copyTo(this.#body.at);
    if (counted === 'around') this.#code.turnWithin(units);
    else this.#code.turn(units);
  }

  #branch(at: number, opcode: number, labels: readonly number[]): void {
    this.#replace(at);
    const into = this.#into;
    into.byte(opcode);
    if (opcode === 0x0e) into.unsigned(labels.length - 1);
    for (const label of labels) into.unsigned(this.#outward(label));
  }

  /** A label: what leaves a loop leaves the one around it, too. */
  #outward(label: number): number {
    return this.#around < this.#open && label >= this.#open - this.#around ? label + 1 : label;
  }

  /** Copies what stands before an instruction, which is written anew. */
  #replace(at: number): void {
    this.#copyTo(at);
    this.#copied = this.#body.at;
  }

  #copyTo(at: number): void {
    if (at <= this.#copied) return;
    this.#into.all(this.#body.bytes.subarray(this.#copied, at));
    this.#copied = at;
  }
}
