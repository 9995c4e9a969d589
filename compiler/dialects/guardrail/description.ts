import type { Description, FieldDescription } from '../../schema/shape.ts';
import { baseFile, shape } from './shape.ts';

type Fields = Readonly<Record<string, FieldDescription>>;

const basics = shape.description.kind === 'object' ? shape.description.fields : {};

const base: FieldDescription = {
  description: baseFile.description,
  doc: 'The policy that this one builds on, by file; it need not be whole. Maps are joined key by key. Any other value that is written here replaces that of the base, and `null` removes it.',
  required: false,
  example: 'base.yaml',
};

const overrides: FieldDescription = {
  description: { kind: 'object', fields: partial(basics) },
  doc: 'What differs from the policy that `extends` names: the same keys as at the top level, each of which stands in one of the two places.',
  required: false,
  example: '{ ttl_minutes: 120 }',
};

/** The shape of one file: a policy, or a part of one that `extends` another. */
export const description: Description = {
  kind: 'object',
  fields: { ...optionalMayBeNull(basics), extends: base, overrides },
};

/** The same for the reference, which does not repeat every key under `overrides`. */
export const reference: Description = {
  kind: 'object',
  fields: {
    ...basics,
    extends: base,
    overrides: { ...overrides, description: { kind: 'object', fields: {} } },
  },
};

/** Every key may be left out, or be `null`, as far as maps are joined; an item of a list is replaced as a whole. */
function partial(fields: Fields): Fields {
  return each(fields, (field) => ({
    ...withoutUnless(field),
    required: false,
    nullable: true,
    description: inside(field.description, partial),
  }));
}

function optionalMayBeNull(fields: Fields): Fields {
  return each(fields, (field) => ({
    ...field,
    ...(field.required ? {} : { nullable: true }),
    description: inside(field.description, optionalMayBeNull),
  }));
}

function inside(of: Description, change: (fields: Fields) => Fields): Description {
  switch (of.kind) {
    case 'object':
      return { ...of, fields: change(of.fields) };
    case 'list':
      return { ...of, item: inside(of.item, optionalMayBeNull) };
    default:
      return of;
  }
}

function withoutUnless({ unless: _, ...field }: FieldDescription): FieldDescription {
  return field;
}

function each(fields: Fields, change: (field: FieldDescription) => FieldDescription): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, change(field)]));
}
