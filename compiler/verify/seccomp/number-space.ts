import { type Architecture, auditArchitecture, x32Bit } from '../../tables/architectures.ts';
import { newestNumber, syscallName, syscallNumbers } from '../../tables/syscalls.ts';

/** The value of the `arch` attribute: `other` for every architecture that the target does not have. */
export type ArchitectureName = Architecture | 'other';

/** Numbers that the policy cannot tell apart: one call, or all those without a name and on one side of the newest. */
export interface Point {
  /** The `syscall` attribute; undefined where it is `#N` with an N that no rule mentions. */
  readonly name: string | undefined;
  readonly newer: boolean;
}

/** A range of numbers, both ends included, that belong to one point. */
export interface Segment {
  readonly low: number;
  readonly high: number;
  readonly point: number;
}

/** The numbers of one architecture, cut into points. */
export interface NumberSpace {
  readonly architecture: ArchitectureName;
  readonly points: readonly Point[];
  /** Points by the `syscall` attribute. */
  readonly pointOf: ReadonlyMap<string, number>;
  /** Ascending, without gaps within the architecture's own numbers. */
  readonly segments: readonly Segment[];
}

interface NumberRange {
  readonly low: number;
  readonly high: number;
}

const everyNumber: readonly NumberRange[] = [{ low: 0, high: 0xffff_ffff }];
/** x32 has the numbers of x86_64's audit value that carry its bit; bit 31 may be set as well. */
const withX32Bit: readonly NumberRange[] = [
  { low: 0x4000_0000, high: 0x7fff_ffff },
  { low: 0xc000_0000, high: 0xffff_ffff },
];
const withoutX32Bit: readonly NumberRange[] = [
  { low: 0, high: 0x3fff_ffff },
  { low: 0x8000_0000, high: 0xbfff_ffff },
];

/** A calling convention and the numbers that are its own, ascending. */
export interface Convention {
  readonly architecture: ArchitectureName;
  readonly numbers: readonly NumberRange[];
}

/** Who owns the numbers under an audit value, undefined for one that no served architecture has. */
export function conventionsOf(audit: number | undefined, served: ReadonlySet<Architecture>): readonly Convention[] {
  const owner = (architecture: Architecture) => (served.has(architecture) ? architecture : 'other');
  if (audit === auditArchitecture.x86_64) {
    return [
      { architecture: owner('x86_64'), numbers: withoutX32Bit },
      { architecture: owner('x32'), numbers: withX32Bit },
    ];
  }
  for (const architecture of served) {
    if (auditArchitecture[architecture] === audit) return [{ architecture, numbers: everyNumber }];
  }
  return [{ architecture: 'other', numbers: everyNumber }];
}

const oldUnnamed = 0;
const newUnnamed = 1;

/** The spaces for policies that mention no `#N`, by the ranges cut: they follow from the tables alone. */
const unmentioned = new WeakMap<readonly NumberRange[], Map<ArchitectureName, NumberSpace>>();

/**
 * Cuts the numbers in `ranges`, an architecture's own, into points. `mentioned` are numbers that the policy names as `#N`; where one has no name on this
 * architecture it becomes a point of its own.
 *
 * An `other` architecture has no table: none of its numbers has a name and none is newer than a table.
 */
export function numberSpace(
  architecture: ArchitectureName,
  ranges: readonly NumberRange[],
  mentioned: readonly number[],
): NumberSpace {
  if (mentioned.length > 0) return cut(architecture, ranges, mentioned);
  let known = unmentioned.get(ranges);
  if (known === undefined) {
    known = new Map();
    unmentioned.set(ranges, known);
  }
  let space = known.get(architecture);
  if (space === undefined) {
    space = cut(architecture, ranges, mentioned);
    known.set(architecture, space);
  }
  return space;
}

function cut(
  architecture: ArchitectureName,
  ranges: readonly NumberRange[],
  mentioned: readonly number[],
): NumberSpace {
  const points: Point[] = [
    { name: undefined, newer: false },
    { name: undefined, newer: true },
  ];
  const pointOf = new Map<string, number>();
  const newest = architecture === 'other' ? 0xffff_ffff : newestNumber(architecture);
  const numbers: number[] = [];
  const names = new Map<number, string>();
  if (architecture !== 'other') {
    for (const [name, number] of syscallNumbers(architecture)) {
      names.set(number, name);
      numbers.push(number);
    }
  }
  for (const number of mentioned) {
    if (names.has(number) || !ranges.some((range) => number >= range.low && number <= range.high)) continue;
    names.set(number, `#${number}`);
    numbers.push(number);
  }
  numbers.sort((left, right) => left - right);

  const segments: Segment[] = [];
  const fill = (low: number, high: number) => {
    if (low <= Math.min(high, newest)) segments.push({ low, high: Math.min(high, newest), point: oldUnnamed });
    if (Math.max(low, newest + 1) <= high) segments.push({ low: Math.max(low, newest + 1), high, point: newUnnamed });
  };
  let at = 0;
  for (const range of ranges) {
    let low = range.low;
    for (; at < numbers.length && numbers[at]! <= range.high; at += 1) {
      const number = numbers[at]!;
      const name = names.get(number)!;
      fill(low, number - 1);
      pointOf.set(name, points.length);
      segments.push({ low: number, high: number, point: points.length });
      points.push({ name, newer: name.startsWith('#') && number > newest });
      low = number + 1;
    }
    fill(low, range.high);
  }
  return { architecture, points, pointOf, segments };
}

/** The architecture whose call `number` is under an audit value. */
export function architectureOf(audit: number, number: number, served: ReadonlySet<Architecture>): ArchitectureName {
  const [plain, marked] = conventionsOf(audit, served);
  return ((number & x32Bit) === 0 ? plain : (marked ?? plain))?.architecture ?? 'other';
}

/** The `syscall` attribute of a number. */
export function nameOfNumber(architecture: ArchitectureName, number: number): string {
  return (architecture === 'other' ? undefined : syscallName(architecture, number)) ?? `#${number}`;
}
