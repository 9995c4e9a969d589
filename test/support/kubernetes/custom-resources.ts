import type { Cluster } from './answer.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from './json.ts';
import { objectSchema, type ResourceKind } from './kinds.ts';
import type { Rule, Schema } from './schema.ts';
import type { Store } from './store.ts';

/** The resource key of definitions. */
const definitions = 'apiextensions.k8s.io/customresourcedefinitions';

/**
 * Serves what CustomResourceDefinitions define, in the place of a kind of that name from before.
 *
 * @returns what stops it
 */
export function serveDefinitions({ store, kinds }: Cluster): () => void {
  return store.listen(({ resource, type, object }) => {
    if (resource !== definitions) return;
    const group = textAt(object, 'spec', 'group');
    const plural = textAt(object, 'spec', 'names', 'plural');
    const others = kinds.filter((kind) => kind.group !== group || kind.plural !== plural);
    kinds.splice(0, kinds.length, ...others, ...(type === 'DELETED' ? [] : kindsOf(object)));
    if (type === 'ADDED') queueMicrotask(() => establish(store, textAt(object, 'metadata', 'name')));
  });
}

function establish(store: Store, name: string): void {
  const live = store.get(definitions, '', name);
  if (live === undefined) return;
  const lastTransitionTime = textAt(live, 'metadata', 'creationTimestamp');
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({
    type,
    status: 'True',
    reason: 'Accepted',
    message: 'the definition is served',
    lastTransitionTime,
  }));
  store.put(definitions, { ...live, status: { conditions, acceptedNames: objectAt(live, 'spec', 'names') } });
}

/** The kinds that a definition serves, one for each version. */
export function kindsOf(definition: JsonObject): readonly ResourceKind[] {
  const spec = objectAt(definition, 'spec');
  const names = objectAt(spec, 'names');
  return listAt(spec, 'versions')
    .filter((version) => at(version, 'served') === true)
    .map((version) => {
      const { fields = {}, required = [] } = schemaOf(at(version, 'schema', 'openAPIV3Schema') ?? {});
      const { apiVersion, kind, metadata, ...own } = fields;
      return {
        group: textAt(spec, 'group'),
        version: textAt(version, 'name'),
        kind: textAt(names, 'kind'),
        plural: textAt(names, 'plural'),
        singular: textAt(names, 'singular') || textAt(names, 'kind').toLowerCase(),
        shortNames: listAt(names, 'shortNames').map(String),
        namespaced: textAt(spec, 'scope') === 'Namespaced',
        schema: objectSchema(own, required),
        status: at(version, 'subresources', 'status') !== undefined,
        generation: true,
        custom: true,
      };
    });
}

const types = ['object', 'array', 'string', 'integer', 'number', 'boolean'] as const;

/** A structural schema as definitions write it. */
function schemaOf(value: Json): Schema {
  const name = textAt(value, 'type');
  const type = types.find((each) => each === name);
  const properties = at(value, 'properties');
  const values = at(value, 'additionalProperties');
  const items = at(value, 'items');
  const normal = at(value, 'default');
  const pattern = at(value, 'pattern');
  const list = textAt(value, 'x-kubernetes-list-type');
  const keys = listAt(value, 'x-kubernetes-list-map-keys').map(String);
  const required = listAt(value, 'required').map(String);
  const rules = listAt(value, 'x-kubernetes-validations').map(ruleOf);
  return {
    ...(type === undefined ? {} : { type }),
    ...(isObject(properties) ? { fields: mapped(properties) } : {}),
    ...(required.length === 0 ? {} : { required }),
    ...(isObject(values) ? { values: schemaOf(values) } : {}),
    ...(items === undefined ? {} : { items: schemaOf(items) }),
    ...(at(value, 'enum') === undefined ? {} : { enum: listAt(value, 'enum') }),
    ...(typeof pattern === 'string' ? { pattern } : {}),
    ...number(value, 'minLength'),
    ...number(value, 'maxLength'),
    ...number(value, 'minimum'),
    ...number(value, 'maximum'),
    ...number(value, 'maxItems'),
    ...(at(value, 'x-kubernetes-preserve-unknown-fields') === true ? { open: true } : {}),
    ...(textAt(value, 'x-kubernetes-map-type') === 'atomic' ? { atomic: true } : {}),
    ...(list === 'set' ? { list } : list === 'map' ? { list: keys } : {}),
    ...(normal === undefined ? {} : { default: normal }),
    ...(rules.length === 0 ? {} : { rules }),
  };
}

function mapped(properties: JsonObject): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, schemaOf(each)]));
}

function number<K extends string>(value: Json, key: K): { readonly [key in K]?: number } {
  const found = at(value, key);
  const result: { [key in K]?: number } = {};
  if (typeof found === 'number') result[key] = found;
  return result;
}

function ruleOf(value: Json): Rule {
  return { rule: textAt(value, 'rule'), message: textAt(value, 'message') || `failed rule: ${textAt(value, 'rule')}` };
}
