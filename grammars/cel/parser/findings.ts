import { type IToken, tokenMatcher } from 'chevrotain';
import type { Expression } from '../syntax-tree.ts';
import { beginsValue } from '../value-tokens.ts';
import { ParserState } from './state.ts';
import { isEscaped, nameOf, rangeOf } from './token.ts';

/** What is expected in front of the colon in a message's braces. */
export const fieldName = 'the name of a field';

/** What is said of text that is only nearly CEL, and what is not said because something before it says it already. */
export abstract class ReportingParser extends ParserState {
  protected reportStray(token: IToken): void {
    // Of `{a: 1 b: 2}` the missing comma has been told, and so it has of `a n [b, c]` that there is no operator.
    if (this.problems.at(-1)?.kind === 'joint') return;
    this.problems.push({ kind: 'expected', expected: 'an operator', found: token.image, range: rangeOf(token) });
  }

  protected reportExpected(expected: string): void {
    const next = this.LA(1);
    const range = next.image === '' ? this.beforeNext() : rangeOf(next);
    this.problems.push({ kind: 'expected', expected, found: next.image, range });
  }

  protected reportMissingColon(): void {
    const last = this.problems.at(-1);
    const told = last?.kind === 'joint' || (last?.kind === 'expected' && last.expected === fieldName);
    if (!told) this.reportExpected('`:` and a value');
  }

  protected reportNoOtherwise(question: IToken, condition: Expression, then: Expression): void {
    if (condition.kind === 'hole' || then.kind === 'hole') return;
    const range = rangeOf(question);
    const first = then.kind === 'identifier' && then.rooted && then.range.start === range.end;
    if (first || (then.kind === 'select' && leftmost(then).range.start === range.end && isRooted(leftmost(then)))) {
      const spelt = { start: range.start, end: range.end + 1 };
      this.problems.push({ kind: 'spelling', text: '?.', replacement: '.?', range: spelt });
      return;
    }
    this.problems.push({ kind: 'no otherwise', range });
  }

  /** A point that no name follows. */
  protected reportField(point: IToken, operand: Expression | undefined): void {
    const next = this.LA(1);
    const dot = rangeOf(point);
    if (operand?.kind === 'literal' && operand.value.type === 'int' && operand.range.end === dot.start) {
      const range = { start: operand.range.start, end: dot.end };
      this.problems.push({ kind: 'number', text: `${operand.value.value}.`, range });
      return;
    }
    const range = next.image === '' ? dot : rangeOf(next);
    const replacement = nameOf(next) === 'String' && operand !== undefined ? `[${next.image}]` : undefined;
    this.problems.push({
      kind: 'field',
      found: next.image,
      range,
      point: dot,
      ...(replacement === undefined ? {} : { replacement }),
    });
    if (nameOf(next) === 'String') this.SKIP_TOKEN();
  }

  /** Reports that an operand is missing, and gives the hole in its place. */
  protected missingOperand(): Expression | undefined {
    if (this.RECORDING_PHASE) return undefined;
    const next = this.LA(1);
    if (beginsValue(nameOf(next))) return undefined;
    const last = this.LA(0);
    const range = this.beforeNext();
    const hole: Expression = { kind: 'hole', range, parts: [] };
    if (tokenMatcher(last, this.types.binary) || tokenMatcher(last, this.types.prefix)) {
      this.problems.push({ kind: 'operand', operator: last.image, side: 'right', range: rangeOf(last) });
    } else if (tokenMatcher(next, this.types.binary)) {
      this.problems.push({ kind: 'operand', operator: next.image, side: 'left', range: rangeOf(next) });
    } else {
      this.reportExpected('an expression');
    }
    return hole;
  }

  protected checkName(token: IToken, called: boolean): void {
    const range = rangeOf(token);
    if (isEscaped(token)) {
      if (nameOf(token) === 'Escaped') {
        this.problems.push({ kind: 'escaped name', reason: 'place', text: token.image, range });
      }
      return;
    }
    if (nameOf(token) !== 'Reserved' || (!called && this.#beginsMessage())) return;
    this.problems.push({ kind: 'reserved', text: token.image, range });
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

function leftmost(expression: Expression): Expression {
  let part = expression;
  while (part.kind === 'select' || part.kind === 'index') part = part.operand;
  return part;
}

function isRooted(expression: Expression): boolean {
  return expression.kind === 'identifier' && expression.rooted;
}
