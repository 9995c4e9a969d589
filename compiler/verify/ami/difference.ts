/** Thrown and caught within the validator: what was emitted says something else than the policy. */
export class ImageDifference extends Error {}

export function differ(what: string): never {
  throw new ImageDifference(what);
}
