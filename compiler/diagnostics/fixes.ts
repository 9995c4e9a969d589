import type { SourceText } from '../source/text.ts';
import type { Diagnostic, Fix, TextEdit } from './diagnostic.ts';

export interface FixResult {
  /** The new text of each file that changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** The diagnostics whose fix was applied. */
  readonly applied: readonly Diagnostic[];
  /** The diagnostics that have a fix of the wanted kind which another fix's edits stand in the way of. */
  readonly blocked: readonly Diagnostic[];
}

/**
 * Applies at most one fix for each diagnostic: its first certain one, or with `all` its first. A fix is applied whole or
 * not at all; one that overlaps an earlier fix is left for the next run, when the spans are fresh. A fix shared by
 * several diagnostics is applied once.
 */
export function applyFixes(
  diagnostics: readonly Diagnostic[],
  sources: (file: string) => SourceText | undefined,
  which: 'certain' | 'all',
): FixResult {
  const accepted = new Map<string, TextEdit[]>();
  const applied: Diagnostic[] = [];
  const blocked: Diagnostic[] = [];
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.fixes.find((candidate) => which === 'all' || candidate.certain);
    if (fix === undefined || fix.edits.length === 0) continue;
    if (accept(fix, accepted, sources)) applied.push(diagnostic);
    else blocked.push(diagnostic);
  }
  const texts = new Map<string, string>();
  for (const [file, edits] of accepted) {
    const source = sources(file);
    if (source === undefined) continue;
    const text = applyEdits(source.text, edits);
    if (text !== source.text) texts.set(file, text);
  }
  return { texts, applied, blocked };
}

/** Replaces every edit's span in one pass. The edits belong to this text and do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const inOrder = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let result = '';
  let from = 0;
  for (const edit of inOrder) {
    result += text.slice(from, edit.span.start) + edit.newText;
    from = edit.span.end;
  }
  return result + text.slice(from);
}

function accept(
  fix: Fix,
  accepted: Map<string, TextEdit[]>,
  sources: (file: string) => SourceText | undefined,
): boolean {
  const fresh: TextEdit[] = [];
  for (const edit of fix.edits) {
    const source = sources(edit.span.file);
    if (source === undefined || edit.span.start > edit.span.end || edit.span.end > source.text.length) return false;
    const others = accepted.get(edit.span.file) ?? [];
    // Those that were accepted do not overlap: only the nearest on each side can be in the way.
    const at = placeOf(edit, others);
    const near = others.slice(Math.max(0, at - 1), at + 1);
    if (near.some((other) => sameEdit(edit, other))) continue;
    if (near.some((other) => overlaps(edit, other))) return false;
    fresh.push(edit);
  }
  for (const edit of fresh) {
    const others = accepted.get(edit.span.file);
    if (others === undefined) accepted.set(edit.span.file, [edit]);
    else others.splice(placeOf(edit, others), 0, edit);
  }
  return true;
}

/** The index of the first of some edits, in the order of the text, that does not start before another. */
function placeOf({ span: { start } }: TextEdit, edits: readonly TextEdit[]): number {
  let low = 0;
  let high = edits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edits[middle]!.span.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sameEdit(left: TextEdit, right: TextEdit): boolean {
  return left.span.start === right.span.start && left.span.end === right.span.end && left.newText === right.newText;
}

/** Two insertions at one place overlap too: nothing says which comes first. */
function overlaps(left: TextEdit, right: TextEdit): boolean {
  if (left.span.start === right.span.start) return true;
  return left.span.start < right.span.end && right.span.start < left.span.end;
}
