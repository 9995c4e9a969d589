import { EOF, type IOrAlt, type IToken, tokenMatcher } from 'chevrotain';
import { ConditionParser, rangeOf, span } from '../conditions/parser.ts';
import { chevrotainTokens, tokenTypes } from '../conditions/token-types.ts';
import type { TextRange } from '../conditions/tree.ts';
import { messages } from './parser-messages.ts';
import type { Token } from './scan.ts';
import { readText } from './text.ts';
import { categories, type TokenName, tokens } from './tokens.ts';
import type { Expression, Text, Verdict, Word } from './tree.ts';
import type { ReadStatement } from './well-formed.ts';

/**
 * One statement:
 *
 *     hook NAME
 *     counter NAME [by NAME, ...] per WINDOW [when CONDITION]
 *     [audit] VERDICT [when CONDITION]        VERDICT: allow, deny, errno NAME
 *     audit when CONDITION
 *     otherwise [audit] VERDICT
 */
class StatementParser extends ConditionParser<Text, TokenName> {
  constructor() {
    super({ types: tokenTypes(tokens, categories), maxLookahead: 2, messages, negatable: ['group', 'name'] });
    this.performSelfAnalysis();
  }

  /** `end` is where the last token ends. The tokens are forgotten afterwards. */
  parse(text: string, read: readonly Token[], end: number) {
    this.found = [];
    this.end = end;
    this.input = chevrotainTokens(this.types, text, read);
    const statement = this.audits() ? { kind: 'unreadable' as const, range: { start: end, end } } : this.statement();
    const result = { statement, problems: this.found, errors: this.errors };
    this.input = [];
    return result;
  }

  protected ownValues(): IOrAlt<Expression>[] {
    return [
      {
        ALT: () => {
          const token = this.CONSUME(this.types.Text);
          const { value } = readText(token.image);
          const range = rangeOf(token);
          return value === undefined ? { kind: 'missing', range } : { kind: 'text', value, range };
        },
      },
    ];
  }

  /** Reports `audit` with nothing after it that could follow. */
  private audits(): boolean {
    const { Audit, When, Allow, Deny, Errno } = this.types;
    if (!tokenMatcher(this.LA(1), Audit)) return false;
    const next = this.LA(2);
    if ([When, Allow, Deny, Errno].some((kind) => tokenMatcher(next, kind))) return false;
    const range = next.tokenType === EOF ? { start: this.end, end: this.end } : rangeOf(next);
    this.found.push({ kind: 'expected', expected: 'a verdict or `when`', found: next.image, range });
    return true;
  }

  readonly statement = this.RULE(
    'statement',
    (): ReadStatement => {
      const start = this.RECORDING_PHASE ? 0 : this.LA(1).startOffset;
      const range = () => ({ start, end: this.end });
      return this.OR([
        {
          ALT: (): ReadStatement => {
            this.CONSUME(this.types.Hook);
            const name = this.nameAt(1);
            return { kind: 'hook', name, range: range() };
          },
        },
        {
          ALT: (): ReadStatement => {
            this.CONSUME(this.types.Counter);
            const { name, by, per } = this.SUBRULE(this.counted);
            const when = this.SUBRULE1(this.restriction);
            return this.ACTION(() => ({ kind: 'counter', name, by, ...per, ...when, range: range() }));
          },
        },
        {
          ALT: (): ReadStatement => {
            this.CONSUME(this.types.Otherwise);
            const audit = this.OPTION1(() => this.CONSUME1(this.types.Audit)) !== undefined;
            const verdict = this.SUBRULE1(this.verdict);
            return { kind: 'otherwise', audit, verdict, range: range() };
          },
        },
        {
          ALT: (): ReadStatement => {
            this.CONSUME2(this.types.Audit);
            this.CONSUME(this.types.When);
            const when = this.SUBRULE(this.condition);
            return { kind: 'audit', when, range: range() };
          },
        },
        {
          ALT: (): ReadStatement => {
            const audit = this.OPTION2(() => this.CONSUME3(this.types.Audit)) !== undefined;
            const verdict = this.SUBRULE2(this.verdict);
            const when = this.SUBRULE2(this.restriction);
            return this.ACTION(() => ({ kind: 'rule', audit, verdict, ...when, range: range() }));
          },
        },
      ]);
    },
    { recoveryValueFunc: (error): ReadStatement => ({ kind: 'unreadable', range: this.placeOf(error) }) },
  );

