import { type Code, condition, Fault, type operation } from './code.ts';
import { Memory } from './memory.ts';

const stack = 4;
const link = 30;
/** What a system call leaves in rcx and r11. */
const lost = 0xdead_dead;

/**
 * A process as the emulators see it: registers of 64 bits in two halves, memory, and the outcome of the last comparison.
 * Register 31 of aarch64 is the zero register; x86_64 uses the first 16.
 */
export class Process extends Memory {
  private readonly registers = new Uint32Array(64);
  /** The halves of each register. */
  readonly low = this.registers.subarray(0, 32);
  readonly high = this.registers.subarray(32);
  /** aarch64's stack pointer, which no register number names in most instructions. */
  stackPointer = 0;
  counter = 0;
  /** Where the first branch that was taken went; 0 before. */
  firstBranch = 0;
  /** Equal, below (1) and less (2) as bits; -1 after an instruction that leaves other flags: nothing may branch on them. */
  private comparison = -1;

  /** Lives a future, which may end anywhere, and then is where it was before. */
  aside<T>(live: () => T): T {
    const mark = this.begin();
    const registers = this.registers.slice();
    const { counter, comparison, stackPointer } = this;
    const result = live();
    this.registers.set(registers);
    this.counter = counter;
    this.comparison = comparison;
    this.stackPointer = stackPointer;
    this.takeBack(mark);
    return result;
  }

  /**
   * Whether the next thing that the process does, before anything that others could see, is to go to an address with a
   * result as it is now. The process itself stays where it is.
   */
  leadsTo(code: Code, stop: number, most: number): boolean {
    return this.aside(() => {
      const result = this.low[0];
      this.frozen = true;
      try {
        return this.run(code, most, stop) < 0 && this.low[0] === result;
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        return false;
      } finally {
        this.frozen = false;
      }
    });
  }

  set(register: number, low: number, high: number): void {
    this.low[register] = low;
    this.high[register] = high;
  }

  /** A register that holds an address. */
  pointer(register: number): number {
    return this.low[register]! + this.high[register]! * 2 ** 32;
  }

  wide(register: number): bigint {
    return (BigInt(this.high[register]!) << 32n) | BigInt(this.low[register]!);
  }

