import { type EscapeProblem, readDouble, readInt, readQuoted, readUint } from './literal.ts';
import type { Problem } from './problem.ts';
import { Scanner, type Token } from './scan.ts';
import type { Literal, Range } from './syntax-tree.ts';
import { type TokenName, tokens as table } from './tokens.ts';

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

/** Characters that look like one of CEL's. */
const lookalikes: Readonly<Partial<Record<string, string>>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u2260': '!=',
  '\u2264': '<=',
  '\u2265': '>=',
  '\u00A0': ' ',
  '\u2013': '-',
  '\u2212': '-',
};

function scanAll(text: string, problems: Problem[], strange: { start: number; end: number }[]): Token[] {
  let scanner = new Scanner(text);
  const read: Token[] = [];
  const brackets: TokenName[] = [];
  for (scanner.next(); scanner.name !== 'End'; scanner.next()) {
    const { name, start, end } = scanner;
    if (name === 'Strange') {
      const last = strange.at(-1);
      if (last?.end === start) last.end = end;
      else strange.push({ start, end });
    } else if (name === 'UnclosedString') {
      const inner = innerQuote(text, read, start);
      if (inner === undefined) {
        const place = placeOfQuote(text, start, end, brackets.length);
        const quote = quoteAt(text, start);
        problems.push({
          kind: 'unclosed string',
          quote: quote.text,
          range: { start, end: quote.at + quote.text.length },
          place,
        });
        read.push({ name, start, end: place });
        scanner = new Scanner(text);
        scanner.end = place;
      } else {
        const first = read[inner]!;
        problems.push({
          kind: 'inner quote',
          quote: text[start]!,
          range: { start: first.end - 1, end: first.end },
        });
        read.length = inner;
        read.push({ name: 'UnclosedString', start: first.start, end: start + 1 });
        scanner = new Scanner(text);
        scanner.end = start + 1;
      }
    } else {
      if (closers[name] !== undefined) brackets.push(name);
      else if (name === 'Close' || name === 'CloseList' || name === 'CloseMap') brackets.pop();
      read.push({ name, start, end });
    }
  }
  for (const range of strange) {
    const image = text.slice(range.start, range.end);
    const replacement = [...image].map((each) => lookalikes[each]);
    problems.push({
      kind: 'character',
      text: image,
      range,
      ...(replacement.includes(undefined) ? {} : { replacement: replacement.join('') }),
    });
  }
  return read;
}

/** The token of a string that a quote right before a letter seems to end too early, `'it's'`; the text's last quote is left over then. */
function innerQuote(text: string, read: readonly Token[], unclosed: number): number | undefined {
  const quote = text[unclosed];
  for (let at = read.length - 1; at >= 0; at -= 1) {
    const { name, start, end } = read[at]!;
    if (text.slice(end, unclosed).includes('\n')) return undefined;
    if (name !== 'String' || text[start] !== quote || text[start + 1] === quote) continue;
    // Between the quotes stands prose; anything else has more likely lost a quote somewhere before.
    if (/^[A-Za-z0-9_]/.test(text[end] ?? '') && !/[()[\]{}&|=<>]/.test(text.slice(end, unclosed))) return at;
  }
  return undefined;
}

/** Where the string could end: before the brackets at the end of the line that close open ones. */
function placeOfQuote(text: string, start: number, end: number, open: number): number {
  const { at, text: quote } = quoteAt(text, start);
  const from = at + quote.length;
  let place = end;
  const back = () => {
    while (place > from && /\s/.test(text[place - 1]!)) place -= 1;
  };
  back();
  for (let left = open; left > 0 && place > from && /[)\]}]/.test(text[place - 1]!); left -= 1) {
    place -= 1;
    back();
  }
  // A backslash at the end escapes nothing.
  return place;
}

function quoteAt(text: string, start: number): { readonly at: number; readonly text: string } {
  let at = start;
  while (text[at] !== "'" && text[at] !== '"') at += 1;
  const quote = text[at]!;
  return { at, text: text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote };
}

