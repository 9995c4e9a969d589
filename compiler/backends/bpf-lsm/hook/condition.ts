import { attributeOf, type Condition } from '../../../expressions/conditions.ts';
import { type Network, parseNetwork } from '../../../expressions/network.ts';
import type { Predicate, Term, Value } from '../../../expressions/predicate.ts';
import { register } from '../assembler.ts';
import { type Comparison, frame, type Register } from '../instruction.ts';
import type { TextPredicate } from '../text-pattern.ts';
import type { FieldContext } from './field-context.ts';
import type { Place } from './read-fields.ts';
import { attributeAbout, textCondition, textKey, unknownText } from './texts.ts';

/** Where a program goes on when a predicate holds, does not hold, or is unknown. */
export interface Exits {
  readonly holds: string;
  readonly fails: string;
  readonly unknown: string;
}

/** Writes the code of predicates, in Kleene's logic, over attributes that have been read. */
export class ConditionWriter {
  readonly #context: FieldContext;
  readonly #places: ReadonlyMap<string, Place>;

  constructor(context: FieldContext, places: ReadonlyMap<string, Place>) {
    this.#context = context;
    this.#places = places;
  }

  /** @returns what it cannot say, in words */
  write(predicate: Predicate, exits: Exits): string | undefined {
    const { writer } = this.#context;
    switch (predicate.kind) {
      case 'constant':
        writer.jump(predicate.value ? exits.holds : exits.fails);
        return undefined;
      case 'not':
        return this.write(predicate.of, { ...exits, holds: exits.fails, fails: exits.holds });
      case 'and':
        return this.#junction(predicate.of, exits.fails, exits.holds, exits.unknown, true);
      case 'or':
        return this.#junction(predicate.of, exits.holds, exits.fails, exits.unknown, false);
      default:
        return this.#condition(predicate, exits);
    }
  }

  /** One decisive operand decides; else one unknown leaves it unknown, which a word on the stack remembers. */
  #junction(of: readonly Predicate[], decisive: string, otherwise: string, unknown: string, and: boolean) {
    const { writer, stack } = this.#context;
    const { taken } = stack;
    const flag = of.some((each) => this.#mayBeUnknown(each)) ? stack.take(8) : undefined;
    if (flag !== undefined) writer.store(8, frame, flag, 0);
    for (const each of of) {
      const next = writer.fresh('next');
      const unsure = writer.fresh('unsure');
      const problem = this.write(
        each,
        and ? { holds: next, fails: decisive, unknown: unsure } : { holds: decisive, fails: next, unknown: unsure },
      );
      if (problem !== undefined) return problem;
      writer.label(unsure);
      if (flag !== undefined) writer.store(8, frame, flag, 1);
      writer.label(next);
    }
    if (flag !== undefined) {
      writer.load(8, 1, frame, flag);
      writer.when(1, '!=', 0, unknown);
    }
    writer.jump(otherwise);
    stack.release(taken);
    return undefined;
  }

  #mayBeUnknown(predicate: Predicate): boolean {
    switch (predicate.kind) {
      case 'and':
      case 'or':
        return predicate.of.some((each) => this.#mayBeUnknown(each));
      case 'not':
        return this.#mayBeUnknown(predicate.of);
      case 'constant':
        return false;
      case 'compare':
        return this.#isUnsure(predicate.left) || this.#isUnsure(predicate.right);
      default:
        return this.#isUnsure(predicate.term);
    }
  }

