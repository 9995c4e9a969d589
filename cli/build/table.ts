import type { PolicyResult } from './result.ts';

/** `999.9 ms`: the columns stay where they are from build to build. */
const timeWidth = 8;

const headings = ['policy', 'dialect', 'emits', 'coverage', 'time'] as const;

/** The build's summary: one line a policy, columns aligned, fitted to the width of the terminal. */
export function summaryTable(results: readonly PolicyResult[], cached: ReadonlySet<string>, width: number): string {
  const rows = results.map((result): readonly string[] => [
    result.name,
    result.dialect,
    emitsText(result),
    coverageText(result),
    cached.has(result.path) ? 'cached' : `${total(result).toFixed(1)} ms`,
  ]);
  const widths = headings.map((heading, column) =>
    Math.max(column === 4 ? timeWidth : heading.length, ...rows.map((row) => row[column]!.length)),
  );
  const others = widths.reduce((sum, each) => sum + each, 0) - widths[2]! + 2 + 2 * (headings.length - 1);
  widths[2] = Math.min(widths[2]!, Math.max(20, width - others));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => fit(cell, widths[column]!, column === 4)).join('  ')}`.trimEnd();
  return `${[line(headings), ...rows.map(line)].join('\n')}\n`;
}

/** A policy that asks nothing of a backend is in force as it is written: Kuadrant's own resources. */
function emitsText({ emits, ok, coverage }: PolicyResult): string {
  const shown = emits.filter(({ backend }) => backend !== 'ir');
  if (ok && shown.length === 0 && coverage.full === coverage.total) return 'nothing: the file is read as it is';
  return shown.map(({ backend, summary }) => (summary === '' ? backend : `${backend} ${summary}`)).join(' · ');
}

function coverageText({ coverage: { full, accepted, total: all, partial } }: PolicyResult): string {
  const mark = partial > 0 ? ' ⚠' : '';
  return accepted > 0 ? `${full}/${all} (${accepted} accepted)${mark}` : `${full}/${all}${mark}`;
}

function total({ phases }: PolicyResult): number {
  return phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

function fit(cell: string, width: number, right: boolean): string {
  const cut = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
  return right ? cut.padStart(width) : cut.padEnd(width);
}
