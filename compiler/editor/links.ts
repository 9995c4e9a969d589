import type { Span } from '../source/span.ts';
import type { EditorDocument } from './document.ts';
import { namesIn } from './names.ts';

/** A place that leads to something outside the document. */
export interface DocumentLink {
  readonly span: Span;
  readonly to:
    | { readonly kind: 'file'; readonly path: string }
    /** A chapter of docs/diagnostics.md. */
    | { readonly kind: 'diagnostic'; readonly code: string };
}

/** References to files (what is extended, included or loaded), and the codes in comments that allow a finding. */
export function linksOf(document: EditorDocument): readonly DocumentLink[] {
  const links: DocumentLink[] = [];
  const seen = new Set<number>();
  for (const { kind, span, path } of namesIn(document).references) {
    if (kind !== 'file' || path === undefined || seen.has(span.start)) continue;
    seen.add(span.start);
    links.push({ span: withoutQuotes(span, document), to: { kind: 'file', path } });
  }
  for (const { comments } of document.documents) {
    for (const { span } of comments) {
      const written = document.source.text.slice(span.start, span.end);
      if (!/^#\s*polc:\s*allow\b/.test(written)) continue;
      // Reasons may speak of codes too.
      const codes = written.split(/\bbecause\b/)[0]!;
      for (const { 0: code, index } of codes.matchAll(/POL\d{4}/g)) {
        const start = span.start + index;
        links.push({ span: { ...span, start, end: start + code.length }, to: { kind: 'diagnostic', code } });
      }
    }
  }
  return links.sort((left, right) => left.span.start - right.span.start);
}

function withoutQuotes(span: Span, { source }: EditorDocument): Span {
  const quote = source.text[span.start];
  const isQuoted = quote === '"' || quote === "'";
  return isQuoted ? { ...span, start: span.start + 1, end: span.end - 1 } : span;
}
