import { deepestNesting } from './limits.ts';
import { Scanner } from './scan.ts';
import type { Element, Expression, MapEntry, MessageField, Range } from './syntax-tree.ts';
import type { TokenName } from './tokens.ts';

/**
 * The part of a reader of well-formed expressions for what has commas between: the arguments of a call, the elements of a
 * list, the entries of a map, the fields of a message.
 */
export abstract class ListReader {
  protected readonly text: string;
  protected readonly scanner: Scanner;
  /** Where the last token that was taken ends. */
  protected ended = 0;
  /** How deep in brackets, prefix operators and conditionals the reader is. */
  protected depth = 0;
  /** Of the expression that was read last. */
  protected height = 0;

  constructor(text: string) {
    this.text = text;
    this.scanner = new Scanner(text);
  }

  protected abstract expression(): Expression | undefined;

  /** The arguments of a call, with their parentheses; sets the height of the call. */
  protected arguments(): readonly Expression[] | undefined {
    if (this.tooDeep()) return undefined;
    this.take();
    const parts: Expression[] = [];
    let height = 0;
    if (this.scanner.name !== 'Close') {
      do {
        const part = this.expression();
        if (part === undefined) return undefined;
        parts.push(part);
        height = Math.max(height, this.height);
      } while (this.took('Comma'));
    }
    if (!this.took('Close')) return undefined;
    this.depth -= 1;
    this.height = height + 1;
    return parts;
  }

  /** The elements of a list, with their brackets; sets the height of the list. */
  protected elements(): readonly Element[] | undefined {
    let height = 0;
    const elements = this.#items<Element>('CloseList', () => {
      const optional = this.took('Question');
      const value = this.expression();
      height = Math.max(height, this.height);
      return value && { value, optional };
    });
    this.height = height + 1;
    return elements;
  }

  /** The entries of a map, with their braces; sets the height of the map. */
  protected entries(): readonly MapEntry[] | undefined {
    let height = 0;
    const entries = this.#items<MapEntry>('CloseMap', () => {
      const optional = this.took('Question');
      const key = this.expression();
      height = Math.max(height, this.height);
      if (key === undefined || !this.took('Colon')) return undefined;
      const value = this.expression();
      height = Math.max(height, this.height);
      return value && { key, value, optional };
    });
    this.height = height + 1;
    return entries;
  }

  /** The fields of a message, with their braces; sets the height of the message. */
  protected fields(): readonly MessageField[] | undefined {
    let height = 0;
    const fields = this.#items<MessageField>('CloseMap', () => {
      const optional = this.took('Question');
      const { name: kind, word } = this.scanner;
      if (kind !== 'Identifier' && kind !== 'Reserved' && kind !== 'Escaped') return undefined;
      const nameRange = this.range();
      const name = kind === 'Escaped' ? this.text.slice(nameRange.start + 1, nameRange.end - 1) : word;
      this.take();
      if (!this.took('Colon')) return undefined;
      const value = this.expression();
      height = Math.max(height, this.height);
      return value && { name, nameRange, value, optional };
    });
    this.height = height + 1;
    return fields;
  }

  /** From the opening bracket to the closing one, with commas between and perhaps one behind. */
  #items<Item>(close: TokenName, read: () => Item | undefined): readonly Item[] | undefined {
    if (this.tooDeep()) return undefined;
    this.take();
    const items: Item[] = [];
    while (!this.at(close) && !this.at('Comma')) {
      const item = read();
      if (item === undefined) return undefined;
      items.push(item);
      if (!this.took('Comma')) break;
      if (this.at('Comma')) return undefined;
    }
    // The grammar allows a comma even where nothing stands in front of it.
    if (items.length === 0) this.took('Comma');
    if (!this.took(close)) return undefined;
    this.depth -= 1;
    return items;
  }

  protected range(): Range {
    return { start: this.scanner.start, end: this.scanner.end };
  }

  protected take(): void {
    this.ended = this.scanner.end;
    this.scanner.next();
  }

  protected at(name: TokenName): boolean {
    return this.scanner.name === name;
  }

  protected took(name: TokenName): boolean {
    if (this.scanner.name !== name) return false;
    this.take();
    return true;
  }

  protected tooDeep(): boolean {
    this.depth += 1;
    return this.depth > deepestNesting;
  }
}
