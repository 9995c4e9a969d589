import type { Bindings } from './running.ts';
import type { Result } from './value.ts';

/** One run: what the variables are, and what is left of the steps. */
export interface Frame {
  readonly bindings: Bindings;
  /** A variable of `cel.bind` may be an error, which is one only where it is used. */
  readonly locals: Result[];
  steps: number;
}

export type Step = (frame: Frame) => Result;
