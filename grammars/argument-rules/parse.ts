import {
  badCharacters,
  badNumber,
  deepestNesting,
  expectation,
  explained,
  inOrder,
  tooDeep,
} from '../conditions/problems.ts';
import { replacementsIn } from '../conditions/tokens.ts';
import type { TextRange } from '../conditions/tree.ts';
import type * as Parser from './parser.ts';
import { scan, type Token } from './scan.ts';
import { tokens } from './tokens.ts';
import type { Expression, Problem } from './tree.ts';
import { readWellFormed } from './well-formed.ts';

export interface ParsedRule {
  /** Always a tree; what could not be read is `missing` in it. */
  readonly tree: Expression;
  /** In the order of the text; empty where the rule is well formed. */
  readonly problems: readonly Problem[];
}

/** UTF-16 code units; a list of a thousand ioctl requests is a third of it. */
export const longestRule = 65_536;
/** Beyond this many the rest would only repeat that the text is no rule. */
const mostProblems = 20;

const replacements = replacementsIn(tokens);

/**
 * Chevrotain costs more than ten milliseconds to load and to make a parser of, which only a rule that is wrong must pay.
 * esbuild, through which everything runs, makes this call a lazy and synchronous module of the bundle, in a browser too.
 */
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
  const parsed = loadParser().ruleParser().parse(text, read, end);
  const expected = [...parsed.problems, ...parsed.errors.map(({ token, message }) => expectation(token, message, end))];
  const problems: readonly Problem[] = [
    ...badCharacters(strange, text),
    ...read.flatMap((token) => badToken(token, text)),
    ...explained(expected, read, strange, text),
  ];
  return { tree: parsed.tree, problems: inOrder(problems).slice(0, mostProblems) };
}

function badToken({ name, start, end }: Token, text: string): readonly Problem[] {
  const range = { start, end };
  const replacement = replacements.get(name);
  if (replacement !== undefined) return [{ kind: 'spelling', text: text.slice(start, end), replacement, range }];
  return name === 'Integer' ? badNumber(range, text) : [];
}
