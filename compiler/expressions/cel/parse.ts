import { readWellFormed } from '../../../grammars/cel/well-formed.ts';
import type { Code } from '../../diagnostics/catalogue/index.ts';
import type { Expression, Range } from './syntax-tree.ts';

/** A correction, in the expression's own text. */
export interface CelFix {
  readonly title: string;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
  /** As in `Fix`: whether it keeps the author's meaning beyond doubt. */
  readonly certain: boolean;
}

/** What is wrong with an expression; ranges are of its own text, which the caller maps to the file. */
export interface CelProblem {
  readonly code: Code;
  readonly range: Range;
  /** What the catalogue's message and help have holes for. */
  readonly holes: Readonly<Record<string, string | number>>;
  readonly help?: string;
  readonly related?: readonly { readonly range: Range; readonly label: string }[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly CelFix[];
}

export interface ParsedCel {
  /** Always a tree; what could not be read is a `hole` in it. */
  readonly expression: Expression;
  /** In the order of the text; empty where the expression is well formed. */
  readonly problems: readonly CelProblem[];
}

/** Parses an expression. Never throws, whatever the text. */
export function parseCel(text: string): ParsedCel {
  const range = { start: 0, end: text.length };
  const wellFormed = readWellFormed(text);
  if (wellFormed !== undefined) return { expression: wellFormed, problems: [] };
  return {
    expression: { kind: 'hole', range, parts: [] },
    problems: [{ code: 'POL1110', range, holes: { expected: 'an expression', found: `\`${text}\`` } }],
  };
}
