import type { Bytes } from '../../backends/wasm/binary/bytes.ts';

/** What code that takes units refers to. */
export interface MeterPoints {
  /** The global that holds the units left, and the function that is called when it falls below 0. */
  readonly fuel: number;
  readonly refill: number;
  /** The function that takes units, which stands between. */
  readonly charge: number;
}

/**
 * Turns of loops are counted in a local, and charged for when it is above this: a global lies in memory. What it holds
 * is charged for before any call that costs units and where the function is left, so that it is lost nowhere.
 */
const unitsAtOnce = 1023;

/** Writes code that takes units; `local` is one of i32 that the function has for it. */
export class MeterCode {
  readonly #into: Bytes;
  readonly #points: MeterPoints;
  readonly #local: number;

  constructor(into: Bytes, points: MeterPoints, local: number) {
    this.#into = into;
    this.#points = points;
    this.#local = local;
  }

  /** `fuel -= units; if (fuel < 0) refill()`, of which the local, which is 0 then, is a part where it counts turns. */
  take(units: number, turns: boolean): void {
    const into = this.#into;
    this.#global(0x23);
    if (units > 0) {
      this.#constant(units);
      into.byte(0x6b);
    }
    if (turns) {
      this.#get();
      into.byte(0x6b);
    }
    if (turns) {
      // Before the call, which a guest with exceptions may survive: what is charged for is in the local no more.
      this.#global(0x24);
      this.#set(0);
      this.#global(0x23);
    } else {
      into.byte(0x22);
      into.unsigned(this.#local);
      this.#global(0x24);
      this.#get();
    }
    into.all([0x41, 0x00, 0x48, 0x04, 0x40, 0x10]);
    into.unsigned(this.#points.refill);
    into.byte(0x0b);
  }

  /** `local += units; if (local > unitsAtOnce) { charge(local); local = 0 }` */
  turn(units: number): void {
    this.#count(units);
    this.#isMuch();
    this.#chargeIf(0);
  }

  /**
   * Begins the loop that stands around another, and takes its units. The turn in which they became too many is begun
   * again, and not counted twice.
   *
   * @param type the block type of both
   */
  around(type: Uint8Array, units: number): void {
    this.#into.byte(0x03);
    this.#into.all(type);
    this.#get();
    this.#isMuch();
    this.#chargeIf(-units);
  }

  /** `local += units; if (local > unitsAtOnce) continue around` */
  turnWithin(units: number): void {
    this.#count(units);
    this.#isMuch();
    this.#into.all([0x0d, 0x01]);
  }

  #chargeIf(after: number): void {
    const into = this.#into;
    into.all([0x04, 0x40]);
    this.#get();
    into.byte(0x10);
    into.unsigned(this.#points.charge);
    this.#set(after);
    into.byte(0x0b);
  }

  #count(units: number): void {
    this.#get();
    this.#constant(units);
    this.#into.byte(0x6a);
    this.#into.byte(0x22);
    this.#into.unsigned(this.#local);
  }

  #isMuch(): void {
    this.#constant(unitsAtOnce);
    this.#into.byte(0x4b);
  }

  #set(value: number): void {
    this.#constant(value);
    this.#into.byte(0x21);
    this.#into.unsigned(this.#local);
  }

  #get(): void {
    this.#into.byte(0x20);
    this.#into.unsigned(this.#local);
  }

  #constant(value: number): void {
    this.#into.byte(0x41);
    this.#into.signed(value);
  }

  #global(opcode: number): void {
    this.#into.byte(opcode);
    this.#into.unsigned(this.#points.fuel);
  }
}
