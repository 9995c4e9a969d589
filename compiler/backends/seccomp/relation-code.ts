import type { CodeGraph, CodeNode } from './code-graph.ts';
import { opcode } from './instruction.ts';
import type { Relocations } from './relocations.ts';
import { fullMask, type Word } from './words.ts';

export interface Continuation {
  readonly holds: CodeNode;
  readonly fails: CodeNode;
}

/**
 * Compares two words. A parameter's word is a constant under relocation; where it has a mask, or both words are data,
 * the comparison goes through X.
 *
 * Afterwards the accumulator holds `right`, or `left` where `right` is an immediate constant.
 *
 * @param held true where the accumulator holds the one data word.
 */
export function emitRelation(
  graph: CodeGraph,
  relocations: Relocations,
  operator: '==' | '<',
  left: Word,
  right: Word,
  next: Continuation,
  held: boolean,
): CodeNode {
  if (isImmediate(right)) {
    // left == K; left < K is not left >= K.
    const jump = operator === '==' ? jumpTo(opcode.jumpEqual, next) : jumpTo(opcode.jumpGreaterEqual, flip(next));
    return load(graph, relocations, left, held, compareWith(graph, relocations, jump, right));
  }
  if (isImmediate(left)) {
    const jump = jumpTo(operator === '==' ? opcode.jumpEqual : opcode.jumpGreater, next);
    return load(graph, relocations, right, held, compareWith(graph, relocations, jump, left));
  }
  // left < right is right > left: the right word goes to the accumulator, the left one to X.
  const code = (operator === '==' ? opcode.jumpEqual : opcode.jumpGreater) | opcode.withIndex;
  const compared = graph.jump(code, 0, next.holds, next.fails);
  const loaded = load(graph, relocations, right, false, compared);
  return load(graph, relocations, left, held && right.kind !== 'data', graph.step(opcode.copyToIndex, 0, loaded));
}

/** Leaves the word in the accumulator. */
function load(graph: CodeGraph, relocations: Relocations, word: Word, held: boolean, next: CodeNode): CodeNode {
  if (word.kind === 'constant') return graph.step(opcode.loadImmediate, word.value, next);
  if (word.kind === 'data' && held) return next;
  const masked = word.mask === fullMask ? next : graph.step(opcode.andK, word.mask, next);
  if (word.kind === 'data') return graph.step(opcode.loadAbsolute, word.offset, masked);
  const id = relocations.id(word.name, word.half);
  return graph.step(opcode.loadImmediate, relocations.placeholder(word.name, word.half), masked, id);
}

interface Jump {
  readonly code: number;
  readonly next: Continuation;
}

function jumpTo(code: number, next: Continuation): Jump {
  return { code, next };
}

function flip(next: Continuation): Continuation {
  return { holds: next.fails, fails: next.holds };
}

/** True for a word that an instruction can hold as its constant. */
export function isImmediate(word: Word): boolean {
  return word.kind === 'constant' || (word.kind === 'parameter' && word.mask === fullMask);
}

function compareWith(graph: CodeGraph, relocations: Relocations, jump: Jump, word: Word): CodeNode {
  const { holds, fails } = jump.next;
  if (word.kind === 'constant') return graph.jump(jump.code, word.value, holds, fails);
  if (word.kind === 'parameter') {
    const id = relocations.id(word.name, word.half);
    return graph.jump(jump.code, relocations.placeholder(word.name, word.half), holds, fails, id);
  }
  return fails;
}
