import {
  type SemanticTokens,
  SemanticTokensBuilder,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
} from 'vscode-languageserver';
import type { EditorDocument } from '../../compiler/editor/document.ts';
import { tokenModifiers, tokenTypes } from '../../compiler/editor/semantic-legend.ts';
import { semanticTokens as tokensOf } from '../../compiler/editor/semantic-tokens.ts';
import { offsetOf, positionOf } from '../positions.ts';
import { type Feature, onDocument } from './feature.ts';

/** Colours for what a policy's words mean; in expressions too. */
export const semanticTokens: Feature = {
  capabilities: ({ capabilities }) =>
    capabilities.textDocument?.semanticTokens === undefined
      ? {}
      : {
          semanticTokensProvider: {
            legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
            full: true,
            range: true,
          },
        },
  register(connection, session) {
    onDocument(connection, session, SemanticTokensRequest.type, ({ document }) => encoded(document));
    onDocument(connection, session, SemanticTokensRangeRequest.type, ({ document }, { range }) =>
      encoded(document, {
        start: offsetOf(document.source, range.start),
        end: offsetOf(document.source, range.end),
      }),
    );
  },
};

function encoded(document: EditorDocument, within?: { readonly start: number; readonly end: number }): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  if (document.role !== 'other') {
    for (const { start, end, type, modifiers } of tokensOf(document, within)) {
      const { line, character } = positionOf(document.source, start);
      const bits = modifiers.reduce((sum, each) => sum | (1 << tokenModifiers.indexOf(each)), 0);
      builder.push(line, character, end - start, tokenTypes.indexOf(type), bits);
    }
  }
  return builder.build();
}
