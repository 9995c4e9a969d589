import { errors } from './errno.generated.ts';

/** Linux error numbers; the same on all our architectures (asm-generic/errno.h). */
interface ErrorTable {
  readonly values: ReadonlyMap<string, number>;
  /** The first name of each number: EAGAIN rather than EWOULDBLOCK. */
  readonly names: ReadonlyMap<number, string>;
}

let table: ErrorTable | undefined;

function decode(): ErrorTable {
  const values = new Map<string, number>();
  const names = new Map<number, string>();
  for (const entry of errors.trim().split(/\s/)) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    const value = Number(entry.slice(equals + 1));
    values.set(name, value);
    if (!names.has(value)) names.set(value, name);
  }
  return { values, names };
}

function errorTable(): ErrorTable {
  table ??= decode();
  return table;
}

/** The number of an error by its name in upper case (`EPERM` is 1), undefined for a name Linux does not have. */
export function errnoValue(name: string): number | undefined {
  return errorTable().values.get(name);
}

/** The name of an error number, the usual one where it has two; undefined for a number without a name. */
export function errnoName(number: number): string | undefined {
  return errorTable().names.get(number);
}

/** All names, by number. */
export function errnoNames(): readonly string[] {
  return [...errorTable().values.keys()];
}
