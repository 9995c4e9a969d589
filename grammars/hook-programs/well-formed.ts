import { readNumber } from '../argument-rules/number.ts';
import type { Token } from './scan.ts';
import { readText } from './text.ts';
import type { TokenName } from './tokens.ts';
import type {
  ComparisonOperator,
  Expression,
  Item,
  MembershipOperator,
  Statement,
  TextRange,
  Verdict,
  Word,
} from './tree.ts';

/** A statement, or the name of a hook that a section begins with. */
export type ReadStatement = Statement | { readonly kind: 'hook'; readonly name: Word; readonly range: TextRange };

/**
 * Reads a statement that is well formed, without Chevrotain, whose parser takes a fresh process more than 10 ms to make.
 * It reads the same grammar (parser.ts) into the same tree, and where anything is amiss gives up without a word; then Chevrotain
 * reads the statement and says what is wrong.
 *
 * @param scanned tokens that nest no deeper than `deepestNesting`, since this recurses
 * @returns undefined where the statement is not well formed
 */
export function readWellFormed(text: string, scanned: readonly Token[]): ReadStatement | undefined {
  const reader = new Reader(text, scanned);
  const statement = reader.statement();
  return reader.atEnd ? statement : undefined;
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

  statement(): ReadStatement | undefined {
    const [first] = this.#tokens;
    switch (first?.name) {
      case 'Hook': {
        this.#at = 1;
        const name = this.#word('Name');
        return name && { kind: 'hook', name, range: this.#whole() };
      }
      case 'Counter':
        this.#at = 1;
        return this.#counter();
      case 'Otherwise': {
        this.#at = 1;
        const audit = this.#take('Audit') !== undefined;
        const verdict = this.#verdict();
        return verdict && { kind: 'otherwise', audit, verdict, range: this.#whole() };
      }
      case 'Audit': {
        this.#at = 1;
        if (this.#tokens[1]?.name !== 'When') return this.#rule(true);
        const when = this.#when();
        return when === undefined || when === 'none' ? undefined : { kind: 'audit', when, range: this.#whole() };
      }
      default:
        return this.#rule(false);
    }
  }

  #counter(): Statement | undefined {
    const name = this.#word('Name');
    const by: Word[] = [];
    if (this.#take('By') !== undefined) {
      const names = this.#separated('Comma', () => this.#word('Name'));
      if (names === undefined) return undefined;
      by.push(...names);
    }
    const per = this.#take('Per') === undefined ? 'none' : this.#word('Integer');
    const when = this.#when();
    if (name === undefined || per === undefined || when === undefined) return undefined;
    return {
      kind: 'counter',
      name,
      by,
      ...(per === 'none' ? {} : { per }),
      ...(when === 'none' ? {} : { when }),
      range: this.#whole(),
    };
  }

  #rule(audit: boolean): Statement | undefined {
    const verdict = this.#verdict();
    const when = this.#when();
    if (verdict === undefined || when === undefined) return undefined;
    return { kind: 'rule', audit, verdict, ...(when === 'none' ? {} : { when }), range: this.#whole() };
  }

  #verdict(): Verdict | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) return undefined;
    this.#at += 1;
    if (token.name === 'Allow' || token.name === 'Deny') {
      return { kind: token.name === 'Allow' ? 'allow' : 'deny', range: rangeOf(token) };
    }
    if (token.name !== 'Errno') return undefined;
    const error = this.#word('Name') ?? this.#word('Integer');
    return error && { kind: 'errno', error, range: span(token, error.range) };
  }

  /** `none` where there is no condition, undefined where it is not well formed. */
  #when(): Expression | 'none' | undefined {
    return this.#take('When') === undefined ? 'none' : this.#condition();
  }

  #condition(): Expression | undefined {
    const of = this.#separated('Or', () => this.#conjunction());
    return of && joined(of, (range) => ({ kind: 'logic', operator: '||', of, range }));
  }

  #conjunction(): Expression | undefined {
    const of = this.#separated('And', () => this.#negation());
    return of && joined(of, (range) => ({ kind: 'logic', operator: '&&', of, range }));
  }

  #negation(): Expression | undefined {
    const mark = this.#take('Not');
    if (mark === undefined) return this.#comparison();
    const of = this.#negation();
    if (of?.kind !== 'group' && of?.kind !== 'not' && of?.kind !== 'name') return undefined;
    return { kind: 'not', of, range: span(mark, of.range) };
  }

  /** One comparison: a second one in a chain is left over, and so the statement is not well formed. */
  #comparison(): Expression | undefined {
    const left = this.#union();
    const next = this.#tokens[this.#at];
    if (left === undefined || next === undefined) return left;
    const membership = memberships[next.name];
    if (membership !== undefined) {
      this.#at += 1;
      const members = this.#members();
      if (members === undefined) return undefined;
      const range = span(left.range, members.range);
      return { kind: 'membership', operator: membership, of: left, items: members.items, range };
    }
    const operator = comparisons[next.name];
    if (operator === undefined) return left;
    this.#at += 1;
    const right = this.#union();
    return right && { kind: 'comparison', operator, left, right, range: span(left.range, right.range) };
  }

  #members(): { readonly items: readonly Item[]; readonly range: TextRange } | undefined {
    const open = this.#take('OpenList');
    if (open === undefined) {
      const item = this.#item();
      return item && { items: [item], range: item.range };
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
    return of && joined(of, (range) => ({ kind: 'bits', operator: '|', of, range }));
  }

  #intersection(): Expression | undefined {
    const of = this.#separated('BitAnd', () => this.#value());
    return of && joined(of, (range) => ({ kind: 'bits', operator: '&', of, range }));
  }

  #value(): Expression | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) return undefined;
    this.#at += 1;
    const range = rangeOf(token);
    switch (token.name) {
      case 'Name':
        return { kind: 'name', name: this.#image(token), range };
      case 'Integer': {
        const { value } = readNumber(this.#image(token));
        return value === undefined ? undefined : { kind: 'integer', value, range };
      }
      case 'Text': {
        const { value } = readText(this.#image(token));
        return value === undefined ? undefined : { kind: 'text', value, range };
      }
      case 'Complement':
      case 'Minus': {
        const of = this.#value();
        const kind = token.name === 'Minus' ? 'negative' : 'complement';
        return of && { kind, of, range: span(token, of.range) };
      }
      case 'Open': {
        const of = this.#condition();
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

  #word(name: TokenName): Word | undefined {
    const token = this.#take(name);
    return token && { text: this.#image(token), range: rangeOf(token) };
  }

  #take(name: TokenName): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.name !== name) return undefined;
    this.#at += 1;
    return token;
  }

  #image({ start, end }: Token): string {
    return this.#text.slice(start, end);
  }

  #whole(): TextRange {
    return span(this.#tokens[0]!, this.#tokens.at(-1)!);
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

const memberships: Partial<Record<TokenName, MembershipOperator>> = { In: 'in', Beneath: 'beneath', Like: 'like' };

function joined(of: readonly Expression[], several: (range: TextRange) => Expression): Expression {
  return of.length === 1 ? of[0]! : several(span(of[0]!.range, of.at(-1)!.range));
}

function rangeOf({ start, end }: TextRange): TextRange {
  return { start, end };
}

function span(from: TextRange, to: TextRange): TextRange {
  return { start: from.start, end: to.end };
}
