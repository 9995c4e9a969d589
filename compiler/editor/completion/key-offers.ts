import { fieldsOf } from '../../schema/collections.ts';
import { typeText } from '../../schema/reference.ts';
import type { Description, FieldDescription } from '../../schema/shape.ts';
import type { Token } from '../token-at.ts';
import type { Offer, Writing } from './offer.ts';
import { type KeyPlace, keySnippet, keyStart, objectSnippet } from './snippet.ts';
import { comparedWith, writtenScalar } from './written-scalar.ts';

export interface KeyQuestion extends KeyPlace {
  /** What stands behind the key on its line: nothing, its colon, or something else that has to stay. */
  readonly tail: 'free' | 'colon' | 'taken';
  readonly style: Token['style'];
}

/** Keys of an object, those that it needs first. */
export function keyOffers(
  fields: readonly (readonly [name: string, field: FieldDescription])[],
  where: KeyQuestion,
): readonly Offer[] {
  const sorted = [...fields.filter(([, { required }]) => required), ...fields.filter(([, { required }]) => !required)];
  return sorted.map(([name, field]) => {
    const compared = comparedWith(name, where.style);
    return {
      label: name,
      kind: 'key',
      detail: detailOf(field),
      ...writtenKey(name, field, where),
      ...(compared === name ? {} : { filterText: compared }),
      explain: () => keyText(field).join('\n\n'),
    };
  });
}

function writtenKey(name: string, field: FieldDescription, where: KeyQuestion): Pick<Offer, 'newText' | 'snippet'> {
  switch (where.tail) {
    case 'colon':
      return { newText: writtenScalar(name, where.style) };
    case 'taken':
      return { newText: `${writtenScalar(name, 'plain')}: ` };
    case 'free':
      return { newText: keyStart(name, field, where), snippet: keySnippet(name, field, where) };
  }
}

function detailOf({ description, required }: FieldDescription): string {
  return `${shortType(description)}${required ? ', required' : ''}`;
}

/** Less than the reference says: the kind of value. */
function shortType(description: Description): string {
  switch (description.kind) {
    case 'string':
    case 'enumeration':
    case 'quantity':
      return description.noun;
    case 'boolean':
      return 'true or false';
    case 'number':
      return 'a number';
    case 'list':
      return 'a list';
    case 'mapping':
    case 'object':
      return 'a map';
    case 'one-of':
      return description.alternatives.map(shortType).join(' or ');
    default: {
      const unreachable: never = description;
      return unreachable;
    }
  }
}

/** What the reference says of a key, as paragraphs of Markdown. */
export function keyText({ doc, description, required, unless, example }: FieldDescription): readonly string[] {
  const need = !required ? '' : unless === undefined ? ', required' : `, required without \`${unless}\``;
  return [
    ...(doc === '' ? [] : [doc.replaceAll('`s ', "'s ")]),
    `${typeText(description)}${need}`,
    ...(example === '' ? [] : [`example: \`${example}\``]),
  ];
}

/** An item that is a map, with the keys that it needs; none where it needs none. */
export function wholeItem(item: Description, column: number, { severalLines }: Writing): readonly Offer[] {
  const snippet = objectSnippet(item, { indent: column + 2, flow: false, severalLines });
  const [first] = Object.entries(fieldsOf(item) ?? {}).filter(([, { required }]) => required);
  if (snippet === undefined || first === undefined || (!severalLines && snippet.includes('\n'))) return [];
  const [name] = first;
  return [
    {
      label: `- ${name}: …`,
      kind: 'key',
      detail: 'an item',
      newText: `- ${name}: `,
      snippet: `- ${snippet}`,
      filterText: name,
    },
  ];
}
