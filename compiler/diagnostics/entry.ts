import type { Severity } from './diagnostic.ts';

/**
 * One catalogue entry. `message` and `help` have holes in braces that the typed constructor fills: `unknown key {key}`.
 * `bad` and `good` are whole source files: the first gives this diagnostic, the second does not.
 */
export interface CatalogueEntry {
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  /** What is wrong, why it matters, and what to do: Markdown, shown by `polc docs CODE`. */
  readonly explanation: string;
  readonly bad?: string;
  readonly good?: string;
}

/** Keeps the literal types of the messages, from which the constructor's holes are typed. */
export function entries<const T extends Readonly<Record<string, CatalogueEntry>>>(catalogue: T): T {
  return catalogue;
}
