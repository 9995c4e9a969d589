import { DocumentFormattingRequest, DocumentRangeFormattingRequest, type TextEdit } from 'vscode-languageserver';
import { formatEdits } from '../../compiler/editor/format-edits.ts';
import { offsetOf, rangeOf } from '../positions.ts';
import { type Asked, type Feature, onDocument } from './feature.ts';

/** The layout of `polc fmt`, which knows no options: all policies look alike. YAML of other tools is left alone. */
export const formatting: Feature = {
  capabilities: () => ({ documentFormattingProvider: true, documentRangeFormattingProvider: true }),
  register(connection, session) {
    onDocument(connection, session, DocumentFormattingRequest.type, (asked) => edits(asked));
    onDocument(connection, session, DocumentRangeFormattingRequest.type, (asked, { range }) =>
      edits(asked, {
        start: offsetOf(asked.document.source, range.start),
        end: offsetOf(asked.document.source, range.end),
      }),
    );
  },
};

function edits({ document }: Asked, within?: { readonly start: number; readonly end: number }): TextEdit[] | null {
  if (document.role === 'other') return null;
  return formatEdits(document, within).map(({ span, newText }) => ({
    range: rangeOf(document.source, span),
    newText,
  }));
}
