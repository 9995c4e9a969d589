import type { Compilation } from '../compile.ts';
import { coverageByField, coverageMarks, fieldStatus, type JoinedCoverage, jointStatus } from '../coverage.ts';
import { type Answer, placeOf } from './answer.ts';

/** What becomes of every field of the policy. */
export function explainCoverage(compilation: Compilation): Answer {
  const { coverage, policy } = compilation;
  const lines = coverageByField(coverage).flatMap((entries) => {
    const [{ topic, span, by, deployments, accepted }] = entries;
    const status = fieldStatus(entries);
    const ways = deployments.map(
      ({ name }, index) =>
        `${coverageMarks[jointStatus(entries.map((entry) => entry.deployments[index]!.status))]} ${name}`,
    );
    const answers = entries.flatMap((entry) =>
      entry.answers.map(
        ({ backend, status: each, enforced, lost }) =>
          `    ${backend.padEnd(9)} ${[each === 'full' && enforced === undefined ? 'enforced' : enforced, lost === undefined ? undefined : `lost: ${lost}`].filter((part) => part !== undefined).join(' · ')}`,
      ),
    );
    return [
      `${coverageMarks[status]} ${topic.padEnd(34)} ${placeOf(compilation, span)}${by === undefined ? '' : ` (${by})`}`,
      ...(ways.length > 1 ? [`    deployed  ${ways.join(', ')}`] : []),
      ...new Set(answers),
      ...(accepted === undefined ? [] : [`    accepted  ${accepted}`]),
      ...overriders(entries, coverage).map(
        (by) => `    overridden by ${by.topic} ${placeOf(compilation, by.span)}: nobody enforces it`,
      ),
    ];
  });
  return {
    lines: [`${policy!.name}: ${coverage.length} rules, limits and obligations`, ...lines],
    data: { policy: policy!.name, coverage },
  };
}

/** The rules that decide otherwise wherever one of the entries holds. */
function overriders(
  entries: readonly JoinedCoverage[],
  coverage: readonly JoinedCoverage[],
): readonly JoinedCoverage[] {
  const ids = new Set(entries.map(({ overridden }) => overridden));
  return coverage.filter(({ rule }) => ids.has(rule));
}
