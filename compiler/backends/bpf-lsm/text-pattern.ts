import type { Predicate } from '../../expressions/predicate.ts';

/**
 * One step of a pattern over the bytes of a text. `bytes`: one of these bytes. `any`: as many of them as there are, none
 * included. `optional`: one of them or none.
 */
export interface PatternStep {
  readonly kind: 'bytes' | 'any' | 'optional';
  readonly bytes: ByteSet;
}

/** Tells of each byte from 1 to 255 whether it is in the set. Equal sets have equal keys. */
export interface ByteSet {
  readonly key: string;
  has(byte: number): boolean;
}

/** A sequence of steps; the text may end after the last, and before those that `ends` names by their index. */
export interface Pattern {
  readonly steps: readonly PatternStep[];
  readonly ends: readonly number[];
}

/** A predicate about one text: the patterns of which the text has to match one. */
export type TextPredicate = Extract<Predicate, { readonly kind: 'compare' | 'in-set' | 'beneath' | 'glob' }>;

const SLASH = 47;
const STAR = 42;
const QUESTION = 63;

const everything: ByteSet = { key: 'any', has: () => true };
const component: ByteSet = { key: 'component', has: (byte) => byte !== SLASH };
/** The first byte of a character in UTF-8, and those that follow it. */
const first: ByteSet = { key: 'first', has: (byte) => (byte & 0xc0) !== 0x80 };
const firstOfComponent: ByteSet = {
  key: 'first-component',
  has: (byte) => (byte & 0xc0) !== 0x80 && byte !== SLASH,
};
const following: ByteSet = { key: 'following', has: (byte) => (byte & 0xc0) === 0x80 };

/** Whether the pattern counts characters, which only a text in UTF-8 has. */
export function countsCharacters({ steps }: Pattern): boolean {
  return steps.some(({ bytes }) => bytes === following);
}

/** The patterns for the texts of a comparison with one text, a set or a pattern. */
export function patternsOf(predicate: TextPredicate): readonly Pattern[] {
  switch (predicate.kind) {
    case 'compare': {
      const { left, right } = predicate;
      const value = right.kind === 'literal' ? right.value : left.kind === 'literal' ? left.value : '';
      return [whole(bytesOf(String(value)).map(exactly))];
    }
    case 'in-set':
      return predicate.values.map((value) => whole(bytesOf(value).map(exactly)));
    case 'glob':
      return [whole(globSteps(predicate.pattern, everything, first))];
    case 'beneath':
      return [beneath(predicate.pattern)];
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function whole(steps: readonly PatternStep[]): Pattern {
  return { steps, ends: [] };
}

/** The path or one of its ancestors: after the pattern the path ends, or goes on with a slash. */
function beneath(pattern: string): Pattern {
  if (pattern === '/') return whole([exactly(SLASH), { kind: 'any', bytes: everything }]);
  const steps: PatternStep[] = [];
  for (const each of pattern.slice(1).split('/')) {
    steps.push(exactly(SLASH));
    // A component has at least one character.
    if (/^\*+$/.test(each)) steps.push({ kind: 'bytes', bytes: component }, { kind: 'any', bytes: component });
    else steps.push(...globSteps(each, component, firstOfComponent));
  }
  const end = steps.length;
  return { steps: [...steps, exactly(SLASH), { kind: 'any', bytes: everything }], ends: [end] };
}

function globSteps(glob: string, any: ByteSet, character: ByteSet): readonly PatternStep[] {
  const steps: PatternStep[] = [];
  for (const byte of bytesOf(glob)) {
    if (byte === STAR) {
      if (steps.at(-1)?.kind !== 'any') steps.push({ kind: 'any', bytes: any });
    } else if (byte === QUESTION) {
      steps.push({ kind: 'bytes', bytes: character });
      for (let count = 0; count < 3; count += 1) steps.push({ kind: 'optional', bytes: following });
    } else steps.push(exactly(byte));
  }
  return steps;
}

function exactly(byte: number): PatternStep {
  return { kind: 'bytes', bytes: { key: String(byte), has: (other) => other === byte } };
}

function bytesOf(text: string): readonly number[] {
  return [...new TextEncoder().encode(text)];
}
