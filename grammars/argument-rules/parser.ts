import { EOF, type IOrAlt, type IParserErrorMessageProvider, type IRecognitionException, tokenLabel } from 'chevrotain';
import { ConditionParser, rangeOf } from '../conditions/parser.ts';
import { chevrotainTokens, tokenTypes } from '../conditions/token-types.ts';
import type { Problem } from '../conditions/tree.ts';
import type { Token } from './scan.ts';
import { categories, type TokenName, tokens } from './tokens.ts';
import type { Argument, Expression } from './tree.ts';

/** One condition, whose own values are arguments. */
class RuleParser extends ConditionParser<Argument, TokenName> {
  constructor() {
    super({ types: tokenTypes(tokens, categories), maxLookahead: 1, messages, negatable: ['group'] });
    this.performSelfAnalysis();
  }

  /** `end` is where the last token ends. The tokens are forgotten afterwards. */
  parse(
    text: string,
    read: readonly Token[],
    end: number,
  ): { readonly tree: Expression; readonly problems: readonly Problem[]; readonly errors: IRecognitionException[] } {
    this.found = [];
    this.end = end;
    this.input = chevrotainTokens(this.types, text, read);
    const tree = this.condition();
    const result = { tree, problems: this.found, errors: this.errors };
    this.input = [];
    return result;
  }

  protected ownValues(): IOrAlt<Expression>[] {
    return [
      {
        ALT: () => {
          const token = this.CONSUME(this.types.Argument);
          return { kind: 'argument', index: Number(token.image.slice('arg'.length)), range: rangeOf(token) };
        },
      },
    ];
  }
}

const afterCondition = '`&&` or `||`';

/** The message is what was expected; the place is the error's token. */
const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => (expected === EOF ? afterCondition : tokenLabel(expected)),
  buildNotAllInputParsedMessage: () => afterCondition,
  buildNoViableAltMessage: ({ ruleName }) => (ruleName === 'comparison' ? 'a comparison' : 'a value'),
  buildEarlyExitMessage: () => 'a value',
};

let parser: RuleParser | undefined;

/** The parser, made when it is first asked for. */
export function ruleParser(): RuleParser {
  parser ??= new RuleParser();
  return parser;
}
