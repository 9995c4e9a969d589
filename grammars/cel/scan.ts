import type { Range } from './syntax-tree.ts';
import { reservedWords, type TokenName } from './tokens.ts';

/** One token: where it stands and what the table calls it. */
export interface Token extends Range {
  readonly name: TokenName;
}

/**
 * Reads one token after the other, without white space and comments. At the end of the text the token is `End`, as often as
 * it is asked for.
 */
export class Scanner {
  readonly #text: string;
  readonly #comments: Range[] | undefined;
  name: TokenName = 'End';
  start = 0;
  end = 0;
  /** The word of a name or keyword. */
  word = '';
  /** Whether a string has anything but itself between its quotes: escapes, a prefix or three quotes. */
  special = false;

  /** @param comments takes the places of the comments */
  constructor(text: string, comments?: Range[]) {
    this.#text = text;
    this.#comments = comments;
  }

  next(): void {
    const text = this.#text;
    let at = this.end;
    let code = text.charCodeAt(at);
    for (;;) {
      if (code === 32 || code === 10 || code === 13 || code === 9 || code === 12) {
        at += 1;
      } else if (code === 47 && text.charCodeAt(at + 1) === 47) {
        const lineEnd = text.indexOf('\n', at);
        const end = lineEnd === -1 ? text.length : lineEnd;
        this.#comments?.push({ start: at, end });
        at = end;
      } else {
        break;
      }
      code = text.charCodeAt(at);
    }
    this.start = at;
    if (at >= text.length) {
      this.end = at;
      this.name = 'End';
    } else if (isWordStart(code)) {
      this.#wordOrString(code, at);
    } else if (isDigit(code)) {
      this.#number(at);
    } else {
      this.#mark(code, at);
    }
  }

