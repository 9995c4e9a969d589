import type { Ranges } from '../../tables/unicode-classes.ts';
import { anyCodePoint, folded } from './code-points.ts';
import { PatternReader } from './pattern-reader.ts';
import type { Assertion, RegularExpression } from './syntax-tree.ts';

/** As often may a part be repeated, with the counts of what it stands in multiplied: RE2's and Go's limit. */
const mostRepeats = 1000;
/** Groups within groups. */
const deepest = 1000;

const empty: RegularExpression = { kind: 'empty' };
const notNewline: Ranges = [0, 9, 11, 0x10ffff];

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
}

/** What is open: the group's alternatives so far, and the sequence that is being read. */
interface Open {
  readonly flags: Flags;
  readonly choices: RegularExpression[];
  sequence: RegularExpression[];
}

/**
 * Reads RE2's syntax (https://github.com/google/re2/wiki/Syntax) with the flags that CEL's `matches` has: none.
 *
 * @returns undefined where the pattern is none
 */
export function parsePattern(pattern: string): RegularExpression | undefined {
  return new PatternParser(pattern).parse();
}

class PatternParser {
  readonly #reader: PatternReader;
  #flags: Flags = { ignoreCase: false, multiLine: false, dotAll: false };
  readonly #outer: Open[] = [];
  #open: Open = { flags: this.#flags, choices: [], sequence: [] };
  readonly #names = new Set<string>();
  /** How often each repeated part multiplies what is in it. */
  readonly #counts = new Map<RegularExpression, number>();

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern);
  }

  parse(): RegularExpression | undefined {
    const reader = this.#reader;
    let repeated = false;
    while (reader.more) {
      const count = reader.repetition();
      if (count === 'wrong') return undefined;
      if (count !== undefined) {
        if (repeated || !this.#repeat(count)) return undefined;
        repeated = true;
        continue;
      }
      repeated = false;
      if (!this.#part()) return undefined;
    }
    return this.#outer.length === 0 ? this.#close() : undefined;
  }

  #part(): boolean {
    const reader = this.#reader;
    const { ignoreCase, multiLine, dotAll } = this.#flags;
    switch (reader.character) {
      case '(':
        return this.#group();
      case ')': {
        const outer = this.#outer.pop();
        if (outer === undefined) return false;
        const inner = this.#close();
        this.#flags = this.#open.flags;
        this.#open = outer;
        return reader.skip() && this.#push(inner);
      }
      case '|':
        this.#open.choices.push(sequenceOf(this.#open.sequence));
        this.#open.sequence = [];
        return reader.skip();
      case '^':
        return reader.skip() && this.#assert(multiLine ? 'line start' : 'text start');
      case '$':
        return reader.skip() && this.#assert(multiLine ? 'line end' : 'text end');
      case '.':
        return reader.skip() && this.#class(dotAll ? anyCodePoint : notNewline);
      case '[': {
        const ranges = reader.bracketed(ignoreCase);
        return ranges !== undefined && this.#class(ranges);
      }
      case '\\':
        return this.#escaped();
      default:
        return this.#literal(reader.codePoint());
    }
  }

  #escaped(): boolean {
    const reader = this.#reader;
    const next = reader.characterAfter;
    const assertion = assertions.get(next);
    if (assertion !== undefined) return reader.skip(2) && this.#assert(assertion);
    if (next === 'Q') {
      for (const point of reader.quoted()) this.#literal(point);
      return true;
    }
    const named = reader.namedClass(this.#flags.ignoreCase);
    if (named !== undefined) return named !== 'wrong' && this.#class(named);
    const point = reader.escape();
    return point !== undefined && this.#literal(point);
  }

  #group(): boolean {
    const head = this.#reader.groupHead();
    if (head === undefined) return false;
    if (head.name !== undefined) {
      if (this.#names.has(head.name)) return false;
      this.#names.add(head.name);
    }
    const before = this.#flags;
    for (const { flag, on } of head.flags) this.#flags = { ...this.#flags, [flag]: on };
    if (!head.opens) return true;
    if (this.#outer.length >= deepest) return false;
    this.#outer.push(this.#open);
    this.#open = { flags: before, choices: [], sequence: [] };
    return true;
  }

  #close(): RegularExpression {
    const { choices, sequence } = this.#open;
    const last = sequenceOf(sequence);
    if (choices.length === 0) return last;
    const choice: RegularExpression = { kind: 'choice', of: [...choices, last] };
    this.#counts.set(choice, Math.max(...choice.of.map((each) => this.#countOf(each))));
    return choice;
  }

  #push(part: RegularExpression): true {
    this.#open.sequence.push(part);
    return true;
  }

  #assert(of: Assertion): true {
    return this.#push({ kind: 'assertion', of });
  }

  #class(ranges: Ranges): true {
    return this.#push({ kind: 'class', ranges });
  }

  #literal(point: number): true {
    const ranges = [point, point];
    return this.#class(this.#flags.ignoreCase ? folded(ranges) : ranges);
  }

  #repeat({ least, most, counted }: { least: number; most: number | undefined; counted: boolean }): boolean {
    const of = this.#open.sequence.pop();
    if (of === undefined) return false;
    const repeat: RegularExpression = { kind: 'repeat', of, least, most };
    const times = counted && most !== 0 ? Math.max(1, most ?? least) : 1;
    const count = times * this.#countOf(of);
    if (counted && (least >= 2 || (most ?? 0) >= 2) && count > mostRepeats) return false;
    this.#counts.set(repeat, most === 0 && counted ? 1 : count);
    return this.#push(repeat);
  }

  #countOf(part: RegularExpression): number {
    const known = this.#counts.get(part);
    if (known !== undefined || part.kind !== 'sequence') return known ?? 1;
    return Math.max(1, ...part.of.map((each) => this.#countOf(each)));
  }
}

const assertions: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  ['A', 'text start'],
  ['z', 'text end'],
  ['b', 'word boundary'],
  ['B', 'no word boundary'],
]);

function sequenceOf(of: readonly RegularExpression[]): RegularExpression {
  return of.length === 1 ? of[0]! : of.length === 0 ? empty : { kind: 'sequence', of };
}
