import {
  EmbeddedActionsParser,
  EOF,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  type ParserMethod,
  tokenLabel,
} from 'chevrotain';
import { tokenTypes } from '../lexer.ts';
import type { Problem } from '../problem.ts';
import type { Expression, Literal, Range } from '../syntax-tree.ts';
import type { TokenName } from '../tokens.ts';
import { nameOf } from './token.ts';

export interface ParserInput {
  readonly tokens: IToken[];
  readonly literals: ReadonlyMap<number, Literal>;
  /** Where the last token ends. */
  readonly end: number;
}

export interface ParserOutput {
  readonly tree: Expression;
  readonly problems: readonly Problem[];
  readonly errors: IRecognitionException[];
}

/** What all rules share: the text's end and literals, what was found wrong, and where in the text the parser is. */
export abstract class ParserState extends EmbeddedActionsParser {
  protected readonly types = tokenTypes();
  protected problems: Problem[] = [];
  protected literals: ReadonlyMap<number, Literal> = new Map();
  protected end = 0;

  constructor() {
    const { of, literal, name, binary, prefix } = tokenTypes();
    super([...Object.values(of), literal, name, binary, prefix], {
      maxLookahead: 1,
      recoveryEnabled: true,
      skipValidations: true,
      errorMessageProvider: messages,
    });
  }

  protected expressionRule(name: string, implementation: () => Expression): ParserMethod<[], Expression> {
    return this.RULE(name, implementation, { recoveryValueFunc: (error): Expression => this.recovered(error) });
  }

  protected nextName(): TokenName {
    return nameOf(this.LA(1));
  }

  protected nextStart(): number {
    const { startOffset } = this.LA(1);
    return Number.isNaN(startOffset) ? this.end : startOffset;
  }

  /** Where the token that was read last ends. */
  protected lastEnd(): number {
    const { startOffset, image } = this.LA(0);
    return Number.isNaN(startOffset) ? 0 : startOffset + image.length;
  }

  protected rangeFrom(start: number): Range {
    return { start, end: Math.max(start, this.lastEnd()) };
  }

  /** The empty range in front of the next token. */
  protected beforeNext(): Range {
    const start = this.nextStart();
    return { start, end: start };
  }

  protected hole(start: number, parts: readonly Expression[]): Expression {
    return { kind: 'hole', range: this.rangeFrom(start), parts };
  }

  protected recovered({ token }: IRecognitionException): Expression {
    const start = Number.isNaN(token.startOffset) ? this.end : token.startOffset;
    return { kind: 'hole', range: { start, end: start }, parts: [] };
  }
}

/** The message is what was expected; the place is the error's token. */
const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => (expected === EOF ? 'an operator' : tokenLabel(expected)),
  buildNotAllInputParsedMessage: () => 'an operator',
  buildNoViableAltMessage: () => 'an expression',
  buildEarlyExitMessage: () => 'an expression',
};
