import { readNumber } from './number.ts';
import type { Token } from './scan.ts';
import type { ConditionToken } from './tokens.ts';
import type { ComparisonOperator, Expression, Item, MembershipOperator, OwnValue, TextRange } from './tree.ts';

/**
 * Reads conditions that are well formed, without Chevrotain.
 *
 * Making Chevrotain's parser costs a fresh process more than 10 ms (docs/measurements.md), and nearly every text needs
 * none of what it is for: several messages, and a tree in spite of them. So this reads the same grammar (parser.ts) into
 * the same tree, and where anything is amiss gives up without a word; then Chevrotain reads the text from its start
 * and says what is wrong. The tests hold the two together: what one accepts the other accepts, with equal trees.
 */
export abstract class ConditionReader<Own extends OwnValue, Name extends string> {
  protected readonly tokens: readonly Token<Name | ConditionToken>[];
  protected at = 0;
  readonly #text: string;

  /** @param tokens that nest no deeper than `deepestNesting`, since this recurses */
  constructor(text: string, tokens: readonly Token<Name | ConditionToken>[]) {
    this.#text = text;
    this.tokens = tokens;
  }

  /** The value that only this language has, if the token, which was taken, is one. */
  protected abstract ownValue(token: Token<Name | ConditionToken>): Own | undefined;

  /** Whether `!` may stand in front of it, which is no other `!`. */
  protected abstract isNegatable(operand: Expression<Own>): boolean;

  get atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  condition(): Expression<Own> | undefined {
    const of = this.separated('Or', () => this.#conjunction());
    return of && joined(of, (range) => ({ kind: 'logic', operator: '||', of, range }));
  }

  #conjunction(): Expression<Own> | undefined {
    const of = this.separated('And', () => this.#negation());
    return of && joined(of, (range) => ({ kind: 'logic', operator: '&&', of, range }));
  }

  #negation(): Expression<Own> | undefined {
    const mark = this.take('Not');
    if (mark === undefined) return this.#comparison();
    const of = this.#negation();
    if (of === undefined || (of.kind !== 'not' && !this.isNegatable(of))) return undefined;
    return { kind: 'not', of, range: span(mark, of.range) };
  }

  /** One comparison: a second one in a chain is left over, and so the text is not well formed. */
  #comparison(): Expression<Own> | undefined {
    const left = this.#union();
    const next = this.tokens[this.at];
    if (left === undefined || next === undefined) return left;
    const membership = memberships.get(next.name);
    if (membership !== undefined) {
      this.at += 1;
      const members = this.#members();
      if (members === undefined) return undefined;
      const range = span(left.range, members.range);
      return { kind: 'membership', operator: membership, of: left, items: members.items, range };
    }
    const operator = comparisons.get(next.name);
    if (operator === undefined) return left;
    this.at += 1;
    const right = this.#union();
    return right && { kind: 'comparison', operator, left, right, range: span(left.range, right.range) };
  }

  #members(): { readonly items: readonly Item<Own>[]; readonly range: TextRange } | undefined {
    const open = this.take('OpenList');
    if (open === undefined) {
      const item = this.#item();
      return item && { items: [item], range: item.range };
    }
    const items = this.separated('Comma', () => this.#item());
    const close = this.take('CloseList');
    return items === undefined || close === undefined ? undefined : { items, range: span(open, close) };
  }

  #item(): Item<Own> | undefined {
    const low = this.#union();
    if (low === undefined || this.take('Between') === undefined) return low && { low, range: low.range };
    const high = this.#union();
    return high && { low, high, range: span(low.range, high.range) };
  }

  #union(): Expression<Own> | undefined {
    const of = this.separated('BitOr', () => this.#intersection());
    return of && joined(of, (range) => ({ kind: 'bits', operator: '|', of, range }));
  }

  #intersection(): Expression<Own> | undefined {
    const of = this.separated('BitAnd', () => this.#value());
    return of && joined(of, (range) => ({ kind: 'bits', operator: '&', of, range }));
  }

  #value(): Expression<Own> | undefined {
    const token = this.tokens[this.at];
    if (token === undefined) return undefined;
    this.at += 1;
    switch (token.name) {
      case 'Name':
        return { kind: 'name', name: this.image(token), range: rangeOf(token) };
      case 'Integer': {
        const { value } = readNumber(this.image(token));
        return value === undefined ? undefined : { kind: 'integer', value, range: rangeOf(token) };
      }
      case 'Complement':
      case 'Minus': {
        const of = this.#value();
        const kind = token.name === 'Minus' ? 'negative' : 'complement';
        return of && { kind, of, range: span(token, of.range) };
      }
      case 'Open': {
        const of = this.condition();
        const close = this.take('Close');
        return of === undefined || close === undefined ? undefined : { kind: 'group', of, range: span(token, close) };
      }
      default:
        return this.ownValue(token);
    }
  }

  /** One or more parts with a token between them; undefined where one of them is not well formed. */
  protected separated<Part>(separator: ConditionToken, read: () => Part | undefined): readonly Part[] | undefined {
    const parts: Part[] = [];
    do {
      const part = read();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.take(separator) !== undefined);
    return parts;
  }

  protected take(name: Name | ConditionToken): Token<Name | ConditionToken> | undefined {
    const token = this.tokens[this.at];
    if (token?.name !== name) return undefined;
    this.at += 1;
    return token;
  }

  protected image({ start, end }: TextRange): string {
    return this.#text.slice(start, end);
  }
}

const comparisons: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['Equal', '=='],
  ['NotEqual', '!='],
  ['Less', '<'],
  ['LessOrEqual', '<='],
  ['Greater', '>'],
  ['GreaterOrEqual', '>='],
]);

const memberships: ReadonlyMap<string, MembershipOperator> = new Map([
  ['In', 'in'],
  ['Beneath', 'beneath'],
  ['Like', 'like'],
]);

function joined<Own extends OwnValue>(
  of: readonly Expression<Own>[],
  several: (range: TextRange) => Expression<Own>,
): Expression<Own> {
  return of.length === 1 ? of[0]! : several(span(of[0]!.range, of.at(-1)!.range));
}

export function rangeOf({ start, end }: TextRange): TextRange {
  return { start, end };
}

export function span(from: TextRange, to: TextRange): TextRange {
  return { start: from.start, end: to.end };
}
