import type { IRecognitionException } from 'chevrotain';
import type * as Lexer from './lexer.ts';
import { readNumber } from './number.ts';
import type * as Parser from './parser.ts';
import { scan, type Token } from './scan.ts';
import { tokens } from './tokens.ts';
import type { Expression, Problem, TextRange } from './tree.ts';
import { readWellFormed } from './well-formed.ts';

export interface ParsedRule {
  /** Always a tree; what could not be read is `missing` in it. */
  readonly tree: Expression;
  /** In the order of the text; empty where the rule is well formed. */
  readonly problems: readonly Problem[];
}

/** UTF-16 code units; a list of a thousand ioctl requests is a third of it. */
export const longestRule = 65_536;
export const deepestNesting = 100;
/** Beyond this many the rest would only repeat that the text is no rule. */
const mostProblems = 20;

const replacements: ReadonlyMap<string, string> = new Map(
  tokens.flatMap(({ name, replacement }) => (replacement === undefined ? [] : [[name, replacement] as const])),
);

/**
 * Chevrotain costs more than ten milliseconds to load and to make a parser of, which only a rule that is wrong must pay.
 * esbuild, through which everything runs, makes these calls lazy and synchronous modules of the bundle, in a browser too.
 */
const loadLexer = (): typeof Lexer => require('./lexer.ts');
const loadParser = (): typeof Parser => require('./parser.ts');

/** Parses an argument rule. Never throws, whatever the text. */
export function parseArgumentRule(text: string): ParsedRule {
  const whole = { start: 0, end: text.length };
  const nothing = (problem: Problem): ParsedRule => ({ tree: { kind: 'missing', range: whole }, problems: [problem] });
  if (text.length > longestRule) return nothing({ kind: 'size', what: 'long', limit: longestRule, range: whole });
  const { tokens: read, strange } = scan(text);
  if (read.length === 0 && strange.length === 0) return nothing({ kind: 'empty', range: whole });
  const deep = tooDeep(read);
  if (deep !== undefined) return nothing({ kind: 'size', what: 'nested', limit: deepestNesting, range: deep });
  const wellFormed = strange.length === 0 ? readWellFormed(text, read) : undefined;
  return wellFormed === undefined ? parseTolerantly(text, read, strange) : { tree: wellFormed, problems: [] };
}

/**
 * Parses any tokens with Chevrotain, which recovers from errors and so reports several.
 *
 * @param read tokens that nest no deeper than `deepestNesting`
 * @param strange what is no token, as `scan` gives it
 */
export function parseTolerantly(text: string, read: readonly Token[], strange: readonly TextRange[]): ParsedRule {
  const end = read.at(-1)?.end ?? text.length;
  const parsed = loadParser().ruleParser().parse(loadLexer().chevrotainTokens(text, read), end);
  const expected = [...parsed.problems, ...parsed.errors.map((error) => expectation(error, end))]
    // A character that is no token was skipped; what is expected right beside it is its consequence.
    .filter(({ kind, range }) => kind !== 'expected' || !strange.some((place) => isNear(place, range, text)))
    .map((problem) => withOpening(problem, read));
  const problems = [
    ...strange.map((range) => badCharacter(range, text)),
    ...read.flatMap((token) => badToken(token, text)),
    ...expected,
  ];
  return { tree: parsed.tree, problems: inOrder(problems).slice(0, mostProblems) };
}

/** By place; of several at one place the first, which the others follow from. */
function inOrder(problems: Problem[]): readonly Problem[] {
  problems.sort((left, right) => left.range.start - right.range.start);
  return problems.filter(({ range }, at) => range.start !== problems[at - 1]?.range.start);
}

/** The place where brackets and prefix operators nest too deeply for a parser that recurses. */
function tooDeep(read: readonly Token[]): TextRange | undefined {
  const open: number[] = [];
  let depth = 0;
  let prefixes = 0;
  for (const token of read) {
    const { name, start, end } = token;
    if (name === 'Open') {
      open.push(prefixes + 1);
      depth += prefixes + 1;
      prefixes = 0;
    } else if (name === 'Not' || name === 'NotWord' || name === 'Complement' || name === 'Minus') {
      prefixes += 1;
    } else {
      if (name === 'Close') depth -= open.pop() ?? 0;
      prefixes = 0;
    }
    if (depth + prefixes > deepestNesting) return { start, end };
  }
  return undefined;
}

function badCharacter(range: TextRange, text: string): Problem {
  return { kind: 'character', text: text.slice(range.start, range.end), range };
}

function badToken({ name, start, end }: Token, text: string): readonly Problem[] {
  const range = { start, end };
  const image = text.slice(start, end);
  const replacement = replacements.get(name);
  if (replacement !== undefined) return [{ kind: 'spelling', text: image, replacement, range }];
  if (name !== 'Integer') return [];
  const reading = readNumber(image);
  return reading.value === undefined ? [{ kind: 'number', text: image, reason: reading.reason, range }] : [];
}

function expectation({ token, message }: IRecognitionException, end: number): Problem {
  const atEnd = token.image === '';
  const { startOffset: start } = token;
  const range = atEnd ? { start: end, end } : { start, end: start + token.image.length };
  return { kind: 'expected', expected: message, found: token.image, range };
}

/** Names the open bracket where its closing one is what was expected. */
function withOpening(problem: Problem, read: readonly Token[]): Problem {
  if (problem.kind !== 'expected' || (problem.expected !== '`)`' && problem.expected !== '`]`')) return problem;
  let closed = 0;
  for (let at = read.length - 1; at >= 0; at -= 1) {
    const { name, start, end } = read[at]!;
    if (start >= problem.range.start) continue;
    if (name === 'Close' || name === 'CloseList') closed += 1;
    else if (name === 'Open' || name === 'OpenList') {
      if (closed === 0) return { ...problem, opening: { start, end } };
      closed -= 1;
    }
  }
  return problem;
}

/** Whether only blanks stand between the skipped characters and the place. */
function isNear(strange: TextRange, range: TextRange, text: string): boolean {
  const between =
    strange.end <= range.start ? text.slice(strange.end, range.start) : text.slice(range.end, strange.start);
  return between.trim() === '';
}
