/** From the worst on. `unknown` is as bad as any: nobody says that it is not. */
export const severities = ['critical', 'high', 'medium', 'low', 'none', 'unknown'] as const;
export type Severity = (typeof severities)[number];

/** The severities from which on a scan can fail. */
export const thresholds = ['critical', 'high', 'medium', 'low'] as const;
export type Threshold = (typeof thresholds)[number];

export type Counts = Readonly<Record<Severity, number>>;

/** How many findings of each severity. */
export function countsOf(found: Iterable<Severity>): Counts {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, none: 0, unknown: 0 };
  for (const severity of found) counts[severity] += 1;
  return counts;
}

/** Whether there is anything from the threshold on. */
export function verdictOf(counts: Counts, failOn: Threshold): 'passed' | 'failed' {
  const counting = thresholds.slice(0, thresholds.indexOf(failOn) + 1);
  return counts.unknown === 0 && counting.every((severity) => counts[severity] === 0) ? 'passed' : 'failed';
}

/**
 * Of a score of CVSS ("Qualitative Severity Rating Scale", CVSS v3.1, section 5); undefined where it is none.
 *
 * @param score a number, or its text as SARIF has it
 */
export function severityOfScore(score: unknown): Severity | undefined {
  const number = typeof score === 'string' && /^\d+(\.\d+)?$/.test(score) ? Number(score) : score;
  if (typeof number !== 'number' || !(number >= 0 && number <= 10)) return undefined;
  if (number >= 9) return 'critical';
  if (number >= 7) return 'high';
  if (number >= 4) return 'medium';
  return number > 0 ? 'low' : 'none';
}
