import type { Predicate, Term, Value } from './predicate.ts';

/** Integers above every port number are flags or sizes more often than counts, and read better in hexadecimal. */
const LARGEST_DECIMAL = 0xffffn;

/**
 * One line in the syntax of argument rules, widened by what they cannot say: `syscall in {read, write} && arg0 == 2`,
 * `path beneath "/usr"`, `name like "a*"`, `address in 10.0.0.0/8`. `$name` is a parameter. `&` binds tighter than
 * comparisons, `!` is always followed by parentheses.
 */
export function printPredicate(predicate: Predicate): string {
  return predicatePieces(predicate).join(' ');
}

/** The words between which a long predicate may be broken over lines; joined by single spaces they are its text. */
export function predicatePieces(predicate: Predicate): readonly string[] {
  const pieces: string[] = [];
  append(predicate, pieces, 0);
  return pieces;
}

export function printTerm(term: Term): string {
  switch (term.kind) {
    case 'literal':
      return printValue(term.value);
    case 'attribute':
      return term.name;
    case 'parameter':
      return `$${term.name}`;
    case 'mask':
      return `${term.term.kind === 'mask' ? `(${printTerm(term.term)})` : printTerm(term.term)} & 0x${term.mask.toString(16)}`;
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}

export function printValue(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return value > LARGEST_DECIMAL ? `0x${value.toString(16)}` : value.toString();
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isInteger(value) ? `${value}.0` : String(value);
    case 'boolean':
      return String(value);
    default: {
      const unreachable: never = value;
      return unreachable;
    }
  }
}

/** `within` is 0 at the top, 1 inside `||`, 2 inside `&&`, 3 after `!`: what decides whether parentheses are due. */
function append(predicate: Predicate, pieces: string[], within: 0 | 1 | 2 | 3): void {
  switch (predicate.kind) {
    case 'constant':
      pieces.push(String(predicate.value));
      return;
    case 'not':
      parenthesised(predicate.of, pieces, '!(');
      return;
    case 'and':
    case 'or': {
      const level = predicate.kind === 'or' ? 1 : 2;
      if (predicate.of.length === 0) pieces.push(String(predicate.kind === 'and'));
      else if (level <= within && predicate.of.length > 1) parenthesised(predicate, pieces, '(');
      else
        joined(predicate.of, pieces, predicate.kind === 'or' ? '||' : '&&', predicate.of.length > 1 ? level : within);
      return;
    }
    case 'compare':
      pieces.push(`${printTerm(predicate.left)} ${predicate.operator} ${printTerm(predicate.right)}`);
      return;
    case 'in-set':
      listed(`${printTerm(predicate.term)} in`, predicate.values.map(printName), '{', '}', pieces);
      return;
    case 'in-ranges': {
      const ranges = predicate.ranges.map(({ low, high }) =>
        low === high ? printValue(low) : `${printValue(low)}..${printValue(high)}`,
      );
      listed(`${printTerm(predicate.term)} in`, ranges, '[', ']', pieces);
      return;
    }
    case 'beneath':
      pieces.push(`${printTerm(predicate.term)} beneath ${JSON.stringify(predicate.pattern)}`);
      return;
    case 'glob':
      pieces.push(`${printTerm(predicate.term)} like ${JSON.stringify(predicate.pattern)}`);
      return;
    case 'in-network':
      pieces.push(`${printTerm(predicate.term)} in ${predicate.network}`);
      return;
    default:
      predicate satisfies never;
  }
}

function joined(of: readonly Predicate[], pieces: string[], operator: string, within: 0 | 1 | 2 | 3): void {
  for (let index = 0; index < of.length; index += 1) {
    append(of[index]!, pieces, within);
    if (index < of.length - 1) pieces.push(operator);
  }
}

function parenthesised(predicate: Predicate, pieces: string[], open: string): void {
  const start = pieces.length;
  append(predicate, pieces, 0);
  pieces[start] = `${open}${pieces[start]}`;
  pieces[pieces.length - 1] = `${pieces[pieces.length - 1]})`;
}

function listed(term: string, items: readonly string[], open: string, close: string, pieces: string[]): void {
  pieces.push(term);
  if (items.length === 0) pieces.push(`${open}${close}`);
  for (let index = 0; index < items.length; index += 1) {
    pieces.push(`${index === 0 ? open : ''}${items[index]}${index === items.length - 1 ? close : ','}`);
  }
}

function printName(name: string): string {
  return /^[\w#.-]+$/.test(name) ? name : JSON.stringify(name);
}
