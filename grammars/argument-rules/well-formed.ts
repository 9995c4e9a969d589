import { ConditionReader, rangeOf } from '../conditions/well-formed.ts';
import type { Token } from './scan.ts';
import type { TokenName } from './tokens.ts';
import type { Argument, Expression } from './tree.ts';

/**
 * Reads a rule that is well formed, without Chevrotain.
 *
 * @param scanned tokens that nest no deeper than `deepestNesting`
 * @returns undefined where the rule is not well formed
 */
export function readWellFormed(text: string, scanned: readonly Token[]): Expression | undefined {
  const reader = new Reader(text, scanned);
  const tree = reader.condition();
  return reader.atEnd ? tree : undefined;
}

class Reader extends ConditionReader<Argument, TokenName> {
  protected ownValue(token: Token): Argument | undefined {
    if (token.name !== 'Argument') return undefined;
    return { kind: 'argument', index: Number(this.image(token).slice('arg'.length)), range: rangeOf(token) };
  }

  protected isNegatable({ kind }: Expression): boolean {
    return kind === 'group';
  }
}
