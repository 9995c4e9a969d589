import { readNumber } from './number.ts';
import type { Token } from './scan.ts';
import type { Problem, TextRange } from './tree.ts';

/** Brackets and prefix operators in each other; parsers recurse. */
export const deepestNesting = 100;

/** The place where they nest more deeply. */
export function tooDeep(read: readonly Token<string>[]): TextRange | undefined {
  const open: number[] = [];
  let depth = 0;
  let prefixes = 0;
  for (const { name, start, end } of read) {
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

export function badCharacters(strange: readonly TextRange[], text: string): readonly Problem[] {
  return strange.map((range) => ({ kind: 'character', text: text.slice(range.start, range.end), range }));
}

/** What is wrong with a number, if anything. */
export function badNumber({ start, end }: TextRange, text: string): readonly Problem[] {
  const image = text.slice(start, end);
  const reading = readNumber(image);
  if (reading.value !== undefined) return [];
  return [{ kind: 'number', text: image, reason: reading.reason, range: { start, end } }];
}

/** What Chevrotain expected instead of a token; `end` is where the last one ends. */
export function expectation(
  token: { readonly image: string; readonly startOffset: number },
  expected: string,
  end: number,
): Problem {
  const range =
    token.image === ''
      ? { start: end, end }
      : { start: token.startOffset, end: token.startOffset + token.image.length };
  return { kind: 'expected', expected, found: token.image, range };
}

/**
 * What the parser said, without what follows from a character that is no token, and with the bracket that is still open where its
 * closing one is expected.
 */
export function explained(
  problems: readonly Problem[],
  read: readonly Token<string>[],
  strange: readonly TextRange[],
  text: string,
): readonly Problem[] {
  return (
    problems
      // The character was skipped; what is expected right beside it is its consequence.
      .filter(({ kind, range }) => kind !== 'expected' || !strange.some((place) => isNear(place, range, text)))
      .map((problem) => withOpening(problem, read))
  );
}

/** By place; of several at one place the first, which the others follow from. */
export function inOrder<Any extends { readonly range: TextRange }>(problems: readonly Any[]): readonly Any[] {
  return [...problems]
    .sort((left, right) => left.range.start - right.range.start)
    .filter(({ range }, at, sorted) => range.start !== sorted[at - 1]?.range.start);
}

/** Names the open bracket where its closing one is what was expected. */
function withOpening(problem: Problem, read: readonly Token<string>[]): Problem {
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
