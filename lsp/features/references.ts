import { DocumentHighlightKind, DocumentHighlightRequest, ReferencesRequest } from 'vscode-languageserver';
import { usesOf } from '../../compiler/editor/references.ts';
import { highlightsOf } from '../../compiler/editor/references-highlight.ts';
import { locationOf } from '../locations.ts';
import { rangeOf } from '../positions.ts';
import { type Feature, onPosition } from './feature.ts';

/** Every place that speaks of a name, in all files or in one. */
export const references: Feature = {
  capabilities: () => ({ referencesProvider: true, documentHighlightProvider: true }),
  register(connection, session) {
    onPosition(connection, session, ReferencesRequest.type, async ({ session, document, offset }, params, token) => {
      await session.indexed(token);
      return usesOf(document, offset, session.workspace)
        .filter(({ says }) => says === 'refers' || params.context.includeDeclaration)
        .flatMap(({ span }) => locationOf(span, session) ?? []);
    });
    onPosition(connection, session, DocumentHighlightRequest.type, ({ session, document, offset }) =>
      highlightsOf(document, offset, session.workspace).map(({ span, kind }) => ({
        range: rangeOf(document.source, span),
        kind: kind === 'write' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      })),
    );
  },
};
