import { dialects } from '../../dialects/index.ts';
import { fieldsOf } from '../../schema/collections.ts';
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
  return dialects.flatMap(({ name, summary, description }) => {
    const fields = Object.entries(fieldsOf(description) ?? {});
    if (!written.every((key) => fields.some(([known]) => known === key))) return [];
    const whole = written.length > 0 || !writing.severalLines ? undefined : objectSnippet(description, where);
    const [first] = fields.filter(([, { required }]) => required);
    return [
      ...(whole === undefined || first === undefined
        ? []
        : [
            {
              label: `${name} policy`,
              kind: 'example' as const,
              detail: summary,
              newText: `${first[0]}: `,
              snippet: whole,
            },
          ]),
      ...keyOffers(
        fields.filter(([key]) => !written.includes(key)),
        where,
      ).map((offer) => ({ ...offer, detail: `${name}: ${offer.detail ?? ''}` })),
    ];
  });
}

/** Whether nothing but comments stands besides what is being written. */
function isEmpty(text: string, start: number, end: number): boolean {
  const rest = text.slice(0, start) + text.slice(end);
  return rest.length < 10_000 && rest.split('\n').every((line) => /^\s*(?:#.*|---)?\s*$/.test(line));
}
