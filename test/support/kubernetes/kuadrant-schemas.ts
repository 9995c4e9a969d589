import {
  type KindSchema,
  kindSchemas,
  type SchemaFact,
  schemaNode,
} from '../../../compiler/tables/kuadrant-schemas.ts';
import type { Json } from './json.ts';
import { integer, keyedBy, type Rule, record, type Schema, text } from './schema.ts';

// The structural schemas of Kuadrant's policies: shape and rules from the generated table, and here what the table leaves
// out because only a server needs it: defaults, and objects with one owner. Facts of kuadrant-operator @ae69881,
// config/crd/bases; test/kubernetes/schemas.test.ts compares them with those files.

/** By parent and field; a star is any parent. */
const defaults: Readonly<Record<string, Json>> = {
  'apiKey.allNamespaces': false,
  'x509.allNamespaces': false,
  'cache.ttl': 60,
  'oauth2.cache': true,
  '*.metrics': false,
  '*.priority': 0,
  'opa.allValues': false,
  'http.contentType': 'application/x-www-form-urlencoded',
  'http.method': 'GET',
  'externalPolicy.contentType': 'application/x-www-form-urlencoded',
  'externalPolicy.method': 'GET',
  'credentialsRef.name': '',
  'defaults.strategy': 'atomic',
  'overrides.strategy': 'atomic',
};

const withOneOwner = new Set([
  'apiKey.selector',
  'x509.selector',
  'oauth2Introspection.credentialsRef',
  'uma.credentialsRef',
]);

export const conditions: Schema = keyedBy(
  ['type'],
  record(
    {
      type: { ...text, maxLength: 316 },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      observedGeneration: { ...integer, minimum: 0 },
      lastTransitionTime: text,
      reason: { ...text, minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
      message: { ...text, maxLength: 32_768 },
    },
    ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  ),
);

/** Each kind of policy with the schemas of its `spec` and `status`. */
export function policyKinds(): readonly { readonly of: KindSchema; readonly fields: Record<string, Schema> }[] {
  const status = record({ conditions, observedGeneration: integer });
  return kindSchemas().map((of) => ({ of, fields: { spec: schemaOf(of.spec, '', ''), status } }));
}

function schemaOf(index: number, parent: string, name: string): Schema {
  const { fields, values, items, facts, type, ...rest } = schemaNode(index);
  const place = `${parent}.${name}`;
  const normal = defaults[place] ?? (type === 'boolean' || type === 'integer' ? defaults[`*.${name}`] : undefined);
  return {
    ...rest,
    ...(type === undefined ? {} : { type }),
    ...(fields === undefined
      ? {}
      : {
          fields: Object.fromEntries(
            Object.entries(fields).map(([field, node]) => [field, schemaOf(node, name, field)]),
          ),
        }),
    ...(values === undefined ? {} : { values: schemaOf(values, parent, name) }),
    ...(items === undefined ? {} : { items: schemaOf(items, name, '') }),
    ...(facts === undefined ? {} : { rules: facts.map(ruleOf) }),
    ...(normal === undefined ? {} : { default: normal }),
    ...(withOneOwner.has(place) ? { atomic: true } : {}),
  };
}

/** The rule in CEL that a fact of the table was read from. */
function ruleOf(fact: SchemaFact): Rule {
  switch (fact[0]) {
    case 'excludes': {
      const [, field, others] = fact;
      const any = others.map((other) => `has(self.${other})`).join(' || ');
      return { rule: `!(has(self.${field}) && (${any}))`, message: `${field} excludes ${others.join(', ')}` };
    }
    case 'excludes-filled': {
      const [, field, others] = fact;
      const filled = [field, ...others].map((each) => `has(self.${each}) && self.${each} != ''`).join(' && ');
      return { rule: `!(${filled})`, message: `${field} excludes ${others.join(', ')}` };
    }
    case 'at-most-one': {
      const [, fields] = fact;
      const sum = fields.map((field) => `(has(self.${field}) ? 1 : 0)`).join(' + ');
      return { rule: `${sum} <= 1`, message: `at most one of ${fields.join(', ')}` };
    }
    case 'values': {
      const [, field, values] = fact;
      const any = values.map((value) => `self.${field} == '${value}'`).join(' || ');
      return { rule: any, message: `${field} must be one of ${values.join(', ')}` };
    }
    case 'some': {
      const [, field, paths] = fact;
      const under = field === '' ? 'self' : `self.${field}`;
      const when = field === '' ? '!(has(self.overrides) || has(self.defaults))' : `has(self.${field})`;
      const any = paths.map((path) => `(${presenceOf(under, path)})`).join(' || ');
      return { rule: `${when} ? (${any}) : true`, message: `${field || 'spec'} needs one of ${paths.join(', ')}` };
    }
    default: {
      const unreachable: never = fact;
      return unreachable;
    }
  }
}

function presenceOf(under: string, path: string): string {
  let place = under;
  const parts = path
    .replace('+', '')
    .split('.')
    .map((name) => {
      place = `${place}.${name}`;
      return `has(${place})`;
    });
  return path.endsWith('+') ? [...parts, `size(${place}) > 0`].join(' && ') : parts.join(' && ');
}
