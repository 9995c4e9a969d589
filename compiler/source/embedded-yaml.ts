import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type ParsedDocument, parseYaml } from './parse-yaml.ts';
import { type ScalarMap, scalarMap } from './scalar-map.ts';
import type { Span } from './span.ts';
import { type SourceText, sourceText } from './text.ts';
import type { ScalarNode, YamlNode } from './tree.ts';

/**
 * Reads the YAML document that is the text of a scalar: a value of a ConfigMap. Every span is one of the file that the
 * scalar stands in.
 */
export function parseEmbedded(source: SourceText, scalar: ScalarNode): ParsedDocument {
  const { root, comments, diagnostics } = parseYaml(sourceText(source.path, scalar.text));
  const map = scalarMap(source, scalar);
  return {
    root: root === undefined ? undefined : placed(root, map),
    comments: comments.map((comment) => ({ ...comment, span: outer(comment.span, map) })),
    diagnostics: diagnostics.map((each) => placedDiagnostic(each, map)),
  };
}

function outer({ start, end }: Span, map: ScalarMap): Span {
  return map.span(start, end);
}

/** Fixes that add lines would have to be indented as the scalar is; they are left out. */
function placedDiagnostic(diagnostic: Diagnostic, map: ScalarMap): Diagnostic {
  return {
    ...diagnostic,
    span: outer(diagnostic.span, map),
    related: diagnostic.related.map((each) => ({ ...each, span: outer(each.span, map) })),
    fixes: diagnostic.fixes
      .filter(({ edits }) => edits.every(({ newText }) => !newText.includes('\n')))
      .map((fix) => ({ ...fix, edits: fix.edits.map((edit) => ({ ...edit, span: outer(edit.span, map) })) })),
  };
}

function placed(node: YamlNode, map: ScalarMap): YamlNode {
  switch (node.kind) {
    case 'scalar':
      return placedScalar(node, map);
    case 'sequence':
      return { ...node, span: outer(node.span, map), items: node.items.map((item) => placed(item, map)) };
    case 'map':
      return {
        ...node,
        span: outer(node.span, map),
        // What is inserted before the first key would lack the indentation of the scalar.
        flow: true,
        entries: node.entries.map(({ key, value, span }) => ({
          key: placedScalar(key, map),
          value: placed(value, map),
          span: outer(span, map),
        })),
      };
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}

function placedScalar(node: ScalarNode, map: ScalarMap): ScalarNode {
  return { ...node, span: outer(node.span, map) };
}
