import type { MapNode, SequenceNode, YamlNode } from '../../source/tree.ts';

/** One Kubernetes object of a file: a document, or an item of a `List`. */
export interface Resource {
  readonly apiVersion: string;
  /** The API version up to its slash; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty where it has none. */
  readonly name: string;
  /** Empty where the one of the applying context is meant. */
  readonly namespace: string;
  readonly node: MapNode;
}

/** The objects of a stream of documents, with the items of lists in their place. What is no map is left out. */
export function resourcesOf(documents: readonly YamlNode[]): readonly Resource[] {
  const resources: Resource[] = [];
  for (const document of documents) add(document, resources, 0);
  return resources;
}

/** A `List` in a `List` is legal; deeper ones are nobody's. */
const deepestList = 4;

function add(node: YamlNode, resources: Resource[], depth: number): void {
  if (node.kind !== 'map') return;
  const resource = resourceOf(node);
  const items = fieldOf(node, 'items');
  if (isList(resource) && items?.kind === 'sequence' && depth < deepestList) {
    for (const item of items.items) add(item, resources, depth + 1);
  } else {
    resources.push(resource);
  }
}

/** `List` of the core group, and the lists that `kubectl get` gives of one kind. */
function isList({ kind }: Resource): boolean {
  return kind === 'List' || kind.endsWith('List');
}

function resourceOf(node: MapNode): Resource {
  const apiVersion = textOf(fieldOf(node, 'apiVersion'));
  const slash = apiVersion.indexOf('/');
  const metadata = fieldOf(node, 'metadata');
  return {
    apiVersion,
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    kind: textOf(fieldOf(node, 'kind')),
    name: textOf(fieldOf(metadata, 'name')),
    namespace: textOf(fieldOf(metadata, 'namespace')),
    node,
  };
}

/** The value under a key of a map; undefined where the node is no map or has no such key. */
export function fieldOf(node: YamlNode | undefined, name: string): YamlNode | undefined {
  if (node?.kind !== 'map') return undefined;
  return node.entries.find(({ key }) => key.text === name)?.value;
}

/** The value at a path of keys. */
export function valueAt(node: YamlNode | undefined, ...path: readonly string[]): YamlNode | undefined {
  let at = node;
  for (const name of path) at = fieldOf(at, name);
  return at;
}

/** The text of a scalar; empty for anything else. */
export function textOf(node: YamlNode | undefined): string {
  return node?.kind === 'scalar' ? node.text : '';
}

export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'sequence' ? node.items : [];
}

export function entriesOf(node: YamlNode | undefined): MapNode['entries'] {
  return node?.kind === 'map' ? node.entries : [];
}

/** True for a map or list without content, `null`, and the empty text. */
export function isEmpty(node: YamlNode | undefined): boolean {
  if (node === undefined) return true;
  if (node.kind === 'map') return node.entries.length === 0;
  if (node.kind === 'sequence') return (node satisfies SequenceNode).items.length === 0;
  return node.value === null || node.text === '';
}

/** Whether part of a text is filled in before the file is applied: `${NAME}`, `{{ .Values.name }}`. */
export function isTemplated(text: string): boolean {
  return text.includes('${') || text.includes('{{');
}
