import type { Term } from '../../expressions/predicate.ts';
import { dataOffset } from './instruction.ts';

export const fullMask = 0xffff_ffff;

export type WordHalf = 'low' | 'high';

/** 32 bits of a 64-bit term: all that one BPF operation sees. `mask` is never 0: that would be a constant. */
export type Word =
  | { readonly kind: 'constant'; readonly value: number }
  /** The word of `struct seccomp_data` at byte `offset`, under a mask. */
  | { readonly kind: 'data'; readonly offset: number; readonly mask: number }
  | { readonly kind: 'parameter'; readonly name: string; readonly half: WordHalf; readonly mask: number };

export interface WordPair {
  readonly high: Word;
  readonly low: Word;
}

const wholeMask = 0xffff_ffff_ffff_ffffn;

/** Splits an integer term into its words; undefined for a term that is no integer of the syscall point. */
export function splitTerm(term: Term, mask: bigint = wholeMask): WordPair | undefined {
  switch (term.kind) {
    case 'literal':
      if (typeof term.value !== 'bigint') return undefined;
      return pair((half, bits) => constant(wordOf(term.value as bigint, half) & bits), mask);
    case 'parameter':
      return pair((half, bits) => ({ kind: 'parameter', name: term.name, half, mask: bits }), mask);
    case 'mask':
      return splitTerm(term.term, mask & term.mask);
    case 'attribute': {
      const index = argumentIndex(term.name);
      if (index === undefined) return undefined;
      const offset = dataOffset.arguments + 8 * index;
      return pair((half, bits) => ({ kind: 'data', offset: half === 'low' ? offset : offset + 4, mask: bits }), mask);
    }
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}

/** The number in `arg0` to `arg5`. */
function argumentIndex(name: string): number | undefined {
  if (name.length !== 4 || !name.startsWith('arg')) return undefined;
  const index = name.charCodeAt(3) - 48;
  return index >= 0 && index <= 5 ? index : undefined;
}

function wordOf(value: bigint, half: WordHalf): number {
  return Number((half === 'low' ? value : value >> 32n) & 0xffff_ffffn);
}

export function isConstant(word: Word): word is Word & { readonly kind: 'constant' } {
  return word.kind === 'constant';
}

/** A name for the word that no other word has. */
export function wordKey(word: Word): string {
  switch (word.kind) {
    case 'constant':
      return `=${word.value}`;
    case 'data':
      return `d${word.offset}&${word.mask}`;
    case 'parameter':
      return `p${word.half}&${word.mask}:${word.name}`;
    default: {
      const unreachable: never = word;
      return unreachable;
    }
  }
}

function constant(value: number): Word {
  return { kind: 'constant', value: value >>> 0 };
}

function pair(make: (half: WordHalf, mask: number) => Word, mask: bigint): WordPair {
  const high = wordOf(mask, 'high');
  const low = wordOf(mask, 'low');
  return {
    high: high === 0 ? constant(0) : make('high', high),
    low: low === 0 ? constant(0) : make('low', low),
  };
}
