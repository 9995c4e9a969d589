import { parseYamlStream } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { YamlNode } from '../../compiler/source/tree.ts';
import type { Json } from './port.ts';

/** The documents of a text that the compiler wrote, as plain values. */
export function documentsIn(path: string, text: string): readonly Json[] {
  return parseYamlStream(sourceText(path, text)).documents.flatMap(({ root }) =>
    root === undefined ? [] : [jsonOf(root)],
  );
}

function jsonOf(node: YamlNode): Json {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'bigint' ? Number(node.value) : node.value;
    case 'sequence':
      return node.items.map(jsonOf);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, jsonOf(value)]));
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}
