import { highestTree } from './limits.ts';
import { ListReader } from './list-reader.ts';
import { type EscapeProblem, readDouble, readInt, readQuoted, readUint } from './literal.ts';
import { messageName } from './message-name.ts';
import { binaryOperator, precedenceOf } from './operators.ts';
import type { Expression, Literal, Range } from './syntax-tree.ts';

/**
 * Reads an expression that is well formed, without Chevrotain.
 *
 * Nearly every expression is well formed, and needs none of what Chevrotain is for: several messages, and a tree in spite of
 * them. So this reads the same grammar (parser.ts) into the same tree, and where anything is amiss gives up without a word;
 * then Chevrotain reads the text from its start and says what is wrong. The tests hold the two together.
 *
 * @returns undefined where the expression is not well formed or beyond a limit
 */
export function readWellFormed(text: string): Expression | undefined {
  return new Reader(text).whole();
}

class Reader extends ListReader {
  whole(): Expression | undefined {
    this.scanner.next();
    const expression = this.expression();
    return this.scanner.name === 'End' && this.height <= highestTree ? expression : undefined;
  }

  protected expression(): Expression | undefined {
    const { start } = this.scanner;
    const condition = this.#operation(1);
    if (this.scanner.name !== 'Question' || condition === undefined) return condition;
    if (this.tooDeep()) return undefined;
    let height = this.height;
    this.take();
    const then = this.#operation(1);
    if (then === undefined || !this.took('Colon')) return undefined;
    height = Math.max(height, this.height);
    const otherwise = this.expression();
    if (otherwise === undefined) return undefined;
    this.depth -= 1;
    this.height = Math.max(height, this.height) + 1;
    return { kind: 'conditional', range: { start, end: this.ended }, condition, then, otherwise };
  }

