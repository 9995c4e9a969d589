import type { Span } from '../../source/span.ts';

/** What kind of thing is offered, for its sign in a list. */
export type OfferKind =
  | 'key'
  | 'value'
  | 'constant'
  | 'function'
  | 'group'
  | 'variable'
  | 'field'
  | 'keyword'
  | 'unit'
  | 'file'
  | 'name'
  | 'example';

/** One thing that may be written at a place. */
export interface Offer {
  readonly label: string;
  readonly kind: OfferKind;
  /** A few words beside the label. */
  readonly detail?: string;
  /** What is written in place of the completions' span. */
  readonly newText: string;
  /** The same with places to fill in, in the protocol's syntax of snippets; for editors that have them. */
  readonly snippet?: string;
  /** What typed text is compared with, where that is not the label. */
  readonly filterText?: string;
  /** False for a text with which a value begins. */
  readonly isWhole?: false;
  /** More to read, as Markdown; made when somebody looks at the offer. */
  readonly explain?: () => string | undefined;
}

/** What may be written at a place. */
export interface Completions {
  /** What the offers replace. */
  readonly span: Span;
  /** The likeliest first. */
  readonly offers: readonly Offer[];
  /** True where there are more: another letter has to be asked about again. */
  readonly isIncomplete: boolean;
}

/** What an editor makes of offers. */
export interface Writing {
  /** Whether a text of several lines comes out as it is written. */
  readonly severalLines: boolean;
}
