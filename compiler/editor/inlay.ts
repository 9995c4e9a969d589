import { grouped } from '../diagnostics/grouped.ts';
import type { Description } from '../schema/shape.ts';
import type { ScalarNode } from '../source/tree.ts';
import type { EditorDocument } from './document.ts';
import { explainMeaning, meaningOf } from './meaning/explain.ts';
import { alternativesOf } from './narrow.ts';
import { walkDescribed } from './walk-described.ts';

/** A few words that stand behind a value and are no part of the text. */
export interface Inlay {
  readonly offset: number;
  readonly label: string;
  /** Markdown, a paragraph each. */
  readonly paragraphs: readonly string[];
}

/**
 * What values amount to, for the lines of a range: how many calls a group has, how many actions a pattern, a size or a
 * duration in other units, and, where this version has been compiled, the number that a share comes to.
 */
export function inlaysIn(
  document: EditorDocument,
  range: { readonly start: number; readonly end: number },
): readonly Inlay[] {
  const found: Inlay[] = [];
  const amounts = sharedAmounts(document);
  const add = (scalar: ScalarNode, description: Description | undefined) => {
    const { text, span } = scalar;
    if (span.end < range.start || span.end > range.end) return;
    const label = amounts.get(span.start);
    if (label !== undefined) found.push({ offset: span.end, label, paragraphs: [] });
    for (const each of alternativesOf(description)) {
      const means = meaningOf(each);
      const explained = means === undefined ? undefined : explainMeaning(means, text);
      if (explained?.short === undefined) continue;
      found.push({ offset: span.end, label: explained.short, paragraphs: explained.paragraphs });
      return;
    }
  };
  walkDescribed(document, { scalar: add }, range);
  return found;
}

/** More numbers than these say nothing beside a share. */
const mostAmounts = 3;

/** What the shares of a tenancy come to, by where they stand: a share of several limits has several. */
function sharedAmounts({ current, path, source }: EditorDocument): ReadonlyMap<number, string> {
  const amounts = new Map<number, Set<number>>();
  for (const { amount, origin } of current?.compilation.lowered?.quotas ?? []) {
    const { file, start, end } = origin.span;
    if (file !== path || !/%["']?$/.test(source.text.slice(start, end))) continue;
    const known = amounts.get(start) ?? new Set();
    amounts.set(start, known.add(amount));
  }
  return new Map(
    [...amounts].flatMap(([start, its]): [number, string][] =>
      its.size > mostAmounts
        ? []
        : [
            [
              start,
              `= ${[...its]
                .sort((left, right) => left - right)
                .map(grouped)
                .join(' or ')}`,
            ],
          ],
    ),
  );
}
