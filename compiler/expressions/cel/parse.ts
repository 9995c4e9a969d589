import { parseExpression } from '../../../grammars/cel/parse.ts';
import type { Expression } from '../../../grammars/cel/syntax-tree.ts';
import { type CelProblem, celProblem } from './syntax-problems.ts';

export interface ParsedCel {
  /** Always a tree; what could not be read is a `hole` in it. */
  readonly expression: Expression;
  /** In the order of the text; empty where the expression is well formed. */
  readonly problems: readonly CelProblem[];
}

/** Parses an expression. Never throws, whatever the text. */
export function parseCel(text: string): ParsedCel {
  const { tree, problems } = parseExpression(text);
  return {
    expression: tree,
    problems: problems.length === 0 ? none : problems.map((problem) => celProblem(problem, text)),
  };
}

const none: readonly CelProblem[] = [];
