import type { Emission } from '../backends/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';

/**
 * What a backend made of a policy, for one that stands elsewhere and is the same otherwise.
 *
 * @param from the spans of the policy that it was made of
 * @param to those of the other, in the same order
 * @returns undefined where it cannot be told where everything stands now
 */
export function moved(emission: Emission, from: readonly Span[], to: readonly Span[]): Emission | undefined {
  if (from.length !== to.length) return undefined;
  if (from.every((span, at) => isSame(span, to[at]!))) return emission;
  const places = new Map<Span, Span>();
  for (let at = 0; at < from.length; at += 1) {
    const known = places.get(from[at]!);
    // Two nodes that stood at one place now stand at two.
    if (known !== undefined && !isSame(known, to[at]!)) return undefined;
    places.set(from[at]!, to[at]!);
  }
  let complete = true;
  const place = (span: Span): Span => {
    const now = places.get(span);
    if (now === undefined) complete = false;
    return now ?? span;
  };
  const artifacts = emission.artifacts.map((artifact) => ({
    ...artifact,
    sourceMap: artifact.sourceMap.map(({ at, rule, span }) => ({ at, rule, span: place(span) })),
  }));
  const diagnostics = emission.diagnostics.map((diagnostic) => movedDiagnostic(diagnostic, place));
  return complete ? { ...emission, artifacts, diagnostics } : undefined;
}

function movedDiagnostic(diagnostic: Diagnostic, place: (span: Span) => Span): Diagnostic {
  return {
    ...diagnostic,
    span: place(diagnostic.span),
    related: diagnostic.related.map(({ span, label }) => ({ span: place(span), label })),
    fixes: diagnostic.fixes.map((fix) => ({
      ...fix,
      edits: fix.edits.map(({ span, newText }) => ({ span: place(span), newText })),
    })),
  };
}

function isSame(left: Span, right: Span): boolean {
  return left === right || (left.start === right.start && left.end === right.end && left.file === right.file);
}
