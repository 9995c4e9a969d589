import { isObject } from '../../json.ts';

/** A file that is not what it says. The message says how, as the end of a sentence. */
export class ScanProblem extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

/** @throws ScanProblem where it is no object */
export function objectAt(value: unknown, name: string): Fields {
  if (!isObject(value)) throw new ScanProblem(`\`${name}\` is no object`);
  return value;
}

/** @throws ScanProblem where it is no array */
export function arrayAt(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ScanProblem(`\`${name}\` is no array`);
  return value;
}

/** Of what may be left out; null is what SARIF writes for that too. Throws `ScanProblem` where it is something else. */
export function optionalObject(value: unknown, name: string): Fields {
  return value === undefined || value === null ? {} : objectAt(value, name);
}

/** Alike, empty where it is left out. */
export function optionalArray(value: unknown, name: string): readonly unknown[] {
  return value === undefined || value === null ? [] : arrayAt(value, name);
}
