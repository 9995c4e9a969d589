import type { Description, FieldDescription } from '../../schema/shape.ts';
import { shape } from './shape.ts';

/** Keys under which the settings of a tier stand again. */
const repeated = new Set(['platform_default', 'overrides']);

/** The document with the settings described once, under the tiers. */
export const reference: Description = withoutRepetition(shape.description);

function withoutRepetition(description: Description): Description {
  switch (description.kind) {
    case 'object':
      return {
        kind: 'object',
        fields: Object.fromEntries(
          Object.entries(description.fields).map(([name, field]): [string, FieldDescription] => [
            name,
            {
              ...field,
              description: repeated.has(name) ? { kind: 'object', fields: {} } : withoutRepetition(field.description),
            },
          ]),
        ),
      };
    case 'mapping':
      return { ...description, values: withoutRepetition(description.values) };
    case 'list':
      return { ...description, item: withoutRepetition(description.item) };
    default:
      return description;
  }
}
