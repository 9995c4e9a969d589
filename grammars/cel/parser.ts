import {
  EmbeddedActionsParser,
  EOF,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  tokenLabel,
  tokenMatcher,
} from 'chevrotain';
import { tokenName, tokenTypes } from './lexer.ts';
import { messageName } from './message-name.ts';
import { type Operand, operatorsToTree } from './operations.ts';
import { binaryOperator } from './operators.ts';
import type { Problem } from './problem.ts';
import { beginsValue } from './repair.ts';
import type { BinaryOperator, Element, Expression, Literal, MapEntry, MessageField, Range } from './syntax-tree.ts';
import type { TokenName } from './tokens.ts';

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

/**
 * CEL and what is nearly CEL. It reads tokens whose brackets are balanced (repair.ts) and has productions for what people
 * leave out or write too much, each with its problem; Chevrotain's own recovery is left for what no production foresees.
 * Of well-formed text it makes the tree that well-formed.ts makes.
 */
class CelParser extends EmbeddedActionsParser {
  readonly #types = tokenTypes();
  #problems: Problem[] = [];
  #literals: ReadonlyMap<number, Literal> = new Map();
  #end = 0;
  /** How many casts the parser is in: they nest without brackets in each other. */
  #casts = 0;

  constructor() {
    const { of, literal, name, binary, prefix } = tokenTypes();
    super([...Object.values(of), literal, name, binary, prefix], {
      maxLookahead: 1,
      recoveryEnabled: true,
      skipValidations: true,
      errorMessageProvider: messages,
    });
    this.performSelfAnalysis();
  }

