import { type SelectionRange, SelectionRangeRequest } from 'vscode-languageserver';
import { selectionsAt } from '../../compiler/editor/selection.ts';
import { offsetOf, rangeOf } from '../positions.ts';
import { type Feature, onDocument } from './feature.ts';

/** What a selection grows to. */
export const selection: Feature = {
  capabilities: () => ({ selectionRangeProvider: true }),
  register(connection, session) {
    onDocument(connection, session, SelectionRangeRequest.type, ({ document }, { positions }) =>
      positions.map((position): SelectionRange => {
        const [first, ...others] = selectionsAt(document, offsetOf(document.source, position));
        const outermost: SelectionRange = { range: rangeOf(document.source, first!) };
        return others.reduce(
          (parent, each): SelectionRange => ({ range: rangeOf(document.source, each), parent }),
          outermost,
        );
      }),
    );
  },
};
