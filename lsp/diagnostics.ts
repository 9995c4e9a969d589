import {
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as LspDiagnostic,
} from 'vscode-languageserver';
import type { Diagnostic, RelatedSpan } from '../compiler/diagnostics/diagnostic.ts';
import type { SourceText } from '../compiler/source/text.ts';
import type { Client } from './client.ts';
import { rangeOf } from './positions.ts';
import { uriOf } from './uris.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
} as const;

/** What is said of something that could as well not be there: shown faded. */
const unnecessary: ReadonlySet<string> = new Set(['POL5003', 'POL5093']);

/** The page of a code on the web. */
const reference = 'https://polc.dev/diagnostics';

/** What a client sends back with a code action: which finding of which version it is about. */
export interface DiagnosticData {
  readonly version: number;
  /** Among the findings of the document. */
  readonly index: number;
}

/**
 * Findings in the protocol's terms. Only what the client can show is sent; what it cannot goes into the message.
 *
 * @param sourceOf the text of a file that a related place lies in, where it is known
 */
export function toLsp(
  findings: readonly Diagnostic[],
  source: SourceText,
  version: number,
  client: Client,
  sourceOf: (path: string) => SourceText | undefined,
): LspDiagnostic[] {
  return findings.map((each, index) => {
    const { code, severity, message, help, notes, span, related } = each;
    const data: DiagnosticData = { version, index };
    const shown = client.relatedInformation ? related.flatMap((place) => relatedTo(place, sourceOf)) : [];
    return {
      range: rangeOf(source, span),
      severity: severities[severity],
      code,
      ...(client.codeDescription ? { codeDescription: { href: `${reference}#${code.toLowerCase()}` } } : {}),
      source: 'polc',
      message: [message, ...notes, help].join('\n'),
      ...(shown.length === 0 ? {} : { relatedInformation: shown }),
      ...(client.diagnosticTags && unnecessary.has(code) ? { tags: [DiagnosticTag.Unnecessary] } : {}),
      data,
    };
  });
}

function relatedTo(
  { span, label }: RelatedSpan,
  sourceOf: (path: string) => SourceText | undefined,
): readonly DiagnosticRelatedInformation[] {
  const source = sourceOf(span.file);
  return source === undefined
    ? []
    : [{ location: { uri: uriOf(span.file), range: rangeOf(source, span) }, message: label }];
}
