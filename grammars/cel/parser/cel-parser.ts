import type { IToken } from 'chevrotain';
import { type Operand, operatorsToTree } from '../operations.ts';
import { binaryOperator } from '../operators.ts';
import type { BinaryOperator, Expression, Range } from '../syntax-tree.ts';
import { beginsValue } from '../value-tokens.ts';
import { OperandParser } from './operands.ts';
import type { ParserInput, ParserOutput } from './state.ts';
import { nameOf, rangeOf } from './token.ts';

/**
 * CEL and what is nearly CEL. It reads tokens whose brackets are balanced (repair.ts) and has productions for what people
 * leave out or write too much, each with its problem; Chevrotain's own recovery is left for what no production foresees.
 * Of well-formed text it makes the tree that well-formed.ts makes.
 *
 * To Chevrotain a parser is one object: the rules of lists.ts and operands.ts are inherited.
 */
class CelParser extends OperandParser {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** The tokens are forgotten afterwards. */
  parse({ tokens, literals, end }: ParserInput): ParserOutput {
    this.problems = [];
    this.literals = literals;
    this.end = end;
    this.beginOperands();
    this.input = tokens;
    const tree = this.enclosed();
    const result = { tree, problems: this.problems, errors: this.errors };
    this.input = [];
    this.literals = new Map();
    return result;
  }

  /** An expression, and commas and colons that have no business where it stands. */
  readonly enclosed = this.expressionRule('enclosed', () => {
    const start = this.nextStart();
    const parts = [this.SUBRULE1(this.expression)];
    this.MANY(() => {
      const stray = this.OR([
        { ALT: () => this.CONSUME(this.types.of.Comma) },
        { ALT: () => this.CONSUME(this.types.of.Colon) },
      ]);
      this.ACTION(() => this.reportStray(stray));
      this.OPTION({
        GATE: () => beginsValue(this.nextName()),
        DEF: () => parts.push(this.SUBRULE2(this.expression)),
      });
    });
    return this.ACTION(() => (parts.length === 1 ? parts[0]! : this.hole(start, parts)));
  });

  readonly expression = this.expressionRule('expression', () => {
    const start = this.nextStart();
    const condition = this.SUBRULE1(this.operation);
    let tree = condition;
    this.OPTION1(() => {
      const question = this.CONSUME(this.types.of.Question);
      const thenStart = this.nextStart();
      const then = this.SUBRULE2(this.expression);
      const thenEnd = this.lastEnd();
      let otherwise: Expression | undefined;
      this.OPTION2(() => {
        this.CONSUME(this.types.of.Colon);
        otherwise = this.SUBRULE3(this.expression);
      });
      this.ACTION(() => {
        if (otherwise === undefined) {
          this.reportNoOtherwise(question, condition, then);
          tree = this.hole(start, [condition, then]);
          return;
        }
        // Parentheses around it would not belong to its range.
        if (then.kind === 'conditional' && then.range.start === thenStart && then.range.end === thenEnd) {
          this.problems.push({ kind: 'nested conditional', range: then.range });
        }
        tree = { kind: 'conditional', range: this.rangeFrom(start), condition, then, otherwise };
      });
    });
    return tree;
  });

  /** Operands and the operators between them; a tree is made of them afterwards, by how tightly they bind. */
  readonly operation = this.expressionRule('operation', () => {
    const operands: Operand[] = [];
    const operators: { operator: BinaryOperator | undefined; range: Range }[] = [];
    const add = (start: number, expression: Expression) =>
      this.ACTION(() => operands.push({ expression, start, end: this.lastEnd() }));
    const firstStart = this.nextStart();
    add(firstStart, this.SUBRULE1(this.operand));
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const mark = this.CONSUME(this.types.binary);
            this.ACTION(() => {
              operators.push({ operator: binaryOperator(nameOf(mark)) ?? '==', range: rangeOf(mark) });
            });
            const start = this.nextStart();
            add(start, this.SUBRULE2(this.operand));
          },
        },
        {
          ALT: () => {
            const start = this.nextStart();
            this.ACTION(() => {
              const next = this.LA(1);
              this.problems.push({ kind: 'joint', found: next.image, range: rangeOf(next) });
              operators.push({ operator: undefined, range: { start, end: start } });
            });
            add(start, this.SUBRULE3(this.operand));
          },
        },
      ]);
    });
    return this.ACTION(() => operatorsToTree(operands, operators));
  });

  readonly operand = this.expressionRule('operand', () => {
    const start = this.nextStart();
    const marks: IToken[] = [];
    this.MANY(() => {
      marks.push(this.CONSUME(this.types.prefix));
    });
    const missing = this.missingOperand();
    if (missing !== undefined) return this.#prefixed(marks, marks.length, missing);
    const next = this.nextName();
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
        const range = { start: marks[mixed]!.startOffset, end: this.lastEnd() };
        this.problems.push({ kind: 'mixed prefix', range });
        return this.hole(start, [tree]);
      }
      return tree;
    });
  });

  /** The operand with the first `count` of the operators in front of it. */
  #prefixed(marks: readonly IToken[], count: number, operand: Expression): Expression {
    let tree = operand;
    for (let at = count - 1; at >= 0; at -= 1) {
      const mark = marks[at]!;
      const operator = nameOf(mark) === 'Not' ? '!' : '-';
      tree = { kind: 'unary', range: this.rangeFrom(mark.startOffset), operator, operand: tree };
    }
    return tree;
  }
}

let parser: CelParser | undefined;

/** The parser, made when it is first asked for. */
export function celParser(): CelParser {
  parser ??= new CelParser();
  return parser;
}