  #isUnsure(term: Term): boolean {
    const place = this.#places.get(attributeOf(term) ?? '');
    if (place === undefined || place.kind === 'argument') return false;
    return place.kind !== 'number' || place.unknown !== undefined || place.known !== undefined;
  }

  #condition(condition: Condition, exits: Exits): string | undefined {
    const { writer } = this.#context;
    const text = textCondition(condition);
    if (text !== undefined) return this.#text(text, exits);
    if (condition.kind === 'in-network') return this.#network(condition.term, condition.network, exits);
    if (condition.kind === 'in-ranges') {
      const problem = this.#number(condition.term, 1, exits.unknown);
      if (problem !== undefined) return problem;
      for (const { low, high } of condition.ranges) {
        if (low === high) this.#compare('==', low, exits.holds);
        else {
          const next = writer.fresh('range');
          if (low > 0n) this.#compare('<', low, next);
          if (high >= 0xffff_ffff_ffff_ffffn) writer.jump(exits.holds);
          else this.#compare('<=', high, exits.holds);
          writer.label(next);
        }
      }
      writer.jump(exits.fails);
      return undefined;
    }
    if (condition.kind !== 'compare') return `a condition of the kind ${condition.kind} on a number`;
    const { left, right, operator } = condition;
    const problem = this.#number(left, 1, exits.unknown) ?? this.#number(right, 2, exits.unknown);
    if (problem !== undefined) return problem;
    writer.when(1, operator, register(2), exits.holds);
    writer.jump(exits.fails);
    return undefined;
  }

  #compare(comparison: Comparison, value: bigint, target: string): void {
    const { writer } = this.#context;
    // The number in the instruction is extended by its sign.
    if (value <= 0x7fff_ffffn) writer.when(1, comparison, Number(value), target);
    else {
      writer.loadNumber(2, value);
      writer.when(1, comparison, register(2), target);
    }
  }

  /** Loads the value of a term; `1` for true. It uses no register but this one and r3. */
  #number(term: Term, into: Register, unknown: string): string | undefined {
    const { writer, unknownSlot } = this.#context;
    switch (term.kind) {
      case 'literal': {
        const value = numberOf(term.value);
        if (value === undefined) return `a comparison with ${JSON.stringify(String(term.value))}`;
        writer.loadNumber(into, value);
        return undefined;
      }
      case 'mask': {
        const problem = this.#number(term.term, into, unknown);
        if (problem !== undefined) return problem;
        if (term.mask <= 0x7fff_ffffn) writer.calculate('and', into, Number(term.mask));
        else {
          writer.loadNumber(3, term.mask);
          writer.calculate('and', into, register(3));
        }
        return undefined;
      }
      case 'parameter':
        return `the parameter ${term.name}`;
      case 'attribute':
        break;
      default:
        term satisfies never;
        return undefined;
    }
    const place = this.#places.get(term.name);
    if (place?.kind === 'argument') {
      writer.load(8, into, 6, place.index * 8);
      if (place.bits < 64) {
        // What lies above the argument's own bits is whatever the caller left there.
        writer.calculate('lsh', into, 64 - place.bits);
        writer.calculate('rsh', into, 64 - place.bits);
      }
      return undefined;
    }
    if (place?.kind !== 'number') return `\`${term.name}\` as a number`;
    if (place.unknown !== undefined) {
      writer.load(8, 3, frame, unknownSlot);
      if (place.unknown < 31) writer.when(3, '&', 1 << place.unknown, unknown);
      else {
        writer.calculate('rsh', 3, place.unknown);
        writer.when(3, '&', 1, unknown);
      }
    }
    if (place.known !== undefined) {
      writer.load(8, 3, frame, place.known);
      writer.when(3, '==', 0, unknown);
    }
    writer.load(8, into, frame, place.slot);
    return undefined;
  }

  #text(condition: TextPredicate, exits: Exits): string | undefined {
    const { writer } = this.#context;
    const name = attributeAbout(condition);
    const place = this.#places.get(name);
    if (place?.kind !== 'text') return `\`${name}\` as a text`;
    const answer = place.plan.answers.get(textKey(condition));
    if (answer === undefined) return `a condition about \`${name}\``;
    const negated = condition.kind === 'compare' && condition.operator === '!=';
    writer.load(8, 1, frame, answer.slot);
    writer.when(1, '&', unknownText, exits.unknown);
    writer.when(1, '&', 1 << answer.bit, negated ? exits.fails : exits.holds);
    writer.jump(negated ? exits.holds : exits.fails);
    return undefined;
  }

  #network(term: Term, text: string, exits: Exits): string | undefined {
    const { writer } = this.#context;
    const place = this.#places.get(attributeOf(term) ?? '');
    const network = parseNetwork(text);
    if (place?.kind !== 'address' || network === undefined) return `the network ${text}`;
    const { version, bytes } = place.place;
    writer.load(8, 1, frame, version);
    writer.when(1, '==', 0, exits.unknown);
    writer.when(1, '!=', network.family, exits.fails);
    for (const { at, bits, value } of wordsOf(network)) {
      writer.load(bits === 32 ? 4 : 8, 1, frame, bytes + at);
      writer.fromBigEndian(1, bits);
      const prefix = Math.min(bits, network.prefix - at * 8);
      if (prefix < bits) writer.calculate('rsh', 1, bits - prefix);
      writer.loadNumber(2, value >> BigInt(bits - prefix));
      writer.when(1, '!=', register(2), exits.fails);
    }
    writer.jump(exits.holds);
    return undefined;
  }
}

/** The words of a network that its prefix reaches: their places in an address and the bits that they have. */
function wordsOf({ family, bits, prefix }: Network) {
  if (family === 4) return prefix === 0 ? [] : ([{ at: 0, bits: 32, value: bits }] as const);
  const words = [
    { at: 0, bits: 64, value: bits >> 64n },
    { at: 8, bits: 64, value: bits & 0xffff_ffff_ffff_ffffn },
  ] as const;
  return words.filter(({ at }) => prefix > at * 8);
}

function numberOf(value: Value): bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' ? value : undefined;
}
