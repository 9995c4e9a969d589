import type { YamlNode } from '../source/tree.ts';

/** What a node is, in the words of messages. */
export function kindOf(node: YamlNode): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'sequence') return 'a list';
  if (node.style === 'missing') return 'nothing';
  if (node.value === null) return '`null`';
  if (typeof node.value === 'boolean') return `the boolean \`${node.text}\``;
  if (typeof node.value === 'number' || typeof node.value === 'bigint') return `the number \`${node.text}\``;
  const line = node.value.replace(/\s+/g, ' ');
  return `the text \`${line.length <= 40 ? line : `${line.slice(0, 37)}…`}\``;
}
