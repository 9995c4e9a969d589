import { type Architecture, x32Bit } from './architectures.ts';
import { armPrivate, names, numbers } from './syscalls.generated.ts';

/**
 * System call numbers by architecture, decoded from the generated table when an architecture is first asked for.
 *
 * Names are libseccomp's. No two names share a number on any of our architectures (the generator fails if they do),
 * so a number has one name.
 */
interface SyscallTable {
  readonly numberOf: ReadonlyMap<string, number>;
  readonly newest: number;
  nameOf: ReadonlyMap<number, string> | undefined;
}

/** Kernel numbering is common to all architectures from 424 (Linux 5.1); x32's own calls at 512 to 547 are no part of it. */
const firstX32Only = 512;

let allNames: readonly string[] | undefined;
let nameSet: ReadonlySet<string> | undefined;
const tables = new Map<Architecture, SyscallTable>();

function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

function decode(architecture: Architecture): SyscallTable {
  const list = syscallNames();
  const digits = numbers[architecture];
  const bit = architecture === 'x32' ? x32Bit : 0;
  const numberOf = new Map<string, number>();
  let newest = 0;
  for (let at = 0; at < list.length; at += 1) {
    const high = digits.charCodeAt(2 * at);
    if (high === 45) continue;
    const number = digit(high) * 32 + digit(digits.charCodeAt(2 * at + 1));
    if (number > newest && number < firstX32Only) newest = number;
    numberOf.set(list[at]!, bit + number);
  }
  if (architecture === 'arm') {
    for (const pair of armPrivate.trim().split(' ')) {
      const equals = pair.indexOf('=');
      numberOf.set(pair.slice(0, equals), Number(pair.slice(equals + 1)));
    }
  }
  return { numberOf, newest: bit + newest, nameOf: undefined };
}

function table(architecture: Architecture): SyscallTable {
  let found = tables.get(architecture);
  if (found === undefined) {
    found = decode(architecture);
    tables.set(architecture, found);
  }
  return found;
}

/** The number of `name`, undefined where the architecture has no such call; x32's include `x32Bit`. */
export function syscallNumber(architecture: Architecture, name: string): number | undefined {
  return table(architecture).numberOf.get(name);
}

/** The name of `number` (for x32 with `x32Bit` set), undefined for a number that no call has. */
export function syscallName(architecture: Architecture, number: number): string | undefined {
  const found = table(architecture);
  if (found.nameOf === undefined) {
    const nameOf = new Map<number, string>();
    for (const [name, itsNumber] of found.numberOf) nameOf.set(itsNumber, name);
    found.nameOf = nameOf;
  }
  return found.nameOf.get(number);
}

/** Numbers by name, in the order of names. */
export function syscallNumbers(architecture: Architecture): ReadonlyMap<string, number> {
  return table(architecture).numberOf;
}

/** True for a name that Linux has on some architecture, ours or not. */
export function isSyscall(name: string): boolean {
  nameSet ??= new Set(syscallNames());
  return nameSet.has(name);
}

/** Every name that Linux has on some architecture, sorted; 36 of them on none of ours. */
export function syscallNames(): readonly string[] {
  allNames ??= names.trim().split(/\s/);
  return allNames;
}

/**
 * The highest number of the table's common numbering: Arm's private calls and x32's own are above it and have names.
 * A number above it without a name belongs to a kernel newer than the table (7.1), or to no kernel.
 */
export function newestNumber(architecture: Architecture): number {
  return table(architecture).newest;
}
