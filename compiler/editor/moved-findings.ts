import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { commonEnd, commonStart } from '../source/common-text.ts';
import type { Span } from '../source/span.ts';
import type { SourceText } from '../source/text.ts';

/**
 * Findings of one version of a file where they stand in another: what lies before the place that was edited stays, what
 * lies behind it moves. Those that touch that place, or of which something does, are left out.
 */
export function movedFindings(
  findings: readonly Diagnostic[],
  { path, text: before }: SourceText,
  { text: now }: SourceText,
): readonly Diagnostic[] {
  if (findings.length === 0 || before === now) return findings;
  const start = commonStart(before, now);
  const end = commonEnd(before, now, Math.min(before.length, now.length) - start);
  const changedTo = before.length - end;
  const by = now.length - before.length;

  let isLost = false;
  const place = (span: Span): Span => {
    if (span.file !== path || span.end < start) return span;
    if (span.start > changedTo) return { ...span, start: span.start + by, end: span.end + by };
    isLost = true;
    return span;
  };
  return findings.flatMap((each) => {
    isLost = false;
    const moved = {
      ...each,
      span: place(each.span),
      related: each.related.map(({ span, label }) => ({ span: place(span), label })),
      fixes: each.fixes.map((fix) => ({
        ...fix,
        edits: fix.edits.map(({ span, newText }) => ({ span: place(span), newText })),
      })),
    };
    return isLost ? [] : [moved];
  });
}
