import type { Coverage } from '../../backends/backend.ts';
import type { JoinedCoverage } from '../../coverage.ts';
import type { Made, Tie } from './tabs.ts';

const marks: Readonly<Record<Coverage['status'], string>> = { full: '✔', partial: '⚠', none: '✘' };

/** What becomes of each field of a policy: its mark, who enforces it and by which means, and what is lost. */
export function coverageTable(coverage: readonly JoinedCoverage[]): Made {
  const lines: string[] = [];
  const ties: Tie[] = [];
  for (const entries of byField(coverage)) {
    const [{ topic, span, by, accepted }] = entries;
    const first = lines.length;
    lines.push(`${marks[worst(entries)]} ${topic}${by === undefined ? '' : ` (${by})`}`);
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

/** The rules that the author wrote as one field. */
function byField(coverage: readonly JoinedCoverage[]): readonly [JoinedCoverage, ...JoinedCoverage[]][] {
  const fields = new Map<string, [JoinedCoverage, ...JoinedCoverage[]]>();
  for (const entry of coverage) {
    const key = `${entry.topic} ${entry.span.start} ${entry.span.file} ${entry.by ?? ''}`;
    const field = fields.get(key);
    if (field === undefined) fields.set(key, [entry]);
    else field.push(entry);
  }
  return [...fields.values()];
}

function worst(entries: readonly JoinedCoverage[]): Coverage['status'] {
  const [{ status }] = entries as readonly [JoinedCoverage];
  return entries.every((each) => each.status === status) ? status : 'partial';
}
