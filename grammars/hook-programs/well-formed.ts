import type { TextRange } from '../conditions/tree.ts';
import { ConditionReader, rangeOf, span } from '../conditions/well-formed.ts';
import type { Token } from './scan.ts';
import { readText } from './text.ts';
import type { TokenName } from './tokens.ts';
import type { Expression, Statement, Text, Verdict, Word } from './tree.ts';

/** A statement, or the name of a hook that a section begins with. */
export type ReadStatement = Statement | { readonly kind: 'hook'; readonly name: Word; readonly range: TextRange };

/**
 * Reads a statement that is well formed, without Chevrotain.
 *
 * @param scanned tokens that nest no deeper than `deepestNesting`
 * @returns undefined where the statement is not well formed
 */
export function readWellFormed(text: string, scanned: readonly Token[]): ReadStatement | undefined {
  const reader = new Reader(text, scanned);
  const statement = reader.statement();
  return reader.atEnd ? statement : undefined;
}

class Reader extends ConditionReader<Text, TokenName> {
  statement(): ReadStatement | undefined {
    const [first] = this.tokens;
    switch (first?.name) {
      case 'Hook': {
        this.at = 1;
        const name = this.#word('Name');
        return name && { kind: 'hook', name, range: this.#whole() };
      }
      case 'Counter':
        this.at = 1;
        return this.#counter();
      case 'Otherwise': {
        this.at = 1;
        const audit = this.take('Audit') !== undefined;
        const verdict = this.#verdict();
        return verdict && { kind: 'otherwise', audit, verdict, range: this.#whole() };
      }
      case 'Audit': {
        this.at = 1;
        if (this.tokens[1]?.name !== 'When') return this.#rule(true);
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
    if (this.take('By') !== undefined) {
      const names = this.separated('Comma', () => this.#word('Name'));
      if (names === undefined) return undefined;
      by.push(...names);
    }
    const per = this.take('Per') === undefined ? 'none' : this.#word('Integer');
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
    const token = this.tokens[this.at];
    if (token === undefined) return undefined;
    this.at += 1;
    if (token.name === 'Allow' || token.name === 'Deny') {
      return { kind: token.name === 'Allow' ? 'allow' : 'deny', range: rangeOf(token) };
    }
    if (token.name !== 'Errno') return undefined;
    const error = this.#word('Name') ?? this.#word('Integer');
    return error && { kind: 'errno', error, range: span(token, error.range) };
  }

  /** `none` where there is no condition, undefined where it is not well formed. */
  #when(): Expression | 'none' | undefined {
    return this.take('When') === undefined ? 'none' : this.condition();
  }

  protected ownValue(token: Token): Text | undefined {
    const { value } = token.name === 'Text' ? readText(this.image(token)) : {};
    return value === undefined ? undefined : { kind: 'text', value, range: rangeOf(token) };
  }

  protected isNegatable({ kind }: Expression): boolean {
    return kind === 'group' || kind === 'name';
  }

  #word(name: TokenName): Word | undefined {
    const token = this.take(name);
    return token && { text: this.image(token), range: rangeOf(token) };
  }

  #whole(): TextRange {
    return span(this.tokens[0]!, this.tokens.at(-1)!);
  }
}
