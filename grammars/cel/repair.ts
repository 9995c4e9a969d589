import type { Problem } from './problem.ts';
import { balanced } from './repair/brackets.ts';
import { readLiterals } from './repair/literals.ts';
import { withoutMisspellings } from './repair/misspellings.ts';
import { scanAll } from './repair/scan-all.ts';
import type { Token } from './scan.ts';
import type { Literal, Range } from './syntax-tree.ts';

export interface RepairedTokens {
  /** Brackets are balanced and operators are CEL's own; those that were put in are empty. */
  readonly tokens: readonly Token[];
  readonly problems: readonly Problem[];
  /** What the literals mean, by where they start; a number that means nothing has none. */
  readonly literals: ReadonlyMap<number, Literal>;
  /** What was left out because it begins no token. */
  readonly strange: readonly Range[];
}

/**
 * The tokens of a text that is no CEL, with what is wrong in and between single tokens set right, so that the parser has only
 * to cope with what is missing or too much.
 */
export function repairedTokens(text: string): RepairedTokens {
  const problems: Problem[] = [];
  const strange: { start: number; end: number }[] = [];
  const scanned = scanAll(text, problems, strange);
  const respelt = withoutMisspellings(text, scanned, problems);
  const literals = readLiterals(text, respelt, problems);
  return { tokens: balanced(text, respelt, problems), problems, literals, strange };
}
