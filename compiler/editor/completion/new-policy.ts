import { dialects } from '../../dialects/index.ts';
import { fieldsOf } from '../../schema/collections.ts';
import { starters } from '../../starters.ts';
import { keyOffers } from './key-offers.ts';
import type { Offer } from './offer.ts';
import { objectSnippet } from './snippet.ts';
import type { Question } from './structure.ts';

/** What a policy of any dialect may begin with, as long as the file is not known for another tool's. */
export function newPolicyOffers({ document, place, column, writing }: Question): readonly Offer[] {
  const { text } = document.source;
  const last = place.levels.at(-1);
  if (place.levels.length > 1 || column > 0 || place.at !== 'key' || last?.step !== undefined) return [];
  if (document.role === 'other' && !isEmpty(text, place.span.start, place.span.end)) return [];
  const written = last?.keys ?? [];
  const where = {
    tail: 'free',
    style: place.style,
    indent: 0,
    flow: false,
    severalLines: writing.severalLines,
  } as const;
  // Whole policies before the keys of any, so that every dialect is seen without scrolling.
  const wholes: Offer[] = [];
  const keys: Offer[] = [];
  for (const { name, summary, description } of dialects) {
    const fields = Object.entries(fieldsOf(description) ?? {});
    if (!written.every((key) => fields.some(([known]) => known === key))) continue;
    const whole = written.length > 0 || !writing.severalLines ? undefined : objectSnippet(description, where);
    const [first] = fields.filter(([, { required }]) => required);
    // A dialect that requires no key begins with a policy that can be changed, and is read from its top.
    const starter = starters[name]?.(`my-${name}`).trimEnd();
    const offer = { label: `${name} policy`, kind: 'example', detail: summary } as const;
    if (whole !== undefined && first !== undefined) {
      wholes.push({ ...offer, newText: `${first[0]}: `, snippet: whole });
    } else if (starter !== undefined && first === undefined && written.length === 0 && writing.severalLines) {
      wholes.push({ ...offer, newText: starter, snippet: `$0${starter.replace(/[\\$}]/g, '\\$&')}` });
    }
    const free = fields.filter(([key]) => !written.includes(key));
    keys.push(...keyOffers(free, where).map((offer) => ({ ...offer, detail: `${name}: ${offer.detail ?? ''}` })));
  }
  return [...wholes, ...keys];
}

/** Whether nothing but comments stands besides what is being written. */
function isEmpty(text: string, start: number, end: number): boolean {
  const rest = text.slice(0, start) + text.slice(end);
  return rest.length < 10_000 && rest.split('\n').every((line) => /^\s*(?:#.*|---)?\s*$/.test(line));
}
