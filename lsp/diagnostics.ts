import {
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as LspDiagnostic,
} from 'vscode-languageserver';
import type { Diagnostic, RelatedSpan } from '../compiler/diagnostics/diagnostic.ts';
import type { EditorDocument } from '../compiler/editor/document.ts';
import { rangeOf } from './positions.ts';
import type { Session } from './session.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
} as const;

/** What is said of something that could as well not be there: shown faded. */
const unnecessary: ReadonlySet<string> = new Set(['POL5003', 'POL5093']);

/** What a client sends back with a code action: which finding of which version it is about. */
export interface DiagnosticData {
  readonly version: number;
  /** Among the findings of the document. */
  readonly index: number;
}

/** Findings of a document in the protocol's terms, with only what the client can show. */
export function toLsp(
  findings: readonly Diagnostic[],
  { source, version }: EditorDocument,
  session: Session,
): LspDiagnostic[] {
  const { client, settings } = session;
  return findings.map((each, index) => {
    const { code, severity, message, help, notes, span, related } = each;
    const data: DiagnosticData = { version, index };
    const shown = client.relatedInformation ? related.flatMap((place) => relatedTo(place, session)) : [];
    return {
      range: rangeOf(source, span),
      severity: severities[severity],
      code,
      ...(client.codeDescription && settings.reference !== undefined
        ? { codeDescription: { href: `${settings.reference}#${code.toLowerCase()}` } }
        : {}),
      source: 'polc',
      message: [message, ...notes, help].join('\n'),
      ...(shown.length === 0 ? {} : { relatedInformation: shown }),
      ...(client.diagnosticTags && unnecessary.has(code) ? { tags: [DiagnosticTag.Unnecessary] } : {}),
      data,
    };
  });
}

function relatedTo({ span, label }: RelatedSpan, session: Session): readonly DiagnosticRelatedInformation[] {
  const source = session.sourceOf(span.file);
  return source === undefined
    ? []
    : [{ location: { uri: session.uriOf(span.file), range: rangeOf(source, span) }, message: label }];
}
