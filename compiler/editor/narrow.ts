import type { Description, EnumerationValue, FieldDescription } from '../schema/shape.ts';
import type { MapNode } from '../source/tree.ts';

/** What a description says below one key or item. */
export interface Below {
  readonly description: Description | undefined;
  /** Of a key of an object: its documentation, its example, whether it is required. */
  readonly field: FieldDescription | undefined;
}

const nothing: Below = { description: undefined, field: undefined };

/** An enumeration of more values does not tell kinds of objects apart. */
const mostKinds = 8;

/**
 * The alternative of a description that a collection is of: the one for maps or lists, and among several objects the one
 * whose keys and kinds are those that are there.
 *
 * @param keys of the map, as far as they are written
 * @param node the map, where the tree has it: what it says under `kind` counts
 */
export function narrow(
  description: Description | undefined,
  kind: 'map' | 'sequence' | 'scalar',
  keys: readonly string[] = [],
  node?: MapNode,
): Description | undefined {
  const fitting = alternativesOf(description).filter((each) => kindOf(each) === kind);
  if (fitting.length < 2 || kind !== 'map') return fitting[0];
  let best: Description | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const each of fitting) {
    const points = fitness(each, keys, node);
    if (points > most) {
      best = each;
      most = points;
    }
  }
  return best;
}

/** Every alternative of a description, those of alternatives too; itself where it has none. */
export function alternativesOf(description: Description | undefined): readonly Description[] {
  if (description === undefined) return [];
  return description.kind === 'one-of' ? description.alternatives.flatMap(alternativesOf) : [description];
}

/** The values of every enumeration that may stand there, lists of them aside. */
export function valuesOf(description: Description | undefined): readonly EnumerationValue[] {
  return alternativesOf(description).flatMap((each) => (each.kind === 'enumeration' ? each.values() : []));
}

/** What the description says of what stands under a key of a map, or of an item of a list. */
export function below(description: Description | undefined, step: string | number | undefined): Below {
  switch (description?.kind) {
    case 'object': {
      const field =
        typeof step === 'string' && Object.hasOwn(description.fields, step) ? description.fields[step] : undefined;
      return field === undefined ? nothing : { description: field.description, field };
    }
    case 'mapping':
      return { description: description.values, field: undefined };
    case 'list':
      return { description: description.item, field: undefined };
    default:
      return nothing;
  }
}

function kindOf(description: Description): 'map' | 'sequence' | 'scalar' {
  switch (description.kind) {
    case 'object':
    case 'mapping':
      return 'map';
    case 'list':
      return 'sequence';
    default:
      return 'scalar';
  }
}

function fitness(description: Description, keys: readonly string[], node: MapNode | undefined): number {
  if (description.kind !== 'object') return 0;
  let points = 0;
  for (const key of keys) points += Object.hasOwn(description.fields, key) ? 1 : -1;
  for (const { key, value } of node?.entries ?? []) {
    const field = Object.hasOwn(description.fields, key.text) ? description.fields[key.text] : undefined;
    if (value.kind !== 'scalar' || field?.description.kind !== 'enumeration') continue;
    const values = field.description.values();
    if (values.length <= mostKinds) points += values.some(({ name }) => name === value.text) ? 100 : -100;
  }
  return points;
}
