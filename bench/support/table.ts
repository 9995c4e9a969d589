/** One line of a benchmark's table. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  /** A peer measured in the same run; absent where there is none, or it is not installed. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** What is to be reached, at most; absent for a line that only informs. */
  readonly target?: number;
}

export type Unit = 'ms' | 'us' | 's' | 'B' | '';

const digits: Readonly<Record<Unit, number>> = { ms: 2, us: 1, s: 2, B: 0, '': 1 };

/** Two decimals, or of a small ratio two digits. */
function ratioText(ratio: number): string {
  return ratio >= 0.1 ? ratio.toFixed(2) : String(Number(ratio.toPrecision(2)));
}

/** Prints a benchmark's table: what, ours, peer, ours / peer, target, and whether it was reached. */
export function printTable(title: string, unit: Unit, rows: readonly Row[]): void {
  const amount = (value: number) => {
    const text = value.toFixed(Number.isInteger(value) ? 0 : digits[unit]);
    return unit === '' ? text : `${text} ${unit}`;
  };
  const cells = rows.map(({ what, ours, peer, target }) => [
    what,
    amount(ours),
    peer === undefined ? '' : `${peer.name} ${amount(peer.value)}`,
    peer === undefined ? '' : ratioText(ours / peer.value),
    target === undefined ? '' : amount(target),
    target === undefined ? '' : ours <= target ? '✔' : '✘',
  ]);
  const head = ['what', 'ours', 'peer', 'ratio', 'target', ''];
  const widths = head.map((word, column) => Math.max(word.length, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 1 || column === 3 || column === 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  console.log(`\n${title}\n\n${[head, ...cells].map((row) => `  ${line(row)}`).join('\n')}`);
}
