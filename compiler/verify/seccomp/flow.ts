import { arithmetic, condition, instructionClass, opcode, operandIsIndex, type Program } from './instructions.ts';
import { accumulatorBit, indexBit, liveness, memoryBit } from './liveness.ts';
import { dataBytes } from './structure.ts';

/**
 * A program as a graph of tests on the words of seccomp_data: registers and scratch memory are executed symbolically,
 * so that what is left depends on the input alone. Points are in the order of instructions: every edge goes to a
 * later point.
 */
export type FlowPoint =
  | { readonly kind: 'step'; readonly to: number }
  | { readonly kind: 'return'; readonly value: number }
  | {
      readonly kind: 'test';
      readonly test: FlowTest;
      /** Word of seccomp_data, from 0, and the mask that was applied to it. */
      readonly word: number;
      readonly mask: number;
      readonly constant: number;
      readonly whenTrue: number;
      readonly whenFalse: number;
    }
  | {
      /** A test of one argument's word against another's. */
      readonly kind: 'relation';
      readonly test: FlowTest;
      readonly left: MaskedWord;
      readonly right: MaskedWord;
      readonly whenTrue: number;
      readonly whenFalse: number;
    };

/** A word of seccomp_data, from 0, under a mask. */
export interface MaskedWord {
  readonly word: number;
  readonly mask: number;
}

export type FlowTest = 'equal' | 'greater' | 'greater-or-equal' | 'any-bit';

export type Flow = { readonly points: readonly FlowPoint[] } | { readonly unsupported: string };

/** What a register holds: a known number, or a word of the input under a mask. */
type Content = { readonly kind: 'number'; readonly value: number } | (MaskedWord & { readonly kind: 'word' });

interface State {
  readonly accumulator: Content;
  readonly index: Content;
  /** Undefined until something is stored. */
  readonly memory: readonly Content[] | undefined;
}

interface Visit {
  readonly state: State;
  readonly point: number;
}

/** The kernel clears both registers before a filter runs (bpf_convert_filter() in net/core/filter.c). */
const zero: Content = { kind: 'number', value: 0 };
const entry: State = { accumulator: zero, index: zero, memory: undefined };

/** Programs made from a policy have one state at an instruction, or a few where paths join. */
const mostStates = 256;

/** The low word of `arg0` in seccomp_data. */
const firstArgumentWord = 4;

/**
 * Executes a structurally valid program symbolically.
 *
 * @returns `unsupported` for programs that compute with data in a way this validator does not follow: arithmetic other
 *   than AND with a constant on a word of the input, a comparison of words that are not arguments, a returned word.
 */
export function flowOf(program: Program): Flow {
  const live = liveness(program);
  const visits: Visit[][] = Array.from({ length: program.length }, () => []);
  const points: FlowPoint[] = [];
  const order: number[] = [];
  let reserved = 0;

  /** The point for `state` at instruction `at`, by what of the state still matters there. */
  const visit = (at: number, state: State): number => {
    const mask = live[at]!;
    const known = visits[at]!;
    for (const other of known) if (sameState(other.state, state, mask)) return other.point;
    known.push({ state, point: reserved });
    reserved += 1;
    return reserved - 1;
  };

  visit(0, entry);
  for (let at = 0; at < program.length; at += 1) {
    for (const { state, point } of visits[at]!) {
      const made = execute(program, at, state, visit);
      if (typeof made === 'string') return { unsupported: `instruction ${at} ${made}` };
      points[point] = made;
      order.push(point);
    }
    if (visits[at]!.length > mostStates) return { unsupported: `instruction ${at} is reached in too many states` };
  }
  return { points: inOrder(points, order) };
}

/** Renumbers the points from the order of discovery to that of instructions. */
function inOrder(points: readonly FlowPoint[], order: readonly number[]): FlowPoint[] {
  const place = new Int32Array(points.length);
  for (let at = 0; at < order.length; at += 1) place[order[at]!] = at;
  return order.map((old) => {
    const point = points[old]!;
    switch (point.kind) {
      case 'return':
        return point;
      case 'step':
        return { kind: 'step', to: place[point.to]! };
      case 'test':
      case 'relation':
        return { ...point, whenTrue: place[point.whenTrue]!, whenFalse: place[point.whenFalse]! };
      default: {
        const unreachable: never = point;
        return unreachable;
      }
    }
  });
}

