import type { Description, FieldDescription } from '../schema/shape.ts';
import type { MapEntry, MapNode, ScalarNode, YamlNode } from '../source/tree.ts';
import { descriptionOf, type EditorDocument } from './document.ts';
import { below, narrow } from './narrow.ts';

/** A key of a map with what the dialect says of it. */
export interface DescribedKey {
  readonly map: MapNode;
  readonly entry: MapEntry;
  /** Of the map, narrowed to the alternative that it is of. */
  readonly description: Description | undefined;
  /** Of the key; undefined where the dialect knows none, or the map's keys are names. */
  readonly field: FieldDescription | undefined;
}

export interface Visitor {
  key?(key: DescribedKey): void;
  /** A value or an item, with all alternatives of what may stand there. */
  scalar?(scalar: ScalarNode, description: Description | undefined): void;
}

/**
 * Goes over a document's keys and scalars in the order of the text, each once however many aliases repeat it.
 *
 * @param within only collections that touch this range are gone into; default: all
 */
export function walkDescribed(
  document: EditorDocument,
  { key: onKey, scalar: onScalar }: Visitor,
  within: { readonly start: number; readonly end: number } = { start: 0, end: document.source.text.length },
): void {
  const seen = new Set<YamlNode>();

  function visit(node: YamlNode, description: Description | undefined): void {
    const { start, end } = node.span;
    if (end < within.start || start > within.end) return;
    if (node.kind === 'scalar') {
      if (node.style !== 'missing' && !seen.has(node)) onScalar?.(node, description);
      seen.add(node);
      return;
    }
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'sequence') {
      const { description: item } = below(narrow(description, 'sequence'), 0);
      for (const each of node.items) visit(each, item);
      return;
    }
    const keys = isChoice(description) ? node.entries.map(({ key }) => key.text) : [];
    const narrowed = narrow(description, 'map', keys, node);
    for (const entry of node.entries) {
      const { description: value, field } = below(narrowed, entry.key.text);
      onKey?.({ map: node, entry, description: narrowed, field });
      visit(entry.value, value);
    }
  }

  const whole = descriptionOf(document);
  for (const { root } of document.documents) if (root !== undefined) visit(root, whole);
}

function isChoice(description: Description | undefined): boolean {
  return description?.kind === 'one-of';
}
