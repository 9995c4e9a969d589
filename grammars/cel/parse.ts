import type { IRecognitionException } from 'chevrotain';
import { treeHeight } from './height.ts';
import type * as Lexer from './lexer.ts';
import { deepestNesting, deepestRepair, highestTree, longestExpression } from './limits.ts';
import type * as Parser from './parser/cel-parser.ts';
import type { Problem } from './problem.ts';
import { repairedTokens } from './repair.ts';
import type { Token } from './scan.ts';
import type { Expression, Range } from './syntax-tree.ts';
import { endsValue } from './value-tokens.ts';
import { readWellFormed } from './well-formed.ts';

export interface ParsedExpression {
  /** Always a tree; what could not be read is a `hole` in it. */
  readonly tree: Expression;
  /** In the order of the text; empty where the expression is well formed. */
  readonly problems: readonly Problem[];
}

/** Beyond this many the rest would only repeat that the text is no CEL. */
const mostProblems = 20;

/**
 * Chevrotain costs more than ten milliseconds to load and to make a parser of, which only an expression that is wrong must
 * pay. esbuild, through which everything runs, makes these calls lazy and synchronous modules of the bundle, in a browser too.
 */
const loadLexer = (): typeof Lexer => require('./lexer.ts');
const loadParser = (): typeof Parser => require('./parser/cel-parser.ts');

/** Parses an expression. Never throws, whatever the text. */
export function parseExpression(text: string): ParsedExpression {
  if (text.length > longestExpression) {
    const range = { start: longestExpression, end: text.length };
    return hopeless(text, { kind: 'size', what: 'long', limit: longestExpression, range });
  }
  const tree = readWellFormed(text);
  return tree === undefined ? parseTolerantly(text) : { tree, problems: [] };
}

/** Parses any text of at most `longestExpression` with Chevrotain, and reports all that is wrong with it. */
export function parseTolerantly(text: string): ParsedExpression {
  const { tokens, problems: inTokens, literals, strange } = repairedTokens(text);
  const whole = { start: 0, end: text.length };
  if (tokens.length === 0 && inTokens.length === 0) return hopeless(text, { kind: 'empty', range: whole });
  for (const limit of [deepestNesting, deepestRepair]) {
    const deep = tooDeep(tokens, limit);
    if (deep !== undefined) return hopeless(text, { kind: 'size', what: 'nested', limit, range: deep });
  }
  const end = tokens.at(-1)?.end ?? text.length;
  const input = { tokens: loadLexer().chevrotainTokens(text, tokens), literals, end };
  const { tree, problems: found, errors } = loadParser().celParser().parse(input);
  if (treeHeight(tree) > highestTree) {
    return hopeless(text, { kind: 'size', what: 'nested', limit: highestTree, range: whole });
  }
  const quote = firstDoubtfulQuote(tokens, inTokens, text);
  const structural = [...found, ...errors.map((error) => expectation(error, end))]
    // A character that is no token was left out; what is missing right beside it is its consequence.
    .filter((problem) => !isConsequence(problem) || !strange.some((place) => isNear(place, problem.range, text)));
  const all = [...inTokens, ...structural].filter((problem) => !isStructural(problem) || problem.range.start < quote);
  return { tree, problems: inOrder(all).slice(0, mostProblems) };
}

function hopeless(text: string, problem: Problem): ParsedExpression {
  return { tree: { kind: 'hole', range: { start: 0, end: text.length }, parts: [] }, problems: [problem] };
}

/** By place; of several of a kind at one place the first. */
function inOrder(problems: Problem[]): readonly Problem[] {
  problems.sort((left, right) => left.range.start - right.range.start);
  return problems.filter(({ kind, range }, at) => {
    const before = problems[at - 1];
    return before === undefined || range.start !== before.range.start || (kind === 'unclosed' && before.kind === kind);
  });
}

/** The place where brackets, prefix operators and conditionals nest too deeply for a parser that recurses. */
function tooDeep(tokens: readonly Token[], limit: number): Range | undefined {
  const open: number[] = [];
  let depth = 0;
  /** Prefix operators and conditionals since the last bracket or comma. */
  let own = 0;
  let prefixes = 0;
  let last: Token['name'] | undefined;
  for (const { name, start, end } of tokens) {
    if (name === 'Open' || name === 'OpenList' || name === 'OpenMap') {
      open.push(own + prefixes + 1);
      depth += own + prefixes + 1;
      own = 0;
      prefixes = 0;
    } else if (name === 'Close' || name === 'CloseList' || name === 'CloseMap') {
      const level = open.pop() ?? 0;
      depth -= level;
      own = Math.max(level - 1, 0);
      prefixes = 0;
    } else if (name === 'Comma') {
      own = 0;
      prefixes = 0;
    } else if (name === 'Question') {
      own += 1;
    } else if (name === 'Not' || (name === 'Minus' && !endsValue(last))) {
      prefixes += 1;
    } else if (!endsValue(name)) {
      prefixes = 0;
    }
    if (depth + own + prefixes > limit) return { start, end };
    last = name;
  }
  return undefined;
}

function expectation({ token, message }: IRecognitionException, end: number): Problem {
  const { image, startOffset: start } = token;
  const range = image === '' ? { start: end, end } : { start, end: start + image.length };
  return { kind: 'expected', expected: message, found: image, range };
}

/**
 * The first string on the line of one that is not closed: one quote too few makes what is inside strings look outside, so that
 * nothing more can be said of what is between the strings.
 */
function firstDoubtfulQuote(tokens: readonly Token[], problems: readonly Problem[], text: string): number {
  const unclosed = problems.find(({ kind }) => kind === 'unclosed string');
  if (unclosed === undefined) return Infinity;
  const line = text.lastIndexOf('\n', unclosed.range.start) + 1;
  const first = tokens.find(({ name, start }) => start >= line && (name === 'String' || name === 'UnclosedString'));
  return first?.start ?? unclosed.range.start;
}

function isStructural(problem: Problem): boolean {
  const { kind } = problem;
  return isConsequence(problem) || kind === 'unclosed' || kind === 'unopened' || kind === 'mismatch';
}

function isConsequence({ kind }: Problem): boolean {
  return kind === 'expected' || kind === 'operand' || kind === 'joint' || kind === 'field';
}

/** Whether only blanks stand between the characters that were left out and the place. */
function isNear(strange: Range, range: Range, text: string): boolean {
  const between =
    strange.end <= range.start ? text.slice(strange.end, range.start) : text.slice(range.end, strange.start);
  return between.trim() === '';
}
