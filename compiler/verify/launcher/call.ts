import { syscallName } from '../../tables/syscalls.ts';
import type { LoadedFile } from './elf.ts';
import type { Process } from './processor.ts';

const argumentRegisters = { x86_64: [7, 6, 2, 10, 8, 9], aarch64: [0, 1, 2, 3, 4, 5] } as const;
const numberRegister = { x86_64: 0, aarch64: 8 } as const;

/** One system call of a process, with its arguments decoded from the machine's registers. */
export class Call {
  readonly name: string;
  readonly number: number;
  private readonly process: Process;
  private readonly registers: readonly number[];

  constructor(process: Process, machine: LoadedFile['machine']) {
    this.process = process;
    this.registers = argumentRegisters[machine];
    this.number = process.low[numberRegister[machine]]!;
    this.name = syscallName(machine, this.number) ?? `#${this.number}`;
  }

  /** As the kernel's functions take most of them: the low 32 bits, signed. */
  int(index: number): number {
    return this.process.low[this.registers[index]!]! | 0;
  }

  pointer(index: number): number {
    return this.process.pointer(this.registers[index]!);
  }

  wide(index: number): bigint {
    return this.process.wide(this.registers[index]!);
  }
}

/** Puts what the call returned where the machine wants it. */
export function setResult(process: Process, result: number): void {
  process.set(0, result >>> 0, result < 0 ? 0xffff_ffff : 0);
}

/** errno(3) */
export const error = {
  perm: 1,
  noent: 2,
  badf: 9,
  again: 11,
  acces: 13,
  notdir: 20,
  inval: 22,
  nosys: 38,
  toobig: 7,
  nomsg: 42,
  notsock: 88,
} as const;
