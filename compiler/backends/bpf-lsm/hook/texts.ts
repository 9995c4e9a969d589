import { attributeOf, type Condition } from '../../../expressions/conditions.ts';
import type { Term } from '../../../expressions/predicate.ts';
import { type ProgramWriter, register } from '../assembler.ts';
import type { Constants } from '../constants.ts';
import { frame, type Register } from '../instruction.ts';
import { mostPatterns, type TextAutomaton, textAutomaton } from '../text-automaton.ts';
import { patternsOf, type TextPredicate } from '../text-pattern.ts';
import type { Frame } from './frame.ts';
import { step } from './layout.ts';

/** A condition about a text, by what it says: equal ones are one. */
export function textKey(condition: Condition): string {
  return JSON.stringify(condition);
}

/** The conditions that a program has about one text, as automata of which each has a word on the stack for its answer. */
export interface TextPlan {
  readonly automata: readonly { readonly automaton: TextAutomaton; readonly slot: number }[];
  /** By the key of a condition: the word and the bit that answer it. */
  readonly answers: ReadonlyMap<string, { readonly slot: number; readonly bit: number }>;
}

/** Automata that are tried for one text, of which each takes its time: twice as many as the stack has room for answers. */
const mostTried = 128;

/** The answer where nothing is known of the text. */
export const unknownText = -0x8000_0000;

/**
 * Puts as many conditions into an automaton as go.
 *
 * @returns undefined where the automaton of one alone would be too large, or they would be too many
 */
export function planTexts(conditions: readonly TextPredicate[], stack: Frame): TextPlan | undefined {
  const automata: { automaton: TextAutomaton; slot: number }[] = [];
  const answers = new Map<string, { slot: number; bit: number }>();
  const distinct = [...new Map(conditions.map((each) => [textKey(each), each])).values()];
  // As many as went together before probably do again: each attempt that fails fills a table first.
  let size = mostPatterns;
  let inARow = 0;
  for (let at = 0, tried = 0; at < distinct.length; tried += 1) {
    if (tried === mostTried || size === 0) return undefined;
    const part = distinct.slice(at, at + size);
    const automaton = textAutomaton(part.map(patternsOf));
    if (automaton === undefined) {
      size = part.length >> 1;
      inARow = 0;
      continue;
    }
    const slot = stack.take(8);
    automata.push({ automaton, slot });
    for (const [bit, condition] of part.entries()) answers.set(textKey(condition), { slot, bit });
    at += part.length;
    inARow += 1;
    if (inARow % 4 === 0) size = Math.min(mostPatterns, 2 * size);
  }
  return { automata, answers };
}

/** Says of a text that nothing is known of it. */
export function answerUnknown(writer: ProgramWriter, { automata }: TextPlan): void {
  for (const { slot } of automata) {
    writer.calculate32('mov', 1, unknownText);
    writer.store(8, frame, slot, register(1));
  }
}

/**
 * Reads a text through its automata. Behind the text there are zeros as far as the step goes in which it ends.
 *
 * @param text the register that holds its address
 * @param length the register that holds its bytes, or how many they are
 * @param most bytes that it has at most, a multiple of the step
 */
export function readText(
  writer: ProgramWriter,
  constants: Constants,
  plan: TextPlan,
  text: Register,
  length: Register | undefined,
  most: number,
): void {
  for (const { automaton, slot } of plan.automata) {
    const places = constants.automaton(automaton);
    const loop = writer.fresh('read');
    const done = writer.fresh('read-end');
    writer.move(0, register(text));
    writer.loadConstants(2, places.classes);
    writer.loadConstants(3, places.table);
    writer.move(4, automaton.start);
    writer.move(5, 0);
    writer.label(loop);
    if (length !== undefined) writer.when(5, '>=', register(length), done);
    for (let index = 0; index < step; index += 1) {
      writer.load(1, 1, 0, index);
      writer.calculate('add', 1, register(2));
      writer.load(1, 1, 1, 0);
      writer.calculate('add', 1, register(4));
      writer.calculate('add', 1, register(3));
      writer.load(2, 4, 1, 0);
      // The verifier is to see that no place leads out of the tables.
      writer.calculate('and', 4, automaton.placeMask);
    }
    writer.calculate('add', 0, step);
    writer.calculate('add', 5, step);
    writer.when(5, '!=', most, loop);
    writer.label(done);
    writer.calculate('add', 3, register(4));
    writer.load(4, 1, 3, 0);
    writer.store(8, frame, slot, register(1));
  }
}

/** The condition where it is one about a text. */
export function textCondition(condition: Condition): TextPredicate | undefined {
  if (condition.kind === 'in-ranges' || condition.kind === 'in-network') return undefined;
  if (condition.kind !== 'compare') return condition;
  return [condition.left, condition.right].some(isText) ? condition : undefined;
}

/** The attribute that a condition is about. */
export function attributeAbout(condition: Condition): string {
  if (condition.kind !== 'compare') return attributeOf(condition.term) ?? '';
  return attributeOf(condition.left) ?? attributeOf(condition.right) ?? '';
}

function isText(term: Term): boolean {
  return term.kind === 'literal' && typeof term.value === 'string';
}
