/** A collection around a place in the text. */
export interface Frame {
  readonly kind: 'map' | 'sequence';
  readonly flow: boolean;
  /** The column of its keys or dashes; of a flow collection that of its bracket. */
  readonly indent: number;
  /** Where its first key, dash or bracket stands. */
  readonly start: number;
  /** The key or index below which the next frame, or the place itself, lies. */
  step: string | number | undefined;
  /** Where that key or dash stands. */
  stepStart: number;
  /** True until something stands behind the colon or dash. */
  pending: boolean;
  /** The keys that were written so far. */
  readonly keys: string[];
}

/** What stands where the scan ended. */
export interface Unfinished {
  readonly kind: 'nothing' | 'plain' | 'single' | 'double' | 'block' | 'comment';
  readonly start: number;
}

export interface Scan {
  /** Outermost first. */
  readonly frames: readonly Frame[];
  readonly last: Unfinished;
  /** The column at which the line of the end begins, or where only blanks stand there, the end itself. */
  readonly column: number;
  /** True where nothing but blanks, dashes and what is unfinished stands on the line. */
  readonly startsLine: boolean;
}

export function frame(kind: Frame['kind'], flow: boolean, indent: number, start: number): Frame {
  return { kind, flow, indent, start, step: undefined, stepStart: start, pending: false, keys: [] };
}
