import type { Description, FieldDescription } from '../../schema/shape.ts';
import { alternativesOf } from '../narrow.ts';
import { writtenScalar } from './written-scalar.ts';

/** An enumeration of more values is not put into a snippet: the editor's list shows them better. */
const mostChoices = 12;

/** Where a key is written. */
export interface KeyPlace {
  /** The column of the key. */
  readonly indent: number;
  readonly flow: boolean;
  /** Whether its value may go on below. */
  readonly severalLines: boolean;
}

/** A key with its value as a snippet: `memory: ${1:512MiB}`. Lines are ended by `\n`. */
export function keySnippet(name: string, field: FieldDescription, place: KeyPlace): string {
  const stops = new Stops();
  const text = keyText(name, field, place, stops);
  return stops.count === 0 ? `${text}$0` : text;
}

/** The required keys of an object, as a snippet of an item or a value; undefined where it has none. */
export function objectSnippet(description: Description, place: KeyPlace): string | undefined {
  return requiredText(description, place, new Stops());
}

/** The same without places to fill in: what every editor can take. */
export function keyStart(
  name: string,
  { description }: FieldDescription,
  { flow, severalLines, indent }: KeyPlace,
): string {
  const key = writtenScalar(name, 'plain');
  if (flow || isScalar(description)) return `${key}: `;
  if (!severalLines) return `${key}:`;
  const dash = alternativesOf(description).some(({ kind }) => kind === 'list') ? '- ' : '';
  return `${key}:\n${' '.repeat(indent + 2)}${dash}`;
}

class Stops {
  count = 0;

  placeholder(text: string): string {
    this.count += 1;
    return text === '' ? `$${this.count}` : `\${${this.count}:${text.replace(/[\\$}]/g, '\\$&')}}`;
  }

  choice(values: readonly string[]): string {
    this.count += 1;
    return `\${${this.count}|${values.map((value) => value.replace(/[\\,|$}]/g, '\\$&')).join(',')}|}`;
  }
}

function keyText(name: string, field: FieldDescription, place: KeyPlace, stops: Stops): string {
  return `${writtenScalar(name, 'plain').replace(/[\\$}]/g, '\\$&')}:${valueText(field, place, stops)}`;
}

/** What stands behind the colon. */
function valueText({ description, example }: FieldDescription, place: KeyPlace, stops: Stops): string {
  const meant = meantBy(description, example);
  const inner = { ...place, indent: place.indent + 2 };
  switch (meant?.kind) {
    case 'object': {
      if (place.flow || !place.severalLines) return ` { ${stops.placeholder('')} }`;
      return `\n${' '.repeat(inner.indent)}${requiredText(meant, inner, stops) ?? stops.placeholder('')}`;
    }
    case 'mapping':
      return place.flow || !place.severalLines
        ? ` { ${stops.placeholder('')} }`
        : `\n${' '.repeat(inner.indent)}${stops.placeholder('')}`;
    case 'list': {
      const isOfMaps = alternativesOf(meant.item).some(({ kind }) => kind === 'object' || kind === 'mapping');
      if (!isOfMaps || place.flow || !place.severalLines) {
        return ` [${stops.placeholder(isOfMaps ? '' : withoutBrackets(example))}]`;
      }
      const item = requiredText(meant.item, { ...inner, indent: inner.indent + 2 }, stops) ?? stops.placeholder('');
      return `\n${' '.repeat(inner.indent)}- ${item}`;
    }
    case 'boolean':
      return ` ${stops.choice(example === 'false' ? ['false', 'true'] : ['true', 'false'])}`;
    case 'enumeration': {
      const values = meant.values();
      if (values.length > mostChoices) return ` ${stops.placeholder(example)}`;
      const names = values.map(({ name }) => writtenScalar(name, 'plain'));
      return ` ${stops.choice([...names.filter((name) => name === example), ...names.filter((name) => name !== example)])}`;
    }
    default:
      return ` ${stops.placeholder(example)}`;
  }
}

function requiredText(description: Description, place: KeyPlace, stops: Stops): string | undefined {
  const object = alternativesOf(description).find((each) => each.kind === 'object');
  if (object?.kind !== 'object') return undefined;
  const required = Object.entries(object.fields).filter(([, field]) => field.required);
  if (required.length === 0) return undefined;
  const between = place.flow ? ', ' : `\n${' '.repeat(place.indent)}`;
  return required.map(([name, field]) => keyText(name, field, place, stops)).join(between);
}

/** The alternative of a description that the example is of. */
function meantBy(description: Description, example: string): Description | undefined {
  const alternatives = alternativesOf(description);
  const wanted = example.startsWith('[') ? ['list'] : example.startsWith('{') ? ['object', 'mapping'] : undefined;
  return (
    alternatives.find((each) => (wanted === undefined ? isScalar(each) : wanted.includes(each.kind))) ?? alternatives[0]
  );
}

function isScalar(description: Description): boolean {
  return alternativesOf(description).some(({ kind }) => kind !== 'object' && kind !== 'mapping' && kind !== 'list');
}

function withoutBrackets(example: string): string {
  return example.startsWith('[') && example.endsWith(']') ? example.slice(1, -1) : example;
}
