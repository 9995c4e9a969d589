import { type Architecture, auditArchitecture, x32Bit } from '../../tables/architectures.ts';
import { newestNumber, syscallNumbers } from '../../tables/syscalls.ts';

/** What the IR's attribute `arch` can be for one program. */
export type Convention = Architecture | 'other';

/**
 * The numbers of one calling convention, as slots: one for each number up to the newest that the table knows, one for
 * each number beyond it that has a name or is written `#N` in the policy, and one for all the rest.
 */
export interface NumberSpace {
  readonly convention: Convention;
  /** The number of slot 0. */
  readonly base: number;
  /** How many slots, from 0, stand for consecutive numbers from `base`. */
  readonly dense: number;
  /** The numbers of the slots from `dense` on, ascending. */
  readonly beyond: readonly number[];
  /** How many slots there are; the last is `rest`. */
  readonly slots: number;
  /** The slot of a name: of a system call, or `#N` where the number N has no name. */
  slotOf(name: string): number | undefined;
  /** The slots whose numbers lie above the newest and have no name. */
  readonly newer: readonly number[];
}

/** The spaces of policies that use no `#N`: they follow from the tables alone. */
const plainSpaces = new Map<Convention, NumberSpace>();

/**
 * @param hashNames the names of the form `#N` that the policy uses.
 */
export function numberSpace(convention: Convention, hashNames: readonly string[]): NumberSpace {
  if (hashNames.length > 0) return spaceOf(convention, hashNames);
  let space = plainSpaces.get(convention);
  if (space === undefined) {
    space = spaceOf(convention, hashNames);
    plainSpaces.set(convention, space);
  }
  return space;
}

function spaceOf(convention: Convention, hashNames: readonly string[]): NumberSpace {
  const table = convention === 'other' ? undefined : syscallNumbers(convention);
  const base = convention === 'x32' ? x32Bit : 0;
  const dense = convention === 'other' ? 0 : newestNumber(convention) - base + 1;
  const named = new Set<number>();
  if (table !== undefined) for (const number of table.values()) if (number - base >= dense) named.add(number);
  const beyond = new Set(named);
  const hashed = new Map<string, number>();
  for (const name of hashNames) {
    const number = Number(name.slice(1));
    if (number > 0xffff_ffff || name !== `#${number}`) continue;
    hashed.set(name, number);
    if (number < base || number - base >= dense) beyond.add(number);
  }
  const sorted = [...beyond].sort((left, right) => left - right);
  const slotBeyond = new Map(sorted.map((number, index) => [number, dense + index]));
  const slotOfNumber = (number: number) =>
    number >= base && number - base < dense ? number - base : slotBeyond.get(number);
  if (table !== undefined && hashed.size > 0) {
    const taken = new Set(table.values());
    for (const [name, number] of hashed) if (taken.has(number)) hashed.delete(name);
  }
  const rest = dense + sorted.length;
  const newer: number[] = [];
  if (table !== undefined) {
    sorted.forEach((number, index) => {
      if (!named.has(number) && number >= base + dense) newer.push(dense + index);
    });
    newer.push(rest);
  }
  return {
    convention,
    base,
    dense,
    beyond: sorted,
    slots: rest + 1,
    newer,
    slotOf(name) {
      const number = name.charCodeAt(0) === 35 ? hashed.get(name) : table?.get(name);
      return number === undefined ? undefined : slotOfNumber(number);
    },
  };
}

/** A part of the 32-bit numbers and the convention whose calls they are; both bounds inclusive. */
export interface NumberSegment {
  readonly low: number;
  readonly high: number;
  readonly convention: Convention;
}

/**
 * How the numbers under one audit value are shared out among the conventions that a program serves. Only x86_64 has
 * two: a number with `x32Bit` is x32's, whatever its other bits are (`arch/x86/entry/common.c`).
 */
export function segmentsOf(audit: number, served: readonly Architecture[]): readonly NumberSegment[] {
  const owner = (architecture: Architecture): Convention => (served.includes(architecture) ? architecture : 'other');
  if (audit !== auditArchitecture.x86_64) {
    const architecture = served.find((candidate) => auditArchitecture[candidate] === audit);
    return [{ low: 0, high: 0xffff_ffff, convention: architecture ?? 'other' }];
  }
  const plain = owner('x86_64');
  const x32 = owner('x32');
  return [
    { low: 0, high: 0x3fff_ffff, convention: plain },
    { low: 0x4000_0000, high: 0x7fff_ffff, convention: x32 },
    { low: 0x8000_0000, high: 0xbfff_ffff, convention: plain },
    { low: 0xc000_0000, high: 0xffff_ffff, convention: x32 },
  ];
}
