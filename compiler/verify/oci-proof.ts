import { evaluate } from '../expressions/evaluate.ts';
import type { Predicate } from '../expressions/predicate.ts';
import type { Decision, Effect, Rule } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import type { ReadRule } from './oci-filter.ts';
import { OciDifference } from './oci-reader.ts';
import { ArgumentDiagrams } from './seccomp/argument-diagrams.ts';
import { type BitOrder, bitOrder, levelCount, slots } from './seccomp/bit-order.ts';
import { Diagrams } from './seccomp/diagram.ts';
import { mentionedBy } from './seccomp/mentioned.ts';
import { Unsupported } from './seccomp/unsupported.ts';

/** Steps of work that no filter of a real policy comes near. */
const budget = 4_000_000;

const allBits = { high: 0xffff_ffff, low: 0xffff_ffff };
const undecided = 'undecided before the launch';

/**
 * What policy and filter say of one call, as functions of its six arguments in canonical diagrams: two that are the same
 * node are equal for every argument vector there is.
 */
export class FilterProof {
  readonly #diagrams: Diagrams;
  readonly #order: BitOrder;
  readonly #arguments: ArgumentDiagrams;
  readonly #rules: readonly Rule[];
  readonly #otherwise: Effect;
  readonly #actions: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #filters = new Map<string, number>();
  readonly #lowWords = new Map<number, number>();

  constructor(decision: Decision) {
    this.#order = bitOrder(mentionedBy(decision).related);
    this.#diagrams = new Diagrams(budget, this.#order);
    this.#arguments = new ArgumentDiagrams(this.#diagrams, {});
    this.#otherwise = decision.otherwise.effect;
    const { combine, rules } = decision;
    // With deny-overrides any rule that does not allow comes before all that do.
    this.#rules =
      combine === 'deny-overrides'
        ? [
            ...rules.filter(({ effect }) => effect.kind !== 'allow'),
            ...rules.filter(({ effect }) => effect.kind === 'allow'),
          ]
        : rules;
  }

  /** True once the work was more than the budget: nothing is proven then. */
  get exhausted(): boolean {
    return this.#diagrams.exhausted;
  }

  /** Equal for architectures of which every leaf that looks at the architecture says the same. */
  kindOf(arch: Architecture): string {
    const answers: string[] = [];
    const ask = (predicate: Predicate): void => {
      if (predicate.kind === 'and' || predicate.kind === 'or') for (const operand of predicate.of) ask(operand);
      else if (predicate.kind === 'not') ask(predicate.of);
      else {
        let looked = false;
        const attribute = (name: string) => {
          if (name !== 'arch') return undefined;
          looked = true;
          return arch;
        };
        const answer = evaluate(predicate, { attribute, parameter: () => undefined });
        if (looked) answers.push(String(answer ?? arch));
      }
    };
    for (const { when } of this.#rules) ask(when);
    return answers.join();
  }

  /** What the policy says of a call. */
  wanted(arch: Architecture, syscall: string): number {
    const known: Readonly<Record<string, string | boolean>> = { arch, syscall, newer: false };
    const attribute = (name: string) => known[name];
    const about = { attribute, parameter: () => undefined };
    const put = (predicate: Predicate, whenTrue: number, whenFalse: number): number => {
      switch (predicate.kind) {
        case 'not':
          return put(predicate.of, whenFalse, whenTrue);
        case 'and': {
          let node = whenTrue;
          for (let at = predicate.of.length - 1; at >= 0; at -= 1) node = put(predicate.of[at]!, node, whenFalse);
          return node;
        }
        case 'or': {
          let node = whenFalse;
          for (let at = predicate.of.length - 1; at >= 0; at -= 1) node = put(predicate.of[at]!, whenTrue, node);
          return node;
        }
        default: {
          const answer = evaluate(predicate, about);
          if (answer !== undefined) return answer ? whenTrue : whenFalse;
          return whenTrue === whenFalse ? whenTrue : this.#leaf(predicate, whenTrue, whenFalse);
        }
      }
    };
    let node = this.#terminal(spelled(this.#otherwise));
    for (let at = this.#rules.length - 1; at >= 0; at -= 1) {
      const { when, effect } = this.#rules[at]!;
      node = put(when, this.#terminal(spelled(effect)), node);
    }
    return node;
  }

  #leaf(predicate: Predicate, whenTrue: number, whenFalse: number): number {
    if (predicate.kind !== 'compare' && predicate.kind !== 'in-ranges') return this.#terminal(undecided);
    try {
      return this.#arguments.put(predicate, whenTrue, whenFalse);
    } catch (problem) {
      if (problem instanceof Unsupported) return this.#terminal(undecided);
      throw problem;
    }
  }

  /**
   * What a filter says of a call for which it has these rules.
   *
   * @param low libseccomp compares the low words of arguments only, as it does on 32-bit architectures and x32.
   * @returns undefined where two rules that both hold disagree
   */
  said(rules: readonly ReadRule[], byDefault: string, low: boolean): number | undefined {
    let key = `${low} ${byDefault}`;
    for (const rule of rules) key += rule.key;
    let node = this.#filters.get(key);
    if (node === undefined) {
      const actions = [...new Set(rules.map(({ action }) => action))];
      node = this.#join(rules, actions, byDefault, low);
      // Where rules of two actions hold, the one that is put last wins: in one order the one, in the other the other.
      if (actions.length > 1 && this.#join(rules, actions.reverse(), byDefault, low) !== node) node = -1;
      this.#filters.set(key, node);
    }
    return node < 0 ? undefined : node;
  }

  #join(rules: readonly ReadRule[], actions: readonly string[], byDefault: string, low: boolean): number {
    let node = this.#terminal(byDefault);
    for (const action of actions) {
      for (const rule of rules) if (rule.action === action) node = this.#rule(rule, node, low);
    }
    return node;
  }

  #rule({ action, args }: ReadRule, otherwise: number, low: boolean): number {
    let node = this.#terminal(action);
    for (const { index, op, value, valueTwo } of args) {
      const slot = slots.argumentHigh + 2 * index;
      const long = (number: bigint) => ({ high: low ? 0 : Number(number >> 32n), low: Number(number & 0xffff_ffffn) });
      const whole = low ? { high: 0, low: 0xffff_ffff } : allBits;
      const equal = (mask: typeof whole, constant: bigint, yes: number, no: number) =>
        this.#diagrams.branchLong('equal', slot, mask, long(constant), yes, no);
      const greater = (yes: number, no: number) =>
        this.#diagrams.branchLong('greater', slot, whole, long(value), yes, no);
      switch (op) {
        case 'SCMP_CMP_EQ':
          node = equal(whole, value, node, otherwise);
          break;
        case 'SCMP_CMP_NE':
          node = equal(whole, value, otherwise, node);
          break;
        case 'SCMP_CMP_MASKED_EQ':
          node = equal(long(value), valueTwo, node, otherwise);
          break;
        case 'SCMP_CMP_GT':
          node = greater(node, otherwise);
          break;
        case 'SCMP_CMP_LE':
          node = greater(otherwise, node);
          break;
        case 'SCMP_CMP_GE':
          node = equal(whole, value, node, greater(node, otherwise));
          break;
        case 'SCMP_CMP_LT':
          node = equal(whole, value, otherwise, greater(otherwise, node));
          break;
        default:
          throw new OciDifference(`the operator ${op}`);
      }
    }
    return node;
  }

