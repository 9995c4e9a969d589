import { coverageByField, coverageMarks, fieldStatus, type JoinedCoverage } from '../../coverage.ts';
import type { Made, Tie } from './tabs.ts';

/** What becomes of each field of a policy: its mark, who enforces it and by which means, and what is lost. */
export function coverageTable(coverage: readonly JoinedCoverage[]): Made {
  const lines: string[] = [];
  const ties: Tie[] = [];
  for (const entries of coverageByField(coverage)) {
    const [{ topic, span, by, accepted }] = entries;
    const first = lines.length;
    lines.push(`${coverageMarks[fieldStatus(entries)]} ${topic}${by === undefined ? '' : ` (${by})`}`);
    const said = entries.flatMap(({ answers }) =>
      answers.map(({ backend, status, enforced, lost }) => {
        const how = enforced ?? (status === 'full' ? 'enforced' : undefined);
        const loss = lost === undefined ? undefined : `lost: ${lost}`;
        return `    ${backend.padEnd(12)} ${[how, loss].filter((part) => part !== undefined).join(' · ')}`.trimEnd();
      }),
    );
    lines.push(...new Set(said));
    if (accepted !== undefined) lines.push(`    accepted     ${accepted}`);
    ties.push({ first, last: lines.length - 1, span });
  }
  return { language: 'coverage', text: `${lines.join('\n')}\n`, ties };
}
