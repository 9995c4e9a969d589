/** What keeps the files from being what they must be; caught where the files are validated. */
export class KuadrantDifference extends Error {}

export function differ(what: string): never {
  throw new KuadrantDifference(what);
}