  /**
   * Runs to the end of the next system call instruction, whose call the caller performs, or to an address.
   *
   * @param most how many instructions it may take
   * @param stop an address before whose instruction it ends; -1 for none
   * @returns how many more it may take; -1 where `stop` was reached.
   */
  run(code: Code, most: number, stop: number): number {
    const { low, high } = this;
    const { places, start } = code;
    let { fields } = code;
    let { counter, comparison } = this;
    for (let left = most; left > 0; left -= 1) {
      if (counter === stop) {
        this.counter = counter;
        return -1;
      }
      let at = places[counter - start];
      if (at === undefined || at === 0) {
        at = code.decode(counter);
        fields = code.fields;
      }
      const a = fields[at + 1]!;
      counter = fields[at + 5]!;
      // Numbers in place of names: an interpreter, which a first compilation is run by, would look each name up.
      switch (fields[at]) {
        case 1 satisfies typeof operation.set:
          low[a] = fields[at + 3]!;
          high[a] = fields[at + 4]!;
          break;
        case 3 satisfies typeof operation.load1:
          low[a] = this.byte(this.pointer(fields[at + 2]!) + fields[at + 3]!);
          high[a] = 0;
          break;
        case 17 satisfies typeof operation.branch: {
          if (comparison < 0) throw new Fault('a branch without a comparison');
          if (((comparison >> (a >> 1)) & 1) === (a & 1)) break;
          counter = fields[at + 3]!;
          if (this.firstBranch === 0) this.firstBranch = counter;
          break;
        }
        case 34 satisfies typeof operation.branchZero:
        case 35 satisfies typeof operation.branchNotZero:
          if (((low[a]! | high[a]!) === 0) !== (fields[at] === 34)) break;
          counter = fields[at + 3]!;
          if (this.firstBranch === 0) this.firstBranch = counter;
          break;
        case 15 satisfies typeof operation.compareValue:
          comparison = compared(low[a]!, high[a]!, fields[at + 3]! >>> 0, fields[at + 4]! >>> 0);
          break;
        case 16 satisfies typeof operation.compare: {
          const b = fields[at + 2]!;
          comparison = compared(low[a]!, high[a]!, low[b]!, high[b]!);
          break;
        }
        case 9 satisfies typeof operation.addValue: {
          const sum = low[a]! + (fields[at + 3]! >>> 0);
          high[a] = high[a]! + fields[at + 4]! + (sum > 0xffff_ffff ? 1 : 0);
          low[a] = sum;
          comparison = -1;
          break;
        }
        case 18 satisfies typeof operation.jump:
          counter = fields[at + 3]!;
          break;
        case 6 satisfies typeof operation.store1:
          this.store(this.pointer(fields[at + 2]!) + fields[at + 3]!, 1, low[a]!);
          break;
        case 2 satisfies typeof operation.move: {
          const b = fields[at + 2]!;
          low[a] = low[b]!;
          high[a] = high[b]!;
          break;
        }
        case 4 satisfies typeof operation.load4:
          low[a] = this.word(this.pointer(fields[at + 2]!) + fields[at + 3]!);
          high[a] = 0;
          break;
        case 5 satisfies typeof operation.load8: {
          const address = this.pointer(fields[at + 2]!) + fields[at + 3]!;
          low[a] = this.word(address);
          high[a] = this.word(address + 4);
          break;
        }
        case 7 satisfies typeof operation.store4:
          this.store(this.pointer(fields[at + 2]!) + fields[at + 3]!, 4, low[a]!);
          break;
        case 8 satisfies typeof operation.store8: {
          const address = this.pointer(fields[at + 2]!) + fields[at + 3]!;
          this.store(address, 4, low[a]!);
          this.store(address + 4, 4, high[a]!);
          break;
        }
        case 23 satisfies typeof operation.setByStack: {
          const address = this.pointer(stack);
          this.store(address - 8, 4, fields[at + 3]!);
          this.store(address - 4, 4, fields[at + 4]!);
          low[a] = fields[at + 3]!;
          high[a] = fields[at + 4]!;
          break;
        }
        case 24 satisfies typeof operation.clear:
          low[a] = 0;
          high[a] = 0;
          comparison = -1;
          break;
        case 25 satisfies typeof operation.alterLow:
          low[a] = (low[a]! & fields[at + 3]!) | fields[at + 4]!;
          break;
        case 26 satisfies typeof operation.alterHigh:
          high[a] = (high[a]! & fields[at + 3]!) | fields[at + 4]!;
          break;
        case 19 satisfies typeof operation.callByStack: {
          const address = this.pointer(stack) - 8;
          this.store(address, 4, counter);
          this.store(address + 4, 4, 0);
          low[stack] = low[stack]! - 8;
          comparison = -1;
          counter = fields[at + 3]!;
          break;
        }
        case 20 satisfies typeof operation.returnByStack:
          counter = this.word(this.pointer(stack));
          low[stack] = low[stack]! + 8;
          comparison = -1;
          break;
        case 21 satisfies typeof operation.callByLink:
          low[link] = counter;
          high[link] = 0;
          counter = fields[at + 3]!;
          break;
        case 22 satisfies typeof operation.returnByLink:
          counter = this.pointer(link);
          break;
        case 10 satisfies typeof operation.add: {
          const b = fields[at + 2]!;
          const sum = low[a]! + low[b]!;
          high[a] = high[a]! + high[b]! + (sum > 0xffff_ffff ? 1 : 0);
          low[a] = sum;
          comparison = -1;
          break;
        }
        case 11 satisfies typeof operation.subtract: {
          const b = fields[at + 2]!;
          high[a] = high[a]! - high[b]! - (low[a]! < low[b]! ? 1 : 0);
          low[a] = low[a]! - low[b]!;
          comparison = -1;
          break;
        }
        case 12 satisfies typeof operation.and: {
          const b = fields[at + 2]!;
          low[a] = low[a]! & low[b]!;
          high[a] = high[a]! & high[b]!;
          comparison = -1;
          break;
        }
        case 13 satisfies typeof operation.negate:
          high[a] = -high[a]! - (low[a] === 0 ? 0 : 1);
          low[a] = -low[a]!;
          comparison = -1;
          break;
        case 14 satisfies typeof operation.shiftRight: {
          const bits = fields[at + 3]!;
          low[a] = (low[a]! >>> bits) | (high[a]! << (32 - bits));
          high[a] = high[a]! >>> bits;
          comparison = -1;
          break;
        }
        case 27 satisfies typeof operation.stackPointer:
          low[a] = this.stackPointer;
          high[a] = 0;
          break;
        case 29 satisfies typeof operation.offset: {
          const sum = this.pointer(fields[at + 2]!) + fields[at + 3]!;
          low[a] = sum;
          high[a] = Math.floor(sum / 2 ** 32);
          break;
        }
        case 30 satisfies typeof operation.moveStack:
          this.stackPointer += fields[at + 3]!;
          break;
        case 31 satisfies typeof operation.divideInPlace: {
          if (high[0] !== 0 || low[2] !== 0 || high[2] !== 0) throw new Fault('a division of more than 32 bits');
          const [dividend, divisor] = [low[0]!, this.pointer(a)];
          if (divisor === 0) throw new Fault('a division by zero');
          this.set(0, Math.floor(dividend / divisor), 0);
          this.set(2, dividend % divisor, 0);
          comparison = -1;
          break;
        }
        case 32 satisfies typeof operation.divide: {
          const [dividend, divisor] = [this.pointer(fields[at + 2]!), this.pointer(fields[at + 3]!)];
          if (divisor === 0 || dividend > 0xffff_ffff) throw new Fault('a division of more than 32 bits');
          this.set(a, Math.floor(dividend / divisor), 0);
          break;
        }
        case 33 satisfies typeof operation.multiplySubtract: {
          const product = this.pointer(fields[at + 2]!) * this.pointer(fields[at + 3]!);
          const difference = this.pointer(fields[at + 4]!) - product;
          if (difference < 0 || product > 0xffff_ffff) throw new Fault('a product of more than 32 bits');
          this.set(a, difference, Math.floor(difference / 2 ** 32));
          break;
        }
        case 28 satisfies typeof operation.systemCall:
          // SYSCALL keeps the return address and the flags in the two registers that `a` and `b` name.
          if (a !== 0) {
            this.set(a, lost, lost);
            this.set(fields[at + 2]!, lost, lost);
          }
          this.counter = counter;
          this.comparison = -1;
          return left - 1;
      }
    }
    throw new Fault('it does not end');
  }
}

/** The bits of a comparison of two numbers of 64 bits. */
function compared(low: number, high: number, otherLow: number, otherHigh: number): number {
  if (high !== otherHigh) {
    return (
      (high < otherHigh ? 1 << (condition.below >> 1) : 0) |
      ((high | 0) < (otherHigh | 0) ? 1 << (condition.less >> 1) : 0)
    );
  }
  if (low === otherLow) return 1;
  return low < otherLow ? 6 : 0;
}
