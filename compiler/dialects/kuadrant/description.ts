import type { Description, FieldDescription } from '../../schema/shape.ts';
import { kindSchemas, type SchemaNode, schemaNode } from '../../tables/kuadrant-schemas.ts';
import { exampleOf, sentenceOf } from './field-docs.ts';
import { celFields } from './schema/cel-fields.ts';

const texts: Description = { kind: 'mapping', keys: text('a key'), values: text('text') };

/** What people write of Kubernetes' ObjectMeta. */
const metadataFields: Readonly<Record<string, FieldDescription>> = {
  name: { description: text('a DNS subdomain'), doc: 'The name of the object.', required: false, example: 'limits' },
  generateName: {
    description: text('the beginning of a name'),
    doc: 'Instead of a name: the server completes it.',
    required: false,
    example: 'limits-',
  },
  namespace: {
    description: text('a namespace'),
    doc: 'The namespace, which is that of the target too.',
    required: false,
    example: 'web',
  },
  labels: { description: texts, doc: 'Labels.', required: false, example: '{ app: web }' },
  annotations: { description: texts, doc: 'Annotations.', required: false, example: '{ owner: web-team }' },
};

/** One alternative for each kind, made of the table. */
export const description: Description = {
  kind: 'one-of',
  alternatives: kindSchemas().map(({ kind, apiVersion, spec }) =>
    envelope(kind, apiVersion, describe(schemaNode(spec), [])),
  ),
};

/** Levels of fields below `spec` that the reference shows. */
const deepest = 3;

/** The fields of all kinds together, without the forms that only repeat them. */
export const reference: Description = envelope(
  'RateLimitPolicy',
  'kuadrant.io/v1',
  shallow(
    {
      kind: 'object',
      fields: Object.assign(
        {},
        ...['PlanPolicy', 'AuthPolicy', 'TokenRateLimitPolicy', 'RateLimitPolicy'].map((kind) => {
          const found = kindSchemas().find((each) => each.kind === kind);
          const described = found === undefined ? undefined : describe(schemaNode(found.spec), []);
          return described?.kind === 'object' ? described.fields : {};
        }),
        ...(['defaults', 'overrides'] as const).map((name) => ({
          [name]: field([name], { kind: 'object', fields: {} }, false),
        })),
      ),
    },
    deepest,
  ),
  kindSchemas().map((each) => each.kind),
  [...new Set(kindSchemas().map((each) => each.apiVersion))],
);

/** Without the fields that lie deeper: methods of authentication and authorization are Kuadrant's own to document. */
function shallow(described: Description, levels: number): Description {
  switch (described.kind) {
    case 'object':
      return levels === 0
        ? { kind: 'mapping', keys: text('a field'), values: text('its value') }
        : {
            kind: 'object',
            fields: Object.fromEntries(
              Object.entries(described.fields).map(([name, each]) => [
                name,
                { ...each, description: shallow(each.description, levels - 1) },
              ]),
            ),
          };
    case 'list':
      return { kind: 'list', item: shallow(described.item, levels) };
    case 'mapping':
      return { ...described, values: shallow(described.values, levels) };
    default:
      return described;
  }
}

function envelope(
  kind: string,
  apiVersion: string,
  spec: Description,
  kinds: readonly string[] = [kind],
  versions: readonly string[] = [apiVersion],
): Description {
  return {
    kind: 'object',
    fields: {
      apiVersion: {
        description: names('a version', versions),
        doc: 'The group and version of the kind.',
        required: true,
        example: apiVersion,
      },
      kind: { description: names('a kind', kinds), doc: 'The kind of resource.', required: true, example: kind },
      metadata: {
        description: { kind: 'object', fields: metadataFields },
        doc: 'Name, namespace, labels and annotations, as every object of Kubernetes has them.',
        required: true,
        example: '{ name: limits, namespace: web }',
      },
      spec: { description: spec, doc: 'What the policy says.', required: true, example: '{ targetRef: … }' },
    },
  };
}

const meanings: Readonly<Record<string, string>> = {
  AuthPolicy: 'who may call, and what is handed on about the caller',
  RateLimitPolicy: 'how many requests are let through',
  TokenRateLimitPolicy: 'how many tokens of language models may be used',
  PlanPolicy: 'limits of requests by plan',
  'kuadrant.io/v1': 'AuthPolicy, RateLimitPolicy',
  'kuadrant.io/v1alpha1': 'TokenRateLimitPolicy',
  'extensions.kuadrant.io/v1alpha1': 'PlanPolicy',
  atomic: 'one policy replaces another as a whole',
  merge: 'rules are joined by name',
};

function names(noun: string, values: readonly string[]): Description {
  return { kind: 'enumeration', noun, values: () => values.map((name) => ({ name, doc: meanings[name] ?? '' })) };
}

function text(noun: string): Description {
  return { kind: 'string', noun };
}

function describe(node: SchemaNode, path: readonly string[]): Description {
  switch (node.type) {
    case 'object': {
      const { fields, values, required = [] } = node;
      if (fields === undefined) {
        const of = values === undefined ? text('a value') : describe(schemaNode(values), path);
        return { kind: 'mapping', keys: text('a name'), values: of };
      }
      return {
        kind: 'object',
        fields: Object.fromEntries(
          Object.entries(fields).map(([name, index]) => [
            name,
            field([...path, name], describe(schemaNode(index), [...path, name]), required.includes(name)),
          ]),
        ),
      };
    }
    case 'array':
      return {
        kind: 'list',
        item: node.items === undefined ? text('a value') : describe(schemaNode(node.items), path),
      };
    case 'boolean':
      return { kind: 'boolean' };
    case 'integer':
      return {
        kind: 'number',
        integer: true,
        ...(node.minimum === undefined ? {} : { minimum: node.minimum }),
        ...(node.maximum === undefined ? {} : { maximum: node.maximum }),
      };
    case 'string':
      if (node.enum !== undefined) return names('one of the values below', node.enum);
      return {
        kind: 'string',
        noun: 'text',
        ...(celFields.has(path.at(-1) ?? '') ? { means: 'cel' as const } : {}),
        ...(node.pattern === undefined
          ? {}
          : { pattern: node.pattern, patternDoc: `text of the form \`${node.pattern}\`` }),
      };
    case undefined:
      return text('any value');
    default: {
      const unreachable: never = node.type;
      return unreachable;
    }
  }
}

function field(path: readonly string[], described: Description, required: boolean): FieldDescription {
  const name = path.at(-1)!;
  return { description: described, doc: sentenceOf(name, path.at(-2) ?? 'spec'), required, example: exampleOf(name) };
}
