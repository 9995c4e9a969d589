/** Thrown and caught within the validator: the artifact is malformed, or means something else than the policy. */
export class LandlockDifference extends Error {}

/** Counts what is compared, and stops at what differs. */
export class Comparison {
  count = 0;

  same(what: string, found: unknown, wanted: unknown): void {
    this.count += 1;
    if (found !== wanted) throw new LandlockDifference(`${what}: the artifact says ${found}, the policy ${wanted}`);
  }
}
