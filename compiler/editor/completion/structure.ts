import type { Description } from '../../schema/shape.ts';
import { descriptionOf, type EditorDocument } from '../document.ts';
import { type Level, type Place, pathOf } from '../locate.ts';
import { alternativesOf, below, narrow } from '../narrow.ts';
import type { Workspace } from '../workspace.ts';
import { keyOffers, wholeItem } from './key-offers.ts';
import { keysBelow } from './keys-below.ts';
import { listToContinue } from './list-item.ts';
import { namedOffers } from './named-offers.ts';
import type { Offer, Writing } from './offer.ts';
import { type ValueOffer, valueOffers } from './value-offers.ts';
import { comparedWith, writtenScalar } from './written-scalar.ts';

/** Who asks what may be written where. */
export interface Question {
  readonly document: EditorDocument;
  readonly place: Place;
  readonly workspace: Workspace;
  readonly writing: Writing;
  /** What stands there up to the cursor, without an opening quote. */
  readonly typed: string;
  /** The column at which that begins. */
  readonly column: number;
}

/** Keys, values and items, by the schema and by what is written around the cursor. */
export function structureOffers(asked: Question): readonly Offer[] {
  const { place } = asked;
  const last = place.levels.at(-1);
  if (isBehindValue(asked) || hasValueBelow(asked)) return [];
  const item = nextItem(asked);
  if (place.at === 'key') return [...keysAt(asked, last), ...item];
  if (last === undefined) return keysOf(asked, place.description, [], false);
  const open = openAlternatives(asked.document, place);
  const values = valuesOf(asked, open, '', last);
  return place.mayBeKey ? [...startsOf(asked, open), ...values, ...item] : [...values, ...item];
}

/** Whether the cursor stands behind something that is whole already, where nothing can follow on the line. */
function isBehindValue({ document, place }: Question): boolean {
  if (place.style !== 'nothing') return false;
  const { text } = document.source;
  let at = place.offset - 1;
  while (at >= 0 && (text[at] === ' ' || text[at] === '\t')) at -= 1;
  return at >= 0 && !'\n:-,[{?'.includes(text[at]!);
}

/** Whether the value of the key before the cursor stands on the lines below already, in another column. */
function hasValueBelow({ document, place, column }: Question): boolean {
  const last = place.levels.at(-1);
  if (place.at !== 'value' || place.style !== 'nothing' || last?.flow !== false) return false;
  const { indent } = keysBelow(document.source.text, place.offset, 0);
  // On a line of its own the cursor may stand above the first key, in the same column.
  return indent !== undefined && indent > last.indent && !(place.mayBeKey && indent === column);
}

function keysAt(asked: Question, last: Level | undefined): readonly Offer[] {
  const { place, column } = asked;
  const isWhole = last?.step !== undefined;
  // Indented further than the keys of the map, it would be none of them.
  if (last !== undefined && !last.flow && !isWhole && column !== last.indent) return [];
  const others = (last?.keys ?? []).filter((key) => !isWhole || key !== last?.step);
  return keysOf(asked, place.description, [...others, ...keysBelowOf(asked)], last?.flow === true);
}

function keysBelowOf({ document, place, column }: Question): readonly string[] {
  const last = place.levels.at(-1);
  return last?.flow === true ? [] : keysBelow(document.source.text, place.offset, column).keys;
}

/** What a value on a line of its own may begin with: a map with its keys, a list with a dash. */
function startsOf(asked: Question, open: readonly Description[]): readonly Offer[] {
  const maps = open.filter(({ kind }) => kind === 'object' || kind === 'mapping');
  const map = narrow({ kind: 'one-of', alternatives: maps }, 'map');
  const items = open.flatMap((each) => (each.kind === 'list' ? [each.item] : []));
  return [
    ...(map === undefined ? [] : keysOf(asked, map, keysBelowOf(asked), false)),
    ...items.flatMap((item) => itemsOf(asked, item, undefined)),
  ];
}

/** The item that would be the next of a list above the cursor. */
function nextItem(asked: Question): readonly Offer[] {
  const list = listToContinue(asked.document, asked.place);
  return list?.description?.kind === 'list' ? itemsOf(asked, list.description.item, list) : [];
}

function itemsOf(asked: Question, item: Description, list: Level | undefined): readonly Offer[] {
  return [...valuesOf(asked, alternativesOf(item), '- ', list), ...wholeItem(item, asked.column, asked.writing)];
}

