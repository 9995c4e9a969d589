import { readNumber } from './number.ts';
import type { Token } from './scan.ts';
import type { TokenName } from './tokens.ts';
import type { ComparisonOperator, Expression, Item, TextRange } from './tree.ts';

/**
 * Reads a rule that is well formed, without Chevrotain.
 *
 * Making Chevrotain's parser costs a fresh process more than 10 ms (docs/measurements.md), and nearly every rule needs
 * none of what it is for: several messages, and a tree in spite of them. So this reads the same grammar
 * (parser.ts) into the same tree, and where anything is amiss gives up without a word; then Chevrotain reads the rule
 * from its start and says what is wrong. The tests hold the two together: what one accepts the other accepts, with equal trees.
 *
 * @param scanned tokens that nest no deeper than `deepestNesting`, since this recurses
 * @returns undefined where the rule is not well formed
 */
export function readWellFormed(text: string, scanned: readonly Token[]): Expression | undefined {
  const reader = new Reader(text, scanned);
  const tree = reader.condition();
  return reader.atEnd ? tree : undefined;
}

class Reader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string, scanned: readonly Token[]) {
    this.#text = text;
    this.#tokens = scanned;
  }

  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  condition(): Expression | undefined {
    const of = this.#separated('Or', () => this.#conjunction());
    return of === undefined ? undefined : joined(of, (range) => ({ kind: 'logic', operator: '||', of, range }));
  }

  #conjunction(): Expression | undefined {
    const of = this.#separated('And', () => this.#negation());
    return of === undefined ? undefined : joined(of, (range) => ({ kind: 'logic', operator: '&&', of, range }));
  }

  #negation(): Expression | undefined {
    const mark = this.#take('Not');
    if (mark === undefined) return this.#comparison();
    const of = this.#negation();
    if (of?.kind !== 'group' && of?.kind !== 'not') return undefined;
    return { kind: 'not', of, range: span(mark, of.range) };
  }

  /** One comparison: a second one in a chain is left over, and so the rule is not well formed. */
  #comparison(): Expression | undefined {
    const left = this.#union();
    const next = this.#tokens[this.#at];
    if (left === undefined || next === undefined) return left;
    if (next.name === 'In') {
      this.#at += 1;
      const members = this.#members();
      if (members === undefined) return undefined;
      return { kind: 'membership', of: left, items: members.items, range: span(left.range, members.range) };
    }
    const operator = comparisons[next.name];
    if (operator === undefined) return left;
    this.#at += 1;
    const right = this.#union();
    if (right === undefined) return undefined;
    return { kind: 'comparison', operator, left, right, range: span(left.range, right.range) };
  }

  #members(): { readonly items: readonly Item[]; readonly range: TextRange } | undefined {
    const open = this.#take('OpenList');
    if (open === undefined) {
      const item = this.#item();
      return item === undefined ? undefined : { items: [item], range: item.range };
    }
    const items = this.#separated('Comma', () => this.#item());
    const close = this.#take('CloseList');
    return items === undefined || close === undefined ? undefined : { items, range: span(open, close) };
  }

  #item(): Item | undefined {
    const low = this.#union();
    if (low === undefined || this.#take('Between') === undefined) return low && { low, range: low.range };
    const high = this.#union();
    return high && { low, high, range: span(low.range, high.range) };
  }

  #union(): Expression | undefined {
    const of = this.#separated('BitOr', () => this.#intersection());
    return of === undefined ? undefined : joined(of, (range) => ({ kind: 'bits', operator: '|', of, range }));
  }

  #intersection(): Expression | undefined {
    const of = this.#separated('BitAnd', () => this.#value());
    return of === undefined ? undefined : joined(of, (range) => ({ kind: 'bits', operator: '&', of, range }));
  }

  #value(): Expression | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) return undefined;
    this.#at += 1;
    const range = { start: token.start, end: token.end };
    const image = this.#text.slice(token.start, token.end);
    switch (token.name) {
      case 'Argument':
        return { kind: 'argument', index: Number(image.slice('arg'.length)), range };
      case 'Name':
        return { kind: 'name', name: image, range };
      case 'Integer': {
        const { value } = readNumber(image);
        return value === undefined ? undefined : { kind: 'integer', value, range };
      }
      case 'Complement':
      case 'Minus': {
        const of = this.#value();
        const kind = token.name === 'Minus' ? 'negative' : 'complement';
        return of && { kind, of, range: span(token, of.range) };
      }
      case 'Open': {
        const of = this.condition();
        const close = this.#take('Close');
        return of === undefined || close === undefined ? undefined : { kind: 'group', of, range: span(token, close) };
      }
      default:
        return undefined;
    }
  }

  /** One or more parts with a token between them; undefined where one of them is not well formed. */
  #separated<Part>(separator: TokenName, read: () => Part | undefined): readonly Part[] | undefined {
    const parts: Part[] = [];
    do {
      const part = read();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.#take(separator) !== undefined);
    return parts;
  }

  #take(name: TokenName): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.name !== name) return undefined;
    this.#at += 1;
    return token;
  }
}

const comparisons: Partial<Record<TokenName, ComparisonOperator>> = {
  Equal: '==',
  NotEqual: '!=',
  Less: '<',
  LessOrEqual: '<=',
  Greater: '>',
  GreaterOrEqual: '>=',
};

function joined(of: readonly Expression[], several: (range: TextRange) => Expression): Expression {
  return of.length === 1 ? of[0]! : several(span(of[0]!.range, of.at(-1)!.range));
}

function span(from: TextRange, to: TextRange): TextRange {
  return { start: from.start, end: to.end };
}
