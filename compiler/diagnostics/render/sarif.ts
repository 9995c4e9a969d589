import type { Span } from '../../source/span.ts';
import { catalogue } from '../catalogue/index.ts';
import type { Diagnostic, Severity } from '../diagnostic.ts';
import type { CatalogueEntry } from '../entry.ts';
import type { Suppressed } from '../suppress.ts';
import { placeAt, type Sources } from './sources.ts';

export interface SarifOptions {
  /** The compiler's version, `0.1.0`. */
  readonly version: string;
  /** Diagnostics that a comment in the policy silenced; they are listed with its reason. */
  readonly suppressed?: readonly Suppressed[];
}

/** Result levels of SARIF 2.1.0, section 3.27.10. */
const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  hint: 'note',
};

/** A SARIF 2.1.0 log with one run (OASIS Standard, 27 March 2020); columns count UTF-16 code units. */
export function sarif(diagnostics: readonly Diagnostic[], sources: Sources, options: SarifOptions): string {
  const suppressed = options.suppressed ?? [];
  const every = [...diagnostics, ...suppressed.map((each) => each.diagnostic)];
  const codes = [...new Set(every.map((diagnostic) => diagnostic.code))].sort();
  const ruleIndex = new Map(codes.map((code, index) => [code, index]));
  const result = (diagnostic: Diagnostic) => ({
    ruleId: diagnostic.code,
    ruleIndex: ruleIndex.get(diagnostic.code),
    level: levels[diagnostic.severity],
    message: { text: messageText(diagnostic) },
    locations: [{ physicalLocation: physicalLocation(diagnostic.span, sources) }],
    ...(diagnostic.related.length === 0
      ? {}
      : {
          relatedLocations: diagnostic.related.map((related, index) => ({
            id: index + 1,
            physicalLocation: physicalLocation(related.span, sources),
            message: { text: related.label },
          })),
        }),
    ...(diagnostic.fixes.length === 0 ? {} : { fixes: diagnostic.fixes.map((fix) => sarifFix(fix, sources)) }),
  });
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'polc',
            version: options.version,
            rules: codes.map((code) => rule(code, catalogue[code])),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          ...diagnostics.map(result),
          ...suppressed.map((each) => ({
            ...result(each.diagnostic),
            suppressions: [{ kind: 'inSource', justification: each.reason }],
          })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function messageText(diagnostic: Diagnostic): string {
  const label = diagnostic.label === undefined ? '' : `: ${diagnostic.label}`;
  return [`${diagnostic.message}${label}`, ...diagnostic.notes, `help: ${diagnostic.help}`].join('\n');
}

function rule(code: string, entry: CatalogueEntry) {
  return {
    id: code,
    shortDescription: { text: entry.message },
    fullDescription: { text: entry.explanation },
    help: { text: entry.help, markdown: entry.explanation },
    defaultConfiguration: { level: levels[entry.severity] },
  };
}

function sarifFix(fix: Diagnostic['fixes'][number], sources: Sources) {
  const files = [...new Set(fix.edits.map((edit) => edit.span.file))];
  return {
    description: { text: fix.title },
    artifactChanges: files.map((file) => ({
      artifactLocation: { uri: uriOf(file) },
      replacements: fix.edits
        .filter((edit) => edit.span.file === file)
        .map((edit) => ({ deletedRegion: region(edit.span, sources), insertedContent: { text: edit.newText } })),
    })),
  };
}

function physicalLocation(span: Span, sources: Sources) {
  const known = sources(span.file) !== undefined;
  return { artifactLocation: { uri: uriOf(span.file) }, ...(known ? { region: region(span, sources) } : {}) };
}

/** Section 3.30: lines and columns from 1, the end column one past the last character; offsets from 0. */
function region(span: Span, sources: Sources) {
  const offsets = { charOffset: span.start, charLength: span.end - span.start };
  const source = sources(span.file);
  if (source === undefined) return offsets;
  const start = placeAt(source, span.start);
  const end = placeAt(source, span.end);
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
    ...offsets,
  };
}

/** RFC 3986: a relative path is a relative reference, an absolute one a `file` URI; separators become `/`. */
export function uriOf(path: string): string {
  const slashes = path.replaceAll('\\', '/');
  const encoded = slashes.split('/').map(encodeSegment).join('/');
  if (/^[A-Za-z]:\//.test(slashes)) return `file:///${encoded.replace('%3A', ':')}`;
  return slashes.startsWith('/') ? `file://${encoded}` : encoded;
}

/** A lone surrogate has no UTF-8 form; encodeURIComponent would throw on it. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.replace(/\p{Cs}/gu, '\ufffd'));
}
