import { architectures, auditArchitecture } from '../../compiler/tables/architectures.ts';
import type { Random } from './random-decision.ts';
import type { Data, Instruction } from './seccomp-program.ts';

/**
 * Inputs around everything that some programs compare with: each constant and its neighbours in each word, single bits
 * of masks, and random words. A brute-force oracle: it finds most differences between two programs, never a false one.
 */
export class Sampler {
  private readonly pools: readonly (readonly number[])[];
  private readonly random: Random;

  constructor(programs: readonly (readonly Instruction[])[], random: Random) {
    this.random = random;
    const pools = Array.from({ length: 16 }, () => new Set<number>([0]));
    for (const program of programs) {
      let word = 0;
      for (const { code, k } of program) {
        if (code === 0x20 && k < 64) word = k >>> 2;
        else if ((code & 7) === 5 && code !== 5) around(pools[word]!, k);
        else if (code === 0x54)
          for (let bit = 0; bit < 32; bit += 1) if ((k >>> bit) & 1) pools[word]!.add((1 << bit) >>> 0);
      }
    }
    for (const architecture of architectures) pools[1]!.add(auditArchitecture[architecture]);
    for (const number of [...pools[0]!]) pools[0]!.add((number | 0x4000_0000) >>> 0);
    this.pools = pools.map((pool) => [...pool]);
  }

  /** Every boundary of the architecture and number with arguments at random from their boundaries, then random ones. */
  *inputs(random: number): Generator<Data> {
    const audits = this.pools[1]!;
    for (const audit of audits) {
      const known = Object.values(auditArchitecture).includes(audit);
      for (const number of known ? this.pools[0]! : this.pools[0]!.slice(0, 4)) {
        for (let round = 0; round < (known ? 4 : 1); round += 1) yield this.input(audit, number);
      }
    }
    for (let at = 0; at < random; at += 1) yield this.input(this.random.pick(audits), this.random.pick(this.pools[0]!));
  }

  private input(audit: number, number: number): Data {
    const data = new Uint32Array(16);
    data[0] = number;
    data[1] = audit;
    for (let word = 2; word < 16; word += 1) {
      const pool = this.pools[word]!;
      const roll = this.random.word();
      data[word] =
        pool.length === 1 ? (roll & 7 ? 0 : roll) : roll % 9 === 0 ? this.random.word() : this.random.pick(pool);
      if (pool.length > 1 && roll % 11 === 0) data[word]! |= this.random.pick(pool);
    }
    // Arguments that are equal in a word or in both, for comparisons of one with another.
    for (let word = 6; word < 10; word += 1) if (this.random.below(3) === 0) data[word] = data[4 + (word & 1)]!;
    return data;
  }
}

function around(pool: Set<number>, constant: number): void {
  for (const step of [-1, 0, 1]) pool.add((constant + step) >>> 0);
}
