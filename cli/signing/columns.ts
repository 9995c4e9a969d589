import { visible } from '../../compiler/diagnostics/render/width.ts';

/** Rows of cells as lines, each column as wide as its widest cell; control characters are shown, not sent. */
export function columns(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(visible));
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${shown.map(line).join('\n')}\n`;
}
