import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import { type Composition, shortened } from './composition.ts';
import { coreValue } from './core-schema.ts';
import type { ScalarNode, YamlNode } from './tree.ts';

/** Gives a node the type that its tag names: only the tags of the core schema (YAML 1.2.2, section 10.3) are known. */
export function applyTag(node: YamlNode, tag: CST.SourceToken, composition: Composition): YamlNode {
  switch (tag.source) {
    case '!':
      return node.kind === 'scalar' ? { ...node, value: node.text } : node;
    case '!!map':
      return node.kind === 'map' ? node : misfit(node, tag, composition);
    case '!!seq':
      return node.kind === 'sequence' ? node : misfit(node, tag, composition);
    case '!!str':
      return node.kind === 'scalar' ? { ...node, value: node.text } : misfit(node, tag, composition);
    case '!!bool':
      return typed(node, tag, (value) => typeof value === 'boolean', composition);
    case '!!null':
      return typed(node, tag, (value) => value === null, composition);
    case '!!int':
      return typed(node, tag, (value) => typeof value === 'bigint' || Number.isInteger(value), composition);
    case '!!float':
      return typed(node, tag, (value) => typeof value === 'bigint' || typeof value === 'number', composition);
    default: {
      const span = composition.span(tag.offset, tag.offset + tag.source.length);
      composition.detail(report('POL1034', span, { tag: shortened(tag.source) }));
      return node;
    }
  }
}

function typed(
  node: YamlNode,
  tag: CST.SourceToken,
  fits: (value: ScalarNode['value']) => boolean,
  composition: Composition,
): YamlNode {
  if (node.kind !== 'scalar') return misfit(node, tag, composition);
  const value = coreValue(node.text);
  return fits(value) ? { ...node, value } : misfit(node, tag, composition);
}

function misfit(node: YamlNode, tag: CST.SourceToken, composition: Composition): YamlNode {
  const text = node.kind === 'scalar' ? shortened(node.text) : node.kind === 'map' ? 'a mapping' : 'a sequence';
  const end = node.kind === 'scalar' ? node.span.end : tag.offset + tag.source.length;
  composition.detail(
    report('POL1038', composition.span(tag.offset, Math.max(end, tag.offset)), { text, tag: tag.source }),
  );
  return node;
}
