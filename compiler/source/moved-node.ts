import type { Span } from './span.ts';
import type { Comment, MapEntry, ScalarNode, YamlNode } from './tree.ts';

/** The same node at another place of a text; without aliases, whose nodes stand elsewhere. */
export function movedNode(node: YamlNode, by: number): YamlNode {
  if (by === 0) return node;
  switch (node.kind) {
    case 'scalar':
      return movedScalar(node, by);
    case 'map': {
      const entries = node.entries.map((entry) => movedEntry(entry, by));
      return { kind: 'map', span: movedSpan(node.span, by), entries, flow: node.flow };
    }
    case 'sequence': {
      const items = node.items.map((item) => movedNode(item, by));
      return { kind: 'sequence', span: movedSpan(node.span, by), items, flow: node.flow };
    }
  }
}

export function movedEntry(entry: MapEntry, by: number): MapEntry {
  if (by === 0) return entry;
  const { key, value, span } = entry;
  return { key: movedScalar(key, by), value: movedNode(value, by), span: movedSpan(span, by) };
}

export function movedComment(comment: Comment, by: number): Comment {
  return by === 0 ? comment : { span: movedSpan(comment.span, by), text: comment.text };
}

function movedScalar({ span, value, text, style, indent }: ScalarNode, by: number): ScalarNode {
  const node: ScalarNode = { kind: 'scalar', span: movedSpan(span, by), value, text, style };
  return indent === undefined ? node : { ...node, indent };
}

function movedSpan({ file, start, end }: Span, by: number): Span {
  return { file, start: start + by, end: end + by };
}
