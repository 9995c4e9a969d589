import { type EscapeProblem, readDouble, readInt, readQuoted, readUint } from '../literal.ts';
import type { Problem } from '../problem.ts';
import type { Token } from '../scan.ts';
import type { Literal } from '../syntax-tree.ts';
import { endsValue } from '../value-tokens.ts';
import { quoteAt } from './quotes.ts';

/** What the literals mean, by where they start. */
export function readLiterals(text: string, read: readonly Token[], problems: Problem[]): Map<number, Literal> {
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