/** What may stand there, also of the other kinds of object that the value itself would decide between. */
function openAlternatives(document: EditorDocument, { levels, description }: Place): readonly Description[] {
  const last = levels.at(-1);
  const before = levels.at(-2);
  const own = alternativesOf(description);
  if (last?.kind !== 'map' || own[0]?.kind !== 'enumeration') return own;
  const around = before === undefined ? descriptionOf(document) : below(before.description, before.step).description;
  const kinds = alternativesOf(around).filter(({ kind }) => kind === 'object');
  if (kinds.length < 2) return own;
  return kinds.flatMap((each) => alternativesOf(below(each, last.step).description));
}

function keysOf(
  asked: Question,
  description: Description | undefined,
  written: readonly string[],
  flow: boolean,
): readonly Offer[] {
  const { document, place, writing, column, typed } = asked;
  const rest = /^[ \t]*(.?)/.exec(document.source.text.slice(place.span.end, place.span.end + 200))?.[1] ?? '';
  const tail =
    rest === ':' ? 'colon' : rest === '' || '\r#'.includes(rest) || (flow && ',}'.includes(rest)) ? 'free' : 'taken';
  const where = { tail, style: place.style, indent: column, flow, severalLines: writing.severalLines } as const;
  switch (description?.kind) {
    case 'object': {
      const left = Object.entries(description.fields).filter(([name]) => !written.includes(name));
      return keyOffers(left, where);
    }
    case 'mapping': {
      const values = [...valueOffers(description.keys, typed), ...namesAt(asked, [], 'key')];
      const field = { description: description.values, doc: '', required: false, example: '' };
      return values
        .filter(({ name }) => !written.includes(name))
        .flatMap(({ name, doc, explain }) =>
          keyOffers([[name, field]], where).map((offer) => ({
            ...offer,
            detail: doc,
            ...(explain === undefined ? {} : { explain }),
          })),
        );
    }
    default:
      return [];
  }
}

/**
 * @param prefix what makes the value an item: a dash
 * @param around the list or map that it would be in
 */
function valuesOf(
  asked: Question,
  open: readonly Description[],
  prefix: '' | '- ',
  around: Level | undefined,
): readonly Offer[] {
  const { place, typed, document } = asked;
  const named = namesAt(asked, prefix === '' ? [] : [0], 'value');
  const values = [...named, ...open.flatMap((each) => valueOffers(each, typed))];
  const others = new Set(
    around?.node?.kind === 'sequence'
      ? around.node.items.flatMap((item) => (item.kind === 'scalar' && item !== place.scalar ? [item.text] : []))
      : [],
  );
  const lead = document.source.text[place.span.start - 1] === ':' && place.style === 'nothing' ? ' ' : '';
  const offers = values
    .filter(({ name }) => !others.has(name))
    .map((value) => valueOffer(value, `${lead}${prefix}`, place));
  if (offers.length > 0 || prefix !== '' || place.mayBeKey || place.field === undefined || around?.kind !== 'map')
    return offers;
  return exampleOf(place, lead);
}

function valueOffer({ name, doc, kind, isWhole, explain }: ValueOffer, lead: string, place: Place): Offer {
  const isDash = lead.endsWith('- ');
  const written = isWhole ? writtenScalar(name, kind === 'keyword' || kind === 'unit' ? 'plain' : place.style) : name;
  const compared = comparedWith(name, place.style);
  const label = isDash ? `- ${name}` : name;
  return {
    label,
    kind,
    ...(doc === '' ? {} : { detail: doc }),
    newText: lead + (kind === 'keyword' || kind === 'unit' ? name : isWhole ? written : unfinished(name, place)),
    ...(compared === label ? {} : { filterText: compared }),
    ...(isWhole ? {} : { isWhole }),
    ...(explain === undefined ? {} : { explain }),
  };
}

/** A text that goes on: with the quote that stands before it, and the one behind. */
function unfinished(name: string, { style }: Place): string {
  const quote = style === 'single' ? "'" : style === 'double' ? '"' : '';
  return quote + name + quote;
}

function exampleOf({ field, style, text }: Place, lead: string): readonly Offer[] {
  if (field === undefined || field.example === '' || style !== 'nothing' || text !== '') return [];
  return [{ label: field.example, kind: 'example', detail: 'an example', newText: lead + field.example }];
}

function namesAt(asked: Question, further: readonly number[], of: 'key' | 'value'): readonly ValueOffer[] {
  const { document, place, workspace } = asked;
  const isUnnamed = of === 'key' && (place.at === 'value' || place.levels.at(-1)?.step === undefined);
  const path = [...pathOf(place), ...(isUnnamed ? [''] : further)];
  return namedOffers(document, path, of, place, workspace);
}