const replacements: ReadonlyMap<string, string> = new Map(
  table.flatMap(({ name, replacement }) => (replacement === undefined ? [] : [[name, replacement] as const])),
);
const names: ReadonlyMap<string, TokenName> = new Map(
  table.flatMap(({ name, pattern }) => (typeof pattern === 'string' ? [[pattern, name] as const] : [])),
);
const words: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['AND', '&&'],
  ['OR', '||'],
  ['eq', '=='],
  ['ne', '!='],
  ['IN', 'in'],
]);

/** Operators as other languages spell them become those of CEL. */
function withoutMisspellings(text: string, read: readonly Token[], problems: Problem[]): Token[] {
  const result: Token[] = [];
  const levels: Level[] = [];
  for (let at = 0; at < read.length; at += 1) {
    const token = read[at]!;
    const { name, start, end } = token;
    const next = read[at + 1];
    const image = text.slice(start, end);
    const afterValue = endsValue(result.at(-1)?.name);
    const negation = name === 'Not' || (name === 'Identifier' && /^not$/i.test(image));
    if (negation && afterValue && next?.name === 'In') {
      problems.push({ kind: 'not in', text: text.slice(start, next.end), range: { start, end: next.end } });
      result.push({ name: 'In', start, end: next.end });
      at += 1;
      continue;
    }
    let replacement = replacements.get(name);
    if (name === 'Identifier' && next !== undefined && beginsValue(next.name)) {
      if (afterValue) replacement = words.get(image);
      else if (/^not$/i.test(image) && next.name !== 'Open' && next.name !== 'OpenList' && next.name !== 'OpenMap') {
        replacement = next.name === 'Minus' || next.name === 'Dot' ? undefined : '!';
      }
    }
    if (name === 'SingleEqual' && levels.at(-1) === 'key') replacement = ':';
    follow(levels, replacement === ':' ? 'Colon' : name);
    if (replacement === undefined) {
      result.push(token);
      continue;
    }
    problems.push({ kind: 'spelling', text: image, replacement, range: { start, end } });
    result.push({ name: replacement === 'in' ? 'In' : names.get(replacement)!, start, end });
  }
  return result;
}

/** Where in brackets the tokens are: before the colon of a map's entry, behind it, or in other brackets. */
type Level = 'key' | 'value' | 'other';

function follow(levels: Level[], name: TokenName): void {
  const level = levels.at(-1);
  if (name === 'OpenMap') levels.push('key');
  else if (closers[name] !== undefined) levels.push('other');
  else if (name === 'Close' || name === 'CloseList' || name === 'CloseMap') levels.pop();
  else if (name === 'Colon' && level === 'key') levels[levels.length - 1] = 'value';
  else if (name === 'Comma' && level === 'value') levels[levels.length - 1] = 'key';
}

function readLiterals(text: string, read: readonly Token[], problems: Problem[]): Map<number, Literal> {
  const literals = new Map<number, Literal>();
  read.forEach(({ name, start, end }, at) => {
    const image = text.slice(start, end);
    const range = { start, end };
    const negative = isPrefixMinus(read, at - 1) && !isPrefixMinus(read, at - 2);
    const store = (value: Literal | undefined, type: 'int' | 'uint' | 'double') => {
      if (value === undefined) problems.push({ kind: 'overflow', type, text: image, range });
      else literals.set(start, value);
    };
    switch (name) {
      case 'Int':
        store(readInt(image, negative), 'int');
        return;
      case 'Uint':
        store(readUint(image), 'uint');
        return;
      case 'Double':
        store(readDouble(image, negative), 'double');
        return;
      case 'BadNumber':
        problems.push({ kind: 'number', text: image, range });
        return;
      case 'BadEscaped':
        problems.push({ kind: 'escaped name', reason: 'characters', text: image, range });
        return;
      case 'True':
      case 'False':
        literals.set(start, { type: 'bool', value: name === 'True' });
        return;
      case 'Null':
        literals.set(start, { type: 'null' });
        return;
      case 'String':
      case 'Bytes':
        literals.set(start, readWithProblems(text, start, end, problems));
        return;
      case 'UnclosedString': {
        const { at: from, text: quote } = quoteAt(text, start);
        const until = end > from + quote.length && text.endsWith(quote, end) ? end - quote.length : end;
        literals.set(start, { type: 'string', value: text.slice(from + quote.length, until) });
        return;
      }
      default:
    }
  });
  return literals;
}

