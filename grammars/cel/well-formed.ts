import { deepestNesting, highestTree } from './limits.ts';
import { type EscapeProblem, readDouble, readInt, readQuoted, readUint } from './literal.ts';
import { messageName } from './message-name.ts';
import { binaryOperator, precedenceOf } from './operators.ts';
import { Scanner } from './scan.ts';
import type { Element, Expression, Literal, MapEntry, MessageField, Range } from './syntax-tree.ts';
import type { TokenName } from './tokens.ts';

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

class Reader {
  readonly #text: string;
  readonly #scanner: Scanner;
  /** Where the last token that was taken ends. */
  #ended = 0;
  /** How deep in brackets, prefix operators and conditionals the reader is. */
  #depth = 0;
  /** Of the expression that was read last. */
  #height = 0;

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new Scanner(text);
  }

  whole(): Expression | undefined {
    this.#scanner.next();
    const expression = this.#expression();
    return this.#scanner.name === 'End' && this.#height <= highestTree ? expression : undefined;
  }

  #expression(): Expression | undefined {
    const { start } = this.#scanner;
    const condition = this.#operation(1);
    if (this.#scanner.name !== 'Question' || condition === undefined) return condition;
    if (this.#tooDeep()) return undefined;
    let height = this.#height;
    this.#take();
    const then = this.#operation(1);
    if (then === undefined || !this.#took('Colon')) return undefined;
    height = Math.max(height, this.#height);
    const otherwise = this.#expression();
    if (otherwise === undefined) return undefined;
    this.#depth -= 1;
    this.#height = Math.max(height, this.#height) + 1;
    return { kind: 'conditional', range: { start, end: this.#ended }, condition, then, otherwise };
  }

  /** Binary operators that bind at least as tightly as `least`. */
  #operation(least: number): Expression | undefined {
    const scanner = this.#scanner;
    const { start } = scanner;
    let left = this.#unary();
    for (;;) {
      const operator = binaryOperator(scanner.name);
      if (operator === undefined || left === undefined) return left;
      const precedence = precedenceOf(operator);
      if (precedence < least) return left;
      const operatorRange = this.#range();
      const height = this.#height;
      this.#take();
      const right = this.#operation(precedence + 1);
      if (right === undefined) return undefined;
      this.#height = Math.max(height, this.#height) + 1;
      left = { kind: 'binary', range: { start, end: this.#ended }, operator, operatorRange, left, right };
    }
  }

  /** @param negated whether `-` is in front already: then the next one is no sign of a number, as in cel-go */
  #unary(negated = false): Expression | undefined {
    const { name, start } = this.#scanner;
    if (name !== 'Not' && name !== 'Minus') return this.#member();
    if (this.#tooDeep()) return undefined;
    this.#take();
    let expression: Expression | undefined;
    if (name === 'Minus' && !negated && this.#atSignedNumber()) {
      expression = this.#signedNumber(start);
    } else {
      // `!-x` and `-!x` are no CEL, but `!-1` is: the sign belongs to the number.
      const operand =
        this.#scanner.name === name ? this.#unary(name === 'Minus') : name === 'Not' ? this.#negated() : this.#member();
      if (operand === undefined) return undefined;
      this.#height += 1;
      expression = { kind: 'unary', range: { start, end: this.#ended }, operator: name === 'Not' ? '!' : '-', operand };
    }
    this.#depth -= 1;
    return expression;
  }

  #negated(): Expression | undefined {
    if (this.#scanner.name !== 'Minus') return this.#member();
    const { start } = this.#scanner;
    this.#take();
    return this.#atSignedNumber() ? this.#signedNumber(start) : undefined;
  }

  #atSignedNumber(): boolean {
    const { name } = this.#scanner;
    return name === 'Int' || name === 'Double';
  }

  #signedNumber(start: number): Expression | undefined {
    const image = this.#text.slice(this.#scanner.start, this.#scanner.end);
    const value = this.#scanner.name === 'Int' ? readInt(image, true) : readDouble(image, true);
    return this.#literal(start, value);
  }

  #member(): Expression | undefined {
    const scanner = this.#scanner;
    const { start, end } = scanner;
    switch (scanner.name) {
      case 'Identifier': {
        const name = scanner.word;
        this.#take();
        return this.#named(name, start, { start, end }, false);
      }
      case 'Dot': {
        this.#take();
        if (!this.#at('Identifier')) return undefined;
        const name = scanner.word;
        const range = this.#range();
        this.#take();
        return this.#named(name, start, range, true);
      }
      case 'String':
        if (!scanner.special) {
          return this.#literal(start, { type: 'string', value: this.#text.slice(start + 1, end - 1) });
        }
        return this.#quoted(start, end);
      case 'Bytes':
        return this.#quoted(start, end);
      case 'Int':
        return this.#literal(start, readInt(this.#text.slice(start, end), false));
      case 'Uint':
        return this.#literal(start, readUint(this.#text.slice(start, end)));
      case 'Double':
        return this.#literal(start, readDouble(this.#text.slice(start, end), false));
      case 'True':
      case 'False':
        return this.#literal(start, { type: 'bool', value: scanner.name === 'True' });
      case 'Null':
        return this.#literal(start, { type: 'null' });
      case 'Reserved':
        return this.#reserved();
      case 'Open': {
        if (this.#tooDeep()) return undefined;
        this.#take();
        const inner = this.#expression();
        if (inner === undefined || !this.#took('Close')) return undefined;
        this.#depth -= 1;
        return this.#postfix(start, inner, false);
      }
      case 'OpenList':
        return this.#list(start);
      case 'OpenMap':
        return this.#map(start);
      default:
        return undefined;
    }
  }

  /** A reserved word names neither a variable nor a function, but a message's name may begin with it. */
  #reserved(): Expression | undefined {
    const { word, start, end } = this.#scanner;
    this.#take();
    if (this.#scanner.name === 'Open') return undefined;
    const expression = this.#named(word, start, { start, end }, false);
    return expression !== undefined && beginsWithMessage(expression, end) ? expression : undefined;
  }

  #named(name: string, start: number, nameRange: Range, rooted: boolean): Expression | undefined {
    if (this.#scanner.name !== 'Open') {
      this.#height = 1;
      return this.#postfix(start, { kind: 'identifier', range: { start, end: this.#ended }, name, rooted }, true);
    }
    const parts = this.#arguments();
    if (parts === undefined) return undefined;
    const range = { start, end: this.#ended };
    return this.#postfix(start, { kind: 'call', range, name, nameRange, rooted, arguments: parts }, false);
  }

  #literal(start: number, value: Literal | undefined): Expression | undefined {
    if (value === undefined) return undefined;
    this.#take();
    this.#height = 1;
    return this.#postfix(start, { kind: 'literal', range: { start, end: this.#ended }, value }, false);
  }

  #quoted(start: number, end: number): Expression | undefined {
    const problems: EscapeProblem[] = [];
    const value = readQuoted(this.#text, start, end, problems);
    return problems.length === 0 ? this.#literal(start, value) : undefined;
  }

  /**
   * What follows an operand whose height was just set.
   *
   * @param nameable whether the operand may be the name of a message
   */
  #postfix(start: number, operand: Expression, nameable: boolean): Expression | undefined {
    const scanner = this.#scanner;
    let expression = operand;
    let named = nameable;
    for (;;) {
      switch (scanner.name) {
        case 'Dot': {
          this.#take();
          const optional = this.#took('Question');
          const { word } = scanner;
          const escaped = this.#at('Escaped');
          if (!escaped && !this.#at('Identifier') && !this.#at('Reserved')) return undefined;
          const fieldRange = this.#range();
          this.#take();
          if (!optional && !escaped && this.#at('Open')) {
            // A method may have a reserved name.
            const height = this.#height;
            const parts = this.#arguments();
            if (parts === undefined) return undefined;
            this.#height = Math.max(height + 1, this.#height);
            const range = { start, end: this.#ended };
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
          const field = escaped ? this.#text.slice(fieldRange.start + 1, fieldRange.end - 1) : word;
          named &&= !optional && !escaped;
          this.#height += 1;
          const range = { start, end: this.#ended };
          expression = { kind: 'select', range, operand: expression, field, fieldRange, optional };
          break;
        }
        case 'OpenList': {
          if (this.#tooDeep()) return undefined;
          this.#take();
          const height = this.#height;
          const optional = this.#took('Question');
          const index = this.#expression();
          if (index === undefined || !this.#took('CloseList')) return undefined;
          this.#depth -= 1;
          this.#height = Math.max(height, this.#height) + 1;
          expression = { kind: 'index', range: { start, end: this.#ended }, operand: expression, index, optional };
          named = false;
          break;
        }
        case 'OpenMap': {
          if (!named) return undefined;
          const name = messageName(expression);
          const fields = this.#fields();
          if (fields === undefined) return undefined;
          expression = { kind: 'message', range: { start, end: this.#ended }, ...name, fields };
          named = false;
          break;
        }
        default:
          return expression;
      }
    }
  }

  /** Sets the height of the call. */
  #arguments(): readonly Expression[] | undefined {
    if (this.#tooDeep()) return undefined;
    this.#take();
    const parts: Expression[] = [];
    let height = 0;
    if (this.#scanner.name !== 'Close') {
      do {
        const part = this.#expression();
        if (part === undefined) return undefined;
        parts.push(part);
        height = Math.max(height, this.#height);
      } while (this.#took('Comma'));
    }
    if (!this.#took('Close')) return undefined;
    this.#depth -= 1;
    this.#height = height + 1;
    return parts;
  }

  #list(start: number): Expression | undefined {
    let height = 0;
    const elements = this.#items<Element>('CloseList', () => {
      const optional = this.#took('Question');
      const value = this.#expression();
      height = Math.max(height, this.#height);
      return value && { value, optional };
    });
    this.#height = height + 1;
    return elements && this.#postfix(start, { kind: 'list', range: { start, end: this.#ended }, elements }, false);
  }

  #map(start: number): Expression | undefined {
    let height = 0;
    const entries = this.#items<MapEntry>('CloseMap', () => {
      const optional = this.#took('Question');
      const key = this.#expression();
      height = Math.max(height, this.#height);
      if (key === undefined || !this.#took('Colon')) return undefined;
      const value = this.#expression();
      height = Math.max(height, this.#height);
      return value && { key, value, optional };
    });
    this.#height = height + 1;
    return entries && this.#postfix(start, { kind: 'map', range: { start, end: this.#ended }, entries }, false);
  }

  #fields(): readonly MessageField[] | undefined {
    let height = 0;
    const fields = this.#items<MessageField>('CloseMap', () => {
      const optional = this.#took('Question');
      const { name: kind, word } = this.#scanner;
      if (kind !== 'Identifier' && kind !== 'Reserved' && kind !== 'Escaped') return undefined;
      const nameRange = this.#range();
      const name = kind === 'Escaped' ? this.#text.slice(nameRange.start + 1, nameRange.end - 1) : word;
      this.#take();
      if (!this.#took('Colon')) return undefined;
      const value = this.#expression();
      height = Math.max(height, this.#height);
      return value && { name, nameRange, value, optional };
    });
    this.#height = height + 1;
    return fields;
  }

  /** From the opening bracket to the closing one, with commas between and perhaps one behind. */
  #items<Item>(close: TokenName, read: () => Item | undefined): readonly Item[] | undefined {
    if (this.#tooDeep()) return undefined;
    this.#take();
    const items: Item[] = [];
    while (!this.#at(close) && !this.#at('Comma')) {
      const item = read();
      if (item === undefined) return undefined;
      items.push(item);
      if (!this.#took('Comma')) break;
      if (this.#at('Comma')) return undefined;
    }
    // The grammar allows a comma even where nothing stands in front of it.
    if (items.length === 0) this.#took('Comma');
    if (!this.#took(close)) return undefined;
    this.#depth -= 1;
    return items;
  }

  #range(): Range {
    return { start: this.#scanner.start, end: this.#scanner.end };
  }

  #take(): void {
    this.#ended = this.#scanner.end;
    this.#scanner.next();
  }

  #at(name: TokenName): boolean {
    return this.#scanner.name === name;
  }

  #took(name: TokenName): boolean {
    if (this.#scanner.name !== name) return false;
    this.#take();
    return true;
  }

  #tooDeep(): boolean {
    this.#depth += 1;
    return this.#depth > deepestNesting;
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