  #wordOrString(code: number, at: number): void {
    const text = this.#text;
    // b, B, r, R: the prefixes of strings.
    const lower = code | 32;
    if (lower === 98 || lower === 114) {
      const raw = lower === 98 && (text.charCodeAt(at + 1) | 32) === 114 ? 1 : 0;
      const quote = text.charCodeAt(at + 1 + raw);
      if (quote === 34 || quote === 39) {
        this.#string(at + 1 + raw, lower === 98, lower === 114 || raw === 1);
        this.special = true;
        return;
      }
    }
    let end = at + 1;
    while (isWordPart(text.charCodeAt(end))) end += 1;
    this.end = end;
    const word = text.slice(at, end);
    this.word = word;
    this.name = end - at > 9 ? 'Identifier' : nameOfWord(word);
  }

  /** @param at the opening quote */
  #string(at: number, bytes: boolean, raw: boolean): void {
    const text = this.#text;
    const quote = text.charCodeAt(at);
    const triple = text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote;
    this.special = triple;
    let end = at + (triple ? 3 : 1);
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === quote) {
        if (!triple) {
          this.end = end + 1;
          this.name = bytes ? 'Bytes' : 'String';
          return;
        }
        if (text.charCodeAt(end + 1) === quote && text.charCodeAt(end + 2) === quote) {
          this.end = end + 3;
          this.name = bytes ? 'Bytes' : 'String';
          return;
        }
      } else if (code === 92 && !raw) {
        this.special = true;
        const escaped = text.charCodeAt(end + 1);
        if (triple || (escaped !== 10 && escaped !== 13)) end += 1;
      } else if (!triple && (code === 10 || code === 13)) {
        break;
      }
    }
    this.end = Math.min(end, text.length);
    this.name = 'UnclosedString';
  }

  /** A number that begins with a digit, or with a point before one. */
  #number(at: number): void {
    const text = this.#text;
    let end = at;
    let name: TokenName = 'Int';
    if (text.charCodeAt(at) === 48 && text.charCodeAt(at + 1) === 120 && isHexadecimal(text.charCodeAt(at + 2))) {
      end = at + 3;
      while (isHexadecimal(text.charCodeAt(end))) end += 1;
    } else {
      while (isDigit(text.charCodeAt(end))) end += 1;
      if (text.charCodeAt(end) === 46 && isDigit(text.charCodeAt(end + 1))) {
        name = 'Double';
        end += 2;
        while (isDigit(text.charCodeAt(end))) end += 1;
      }
      if ((text.charCodeAt(end) | 32) === 101) {
        const sign = text.charCodeAt(end + 1);
        const digits = end + (sign === 43 || sign === 45 ? 2 : 1);
        if (isDigit(text.charCodeAt(digits))) {
          name = 'Double';
          end = digits + 1;
          while (isDigit(text.charCodeAt(end))) end += 1;
        }
      }
    }
    if (name === 'Int' && (text.charCodeAt(end) | 32) === 117) {
      name = 'Uint';
      end += 1;
    }
    if (isWordPart(text.charCodeAt(end))) {
      let word = end + 1;
      while (isWordPart(text.charCodeAt(word))) word += 1;
      if (word - end !== 2 || !text.startsWith('in', end)) {
        end = word;
        name = 'BadNumber';
      }
    }
    this.end = end;
    this.name = name;
  }

  #mark(code: number, at: number): void {
    const text = this.#text;
    const second = text.charCodeAt(at + 1);
    switch (code) {
      case 34:
      case 39:
        this.#string(at, false, false);
        return;
      case 46:
        if (isDigit(second)) this.#number(at);
        else this.#one('Dot', at);
        return;
      case 91:
        this.#one('OpenList', at);
        return;
      case 93:
        this.#one('CloseList', at);
        return;
      case 40:
        this.#one('Open', at);
        return;
      case 41:
        this.#one('Close', at);
        return;
      case 123:
        this.#one('OpenMap', at);
        return;
      case 125:
        this.#one('CloseMap', at);
        return;
      case 44:
        this.#one('Comma', at);
        return;
      case 58:
        this.#one('Colon', at);
        return;
      case 63:
        this.#one('Question', at);
        return;
      case 43:
        this.#one('Plus', at);
        return;
      case 45:
        this.#one('Minus', at);
        return;
      case 42:
        this.#one('Times', at);
        return;
      case 47:
        this.#one('Divide', at);
        return;
      case 37:
        this.#one('Modulo', at);
        return;
      case 61:
        this.#equals(second === 61, at, 'SingleEqual', 'Equal', 'StrictlyEqual');
        return;
      case 33:
        this.#equals(second === 61, at, 'Not', 'NotEqual', 'StrictlyNotEqual');
        return;
      case 60:
        if (second === 62) this.#two('LessGreater', at);
        else if (second === 61) this.#two('LessOrEqual', at);
        else this.#one('Less', at);
        return;
      case 62:
        if (second === 61) this.#two('GreaterOrEqual', at);
        else this.#one('Greater', at);
        return;
      case 38:
        if (second === 38) this.#two('And', at);
        else this.#one('SingleAnd', at);
        return;
      case 124:
        if (second === 124) this.#two('Or', at);
        else this.#one('SingleOr', at);
        return;
      case 96:
        this.#escaped(at);
        return;
      default: {
        const pair = code >= 0xd800 && code <= 0xdbff && second >= 0xdc00 && second <= 0xdfff;
        if (pair) this.#two('Strange', at);
        else this.#one('Strange', at);
      }
    }
  }

  #one(name: TokenName, at: number): void {
    this.name = name;
    this.end = at + 1;
  }

  #two(name: TokenName, at: number): void {
    this.name = name;
    this.end = at + 2;
  }

  #equals(second: boolean, at: number, one: TokenName, two: TokenName, three: TokenName): void {
    if (!second) {
      this.#one(one, at);
    } else if (this.#text.charCodeAt(at + 2) !== 61) {
      this.#two(two, at);
    } else {
      this.name = three;
      this.end = at + 3;
    }
  }

  /** A field's name between backticks. */
  #escaped(at: number): void {
    const text = this.#text;
    let end = at + 1;
    let proper = true;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === 96) {
        this.name = proper && end > at + 1 ? 'Escaped' : 'BadEscaped';
        this.end = end + 1;
        return;
      }
      if (code === 10 || code === 13) break;
      // The space, `-`, `.` and `/`.
      proper &&= isWordPart(code) || code === 32 || (code >= 45 && code <= 47);
    }
    this.name = 'BadEscaped';
    this.end = end;
  }
}

function nameOfWord(word: string): TokenName {
  switch (word) {
    case 'in':
      return 'In';
    case 'true':
      return 'True';
    case 'false':
      return 'False';
    case 'null':
      return 'Null';
    default:
      return reservedWords.has(word) ? 'Reserved' : 'Identifier';
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHexadecimal(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);
}

function isWordStart(code: number): boolean {
  return ((code | 32) >= 97 && (code | 32) <= 122) || code === 95;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}