  private missesError(): boolean {
    if (this.RECORDING_PHASE || this.missesAtEnd('the name of an error')) return !this.RECORDING_PHASE;
    const next = this.LA(1);
    if (tokenMatcher(next, this.types.Name) || tokenMatcher(next, this.types.Integer)) return false;
    this.found.push({ kind: 'expected', expected: 'the name of an error', found: next.image, range: rangeOf(next) });
    return true;
  }

  private nameAt(at: 1 | 2 | 3 | 4): Word {
    if (this.missesAtEnd('a name')) return { text: '', range: this.inFrontOf(this.LA(1)) };
    const token = this.consume(at, this.types.Name);
    return this.ACTION(() => wordOf(token));
  }

  private rangeAt(token: IToken): TextRange {
    return this.ACTION(() => rangeOf(token));
  }

  readonly counted = this.RULE(
    'counted',
    (): { readonly name: Word; readonly by: readonly Word[]; readonly per: { readonly per?: Word } } => {
      const name = this.nameAt(2);
      const by: Word[] = [];
      this.OPTION1(() => {
        this.CONSUME(this.types.By);
        by.push(this.nameAt(3));
        this.MANY(() => {
          this.CONSUME(this.types.Comma);
          by.push(this.nameAt(4));
        });
      });
      let per: { readonly per?: Word } = {};
      this.OPTION2(() => {
        this.CONSUME(this.types.Per);
        if (this.missesAtEnd('a time, such as `10s`')) return;
        const token = this.CONSUME(this.types.Integer);
        per = this.ACTION(() => ({ per: wordOf(token) }));
      });
      return { name, by, per };
    },
    {
      recoveryValueFunc: (error) => ({
        name: { text: '', range: this.placeOf(error) },
        by: [],
        // Nothing more is to be said of the counter.
        per: { per: { text: '', range: this.placeOf(error) } },
      }),
    },
  );

  readonly restriction = this.RULE(
    'restriction',
    (): { readonly when?: Expression } => {
      let when: { readonly when?: Expression } = {};
      this.OPTION(() => {
        this.CONSUME(this.types.When);
        when = { when: this.SUBRULE(this.condition) };
      });
      return when;
    },
    {
      recoveryValueFunc: (error): { readonly when?: Expression } => ({
        when: { kind: 'missing', range: this.placeOf(error) },
      }),
    },
  );

  readonly verdict = this.RULE(
    'verdict',
    (): Verdict => {
      if (this.missesAtEnd('`allow`, `deny` or `errno`')) return { kind: 'deny', range: this.inFrontOf(this.LA(1)) };
      return this.OR1([
        { ALT: (): Verdict => ({ kind: 'allow', range: this.rangeAt(this.CONSUME(this.types.Allow)) }) },
        { ALT: (): Verdict => ({ kind: 'deny', range: this.rangeAt(this.CONSUME(this.types.Deny)) }) },
        {
          ALT: (): Verdict => {
            const mark = this.CONSUME(this.types.Errno);
            const nothing = this.inFrontOf(this.LA(1));
            const missing: Word = { text: '', range: nothing };
            if (this.missesError()) return { kind: 'errno', error: missing, range: nothing };
            const token = this.OR2([
              { ALT: () => this.CONSUME(this.types.Name) },
              { ALT: () => this.CONSUME(this.types.Integer) },
            ]);
            return this.ACTION((): Verdict => {
              const error = wordOf(token);
              return { kind: 'errno', error, range: span(rangeOf(mark), error.range) };
            });
          },
        },
      ]);
    },
    {
      recoveryValueFunc: (error): Verdict => {
        const range = this.placeOf(error);
        return { kind: 'errno', error: { text: '', range }, range };
      },
    },
  );
}

function wordOf(token: IToken): Word {
  return { text: token.image, range: rangeOf(token) };
}

let made: StatementParser | undefined;

/** The one parser, made when a text is first not well formed. */
export function statementParser(): StatementParser {
  made ??= new StatementParser();
  return made;
}
