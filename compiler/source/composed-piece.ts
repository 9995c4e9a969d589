import { composeDocument } from './compose.ts';
import type { Composition } from './composition.ts';
import { reportMissingColon } from './structure-reports.ts';
import { readTokens } from './tokens.ts';
import type { Comment, MapEntry, YamlNode } from './tree.ts';

/** Some entries of a block mapping, or some items of a block sequence. */
export interface Piece {
  readonly nodes:
    | { readonly kind: 'entries'; readonly of: readonly MapEntry[] }
    | { readonly kind: 'items'; readonly of: readonly YamlNode[] };
  readonly comments: readonly Comment[];
}

/**
 * Reads the lines in `[from, to)` of a block collection by way of the `yaml` package; findings go to `composition`.
 *
 * @param kind of the collection
 * @param isFirst whether nothing of the collection stands before: then a text alone is none of its entries
 * @returns undefined where the lines make no sense without those around them
 */
export function composePiece(
  from: number,
  to: number,
  kind: 'entries' | 'items',
  isFirst: boolean,
  composition: Composition,
): Piece | undefined {
  const { documents, directives, unplaced, comments, tooDeep } = readTokens(
    composition.text,
    composition.source.path,
    from,
    to,
  );
  const [document] = documents;
  if (tooDeep !== undefined || documents.length !== 1 || directives.length > 0 || document?.value === undefined) {
    return undefined;
  }
  const root = composeDocument(document, composition);
  for (const token of unplaced) composition.unexpected(token);
  if (kind === 'items') {
    return root?.kind === 'sequence' && !root.flow ? { nodes: { kind, of: root.items }, comments } : undefined;
  }
  if (root?.kind === 'map' && !root.flow) return { nodes: { kind, of: root.entries }, comments };
  if (isFirst) return undefined;
  reportMissingColon(document.value, composition);
  return { nodes: { kind, of: [] }, comments };
}
