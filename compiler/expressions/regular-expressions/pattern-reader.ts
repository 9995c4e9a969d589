import type { Ranges } from '../../tables/unicode-classes.ts';
import { folded, joined, lastCodePoint } from './code-points.ts';
import { asciiClasses, perlClasses, signed, unicodeClass } from './named-classes.ts';

export interface Repetition {
  readonly least: number;
  readonly most: number | undefined;
  /** Written with braces. */
  readonly counted: boolean;
}

export type Flag = 'ignoreCase' | 'multiLine' | 'dotAll';

/** What stands after `(`. */
export interface GroupHead {
  /** False of `(?i)`, which sets flags for what follows. */
  readonly opens: boolean;
  readonly name?: string;
  readonly flags: readonly { readonly flag: Flag; readonly on: boolean }[];
}

/** More cannot be written in braces. */
const mostCount = 1000;

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
]);

const noFlags: GroupHead['flags'] = [];
const flagLetters: ReadonlyMap<string, Flag | undefined> = new Map([
  ['i', 'ignoreCase'],
  ['m', 'multiLine'],
  ['s', 'dotAll'],
  // Lazy and greedy repetitions are swapped, which changes nothing in whether a text matches.
  ['U', undefined],
]);

/** The parts of a pattern from left to right. What is wrong is undefined, or `wrong` where undefined says: not here. */
export class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(pattern: string) {
    this.#text = pattern;
  }

  get more(): boolean {
    return this.#at < this.#text.length;
  }

  get character(): string {
    return this.#text[this.#at] ?? '';
  }

  get characterAfter(): string {
    return this.#text[this.#at + 1] ?? '';
  }

  skip(units = 1): true {
    this.#at += units;
    return true;
  }

  codePoint(): number {
    const point = this.#text.codePointAt(this.#at)!;
    this.#at += point > 0xffff ? 2 : 1;
    return point;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  /** `*`, `+?`, `{2,5}`; braces that are no count stand for themselves. */
  repetition(): Repetition | 'wrong' | undefined {
    const { character } = this;
    if (character === '*' || character === '+' || character === '?') {
      this.#at += this.characterAfter === '?' ? 2 : 1;
      return { least: character === '+' ? 1 : 0, most: character === '?' ? 1 : undefined, counted: false };
    }
    if (character !== '{') return undefined;
    const match = this.#match(/\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}\??/y);
    if (match === undefined) return undefined;
    const [, first = '', comma, last] = match;
    const least = Number(first);
    const most = comma === undefined ? least : last === undefined ? undefined : Number(last);
    if (least > mostCount || (most !== undefined && (most > mostCount || most < least))) return 'wrong';
    return { least, most, counted: true };
  }

  /** From `(` on: `(`, `(?:`, `(?i-s:`, `(?i)`, `(?P<name>`, `(?<name>`. */
  groupHead(): GroupHead | undefined {
    if (this.characterAfter !== '?') {
      this.skip();
      return { opens: true, flags: noFlags };
    }
    const named = this.#match(/\(\?P?<([A-Za-z0-9_]+)>/y);
    if (named !== undefined) return { opens: true, name: named[1]!, flags: noFlags };
    const match = this.#match(/\(\?([imsU]*)(?:(-)([imsU]+))?([:)])/y);
    if (match === undefined) return undefined;
    const [, on = '', , off = '', end] = match;
    const flags = [
      ...[...on].map((letter) => [letter, true] as const),
      ...[...off].map((each) => [each, false] as const),
    ];
    return {
      opens: end === ':',
      flags: flags.flatMap(([letter, set]) => {
        const flag = flagLetters.get(letter);
        return flag === undefined ? [] : [{ flag, on: set }];
      }),
    };
  }

  /** The code points between `\Q` and `\E`, or the end. */
  *quoted(): Generator<number> {
    this.#at += 2;
    const found = this.#text.indexOf('\\E', this.#at);
    const end = found === -1 ? this.#text.length : found;
    while (this.#at < end) yield this.codePoint();
    if (found !== -1) this.#at += 2;
  }

  /** `\d`, `\pL`, `\p{^Greek}`. */
  namedClass(ignoreCase: boolean): Ranges | 'wrong' | undefined {
    if (this.character !== '\\') return undefined;
    const letter = this.characterAfter;
    const perl = perlClasses.get(letter.toLowerCase());
    if (perl !== undefined) {
      this.#at += 2;
      return signed(ignoreCase ? folded(perl) : perl, letter !== letter.toLowerCase());
    }
    if (letter !== 'p' && letter !== 'P') return undefined;
    const match = this.#match(/\\[pP](?:\{(\^?)([^}]*)\}|([^{]))/uy);
    if (match === undefined) return 'wrong';
    const ranges = unicodeClass(match[2] ?? match[3] ?? '');
    if (ranges === undefined) return 'wrong';
    return signed(ignoreCase ? folded(ranges) : ranges, (letter === 'P') !== (match[1] === '^'));
  }

  /** From a backslash on, one code point. */
  escape(): number | undefined {
    const octal = this.#match(/\\(?:[1-7][0-7]{1,2}|0[0-7]{0,2})/y);
    if (octal !== undefined) return Number.parseInt(octal[0].slice(1), 8);
    const hexadecimal = this.#match(/\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y);
    if (hexadecimal !== undefined) {
      const point = Number.parseInt(hexadecimal[1] ?? hexadecimal[2]!, 16);
      return point > lastCodePoint ? undefined : point;
    }
    const letter = this.characterAfter;
    const simple = simpleEscapes.get(letter);
    if (simple === undefined && (letter === '' || letter > '\x7f' || /[A-Za-z0-9]/.test(letter))) return undefined;
    this.#at += 2;
    return simple ?? letter.charCodeAt(0);
  }

  /** `[^a-z\d[:alpha:]]`. */
  bracketed(ignoreCase: boolean): Ranges | undefined {
    this.#at += 1;
    const negative = this.character === '^';
    if (negative) this.#at += 1;
    let ranges: number[] = [];
    for (let first = true; first || this.character !== ']'; first = false) {
      if (!this.more) return undefined;
      const part = this.#inBrackets(ignoreCase);
      if (part === undefined) return undefined;
      ranges = ranges.concat(part);
    }
    this.#at += 1;
    return signed(joined(ranges), negative);
  }

  #inBrackets(ignoreCase: boolean): Ranges | undefined {
    const start = this.#at;
    const ascii = this.#match(/\[:(\^?)((?:[^:]|:(?!\]))*):\]/y);
    if (ascii !== undefined) {
      const ranges = asciiClasses.get(ascii[2]!);
      return ranges && signed(ignoreCase ? folded(ranges) : ranges, ascii[1] === '^');
    }
    const named = this.namedClass(ignoreCase);
    if (named !== undefined) return named === 'wrong' ? undefined : named;
    const first = this.#classPoint();
    if (first === undefined) return undefined;
    let last: number | undefined = first;
    if (this.character === '-' && this.characterAfter !== ']' && this.#at > start) {
      this.#at += 1;
      if (!this.more) return undefined;
      last = this.#classPoint();
      if (last === undefined || last < first) return undefined;
    }
    return ignoreCase ? folded([first, last]) : [first, last];
  }

  #classPoint(): number | undefined {
    return this.character === '\\' ? this.escape() : this.codePoint();
  }
}