/** The point of one instruction in one state, or why it cannot be followed. */
function execute(
  program: Program,
  at: number,
  state: State,
  visit: (at: number, state: State) => number,
): FlowPoint | string {
  const code = program.code[at]!;
  const constant = program.constant[at]!;
  const next = (change: Partial<State>): FlowPoint => ({ kind: 'step', to: visit(at + 1, { ...state, ...change }) });
  switch (code) {
    case opcode.loadWord:
      return next({ accumulator: { kind: 'word', word: constant >>> 2, mask: 0xffff_ffff } });
    case opcode.loadImmediate:
      return next({ accumulator: { kind: 'number', value: constant } });
    case opcode.loadLength:
      return next({ accumulator: { kind: 'number', value: dataBytes } });
    case opcode.loadMemory:
      return next({ accumulator: state.memory?.[constant] ?? zero });
    case opcode.loadIndexImmediate:
      return next({ index: { kind: 'number', value: constant } });
    case opcode.loadIndexLength:
      return next({ index: { kind: 'number', value: dataBytes } });
    case opcode.loadIndexMemory:
      return next({ index: state.memory?.[constant] ?? zero });
    case opcode.store:
      return next({ memory: stored(state.memory, constant, state.accumulator) });
    case opcode.storeIndex:
      return next({ memory: stored(state.memory, constant, state.index) });
    case opcode.accumulatorToIndex:
      return next({ index: state.accumulator });
    case opcode.indexToAccumulator:
      return next({ accumulator: state.index });
    case opcode.jumpAlways:
      return { kind: 'step', to: visit(at + 1 + constant, state) };
    case opcode.returnConstant:
      return { kind: 'return', value: constant };
    case opcode.returnAccumulator:
      if (state.accumulator.kind !== 'number') return 'returns a word of the input';
      return { kind: 'return', value: state.accumulator.value };
    default:
      break;
  }
  const operand = (code & operandIsIndex) === 0 ? constant : knownNumber(state.index);
  if ((code & 7) === instructionClass.arithmetic) {
    const result = operand === undefined ? undefined : compute(code & 0xf0, state.accumulator, operand);
    return result === undefined ? 'computes with a word of the input' : next({ accumulator: result });
  }
  const whenTrue = at + 1 + program.whenTrue[at]!;
  const whenFalse = at + 1 + program.whenFalse[at]!;
  const test = testOf(code & 0xf0);
  const { accumulator, index } = state;
  if (accumulator.kind === 'number') {
    if (operand === undefined) return 'compares a constant with a word of the input';
    return { kind: 'step', to: visit(holds(test, accumulator.value, operand) ? whenTrue : whenFalse, state) };
  }
  const ways = { whenTrue: visit(whenTrue, state), whenFalse: visit(whenFalse, state) };
  const { word, mask } = accumulator;
  if (operand !== undefined) return { kind: 'test', test, word, mask, constant: operand, ...ways };
  if (index.kind === 'number' || word < firstArgumentWord || index.word < firstArgumentWord) {
    return 'compares two words that are not arguments';
  }
  // The bits of a high and of a low word do not lie beside each other in any order of the diagrams.
  if ((word & 1) !== (index.word & 1)) return 'compares a high word with a low one';
  return { kind: 'relation', test, left: accumulator, right: index, ...ways };
}

function knownNumber(content: Content): number | undefined {
  return content.kind === 'number' ? content.value : undefined;
}

function stored(memory: readonly Content[] | undefined, at: number, content: Content): readonly Content[] {
  const next = memory?.slice() ?? new Array<Content>(16).fill(zero);
  next[at] = content;
  return next;
}

function testOf(operation: number): FlowTest {
  if (operation === condition.equal) return 'equal';
  if (operation === condition.greater) return 'greater';
  return operation === condition.greaterOrEqual ? 'greater-or-equal' : 'any-bit';
}

/** Whether an unsigned 32-bit number passes a test. */
export function holds(test: FlowTest, value: number, constant: number): boolean {
  switch (test) {
    case 'equal':
      return value === constant;
    case 'greater':
      return value > constant;
    case 'greater-or-equal':
      return value >= constant;
    case 'any-bit':
      return (value & constant) !== 0;
    default: {
      const unreachable: never = test;
      return unreachable;
    }
  }
}

function compute(operation: number, content: Content, operand: number): Content | undefined {
  if (content.kind === 'word') {
    if (operation !== arithmetic.and) return undefined;
    return { ...content, mask: (content.mask & operand) >>> 0 };
  }
  const value = computeNumber(operation, content.value, operand);
  return value === undefined ? undefined : { kind: 'number', value: value >>> 0 };
}

function computeNumber(operation: number, value: number, operand: number): number | undefined {
  switch (operation) {
    case arithmetic.add:
      return value + operand;
    case arithmetic.subtract:
      return value - operand;
    case arithmetic.multiply:
      return Math.imul(value, operand);
    case arithmetic.divide:
      // By an index register of zero the kernel ends the filter; no compiler has a use for that.
      return operand === 0 ? undefined : Math.floor(value / operand);
    case arithmetic.or:
      return value | operand;
    case arithmetic.and:
      return value & operand;
    case arithmetic.exclusiveOr:
      return value ^ operand;
    case arithmetic.shiftLeft:
      return operand < 32 ? value << operand : undefined;
    case arithmetic.shiftRight:
      return operand < 32 ? value >>> operand : undefined;
    case arithmetic.negate:
      return -value;
    default:
      return undefined;
  }
}

function sameState(left: State, right: State, live: number): boolean {
  if ((live & accumulatorBit) !== 0 && !sameContent(left.accumulator, right.accumulator)) return false;
  if ((live & indexBit) !== 0 && !sameContent(left.index, right.index)) return false;
  if (left.memory === right.memory) return true;
  for (let at = 0; at < 16; at += 1) {
    if ((live & memoryBit(at)) === 0) continue;
    if (!sameContent(left.memory?.[at] ?? zero, right.memory?.[at] ?? zero)) return false;
  }
  return true;
}

function sameContent(left: Content, right: Content): boolean {
  if (left.kind === 'number') return right.kind === 'number' && left.value === right.value;
  return right.kind === 'word' && left.word === right.word && left.mask === right.mask;
}
