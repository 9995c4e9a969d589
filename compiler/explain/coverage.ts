import type { Compilation } from '../compile.ts';
import type { JoinedCoverage } from '../coverage.ts';
import { type Answer, placeOf } from './answer.ts';

/** What becomes of every field of the policy. */
export function explainCoverage(compilation: Compilation): Answer {
  const { coverage, policy } = compilation;
  const lines = fieldsOf(coverage).flatMap((entries) => {
    const [{ topic, span, by, deployments, accepted }] = entries;
    const status = statusOf(entries.map((entry) => entry.status));
    const ways = deployments.map(
      ({ name }, index) => `${marks[statusOf(entries.map((entry) => entry.deployments[index]!.status))]} ${name}`,
    );
    const answers = entries.flatMap((entry) =>
      entry.answers.map(
        ({ backend, status: each, enforced, lost }) =>
          `    ${backend.padEnd(9)} ${[each === 'full' && enforced === undefined ? 'enforced' : enforced, lost === undefined ? undefined : `lost: ${lost}`].filter((part) => part !== undefined).join(' · ')}`,
      ),
    );
    return [
      `${marks[status]} ${topic.padEnd(34)} ${placeOf(compilation, span)}${by === undefined ? '' : ` (${by})`}`,
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

const marks = { full: '✔', partial: '⚠', none: '✘' } as const;

/** The rules that the author wrote as one field, together: it has one mark. */
function fieldsOf(coverage: readonly JoinedCoverage[]): readonly (readonly [JoinedCoverage, ...JoinedCoverage[]])[] {
  const fields = new Map<string, [JoinedCoverage, ...JoinedCoverage[]]>();
  for (const entry of coverage) {
    const key = `${entry.topic} ${entry.span.start} ${entry.span.file} ${entry.by ?? ''}`;
    const field = fields.get(key);
    if (field === undefined) fields.set(key, [entry]);
    else field.push(entry);
  }
  return [...fields.values()];
}

/** The rules that decide otherwise wherever one of the entries holds. */
function overriders(
  entries: readonly JoinedCoverage[],
  coverage: readonly JoinedCoverage[],
): readonly JoinedCoverage[] {
  const ids = new Set(entries.map(({ overridden }) => overridden));
  return coverage.filter(({ rule }) => ids.has(rule));
}

/** Full or none where all are, otherwise partial. */
function statusOf(all: readonly JoinedCoverage['status'][]): JoinedCoverage['status'] {
  return all.every((each) => each === all[0]) ? all[0]! : 'partial';
}
