/** The middle value; of an even number of values the lower of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[(sorted.length - 1) >> 1]!;
}

/**
 * Measures competitors in turn, A B A B: what else the machine does falls on all alike.
 *
 * @param competitors each measures once and gives its figure
 * @returns the median of each
 */
export function interleaved(rounds: number, competitors: readonly (() => number)[]): number[] {
  const figures: number[][] = competitors.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < competitors.length; turn++) {
      const which = (turn + round) % competitors.length;
      figures[which]!.push(competitors[which]!());
    }
  }
  return figures.map(median);
}

/** The median time of one call in milliseconds, over calls that together take about `budget` milliseconds. */
export function timePerCall(budget: number, work: () => unknown): number {
  const times: number[] = [];
  const end = performance.now() + budget;
  do {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  } while (performance.now() < end);
  return median(times);
}

/** Runs `work` for about `budget` milliseconds, so that the engine has compiled what is hot. */
export function warmUp(budget: number, work: () => unknown): void {
  const end = performance.now() + budget;
  while (performance.now() < end) work();
}
