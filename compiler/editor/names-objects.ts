import { fieldOf, itemsOf, resourcesOf, textOf, valueAt } from '../dialects/kuadrant/resource.ts';
import type { MapNode, ScalarNode, YamlNode } from '../source/tree.ts';
import type { Declaration, Reference } from './names.ts';

/** The objects of Kubernetes that a file has, and those that they are attached to: `targetRef` of policies, `parentRefs` of routes. */
export function objectNames(roots: readonly YamlNode[]): {
  readonly declarations: readonly Declaration[];
  readonly references: readonly Reference[];
} {
  const declarations: Declaration[] = [];
  const references: Reference[] = [];
  for (const { kind, node } of resourcesOf(roots)) {
    const name = named(valueAt(node, 'metadata', 'name'));
    if (name !== undefined && kind !== '') {
      const { text, span } = name;
      declarations.push({ kind: 'object', name: text, span, whole: node.span, key: 'name', of: kind });
    }
    references.push(...attachments(node));
  }
  return { declarations, references };
}

function attachments(node: MapNode): readonly Reference[] {
  const target = valueAt(node, 'spec', 'targetRef');
  const parents = itemsOf(valueAt(node, 'spec', 'parentRefs'));
  return [...(target === undefined ? [] : [target]), ...parents].flatMap((each): Reference[] => {
    const name = named(fieldOf(each, 'name'));
    // A route's parent is a Gateway unless it says otherwise (Gateway API, ParentReference).
    const of = textOf(fieldOf(each, 'kind')) || 'Gateway';
    return name === undefined ? [] : [{ kind: 'object', name: name.text, span: name.span, of }];
  });
}

function named(node: YamlNode | undefined): ScalarNode | undefined {
  return node?.kind === 'scalar' && node.style !== 'missing' && node.text !== '' ? node : undefined;
}