function isPrefixMinus(read: readonly Token[], at: number): boolean {
  return read[at]?.name === 'Minus' && !endsValue(read[at - 1]?.name);
}

function readWithProblems(text: string, start: number, end: number, problems: Problem[]): Literal {
  const escapes: EscapeProblem[] = [];
  const value = readQuoted(text, start, end, escapes);
  for (const { reason, range } of escapes) {
    problems.push({ kind: 'escape', reason, text: text.slice(range.start, range.end), range });
  }
  return value;
}

const closers: Readonly<Partial<Record<TokenName, TokenName>>> = {
  Open: 'Close',
  OpenList: 'CloseList',
  OpenMap: 'CloseMap',
};
const brackets: Readonly<Partial<Record<TokenName, string>>> = {
  Open: '(',
  OpenList: '[',
  OpenMap: '{',
  Close: ')',
  CloseList: ']',
  CloseMap: '}',
};

/** Closes what is open, and leaves out what closes nothing. */
function balanced(text: string, read: readonly Token[], problems: Problem[]): Token[] {
  const result: Token[] = [];
  const open: Token[] = [];
  const close = (opening: Token, place: number) => {
    const name = closers[opening.name]!;
    problems.push({
      kind: 'unclosed',
      opening: { start: opening.start, end: opening.end },
      open: brackets[opening.name]!,
      close: brackets[name]!,
      range: { start: place, end: place },
    });
    result.push({ name, start: place, end: place });
  };
  for (const token of read) {
    const { name, start, end } = token;
    if (closers[name] !== undefined) open.push(token);
    if (name !== 'Close' && name !== 'CloseList' && name !== 'CloseMap') {
      result.push(token);
      continue;
    }
    const innermost = open.at(-1);
    if (innermost !== undefined && closers[innermost.name] === name) {
      open.pop();
      result.push(token);
    } else if (open.some((opening) => closers[opening.name] === name)) {
      // Those inside were forgotten.
      for (let opening = open.pop(); opening !== undefined; opening = open.pop()) {
        if (closers[opening.name] === name) break;
        close(opening, result.at(-1)!.end);
      }
      result.push(token);
    } else if (innermost !== undefined) {
      const wanted = closers[innermost.name]!;
      problems.push({
        kind: 'mismatch',
        opening: { start: innermost.start, end: innermost.end },
        open: brackets[innermost.name]!,
        close: brackets[wanted]!,
        text: text.slice(start, end),
        range: { start, end },
      });
      open.pop();
      result.push({ name: wanted, start, end });
    } else {
      problems.push({ kind: 'unopened', text: text.slice(start, end), range: { start, end } });
    }
  }
  for (let opening = open.pop(); opening !== undefined; opening = open.pop()) close(opening, result.at(-1)!.end);
  return result;
}

/** Whether a value can end with the token. */
export function endsValue(name: TokenName | undefined): boolean {
  switch (name) {
    case 'String':
    case 'Bytes':
    case 'UnclosedString':
    case 'Double':
    case 'Uint':
    case 'Int':
    case 'BadNumber':
    case 'True':
    case 'False':
    case 'Null':
    case 'Reserved':
    case 'Identifier':
    case 'Escaped':
    case 'BadEscaped':
    case 'Close':
    case 'CloseList':
    case 'CloseMap':
      return true;
    default:
      return false;
  }
}

/** Whether a value can begin with the token. */
export function beginsValue(name: TokenName): boolean {
  switch (name) {
    case 'Not':
    case 'Minus':
    case 'Dot':
    case 'Open':
    case 'OpenList':
    case 'OpenMap':
      return true;
    case 'Close':
    case 'CloseList':
    case 'CloseMap':
      return false;
    default:
      return endsValue(name);
  }
}