  /** Binary operators that bind at least as tightly as `least`. */
  #operation(least: number): Expression | undefined {
    const scanner = this.scanner;
    const { start } = scanner;
    let left = this.#unary();
    for (;;) {
      const operator = binaryOperator(scanner.name);
      if (operator === undefined || left === undefined) return left;
      const precedence = precedenceOf(operator);
      if (precedence < least) return left;
      const operatorRange = this.range();
      const height = this.height;
      this.take();
      const right = this.#operation(precedence + 1);
      if (right === undefined) return undefined;
      this.height = Math.max(height, this.height) + 1;
      left = { kind: 'binary', range: { start, end: this.ended }, operator, operatorRange, left, right };
    }
  }

  /** @param negated whether `-` is in front already: then the next one is no sign of a number, as in cel-go */
  #unary(negated = false): Expression | undefined {
    const { name, start } = this.scanner;
    if (name !== 'Not' && name !== 'Minus') return this.#member();
    if (this.tooDeep()) return undefined;
    this.take();
    let expression: Expression | undefined;
    if (name === 'Minus' && !negated && this.#atSignedNumber()) {
      expression = this.#signedNumber(start);
    } else {
      // `!-x` and `-!x` are no CEL, but `!-1` is: the sign belongs to the number.
      const operand =
        this.scanner.name === name ? this.#unary(name === 'Minus') : name === 'Not' ? this.#negated() : this.#member();
      if (operand === undefined) return undefined;
      this.height += 1;
      expression = { kind: 'unary', range: { start, end: this.ended }, operator: name === 'Not' ? '!' : '-', operand };
    }
    this.depth -= 1;
    return expression;
  }

  #negated(): Expression | undefined {
    if (this.scanner.name !== 'Minus') return this.#member();
    const { start } = this.scanner;
    this.take();
    return this.#atSignedNumber() ? this.#signedNumber(start) : undefined;
  }

  #atSignedNumber(): boolean {
    const { name } = this.scanner;
    return name === 'Int' || name === 'Double';
  }

  #signedNumber(start: number): Expression | undefined {
    const image = this.text.slice(this.scanner.start, this.scanner.end);
    const value = this.scanner.name === 'Int' ? readInt(image, true) : readDouble(image, true);
    return this.#literal(start, value);
  }

  #member(): Expression | undefined {
    const scanner = this.scanner;
    const { start, end } = scanner;
    switch (scanner.name) {
      case 'Identifier': {
        const name = scanner.word;
        this.take();
        return this.#named(name, start, { start, end }, false);
      }
      case 'Dot': {
        this.take();
        if (!this.at('Identifier')) return undefined;
        const name = scanner.word;
        const range = this.range();
        this.take();
        return this.#named(name, start, range, true);
      }
      case 'String':
        if (!scanner.special) {
          return this.#literal(start, { type: 'string', value: this.text.slice(start + 1, end - 1) });
        }
        return this.#quoted(start, end);
      case 'Bytes':
        return this.#quoted(start, end);
      case 'Int':
        return this.#literal(start, readInt(this.text.slice(start, end), false));
      case 'Uint':
        return this.#literal(start, readUint(this.text.slice(start, end)));
      case 'Double':
        return this.#literal(start, readDouble(this.text.slice(start, end), false));
      case 'True':
      case 'False':
        return this.#literal(start, { type: 'bool', value: scanner.name === 'True' });
      case 'Null':
        return this.#literal(start, { type: 'null' });
      case 'Reserved':
        return this.#reserved();
      case 'Open': {
        if (this.tooDeep()) return undefined;
        this.take();
        const inner = this.expression();
        if (inner === undefined || !this.took('Close')) return undefined;
        this.depth -= 1;
        return this.#postfix(start, inner, false);
      }
      case 'OpenList': {
        const elements = this.elements();
        return elements && this.#postfix(start, { kind: 'list', range: { start, end: this.ended }, elements }, false);
      }
      case 'OpenMap': {
        const entries = this.entries();
        return entries && this.#postfix(start, { kind: 'map', range: { start, end: this.ended }, entries }, false);
      }
      default:
        return undefined;
    }
  }

  /** A reserved word names neither a variable nor a function, but a message's name may begin with it. */
  #reserved(): Expression | undefined {
    const { word, start, end } = this.scanner;
    this.take();
    if (this.scanner.name === 'Open') return undefined;
    const expression = this.#named(word, start, { start, end }, false);
    return expression !== undefined && beginsWithMessage(expression, end) ? expression : undefined;
  }

  #named(name: string, start: number, nameRange: Range, rooted: boolean): Expression | undefined {
    if (this.scanner.name !== 'Open') {
      this.height = 1;
      return this.#postfix(start, { kind: 'identifier', range: { start, end: this.ended }, name, rooted }, true);
    }
    const parts = this.arguments();
    if (parts === undefined) return undefined;
    const range = { start, end: this.ended };
    return this.#postfix(start, { kind: 'call', range, name, nameRange, rooted, arguments: parts }, false);
  }

  #literal(start: number, value: Literal | undefined): Expression | undefined {
    if (value === undefined) return undefined;
    this.take();
    this.height = 1;
    return this.#postfix(start, { kind: 'literal', range: { start, end: this.ended }, value }, false);
  }

  #quoted(start: number, end: number): Expression | undefined {
    const problems: EscapeProblem[] = [];
    const value = readQuoted(this.text, start, end, problems);
    return problems.length === 0 ? this.#literal(start, value) : undefined;
  }

  /**
   * What follows an operand whose height was just set.
   *
   * @param nameable whether the operand may be the name of a message
   */
  #postfix(start: number, operand: Expression, nameable: boolean): Expression | undefined {
    const scanner = this.scanner;
    let expression = operand;
    let named = nameable;
    for (;;) {
      switch (scanner.name) {
        case 'Dot': {
          this.take();
          const optional = this.took('Question');
          const { word } = scanner;
          const escaped = this.at('Escaped');
          if (!escaped && !this.at('Identifier') && !this.at('Reserved')) return undefined;
          const fieldRange = this.range();
          this.take();
          if (!optional && !escaped && this.at('Open')) {
            // A method may have a reserved name.
            const height = this.height;
            const parts = this.arguments();
            if (parts === undefined) return undefined;
            this.height = Math.max(height + 1, this.height);
            const range = { start, end: this.ended };
            expression = {
              kind: 'call',
              range,
              target: expression,
              name: word,
              nameRange: fieldRange,
              rooted: false,
              arguments: parts,
            };
            named = false;
            break;
          }
          const field = escaped ? this.text.slice(fieldRange.start + 1, fieldRange.end - 1) : word;
          named &&= !optional && !escaped;
          this.height += 1;
          const range = { start, end: this.ended };
          expression = { kind: 'select', range, operand: expression, field, fieldRange, optional };
          break;
        }
        case 'OpenList': {
          if (this.tooDeep()) return undefined;
          this.take();
          const height = this.height;
          const optional = this.took('Question');
          const index = this.expression();
          if (index === undefined || !this.took('CloseList')) return undefined;
          this.depth -= 1;
          this.height = Math.max(height, this.height) + 1;
          expression = { kind: 'index', range: { start, end: this.ended }, operand: expression, index, optional };
          named = false;
          break;
        }
        case 'OpenMap': {
          if (!named) return undefined;
          const name = messageName(expression);
          const fields = this.fields();
          if (fields === undefined) return undefined;
          expression = { kind: 'message', range: { start, end: this.ended }, ...name, fields };
          named = false;
          break;
        }
        default:
          return expression;
      }
    }
  }
}

/** Whether the reserved word that ends there belongs to a message's name. */
function beginsWithMessage(expression: Expression, end: number): boolean {
  let part: Expression | undefined = expression;
  while (part !== undefined) {
    if (part.kind === 'message' && part.nameRange.start < end) return true;
    part =
      part.kind === 'select' || part.kind === 'index' ? part.operand : part.kind === 'call' ? part.target : undefined;
  }
  return false;
}
