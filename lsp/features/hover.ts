import { HoverRequest, MarkupKind } from 'vscode-languageserver';
import type * as HoverModule from '../../compiler/editor/hover/hover.ts';
import { plainText } from '../plain-text.ts';
import { rangeOf } from '../positions.ts';
import { type Feature, onPosition } from './feature.ts';

/** Loaded with the first question. */
const load = (): typeof HoverModule => require('../../compiler/editor/hover/hover.ts');

/** What is known of what the pointer rests on. What it costs and who enforces it is of the text as it is now. */
export const hover: Feature = {
  capabilities: () => ({ hoverProvider: true }),
  register(connection, session) {
    onPosition(
      connection,
      session,
      HoverRequest.type,
      async ({ session: own, document: { path }, offset }, _, token) => {
        const document = await own.compiled(path, token);
        const found = document === undefined ? undefined : load().hoverAt(document, offset, own.workspace);
        if (document === undefined || found === undefined) return null;
        const markdown = found.paragraphs.join('\n\n');
        return {
          contents: own.client.markdownHover
            ? { kind: MarkupKind.Markdown, value: markdown }
            : { kind: MarkupKind.PlainText, value: plainText(markdown) },
          range: rangeOf(document.source, found.span),
        };
      },
    );
  },
};
