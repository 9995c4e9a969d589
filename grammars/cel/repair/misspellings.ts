import type { Problem } from '../problem.ts';
import type { Token } from '../scan.ts';
import { type TokenName, tokens as table } from '../tokens.ts';
import { beginsValue, endsValue } from '../value-tokens.ts';
import { closers } from './brackets.ts';

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
export function withoutMisspellings(text: string, read: readonly Token[], problems: Problem[]): Token[] {
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
