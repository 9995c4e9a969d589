import { EOF, type IParserErrorMessageProvider, tokenLabel } from 'chevrotain';

const anything = 'the next statement';

/** What was expected in each rule where none of its alternatives begins so. */
const expectations: Readonly<Record<string, string>> = {
  statement: 'a statement',
  comparison: 'a comparison',
  verdict: '`allow`, `deny` or `errno`',
};

/** The message is what was expected; the place is the error's token. */
export const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => (expected === EOF ? anything : tokenLabel(expected)),
  // What may follow depends on what was read; parse.ts says it.
  buildNotAllInputParsedMessage: () => anything,
  buildNoViableAltMessage: ({ ruleName }) => expectations[ruleName] ?? 'a value',
  buildEarlyExitMessage: () => 'a value',
};
