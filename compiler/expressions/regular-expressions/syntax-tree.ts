import type { Ranges } from '../../tables/unicode-classes.ts';

/**
 * A regular expression of RE2, as far as it decides whether a text matches: without groups' numbers, and with no word of
 * which of several matches is preferred.
 */
export type RegularExpression =
  | { readonly kind: 'empty' }
  /** One code point of the ranges. An empty class matches nothing. */
  | { readonly kind: 'class'; readonly ranges: Ranges }
  | { readonly kind: 'sequence'; readonly of: readonly RegularExpression[] }
  | { readonly kind: 'choice'; readonly of: readonly RegularExpression[] }
  | {
      readonly kind: 'repeat';
      readonly of: RegularExpression;
      readonly least: number;
      /** Absent: as often as it goes. */
      readonly most: number | undefined;
    }
  | { readonly kind: 'assertion'; readonly of: Assertion };

/** What holds between two code points; the bits of `assertionBit`. */
export type Assertion = 'text start' | 'text end' | 'line start' | 'line end' | 'word boundary' | 'no word boundary';
