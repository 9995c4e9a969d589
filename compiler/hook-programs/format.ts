import type { TextRange } from '../../grammars/conditions/tree.ts';
import { parseHookProgram } from '../../grammars/hook-programs/parse.ts';
import { scan, type Token } from '../../grammars/hook-programs/scan.ts';
import { splitStatements } from '../../grammars/hook-programs/statements.ts';
import type { TokenName } from '../../grammars/hook-programs/tokens.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../source/text.ts';
import { syntaxReport } from './syntax-problems.ts';

/** As the lines of the IR's printer are long. */
const WIDTH = 116;

/**
 * Lays a hook program out: a statement a line, those of a hook indented by two columns, one space between words, at most one
 * blank line, and one in front of each hook. Comments stay where they are, those inside of a statement in front of it. Numbers,
 * texts and parentheses stay as they are written. A text with syntax errors is left as it is.
 */
export function formatHookProgram(source: SourceText): {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { text, path } = source;
  const { problems } = parseHookProgram(text);
  if (problems.length > 0) {
    const spanOf = ({ start, end }: TextRange) => ({ file: path, start, end });
    return { text, diagnostics: problems.map((problem) => syntaxReport(problem, spanOf)) };
  }
  const { tokens, comments } = scan(text);
  const statements = splitStatements(tokens);
  const lines: string[] = [];
  let at = 0;
  let inSection = false;
  let previous = 0;
  const pending: TextRange[] = [...comments];
  const blankLine = () => {
    if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
  };
  for (const statement of statements) {
    const start = statement[0]!.start;
    const end = statement.at(-1)!.end;
    const isHook = statement[0]!.name === 'Hook';
    // What stands on the line of the statement before it belongs to that.
    const above: TextRange[] = [];
    while (pending[0] !== undefined && pending[0].start < end) above.push(pending.shift()!);
    const own = isHook ? leading(text, above, start) : above.length;
    above.forEach((comment, index) => {
      const heading = isHook && index >= above.length - own;
      if (heading && index === above.length - own) blankLine();
      else if (hasBlankLine(text, previous, comment.start)) blankLine();
      lines.push(`${inSection && !heading ? '  ' : ''}${imageOf(text, comment).trimEnd()}`);
      previous = comment.end;
    });
    if (isHook && own === 0) blankLine();
    else if (!isHook && hasBlankLine(text, previous, start)) blankLine();
    inSection = true;
    lines.push(...statementLines(text, statement, isHook ? '' : '  '));
    previous = end;
    const trailing = pending[0];
    if (trailing !== undefined && !text.slice(end, trailing.start).includes('\n')) {
      pending.shift();
      lines.push(`${lines.pop()!} ${imageOf(text, trailing).trimEnd()}`);
      previous = trailing.end;
    }
    at = end;
  }
  for (const comment of pending) {
    if (hasBlankLine(text, previous, comment.start)) blankLine();
    lines.push(`${inSection && startsIndented(text, comment.start) ? '  ' : ''}${imageOf(text, comment).trimEnd()}`);
    previous = comment.end;
  }
  return { text: at === 0 && lines.length === 0 ? '' : `${lines.join('\n')}\n`, diagnostics: [] };
}

/** How many of the comments above a hook stand directly above it, and so belong to it. */
function leading(text: string, above: readonly TextRange[], start: number): number {
  let count = 0;
  let next = start;
  for (let at = above.length - 1; at >= 0; at -= 1) {
    const comment = above[at]!;
    if (comment.end > next) {
      // Inside of the statement.
      count += 1;
      continue;
    }
    if (hasBlankLine(text, comment.end, next) || startsIndented(text, comment.start)) break;
    count += 1;
    next = comment.start;
  }
  return count;
}

function startsIndented(text: string, start: number): boolean {
  return start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t');
}

function hasBlankLine(text: string, from: number, to: number): boolean {
  return (text.slice(from, to).match(/\n/g)?.length ?? 0) > 1;
}

function statementLines(text: string, statement: readonly Token[], indent: string): readonly string[] {
  const line = `${indent}${joined(text, statement)}`;
  if (line.length <= WIDTH) return [line];
  // Broken where the condition is joined loosest.
  for (const operator of ['Or', 'And'] as const) {
    const places = outermost(statement, operator);
    if (places.length === 0) continue;
    const starts = [0, ...places];
    return starts.map((start, index) => {
      const part = joined(text, statement.slice(start, starts[index + 1]));
      return index === 0 ? `${indent}${part}` : `${indent}  ${part}`;
    });
  }
  return [line];
}

/** The places of an operator that stands in no brackets. */
function outermost(statement: readonly Token[], operator: TokenName): readonly number[] {
  const places: number[] = [];
  let depth = 0;
  statement.forEach(({ name }, index) => {
    if (name === 'Open' || name === 'OpenList') depth += 1;
    else if (name === 'Close' || name === 'CloseList') depth -= 1;
    else if (name === operator && depth === 0) places.push(index);
  });
  return places;
}

const tightAfter: ReadonlySet<TokenName> = new Set<TokenName>([
  'Open',
  'OpenList',
  'Not',
  'Complement',
  'Minus',
  'Between',
]);
const tightBefore: ReadonlySet<TokenName> = new Set<TokenName>(['Close', 'CloseList', 'Comma', 'Between']);

function joined(text: string, tokens: readonly Token[]): string {
  let line = '';
  let before: TokenName | undefined;
  for (const token of tokens) {
    const tight = before === undefined || tightAfter.has(before) || tightBefore.has(token.name);
    line += `${tight ? '' : ' '}${imageOf(text, token)}`;
    before = token.name;
  }
  return line;
}

function imageOf(text: string, { start, end }: TextRange): string {
  return text.slice(start, end);
}