  /** The tokens are forgotten afterwards. */
  parse({ tokens, literals, end }: ParserInput): ParserOutput {
    this.#problems = [];
    this.#literals = literals;
    this.#end = end;
    this.#casts = 0;
    this.input = tokens;
    const tree = this.enclosed();
    const result = { tree, problems: this.#problems, errors: this.errors };
    this.input = [];
    this.#literals = new Map();
    return result;
  }

  /** An expression, and commas and colons that have no business where it stands. */
  readonly enclosed = this.#rule('enclosed', () => {
    const start = this.#nextStart();
    const parts = [this.SUBRULE1(this.expression)];
    this.MANY(() => {
      const stray = this.OR([
        { ALT: () => this.CONSUME(this.#types.of.Comma) },
        { ALT: () => this.CONSUME(this.#types.of.Colon) },
      ]);
      this.ACTION(() => this.#stray(stray));
      this.OPTION({
        GATE: () => beginsValue(this.#nextName()),
        DEF: () => parts.push(this.SUBRULE2(this.expression)),
      });
    });
    return this.ACTION(() => (parts.length === 1 ? parts[0]! : this.#hole(start, parts)));
  });

  /** An expression where commas separate, and colons that have no business there. */
  readonly part = this.#rule('part', () => {
    const start = this.#nextStart();
    const parts = [this.SUBRULE1(this.expression)];
    this.MANY(() => {
      const stray = this.CONSUME(this.#types.of.Colon);
      this.ACTION(() => this.#stray(stray));
      this.OPTION({
        GATE: () => beginsValue(this.#nextName()),
        DEF: () => parts.push(this.SUBRULE2(this.expression)),
      });
    });
    return this.ACTION(() => (parts.length === 1 ? parts[0]! : this.#hole(start, parts)));
  });

  readonly expression = this.#rule('expression', () => {
    const start = this.#nextStart();
    const condition = this.SUBRULE1(this.operation);
    let tree = condition;
    this.OPTION1(() => {
      const question = this.CONSUME(this.#types.of.Question);
      const thenStart = this.#nextStart();
      const then = this.SUBRULE2(this.expression);
      const thenEnd = this.#lastEnd();
      let otherwise: Expression | undefined;
      this.OPTION2(() => {
        this.CONSUME(this.#types.of.Colon);
        otherwise = this.SUBRULE3(this.expression);
      });
      this.ACTION(() => {
        if (otherwise === undefined) {
          this.#noOtherwise(question, condition, then);
          tree = this.#hole(start, [condition, then]);
          return;
        }
        // Parentheses around it would not belong to its range.
        if (then.kind === 'conditional' && then.range.start === thenStart && then.range.end === thenEnd) {
          this.#problems.push({ kind: 'nested conditional', range: then.range });
        }
        tree = { kind: 'conditional', range: this.#from(start), condition, then, otherwise };
      });
    });
    return tree;
  });

  /** Operands and the operators between them; a tree is made of them afterwards, by how tightly they bind. */
  readonly operation = this.#rule('operation', () => {
    const operands: Operand[] = [];
    const operators: { operator: BinaryOperator | undefined; range: Range }[] = [];
    const add = (start: number, expression: Expression) =>
      this.ACTION(() => operands.push({ expression, start, end: this.#lastEnd() }));
    const firstStart = this.#nextStart();
    add(firstStart, this.SUBRULE1(this.operand));
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const mark = this.CONSUME(this.#types.binary);
            this.ACTION(() => {
              operators.push({ operator: binaryOperator(nameOf(mark)) ?? '==', range: rangeOf(mark) });
            });
            const start = this.#nextStart();
            add(start, this.SUBRULE2(this.operand));
          },
        },
        {
          ALT: () => {
            const start = this.#nextStart();
            this.ACTION(() => {
              const next = this.LA(1);
              this.#problems.push({ kind: 'joint', found: next.image, range: rangeOf(next) });
              operators.push({ operator: undefined, range: { start, end: start } });
            });
            add(start, this.SUBRULE3(this.operand));
          },
        },
      ]);
    });
    return this.ACTION(() => operatorsToTree(operands, operators));
  });

  readonly operand = this.#rule('operand', () => {
    const start = this.#nextStart();
    const marks: IToken[] = [];
    this.MANY(() => {
      marks.push(this.CONSUME(this.#types.prefix));
    });
    const missing = this.#missesOperand();
    if (missing !== undefined) return this.#prefixed(marks, marks.length, missing);
    const next = this.#nextName();
    const last = marks.at(-1);
    const signed =
      !this.RECORDING_PHASE &&
      last !== undefined &&
      nameOf(last) === 'Minus' &&
      (next === 'Int' || next === 'Double') &&
      (marks.length === 1 || nameOf(marks.at(-2)!) === 'Not');
    const expression = this.SUBRULE(this.member, { ARGS: [signed ? last.startOffset : undefined] });
    return this.ACTION(() => {
      const tree = this.#prefixed(marks, signed ? marks.length - 1 : marks.length, expression);
      const [first, second] = marks.map(nameOf);
      const mixed = marks.findIndex(
        (mark, at) => at > 0 && nameOf(mark) !== first && !(signed && at === marks.length - 1 && first === 'Not'),
      );
      if (second !== undefined && mixed > 0) {
        const range = { start: marks[mixed]!.startOffset, end: this.#lastEnd() };
        this.#problems.push({ kind: 'mixed prefix', range });
        return this.#hole(start, [tree]);
      }
      return tree;
    });
  });

  /** @param sign where the sign of a negative number stands */
  readonly member = this.RULE(
    'member',
    (sign?: number): Expression => {
      const start = sign ?? this.#nextStart();
      let tree = this.SUBRULE(this.primary, { ARGS: [start] });
      // `(a.b){}` builds no message.
      let nameable = this.ACTION(() => tree.kind === 'identifier' && tree.range.start === start);
      this.MANY({
        GATE: () => nameable || this.#nextName() !== 'OpenMap',
        DEF: () => {
          this.OR([
            {
              ALT: () => {
                const selected = this.SUBRULE(this.selection, { ARGS: [start, tree] });
                this.ACTION(() => {
                  nameable &&= selected.nameable;
                  tree = selected.expression;
                });
              },
            },
            {
              ALT: () => {
                this.CONSUME(this.#types.of.OpenList);
                const question = this.OPTION(() => this.CONSUME(this.#types.of.Question));
                const index = this.SUBRULE(this.enclosed);
                this.CONSUME(this.#types.of.CloseList);
                this.ACTION(() => {
                  nameable = false;
                  const optional = question !== undefined;
                  tree = { kind: 'index', range: this.#from(start), operand: tree, index, optional };
                });
              },
            },
            {
              ALT: () => {
                const fields = this.SUBRULE(this.fields);
                this.ACTION(() => {
                  nameable = false;
                  tree = { kind: 'message', range: this.#from(start), ...messageName(tree), fields };
                });
              },
            },
            {
              ALT: () => {
                const open = this.LA(1);
                const parts = this.SUBRULE(this.parts);
                this.ACTION(() => {
                  nameable = false;
                  this.#problems.push({ kind: 'not callable', range: rangeOf(open) });
                  tree = this.#hole(start, [tree, ...parts]);
                });
              },
            },
          ]);
        },
      });
      return tree;
    },
    { recoveryValueFunc: (error): Expression => this.#recovered(error) },
  );

  readonly primary = this.RULE(
    'primary',
    (start: number): Expression =>
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(this.#types.literal);
            return this.ACTION((): Expression => {
              const value = this.#literals.get(token.startOffset);
              const range = this.#from(start);
              return value === undefined ? { kind: 'hole', range, parts: [] } : { kind: 'literal', range, value };
            });
          },
        },
        { ALT: () => this.SUBRULE(this.named, { ARGS: [start, false] }) },
        {
          ALT: () => {
            const point = this.CONSUME(this.#types.of.Dot);
            if (!this.RECORDING_PHASE && !tokenMatcher(this.LA(1), this.#types.name)) {
              this.#field(point, undefined);
              return this.#hole(start, []);
            }
            return this.SUBRULE1(this.named, { ARGS: [start, true] });
          },
        },
        {
          ALT: () => {
            const open = this.CONSUME(this.#types.of.Open);
            const inner = this.SUBRULE(this.enclosed);
            const close = this.CONSUME(this.#types.of.Close);
            let tree = inner;
            this.OPTION({
              GATE: () => inner.kind === 'identifier' && castTypes.has(inner.name) && this.#beginsCastOperand(),
              DEF: () => {
                const operandStart = this.#nextStart();
                this.#casts += 1;
                const operand = this.SUBRULE(this.member);
                this.#casts -= 1;
                this.ACTION(() => {
                  tree = this.#cast(open, close, inner, operand, operandStart);
                });
              },
            });
            return tree;
          },
        },
        {
          ALT: () => {
            const elements = this.SUBRULE(this.elements);
            return this.ACTION(() => ({ kind: 'list', range: this.#from(start), elements }) as const);
          },
        },
        {
          ALT: () => {
            const entries = this.SUBRULE(this.entries);
            return this.ACTION(() => ({ kind: 'map', range: this.#from(start), entries }) as const);
          },
        },
      ]),
    { recoveryValueFunc: (error): Expression => this.#recovered(error) },
  );

  /** A variable or a call of a function. */
  readonly named = this.RULE(
    'named',
    (start: number, rooted: boolean): Expression => {
      const token = this.CONSUME(this.#types.name);
      const identifier = this.ACTION(
        (): Expression => ({ kind: 'identifier', range: this.#from(start), name: fieldOf(token), rooted }),
      );
      let tree = identifier;
      let called = false;
      this.OPTION({
        GATE: () => nameOf(token) === 'Identifier' || nameOf(token) === 'Reserved',
        DEF: () => {
          const parts = this.SUBRULE(this.parts);
          this.ACTION(() => {
            called = true;
            const nameRange = rangeOf(token);
            tree = { kind: 'call', range: this.#from(start), name: token.image, nameRange, rooted, arguments: parts };
          });
        },
      });
      this.ACTION(() => this.#checkName(token, called));
      return tree;
    },
    { recoveryValueFunc: (error): Expression => this.#recovered(error) },
  );

  /** `.field`, `.?field`, `.method(…)`. */
  readonly selection = this.RULE(
    'selection',
    (start: number, operand: Expression): { readonly expression: Expression; readonly nameable: boolean } => {
      const point = this.CONSUME(this.#types.of.Dot);
      const question = this.OPTION1(() => this.CONSUME(this.#types.of.Question));
      if (!this.RECORDING_PHASE && !tokenMatcher(this.LA(1), this.#types.name)) {
        if (!isKeyword(this.#nextName())) {
          this.#field(point, operand);
          return { expression: this.#hole(start, [operand]), nameable: false };
        }
        const token = this.LA(1);
        this.#problems.push({
          kind: 'field',
          found: token.image,
          replacement: `.\`${token.image}\``,
          range: rangeOf(token),
          point: rangeOf(point),
        });
      }
      const token = this.OR([
        { ALT: () => this.CONSUME(this.#types.name) },
        { ALT: () => this.CONSUME(this.#types.of.In) },
        { ALT: () => this.CONSUME(this.#types.of.True) },
        { ALT: () => this.CONSUME(this.#types.of.False) },
        { ALT: () => this.CONSUME(this.#types.of.Null) },
      ]);
      const selected = this.ACTION((): { readonly expression: Expression; readonly nameable: boolean } => {
        const optional = question !== undefined;
        const expression: Expression = {
          kind: 'select',
          range: this.#from(start),
          operand,
          field: fieldOf(token),
          fieldRange: rangeOf(token),
          optional,
        };
        return { expression, nameable: !optional && tokenMatcher(token, this.#types.name) && !isEscaped(token) };
      });
      let result = selected;
      this.OPTION2({
        GATE: () => question === undefined && !isEscaped(token),
        DEF: () => {
          const parts = this.SUBRULE(this.parts);
          this.ACTION(() => {
            const expression: Expression = {
              kind: 'call',
              range: this.#from(start),
              target: operand,
              name: token.image,
              nameRange: rangeOf(token),
              rooted: false,
              arguments: parts,
            };
            result = { expression, nameable: false };
          });
        },
      });
      return result;
    },
    { recoveryValueFunc: (error) => ({ expression: this.#recovered(error), nameable: false }) },
  );

  /** The arguments of a call, with their parentheses. */
  readonly parts = this.RULE(
    'parts',
    (): readonly Expression[] => {
      const parts: Expression[] = [];
      this.CONSUME(this.#types.of.Open);
      // No option of Chevrotain's: it would not go where a token stands that begins no expression.
      if (this.RECORDING_PHASE || this.#nextName() !== 'Close') {
        parts.push(this.SUBRULE1(this.part));
        this.MANY(() => {
          const comma = this.CONSUME(this.#types.of.Comma);
          if (!this.RECORDING_PHASE && this.#nextName() === 'Close') {
            if (parts.at(-1)!.kind !== 'hole') this.#problems.push({ kind: 'trailing comma', range: rangeOf(comma) });
            return;
          }
          parts.push(this.SUBRULE2(this.part));
        });
      }
      this.CONSUME(this.#types.of.Close);
      return parts;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly elements = this.RULE(
    'elements',
    (): readonly Element[] => {
      const elements: Element[] = [];
      this.CONSUME(this.#types.of.OpenList);
      this.#commaSeparated('CloseList', () => {
        const question = this.OPTION2(() => this.CONSUME(this.#types.of.Question));
        const value = this.SUBRULE(this.part);
        this.ACTION(() => elements.push({ value, optional: question !== undefined }));
      });
      this.CONSUME(this.#types.of.CloseList);
      return elements;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly entries = this.RULE(
    'entries',
    (): readonly MapEntry[] => {
      const entries: MapEntry[] = [];
      this.CONSUME(this.#types.of.OpenMap);
      this.#commaSeparated('CloseMap', () => {
        const question = this.OPTION2(() => this.CONSUME(this.#types.of.Question));
        const key = this.SUBRULE1(this.expression);
        const value = this.SUBRULE2(this.entryValue);
        this.ACTION(() => entries.push({ key, value, optional: question !== undefined }));
      });
      this.CONSUME(this.#types.of.CloseMap);
      return entries;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly fields = this.RULE(
    'fields',
    (): readonly MessageField[] => {
      const fields: MessageField[] = [];
      this.CONSUME(this.#types.of.OpenMap);
      this.#commaSeparated('CloseMap', () => {
        const question = this.OPTION2(() => this.CONSUME(this.#types.of.Question));
        const { name, nameRange } = this.SUBRULE(this.fieldName);
        const value = this.SUBRULE(this.entryValue);
        this.ACTION(() => fields.push({ name, nameRange, value, optional: question !== undefined }));
      });
      this.CONSUME(this.#types.of.CloseMap);
      return fields;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly fieldName = this.RULE(
    'fieldName',
    (): { readonly name: string; readonly nameRange: Range } => {
      let result = { name: '', nameRange: this.#before() };
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(this.#types.name);
            this.ACTION(() => {
              result = { name: fieldOf(token), nameRange: rangeOf(token) };
            });
          },
        },
        {
          ALT: () => {
            this.ACTION(() => this.#expected(fieldName));
            this.OPTION({
              GATE: () => beginsValue(this.#nextName()),
              DEF: () => this.SUBRULE(this.expression),
            });
          },
        },
      ]);
      return result;
    },
    { recoveryValueFunc: () => ({ name: '', nameRange: this.#before() }) },
  );

  /** The colon and the value of an entry. */
  readonly entryValue = this.#rule('entryValue', () => {
    let value: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(this.#types.of.Colon);
      value = this.SUBRULE(this.part);
    });
    return this.ACTION(() => {
      if (value === undefined) this.#missesColon();
      return value ?? this.#hole(this.#lastEnd(), []);
    });
  });

  /** Elements with commas between, perhaps one behind, and, as the grammar has it, one where there is no element. */
  #commaSeparated(close: TokenName, element: () => void): void {
    const empty = this.#nextName() === close || (this.#nextName() === 'Comma' && nameOf(this.LA(2)) === close);
    if (this.RECORDING_PHASE || !empty) element();
    this.MANY(() => {
      this.CONSUME(this.#types.of.Comma);
      if (!this.RECORDING_PHASE && this.#nextName() !== close) element();
    });
  }

  #rule(name: string, implementation: () => Expression) {
    return this.RULE(name, implementation, { recoveryValueFunc: (error): Expression => this.#recovered(error) });
  }

  #nextName(): TokenName {
    return nameOf(this.LA(1));
  }

  #nextStart(): number {
    const { startOffset } = this.LA(1);
    return Number.isNaN(startOffset) ? this.#end : startOffset;
  }

  /** Where the token that was read last ends. */
  #lastEnd(): number {
    const { startOffset, image } = this.LA(0);
    return Number.isNaN(startOffset) ? 0 : startOffset + image.length;
  }

  #from(start: number): Range {
    return { start, end: Math.max(start, this.#lastEnd()) };
  }

  /** The empty range in front of the next token. */
  #before(): Range {
    const start = this.#nextStart();
    return { start, end: start };
  }

  #hole(start: number, parts: readonly Expression[]): Expression {
    return { kind: 'hole', range: this.#from(start), parts };
  }

  #recovered({ token }: IRecognitionException): Expression {
    const start = Number.isNaN(token.startOffset) ? this.#end : token.startOffset;
    return { kind: 'hole', range: { start, end: start }, parts: [] };
  }

  #stray(token: IToken): void {
    // Of `{a: 1 b: 2}` the missing comma has been told, and so it has of `a n [b, c]` that there is no operator.
    if (this.#problems.at(-1)?.kind === 'joint') return;
    this.#problems.push({ kind: 'expected', expected: 'an operator', found: token.image, range: rangeOf(token) });
  }

  #expected(expected: string): void {
    const next = this.LA(1);
    const range = next.image === '' ? this.#before() : rangeOf(next);
    this.#problems.push({ kind: 'expected', expected, found: next.image, range });
  }

  #missesColon(): void {
    const last = this.#problems.at(-1);
    const told = last?.kind === 'joint' || (last?.kind === 'expected' && last.expected === fieldName);
    if (!told) this.#expected('`:` and a value');
  }

  #noOtherwise(question: IToken, condition: Expression, then: Expression): void {
    if (condition.kind === 'hole' || then.kind === 'hole') return;
    const range = rangeOf(question);
    const first = then.kind === 'identifier' && then.rooted && then.range.start === range.end;
    if (first || (then.kind === 'select' && leftmost(then).range.start === range.end && isRooted(leftmost(then)))) {
      const spelt = { start: range.start, end: range.end + 1 };
      this.#problems.push({ kind: 'spelling', text: '?.', replacement: '.?', range: spelt });
      return;
    }
    this.#problems.push({ kind: 'no otherwise', range });
  }

  /** A point that no name follows. */
  #field(point: IToken, operand: Expression | undefined): void {
    const next = this.LA(1);
    const dot = rangeOf(point);
    if (operand?.kind === 'literal' && operand.value.type === 'int' && operand.range.end === dot.start) {
      const range = { start: operand.range.start, end: dot.end };
      this.#problems.push({ kind: 'number', text: `${operand.value.value}.`, range });
      return;
    }
    const range = next.image === '' ? dot : rangeOf(next);
    const replacement = nameOf(next) === 'String' && operand !== undefined ? `[${next.image}]` : undefined;
    this.#problems.push({
      kind: 'field',
      found: next.image,
      range,
      point: dot,
      ...(replacement === undefined ? {} : { replacement }),
    });
    if (nameOf(next) === 'String') this.SKIP_TOKEN();
  }

  /** Reports that an operand is missing, and gives the hole in its place. */
  #missesOperand(): Expression | undefined {
    if (this.RECORDING_PHASE) return undefined;
    const next = this.LA(1);
    if (beginsValue(nameOf(next))) return undefined;
    const last = this.LA(0);
    const range = this.#before();
    const hole: Expression = { kind: 'hole', range, parts: [] };
    if (tokenMatcher(last, this.#types.binary) || tokenMatcher(last, this.#types.prefix)) {
      this.#problems.push({ kind: 'operand', operator: last.image, side: 'right', range: rangeOf(last) });
    } else if (tokenMatcher(next, this.#types.binary)) {
      this.#problems.push({ kind: 'operand', operator: next.image, side: 'left', range: rangeOf(next) });
    } else {
      this.#expected('an expression');
    }
    return hole;
  }

  /** The operand with the first `count` of the operators in front of it. */
  #prefixed(marks: readonly IToken[], count: number, operand: Expression): Expression {
    let tree = operand;
    for (let at = count - 1; at >= 0; at -= 1) {
      const mark = marks[at]!;
      const operator = nameOf(mark) === 'Not' ? '!' : '-';
      tree = { kind: 'unary', range: this.#from(mark.startOffset), operator, operand: tree };
    }
    return tree;
  }

  /** Whether what follows `(type)` can only be what is to be converted. */
  #beginsCastOperand(): boolean {
    const next = this.LA(1);
    if (this.#casts > mostCasts) return false;
    return tokenMatcher(next, this.#types.literal) || tokenMatcher(next, this.#types.name) || nameOf(next) === 'Open';
  }

  #cast(open: IToken, close: IToken, type: Expression, operand: Expression, operandStart: number): Expression {
    const name = type.kind === 'identifier' ? type.name : '';
    const range = { start: open.startOffset, end: close.startOffset + close.image.length };
    const operandRange = this.#from(operandStart);
    this.#problems.push({ kind: 'cast', type: castTypes.get(name) ?? name, range, operand: operandRange });
    return {
      kind: 'call',
      range: this.#from(open.startOffset),
      name: castTypes.get(name) ?? name,
      nameRange: type.range,
      rooted: false,
      arguments: [operand],
    };
  }

  #checkName(token: IToken, called: boolean): void {
    const range = rangeOf(token);
    if (isEscaped(token)) {
      if (nameOf(token) === 'Escaped') {
        this.#problems.push({ kind: 'escaped name', reason: 'place', text: token.image, range });
      }
      return;
    }
    if (nameOf(token) !== 'Reserved' || (!called && this.#beginsMessage())) return;
    this.#problems.push({ kind: 'reserved', text: token.image, range });
  }

  /** Whether the name that was just read goes on as the name of a message. */
  #beginsMessage(): boolean {
    let ahead = 1;
    while (nameOf(this.LA(ahead)) === 'Dot' && ['Identifier', 'Reserved'].includes(nameOf(this.LA(ahead + 1)))) {
      ahead += 2;
    }
    return nameOf(this.LA(ahead)) === 'OpenMap';
  }
}

const mostCasts = 10;

const fieldName = 'the name of a field';

/** What programming languages convert with, and CEL's function for it. */
const castTypes: ReadonlyMap<string, string> = new Map([
  ...['int', 'uint', 'double', 'string', 'bool', 'bytes'].map((name) => [name, name] as const),
  ['float', 'double'],
  ['long', 'int'],
  ['boolean', 'bool'],
  ['String', 'string'],
]);

/** The message is what was expected; the place is the error's token. */
const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => (expected === EOF ? 'an operator' : tokenLabel(expected)),
  buildNotAllInputParsedMessage: () => 'an operator',
  buildNoViableAltMessage: () => 'an expression',
  buildEarlyExitMessage: () => 'an expression',
};

let parser: CelParser | undefined;

/** The parser, made when it is first asked for. */
export function celParser(): CelParser {
  parser ??= new CelParser();
  return parser;
}

function nameOf({ tokenType }: IToken): TokenName {
  return tokenName(tokenType);
}

function rangeOf({ startOffset, image }: IToken): Range {
  return { start: startOffset, end: startOffset + image.length };
}

function isEscaped(token: IToken): boolean {
  const name = nameOf(token);
  return name === 'Escaped' || name === 'BadEscaped';
}

function fieldOf(token: IToken): string {
  return isEscaped(token) ? token.image.replaceAll('`', '') : token.image;
}

function isKeyword(name: TokenName): boolean {
  return name === 'In' || name === 'True' || name === 'False' || name === 'Null';
}

function leftmost(expression: Expression): Expression {
  let part = expression;
  while (part.kind === 'select' || part.kind === 'index') part = part.operand;
  return part;
}

function isRooted(expression: Expression): boolean {
  return expression.kind === 'identifier' && expression.rooted;
}
