import { DocumentLinkRequest } from 'vscode-languageserver';
import { linksOf } from '../../compiler/editor/links.ts';
import { rangeOf } from '../positions.ts';
import { type Feature, onDocument } from './feature.ts';

/** Links to the files that a policy names, and from a comment that allows a finding to what the finding means. */
export const links: Feature = {
  capabilities: () => ({ documentLinkProvider: { resolveProvider: false } }),
  register(connection, session) {
    onDocument(connection, session, DocumentLinkRequest.type, ({ session, document }) => {
      const { reference } = session.settings;
      return linksOf(document).flatMap(({ span, to }) => {
        const range = rangeOf(document.source, span);
        if (to.kind === 'file') return [{ range, target: session.uriOf(to.path) }];
        return reference === undefined ? [] : [{ range, target: `${reference}#${to.code.toLowerCase()}` }];
      });
    });
  },
};
