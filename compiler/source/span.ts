/** A half-open range `[start, end)` of UTF-16 code units in the source file named `file`. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}
