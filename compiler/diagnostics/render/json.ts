import type { Span } from '../../source/span.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { type Place, placeAt, type Sources } from './sources.ts';

/** Bumped when a field changes its meaning or goes away; new fields do not count. */
const formatVersion = 1;

/** `document`: one JSON object, indented. `lines`: one object per diagnostic and line (NDJSON). */
export interface JsonOptions {
  readonly shape?: 'document' | 'lines';
}

/** A place between the characters: `offset` from 0, `line` and `column` from 1; columns and offsets in UTF-16 units. */
export interface JsonPlace extends Partial<Place> {
  readonly offset: number;
}

/** `end` is exclusive. Lines and columns are absent where the file could not be read. */
export interface JsonSpan {
  readonly file: string;
  readonly start: JsonPlace;
  readonly end: JsonPlace;
}

/** A diagnostic as `--format json` prints it; every field is always there but `label`. */
export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: Diagnostic['severity'];
  readonly message: string;
  readonly span: JsonSpan;
  readonly label?: string;
  readonly related: readonly { readonly span: JsonSpan; readonly label: string }[];
  readonly notes: readonly string[];
  readonly help: string;
  readonly fixes: readonly {
    readonly title: string;
    readonly certain: boolean;
    readonly edits: readonly { readonly span: JsonSpan; readonly newText: string }[];
  }[];
}

/** `{ "version": 1, "diagnostics": [...] }`, or with `lines` each diagnostic alone. Ends with a line break. */
export function json(diagnostics: readonly Diagnostic[], sources: Sources, options: JsonOptions = {}): string {
  const plain = diagnostics.map((diagnostic) => jsonDiagnostic(diagnostic, sources));
  if (options.shape === 'lines') return plain.map((diagnostic) => `${JSON.stringify(diagnostic)}\n`).join('');
  return `${JSON.stringify({ version: formatVersion, diagnostics: plain }, null, 2)}\n`;
}

function jsonDiagnostic(diagnostic: Diagnostic, sources: Sources): JsonDiagnostic {
  const span = (place: Span) => jsonSpan(place, sources);
  return {
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    span: span(diagnostic.span),
    ...(diagnostic.label === undefined ? {} : { label: diagnostic.label }),
    related: diagnostic.related.map((related) => ({ span: span(related.span), label: related.label })),
    notes: diagnostic.notes,
    help: diagnostic.help,
    fixes: diagnostic.fixes.map((fix) => ({
      title: fix.title,
      certain: fix.certain,
      edits: fix.edits.map((edit) => ({ span: span(edit.span), newText: edit.newText })),
    })),
  };
}

function jsonSpan(span: Span, sources: Sources): JsonSpan {
  const source = sources(span.file);
  const place = (offset: number) => (source === undefined ? { offset } : { offset, ...placeAt(source, offset) });
  return { file: span.file, start: place(span.start), end: place(span.end) };
}
