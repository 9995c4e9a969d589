import { type IToken, type ParserMethod, tokenMatcher } from 'chevrotain';
import { messageName } from '../message-name.ts';
import type { Expression } from '../syntax-tree.ts';
import { ListParser } from './lists.ts';
import { fieldOf, isEscaped, isKeyword, nameOf, rangeOf } from './token.ts';

/** What stands between operators: literals, names, what is in brackets, and what is taken of them. */
export abstract class OperandParser extends ListParser {
  /** Declared in cel-parser.ts. */
  abstract readonly enclosed: ParserMethod<[], Expression>;
  /** How many casts the parser is in: they nest without brackets in each other. */
  #casts = 0;

  /** Forgets the casts that an error of the text before has left open. */
  protected beginOperands(): void {
    this.#casts = 0;
  }

  /** @param sign where the sign of a negative number stands */
  readonly member = this.RULE(
    'member',
    (sign?: number): Expression => {
      const start = sign ?? this.nextStart();
      let tree = this.SUBRULE(this.primary, { ARGS: [start] });
      // `(a.b){}` builds no message.
      let nameable = this.ACTION(() => tree.kind === 'identifier' && tree.range.start === start);
      this.MANY({
        GATE: () => nameable || this.nextName() !== 'OpenMap',
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
                this.CONSUME(this.types.of.OpenList);
                const question = this.OPTION(() => this.CONSUME(this.types.of.Question));
                const index = this.SUBRULE(this.enclosed);
                this.CONSUME(this.types.of.CloseList);
                this.ACTION(() => {
                  nameable = false;
                  const optional = question !== undefined;
                  tree = { kind: 'index', range: this.rangeFrom(start), operand: tree, index, optional };
                });
              },
            },
            {
              ALT: () => {
                const fields = this.SUBRULE(this.fields);
                this.ACTION(() => {
                  nameable = false;
                  tree = { kind: 'message', range: this.rangeFrom(start), ...messageName(tree), fields };
                });
              },
            },
            {
              ALT: () => {
                const open = this.LA(1);
                const parts = this.SUBRULE(this.parts);
                this.ACTION(() => {
                  nameable = false;
                  this.problems.push({ kind: 'not callable', range: rangeOf(open) });
                  tree = this.hole(start, [tree, ...parts]);
                });
              },
            },
          ]);
        },
      });
      return tree;
    },
    { recoveryValueFunc: (error): Expression => this.recovered(error) },
  );

  readonly primary = this.RULE(
    'primary',
    (start: number): Expression =>
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(this.types.literal);
            return this.ACTION((): Expression => {
              const value = this.literals.get(token.startOffset);
              const range = this.rangeFrom(start);
              return value === undefined ? { kind: 'hole', range, parts: [] } : { kind: 'literal', range, value };
            });
          },
        },
        { ALT: () => this.SUBRULE(this.named, { ARGS: [start, false] }) },
        {
          ALT: () => {
            const point = this.CONSUME(this.types.of.Dot);
            if (!this.RECORDING_PHASE && !tokenMatcher(this.LA(1), this.types.name)) {
              this.reportField(point, undefined);
              return this.hole(start, []);
            }
            return this.SUBRULE1(this.named, { ARGS: [start, true] });
          },
        },
        {
          ALT: () => {
            const open = this.CONSUME(this.types.of.Open);
            const inner = this.SUBRULE(this.enclosed);
            const close = this.CONSUME(this.types.of.Close);
            let tree = inner;
            this.OPTION({
              GATE: () => inner.kind === 'identifier' && castTypes.has(inner.name) && this.#beginsCastOperand(),
              DEF: () => {
                const operandStart = this.nextStart();
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
            return this.ACTION(() => ({ kind: 'list', range: this.rangeFrom(start), elements }) as const);
          },
        },
        {
          ALT: () => {
            const entries = this.SUBRULE(this.entries);
            return this.ACTION(() => ({ kind: 'map', range: this.rangeFrom(start), entries }) as const);
          },
        },
      ]),
    { recoveryValueFunc: (error): Expression => this.recovered(error) },
  );

  /** A variable or a call of a function. */
  readonly named = this.RULE(
    'named',
    (start: number, rooted: boolean): Expression => {
      const token = this.CONSUME(this.types.name);
      const identifier = this.ACTION(
        (): Expression => ({ kind: 'identifier', range: this.rangeFrom(start), name: fieldOf(token), rooted }),
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
            tree = {
              kind: 'call',
              range: this.rangeFrom(start),
              name: token.image,
              nameRange,
              rooted,
              arguments: parts,
            };
          });
        },
      });
      this.ACTION(() => this.checkName(token, called));
      return tree;
    },
    { recoveryValueFunc: (error): Expression => this.recovered(error) },
  );

  /** `.field`, `.?field`, `.method(…)`. */
  readonly selection = this.RULE(
    'selection',
    (start: number, operand: Expression): { readonly expression: Expression; readonly nameable: boolean } => {
      const point = this.CONSUME(this.types.of.Dot);
      const question = this.OPTION1(() => this.CONSUME(this.types.of.Question));
      if (!this.RECORDING_PHASE && !tokenMatcher(this.LA(1), this.types.name)) {
        if (!isKeyword(this.nextName())) {
          this.reportField(point, operand);
          return { expression: this.hole(start, [operand]), nameable: false };
        }
        const token = this.LA(1);
        this.problems.push({
          kind: 'field',
          found: token.image,
          replacement: `.\`${token.image}\``,
          range: rangeOf(token),
          point: rangeOf(point),
        });
      }
      const token = this.OR([
        { ALT: () => this.CONSUME(this.types.name) },
        { ALT: () => this.CONSUME(this.types.of.In) },
        { ALT: () => this.CONSUME(this.types.of.True) },
        { ALT: () => this.CONSUME(this.types.of.False) },
        { ALT: () => this.CONSUME(this.types.of.Null) },
      ]);
      const selected = this.ACTION((): { readonly expression: Expression; readonly nameable: boolean } => {
        const optional = question !== undefined;
        const expression: Expression = {
          kind: 'select',
          range: this.rangeFrom(start),
          operand,
          field: fieldOf(token),
          fieldRange: rangeOf(token),
          optional,
        };
        return { expression, nameable: !optional && tokenMatcher(token, this.types.name) && !isEscaped(token) };
      });
      let result = selected;
      this.OPTION2({
        GATE: () => question === undefined && !isEscaped(token),
        DEF: () => {
          const parts = this.SUBRULE(this.parts);
          this.ACTION(() => {
            const expression: Expression = {
              kind: 'call',
              range: this.rangeFrom(start),
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
    { recoveryValueFunc: (error) => ({ expression: this.recovered(error), nameable: false }) },
  );

  /** Whether what follows `(type)` can only be what is to be converted. */
  #beginsCastOperand(): boolean {
    const next = this.LA(1);
    if (this.#casts > mostCasts) return false;
    return tokenMatcher(next, this.types.literal) || tokenMatcher(next, this.types.name) || nameOf(next) === 'Open';
  }

  #cast(open: IToken, close: IToken, type: Expression, operand: Expression, operandStart: number): Expression {
    const name = type.kind === 'identifier' ? type.name : '';
    const range = { start: open.startOffset, end: close.startOffset + close.image.length };
    const operandRange = this.rangeFrom(operandStart);
    this.problems.push({ kind: 'cast', type: castTypes.get(name) ?? name, range, operand: operandRange });
    return {
      kind: 'call',
      range: this.rangeFrom(open.startOffset),
      name: castTypes.get(name) ?? name,
      nameRange: type.range,
      rooted: false,
      arguments: [operand],
    };
  }
}

const mostCasts = 10;

/** What programming languages convert with, and CEL's function for it. */
const castTypes: ReadonlyMap<string, string> = new Map([
  ...['int', 'uint', 'double', 'string', 'bool', 'bytes'].map((name) => [name, name] as const),
  ['float', 'double'],
  ['long', 'int'],
  ['boolean', 'bool'],
  ['String', 'string'],
]);
