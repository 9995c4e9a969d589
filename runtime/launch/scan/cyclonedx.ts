import { arrayAt, type Fields, objectAt, optionalArray, optionalObject, ScanProblem } from './json-fields.ts';
import type { Findings } from './sarif.ts';
import { type Severity, severities, severityOfScore } from './severity.ts';

/** States of analysis (CycloneDX 1.4 to 1.7, `impactAnalysisState`) that say that a vulnerability is of no concern here. */
const settledStates: ReadonlySet<unknown> = new Set([
  'resolved',
  'resolved_with_pedigree',
  'false_positive',
  'not_affected',
]);

/**
 * The vulnerabilities of a CycloneDX document, as VEX has them: those that no analysis has settled, each with the worst of
 * its ratings. A list of components without `vulnerabilities` says nothing of them.
 *
 * @throws ScanProblem
 */
export function cycloneDxFindings(document: Fields): Findings {
  const { specVersion: version } = document;
  if (typeof version !== 'string' || !/^1\.[4-7]$/.test(version)) {
    throw new ScanProblem('its version of CycloneDX is none of 1.4 to 1.7');
  }
  if (document.vulnerabilities === undefined) {
    throw new ScanProblem('it has no `vulnerabilities`, so nobody looked for them');
  }
  const found: Severity[] = [];
  let settled = 0;
  for (const [index, value] of arrayAt(document.vulnerabilities, 'vulnerabilities').entries()) {
    const vulnerability = objectAt(value, `vulnerabilities[${index}]`);
    if (settledStates.has(optionalObject(vulnerability.analysis, 'analysis').state)) settled += 1;
    else found.push(worstOf(optionalArray(vulnerability.ratings, 'ratings').map((each) => objectAt(each, 'ratings'))));
  }
  return { severities: found, settled };
}

/** Of several sources that rate it, the one that takes it for the worst; where none says how bad it is, nobody knows. */
function worstOf(ratings: readonly Fields[]): Severity {
  const given = new Set(ratings.map(severityOf));
  return severities.find((severity) => given.has(severity)) ?? 'unknown';
}

function severityOf({ severity, score, method }: Fields): Severity {
  const isCvss = typeof method === 'string' && method.startsWith('CVSS');
  if (severity === undefined) return (isCvss ? severityOfScore(score) : undefined) ?? 'unknown';
  if (severity === 'info') return 'none';
  return severities.find((each) => each === severity) ?? 'unknown';
}
