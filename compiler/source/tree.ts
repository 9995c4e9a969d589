import type { Span } from './span.ts';

/**
 * The tree of one YAML document. Each key, value and item has its span. The node of an alias is the anchored node
 * itself, so that its span is where the value was written.
 */
export type YamlNode = ScalarNode | MapNode | SequenceNode;

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'missing';

export interface ScalarNode {
  readonly kind: 'scalar';
  /** Quotes and the header of a block scalar are inside; a missing value has an empty span. */
  readonly span: Span;
  /** The value of YAML 1.2's core schema; an integer that a number cannot hold exactly is a bigint. */
  readonly value: string | number | bigint | boolean | null;
  /** The decoded text: escapes replaced, lines folded. Numbers keep the author's spelling. */
  readonly text: string;
  /** `missing` is a `key:` or a `-` with nothing after it. */
  readonly style: ScalarStyle;
  /** Block scalars only: the columns that indentation takes from each line. */
  readonly indent?: number;
}

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: readonly MapEntry[];
  /** True for `{...}`. */
  readonly flow: boolean;
  /** Entries that a value of `null` took out: a key that is missing is missed there. */
  readonly removed?: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: ScalarNode;
  readonly value: YamlNode;
  /** From the start of the key to the end of the value. */
  readonly span: Span;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly span: Span;
  readonly items: readonly YamlNode[];
  /** True for `[...]`. */
  readonly flow: boolean;
}

/** A comment from its `#` to the end of its line; `text` has the `#` and the blanks around it taken off. */
export interface Comment {
  readonly span: Span;
  readonly text: string;
}
