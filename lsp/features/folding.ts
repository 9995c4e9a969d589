import { FoldingRangeKind, FoldingRangeRequest } from 'vscode-languageserver';
import { foldsOf } from '../../compiler/editor/folding.ts';
import { type Feature, onDocument } from './feature.ts';

/** What can be folded. */
export const folding: Feature = {
  capabilities: () => ({ foldingRangeProvider: true }),
  register(connection, session) {
    onDocument(connection, session, FoldingRangeRequest.type, ({ session, document }) => {
      const most = session.client.capabilities.textDocument?.foldingRange?.rangeLimit ?? Number.POSITIVE_INFINITY;
      return foldsOf(document)
        .slice(0, most)
        .map(({ first, last, kind }) => ({
          startLine: first,
          endLine: last,
          ...(kind === 'comment' ? { kind: FoldingRangeKind.Comment } : {}),
        }));
    });
  },
};
