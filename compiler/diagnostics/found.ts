import type { Phase } from '../gate.ts';
import type { Diagnostic } from './diagnostic.ts';
import { report } from './report.ts';

/** Whether two findings say the same at the same place. */
export function isSame(left: Diagnostic, right: Diagnostic): boolean {
  return (
    left.code === right.code &&
    left.span.start === right.span.start &&
    left.span.file === right.span.file &&
    left.message === right.message
  );
}

/** By file in the order of reading, then by place: as a reader of the files comes upon them. */
export function inOrder(
  diagnostics: readonly Diagnostic[],
  contents: ReadonlyMap<string, unknown>,
): readonly Diagnostic[] {
  const order = [...contents.keys()];
  return [...diagnostics].sort(
    (left, right) =>
      order.indexOf(left.span.file) - order.indexOf(right.span.file) || left.span.start - right.span.start,
  );
}

/** What an exception from within becomes: a mistake of ours, with where it happened. */
export function bugReport(path: string, phase: Phase, bug: unknown): Diagnostic {
  const what = bug instanceof Error ? bug.message : String(bug);
  const stack =
    bug instanceof Error && bug.stack !== undefined
      ? bug.stack
          .split('\n')
          .slice(1, 5)
          .map((line) => line.trim())
      : [];
  return report('POL9000', { file: path, start: 0, end: 0 }, { phase, what }, { notes: stack });
}
