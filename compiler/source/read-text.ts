import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Comment, YamlNode } from './tree.ts';

/** A text that has been read. */
export interface ReadText {
  readonly text: string;
  readonly document: SimpleDocument;
}

export interface SimpleDocument {
  readonly root: YamlNode;
  readonly comments: readonly Comment[];
  /** In the order of the source. */
  readonly diagnostics: readonly Diagnostic[];
  /** The entries and items whose structure is wrong, as they were read by themselves. */
  readonly mistaken: readonly Mistaken[];
  /** Where the entries begin behind which something stands that is none. */
  readonly followed: readonly number[];
}

export interface Mistaken {
  readonly start: number;
  readonly end: number;
  readonly finding: Diagnostic;
}
