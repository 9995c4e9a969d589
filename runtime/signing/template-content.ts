import { shape } from '../../compiler/dialects/template/shape.ts';
import { canonicalJson, type Json } from '../../compiler/images/canonical-json.ts';
import type { Description } from '../../compiler/schema/shape.ts';
import type { MapNode, ScalarNode, YamlNode } from '../../compiler/source/tree.ts';

/** A template as JSON, as polc reads it; without its block `signature`. */
export type TemplateContent = Readonly<Record<string, Json>>;

/** The content of a template's file; undefined where that is no map, or holds a number that JSON has not. */
export function templateContent(root: YamlNode): TemplateContent | undefined {
  if (root.kind !== 'map') return undefined;
  const entries: [string, Json][] = [];
  for (const [key, value] of fieldsOf(root, shape.description)) {
    if (key === 'signature') continue;
    if (value === undefined) return undefined;
    entries.push([key, value]);
  }
  return canonicalJson(Object.fromEntries(entries)) === undefined ? undefined : Object.fromEntries(entries);
}

function fieldsOf(map: MapNode, description: Description): readonly (readonly [string, Json | undefined])[] {
  return map.entries.map(({ key, value }) => [key.text, jsonOf(value, below(description, key.text))]);
}

/**
 * What is signed has to be what is read. Where the shape takes a text, `1.10` means those four characters and not the
 * number 1.1, and so it is the text that is signed.
 */
function jsonOf(node: YamlNode, description: Description | undefined): Json | undefined {
  switch (node.kind) {
    case 'scalar':
      return scalarOf(node, alternative(description, 'scalar'));
    case 'sequence': {
      const list = alternative(description, 'sequence');
      const items = node.items.map((item) => jsonOf(item, list?.kind === 'list' ? list.item : undefined));
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case 'map': {
      const fields: [string, Json][] = [];
      for (const [key, value] of fieldsOf(node, alternative(description, 'map') ?? { kind: 'object', fields: {} })) {
        if (value === undefined) return undefined;
        fields.push([key, value]);
      }
      // Not an assignment, for which `__proto__` is no key.
      return Object.fromEntries(fields);
    }
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}

function scalarOf({ value, text, style }: ScalarNode, description: Description | undefined): Json | undefined {
  if (style === 'missing') return null;
  if (description?.kind === 'number' || description?.kind === 'boolean') {
    return typeof value === 'bigint' ? undefined : value;
  }
  return text;
}

function below(description: Description, key: string): Description | undefined {
  if (description.kind === 'mapping') return description.values;
  if (description.kind !== 'object') return undefined;
  return Object.hasOwn(description.fields, key) ? description.fields[key]?.description : undefined;
}

/** The alternative that a node of this kind is read by. */
function alternative(description: Description | undefined, kind: YamlNode['kind']): Description | undefined {
  if (description?.kind !== 'one-of') return description;
  return description.alternatives.find((each) => nodeKind(each) === kind);
}

function nodeKind({ kind }: Description): YamlNode['kind'] {
  if (kind === 'list') return 'sequence';
  return kind === 'object' || kind === 'mapping' ? 'map' : 'scalar';
}
