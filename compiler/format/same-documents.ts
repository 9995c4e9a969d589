import type { ParsedDocument } from '../source/parse-yaml.ts';
import type { YamlNode } from '../source/tree.ts';

/** True where both streams decode to the same values in the same styles, with the same comments. */
export function sameDocuments(one: readonly ParsedDocument[], other: readonly ParsedDocument[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ root, comments }, index) => {
      const counterpart = other[index]!;
      return (
        comments.length === counterpart.comments.length &&
        comments.every(({ text }, comment) => text === counterpart.comments[comment]!.text) &&
        (root === undefined || counterpart.root === undefined
          ? root === counterpart.root
          : sameNode(root, counterpart.root, new Map()))
      );
    })
  );
}

/** `seen` holds the nodes already compared, so that aliases are followed once. */
function sameNode(one: YamlNode, other: YamlNode, seen: Map<YamlNode, YamlNode>): boolean {
  if (one.kind === 'scalar') {
    return (
      other.kind === 'scalar' &&
      one.text === other.text &&
      one.style === other.style &&
      (Object.is(one.value, other.value) || (typeof one.value === 'bigint' && one.value === other.value))
    );
  }
  if (seen.get(one) === other) return true;
  seen.set(one, other);
  if (one.kind === 'sequence') {
    return (
      other.kind === 'sequence' &&
      one.flow === other.flow &&
      one.items.length === other.items.length &&
      one.items.every((item, index) => sameNode(item, other.items[index]!, seen))
    );
  }
  return (
    other.kind === 'map' &&
    one.flow === other.flow &&
    one.entries.length === other.entries.length &&
    one.entries.every(({ key, value }, index) => {
      const entry = other.entries[index]!;
      return key.text === entry.key.text && key.style === entry.key.style && sameNode(value, entry.value, seen);
    })
  );
}
