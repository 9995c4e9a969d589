import { InlayHintRequest, MarkupKind } from 'vscode-languageserver';
import type * as Inlay from '../../compiler/editor/inlay.ts';
import { offsetOf, positionOf } from '../positions.ts';
import { type Feature, onDocument } from './feature.ts';

/** Loaded with the first question. */
const load = (): typeof Inlay => require('../../compiler/editor/inlay.ts');

/** What values amount to, beside them. */
export const inlayHint: Feature = {
  capabilities: () => ({ inlayHintProvider: true }),
  register(connection, session) {
    onDocument(
      connection,
      session,
      InlayHintRequest.type,
      async ({ session: own, document: { path } }, { range }, token) => {
        const document = await own.compiled(path, token);
        if (document === undefined) return null;
        const { source } = document;
        const within = { start: offsetOf(source, range.start), end: offsetOf(source, range.end) };
        return load()
          .inlaysIn(document, within)
          .map(({ offset, label, paragraphs }) => ({
            position: positionOf(source, offset),
            label,
            paddingLeft: true,
            ...(paragraphs.length === 0
              ? {}
              : { tooltip: { kind: MarkupKind.Markdown, value: paragraphs.join('\n\n') } }),
          }));
      },
    );
  },
};
