import type { IRecognitionException } from 'chevrotain';
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
import { splitStatements } from './statements.ts';
import { readText } from './text.ts';
import { type TokenName, tokens } from './tokens.ts';
import type { HookProgram, Problem, Section, Statement, Word } from './tree.ts';
import { type ReadStatement, readWellFormed } from './well-formed.ts';

export interface ParsedProgram {
  /** Always a tree; what could not be read is `missing` or `unreadable` in it. */
  readonly tree: HookProgram;
  /** In the order of the text; empty where the program is well formed. */
  readonly problems: readonly Problem[];
}

/** UTF-16 code units. */
const longestProgram = 1 << 20;
/** Beyond this many the rest would only repeat that the text is no program. */
const mostProblems = 50;

const replacements = replacementsIn(tokens);

/**
 * Chevrotain costs more than ten milliseconds to load and to make a parser of, which only a program that is wrong must pay.
 * esbuild makes this call a lazy and synchronous module of the bundle, in a browser too.
 */
const loadParser = (): typeof Parser => require('./parser.ts');

/** Parses a hook program. Never throws, whatever the text. */
export function parseHookProgram(text: string): ParsedProgram {
  if (text.length > longestProgram) {
    const range = { start: 0, end: text.length };
    return {
      tree: { sections: [], comments: [] },
      problems: [{ kind: 'size', what: 'long', limit: longestProgram, range }],
    };
  }
  const { tokens: read, comments, strange } = scan(text);
  const problems: Problem[] = [...badCharacters(strange, text)];
  const statements: ReadStatement[] = [];
  const split = splitStatements(read);
  split.forEach((words, at) => {
    const range = { start: words[0]!.start, end: words.at(-1)!.end };
    // What is no token belongs to the statement in front of it.
    const next = split[at + 1]?.[0]?.start ?? text.length;
    const own = strange.filter(({ start }) => start >= range.start && start < next);
    const statement = parseStatement(text, words, own, problems);
    // Of what Chevrotain could not begin to read, the place is the whole of it.
    statements.push(statement.kind === 'unreadable' ? { kind: 'unreadable', range } : statement);
  });
  const tree = { sections: inSections(statements, problems), comments };
  return { tree, problems: inOrder(problems).slice(0, mostProblems) };
}

function parseStatement(
  text: string,
  read: readonly Token[],
  strange: readonly TextRange[],
  problems: Problem[],
): ReadStatement {
  const range = { start: read[0]!.start, end: read.at(-1)!.end };
  const deep = tooDeep(read);
  if (deep !== undefined) {
    problems.push({ kind: 'size', what: 'nested', limit: deepestNesting, range: deep });
    return { kind: 'unreadable', range };
  }
  const wellFormed = strange.length === 0 ? readWellFormed(text, read) : undefined;
  return wellFormed ?? parseTolerantly(text, read, strange, problems);
}

/**
 * Parses any tokens with Chevrotain, which recovers from errors and so reports several.
 *
 * @param read tokens of one statement that nest no deeper than `deepestNesting`
 * @param strange what is no token, as `scan` gives it
 */
export function parseTolerantly(
  text: string,
  read: readonly Token[],
  strange: readonly TextRange[],
  problems: Problem[],
): ReadStatement {
  const end = read.at(-1)!.end;
  const parsed = loadParser().statementParser().parse(text, read, end);
  const expected = [
    ...parsed.problems,
    ...parsed.errors.map((error) => expectation(error.token, expectedBy(error, parsed.statement), end)),
  ];
  const { statement } = parsed;
  const isCut = statement.kind === 'counter' && statement.per === undefined && expected.length + strange.length > 0;
  // Where a counter could not be read up to its window, a time behind that is no number that is wrong.
  const readable = isCut ? read.filter((token) => !isTime(token, text)) : read;
  problems.push(
    ...readable.flatMap((token, at) => badToken(token, readable[at - 1]?.name, text)),
    ...explained(expected, read, strange, text),
  );
  return isCut ? { ...statement, per: { text: '', range: { start: end, end } } } : statement;
}

function isTime({ name, start, end }: Token, text: string): boolean {
  return name === 'Integer' && /^[0-9]+(?:ms|s|m|h)$/.test(text.slice(start, end));
}

/** Statements before the first `hook` belong to no hook: they are reported and left out. */
function inSections(statements: readonly ReadStatement[], problems: Problem[]): readonly Section[] {
  const sections: { hook: Word; statements: Statement[]; range: { start: number; end: number } }[] = [];
  for (const statement of statements) {
    const section = sections.at(-1);
    if (statement.kind === 'hook') {
      sections.push({ hook: statement.name, statements: [], range: { ...statement.range } });
    } else if (section !== undefined) {
      section.statements.push(statement);
      section.range.end = statement.range.end;
    } else if (statement.kind !== 'unreadable' && !problems.some(({ kind }) => kind === 'no hook')) {
      problems.push({ kind: 'no hook', range: statement.range });
    }
  }
  return sections;
}

function badToken({ name, start, end }: Token, before: TokenName | undefined, text: string): readonly Problem[] {
  const range = { start, end };
  const image = text.slice(start, end);
  const replacement = replacements.get(name);
  if (replacement !== undefined) return [{ kind: 'spelling', text: image, replacement, range }];
  if (name === 'Text') {
    const reading = readText(image);
    if (reading.value !== undefined) return [];
    const place = { start: start + reading.range.start, end: start + reading.range.end };
    return [{ kind: 'text', reason: reading.reason, range: place }];
  }
  // A time and the number of an error are numbers too as far as tokens go; the compiler reads them.
  return name === 'Integer' && before !== 'Per' && before !== 'Errno' ? badNumber(range, text) : [];
}

function expectedBy({ name, message }: IRecognitionException, read: ReadStatement): string {
  return name === 'NotAllInputParsedException' ? afterwards(read) : message;
}

/** What may follow where a statement is at its end. */
function afterwards(read: ReadStatement): string {
  if (read.kind === 'hook') return 'a statement';
  if (read.kind === 'otherwise') return 'the next hook';
  if (read.kind === 'counter' && read.per === undefined && read.when === undefined)
    return read.by.length === 0 ? '`by` or `per`' : '`per`';
  if (read.kind === 'audit' || read.kind === 'unreadable' || read.when !== undefined)
    return '`&&`, `||` or the next statement';
  return '`when` or the next statement';
}