  /** The function where every argument's high word is zero, as calls of 32-bit architectures have it. */
  withoutHighWords(node: number): number {
    const level = this.#diagrams.levelOf(node);
    if (level === levelCount) return node;
    let narrowed = this.#lowWords.get(node);
    if (narrowed === undefined) {
      const slot = this.#order.slotAt[level]!;
      const clear = this.withoutHighWords(this.#diagrams.whenClear(node, level));
      const isHigh = slot >= slots.argumentHigh && (slot & 1) === 0;
      narrowed = isHigh
        ? clear
        : this.#diagrams.make(level, clear, this.withoutHighWords(this.#diagrams.whenSet(node, level)));
      this.#lowWords.set(node, narrowed);
    }
    return narrowed;
  }

  /** True where the filter says what the policy says, or refuses, or lets through what the policy lets through. */
  isAsStrict(said: number, wanted: number): boolean {
    const seen = new Set<number>();
    const holds = (one: number, other: number): boolean => {
      if (one === other) return true;
      const level = Math.min(this.#diagrams.levelOf(one), this.#diagrams.levelOf(other));
      if (level === levelCount) return !lets(this.#action(one)) || lets(this.#action(other));
      const key = one * 2 ** 24 + other;
      if (seen.has(key)) return true;
      seen.add(key);
      return (
        holds(this.#diagrams.whenClear(one, level), this.#diagrams.whenClear(other, level)) &&
        holds(this.#diagrams.whenSet(one, level), this.#diagrams.whenSet(other, level))
      );
    };
    return holds(said, wanted);
  }

  /** An argument vector on which two unequal functions differ, and what each says. */
  difference(said: number, wanted: number): { readonly args: string; readonly said: string; readonly wanted: string } {
    const words = this.#diagrams.difference(said, wanted);
    const args = [0, 1, 2, 3, 4, 5].map((index) => {
      const slot = slots.argumentHigh + 2 * index;
      return `0x${((BigInt(words[slot]!) << 32n) | BigInt(words[slot + 1]!)).toString(16)}`;
    });
    const action = (node: number) => this.#actions[this.#diagrams.evaluate(node, words)]!;
    return { args: args.join(', '), said: action(said), wanted: action(wanted) };
  }

  #terminal(action: string): number {
    let place = this.#places.get(action);
    if (place === undefined) {
      place = this.#actions.push(action) - 1;
      this.#places.set(action, place);
    }
    return this.#diagrams.terminal(place);
  }

  #action(terminal: number): string {
    return this.#actions[this.#diagrams.valueOf(terminal)]!;
  }
}

function lets(action: string): boolean {
  return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';
}

function spelled(effect: Effect): string {
  switch (effect.kind) {
    case 'allow':
      return 'SCMP_ACT_ALLOW';
    case 'log':
      return 'SCMP_ACT_LOG';
    case 'errno':
      return `SCMP_ACT_ERRNO ${effect.errno}`;
    case 'notify':
      return 'SCMP_ACT_ERRNO 38'; // ENOSYS, as the kernel answers without a listener
    case 'trap':
      return 'SCMP_ACT_TRAP';
    case 'trace':
      return `SCMP_ACT_TRACE ${effect.data}`;
    case 'kill-thread':
      return 'SCMP_ACT_KILL_THREAD';
    case 'deny':
    case 'kill-process':
      return 'SCMP_ACT_KILL_PROCESS';
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}
