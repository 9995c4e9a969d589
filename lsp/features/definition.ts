import { DefinitionRequest, type LocationLink } from 'vscode-languageserver';
import { definitionsOf } from '../../compiler/editor/definition.ts';
import { locationOf, rangeIn } from '../locations.ts';
import { rangeOf } from '../positions.ts';
import { type Feature, onPosition } from './feature.ts';

/** Where a file, a tier, a model or a template that a policy speaks of is said. */
export const definition: Feature = {
  capabilities: () => ({ definitionProvider: true }),
  register(connection, session) {
    onPosition(connection, session, DefinitionRequest.type, async ({ session, document, offset }, _, token) => {
      await session.indexed(token);
      const found = definitionsOf(document, offset, session.workspace);
      if (!session.client.definitionLinks) return found.flatMap(({ span }) => locationOf(span, session) ?? []);
      return found.flatMap(({ origin, span, whole }): LocationLink[] => {
        const name = rangeIn(span, session);
        const all = rangeIn(whole, session);
        if (name === undefined || all === undefined) return [];
        return [
          {
            originSelectionRange: rangeOf(document.source, origin),
            targetUri: session.uriOf(span.file),
            targetRange: all,
            targetSelectionRange: name,
          },
        ];
      });
    });
  },
};
