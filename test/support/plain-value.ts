import type { YamlNode } from '../../compiler/source/tree.ts';

/** A tree as nested arrays, so that it can be compared: mappings as lists of pairs in order. */
export function plainValue(node: YamlNode | undefined): unknown {
  if (node === undefined) return null;
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'map':
      return { map: node.entries.map(({ key, value }) => [key.text, plainValue(value)]) };
    default:
      return node.items.map(plainValue);
  }
}
