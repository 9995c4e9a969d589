import type { CST } from 'yaml';

/** Columns of one level. */
export const step = 2;

/** A replacement of `[start, end)` inside one line. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How one line is to begin. */
export interface LinePlan {
  readonly indent: number;
  /** `content`: blanks around it are layout. `folded`: the line goes on with a text. `raw`: blanks are text. */
  readonly kind: 'content' | 'folded' | 'raw';
  /** Columns that are layout in a raw line. */
  readonly strip: number;
}

/** Takes decisions about lines and spaces. */
export interface Planner {
  /** Makes `token`, which is blank, read `text`. */
  space(token: CST.SourceToken, text: string): void;
  insert(offset: number, text: string): void;
  /** Plans the line on which `offset` is the first that is not blank; does nothing where something is before it. */
  lineStart(offset: number, plan: LinePlan): void;
  /** Plans the second and later lines of a plain or quoted text. */
  continuation(offset: number, text: string, indent: number): void;
}
