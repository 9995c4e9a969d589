import fc from 'fast-check';

export interface Bounds {
  /** How many values are tried however long that takes, so that a slow machine shows something too. */
  readonly leastRuns: number;
  /** Until when more are tried. */
  readonly milliseconds: number;
}

/** Checks a property on random values until the time is up, and gives how many were tried. Throws where it fails. */
export function assertFor<T>(property: fc.IProperty<T>, { leastRuns, milliseconds }: Bounds): number {
  const end = performance.now() + milliseconds;
  fc.assert(property, { numRuns: leastRuns });
  const left = end - performance.now();
  if (left < 1) return leastRuns;
  const details = fc.check(property, {
    numRuns: 1_000_000,
    interruptAfterTimeLimit: left,
    markInterruptAsFailure: false,
  });
  if (details.failed) throw new Error(fc.defaultReportMessage(details));
  return leastRuns + details.numRuns;
}
