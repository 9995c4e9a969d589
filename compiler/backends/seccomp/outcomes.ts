import type { Predicate } from '../../expressions/predicate.ts';
import type { Rule } from '../../ir/policy.ts';
import { type FormulaId, type FormulaTable, falseFormula, trueFormula } from './formula.ts';
import { joinRanges } from './join-ranges.ts';
import type { NumberSpace } from './number-space.ts';
import { isInexpressible, type Residual, ResidualEvaluator } from './residual.ts';

/** What a call leads to: a node of a diagram or of code, as the algebra has it. */
export type Outcome = number;

/** How outcomes are made: from diagrams, or as code that follows the rules as they are written. */
export interface OutcomeAlgebra {
  always(action: number): Outcome;
  choose(condition: FormulaId, holds: Outcome, fails: Outcome): Outcome;
}

/** The residual of each rule for one convention; undefined for rules that seccomp cannot express. */
export interface RuleResiduals {
  readonly space: NumberSpace;
  readonly residuals: readonly (Residual | undefined)[];
}

export interface InexpressibleRule {
  readonly rule: Rule;
  readonly reason: string;
}

export function residualsOf(
  space: NumberSpace,
  rules: readonly Rule[],
  table: FormulaTable,
  atoms: Map<Predicate, FormulaId>,
  inexpressible: Map<string, InexpressibleRule>,
): RuleResiduals {
  const evaluator = new ResidualEvaluator(space, table, atoms);
  const residuals = rules.map((rule) => {
    const residual = evaluator.evaluate(rule.when);
    if (!isInexpressible(residual)) return residual;
    inexpressible.set(rule.id, { rule, reason: residual.reason });
    return undefined;
  });
  return { space, residuals };
}

/** For each slot of a convention its outcome, and the rules that take part in it. */
export interface ConventionOutcomes {
  readonly space: NumberSpace;
  readonly outcomes: Int32Array;
  readonly trails: Int32Array;
}

/** Lists of rules that share their tails: the rules, in order, that may decide a call. 0 is the empty list. */
export class Trails {
  readonly #heads: number[] = [-1];
  readonly #tails: number[] = [0];
  readonly #known = new Map<number, number>();

  prepend(rule: number, tail: number): number {
    const key = rule * 0x100_0000 + tail;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const trail = this.#heads.push(rule) - 1;
    this.#tails.push(tail);
    this.#known.set(key, trail);
    return trail;
  }

  /** The first rule of a list that is not empty. */
  head(trail: number): number {
    return this.#heads[trail]!;
  }

  /** The list without its first rule. */
  tail(trail: number): number {
    return this.#tails[trail]!;
  }
}

/**
 * Applies the rules of a first-match decision from the last to the first, each over what follows it.
 *
 * @param actions for each rule the outcome that it gives.
 * @param otherwise the outcome where no rule holds; its index in the trails is the number of rules.
 */
export function applyRules(
  { space, residuals }: RuleResiduals,
  actions: readonly Outcome[],
  otherwise: Outcome,
  algebra: OutcomeAlgebra,
  table: FormulaTable,
  trails: Trails,
): ConventionOutcomes {
  const outcomes = new Int32Array(space.slots).fill(otherwise);
  const trailOf = new Int32Array(space.slots).fill(trails.prepend(residuals.length, 0));
  // Conditions of one answer in a row are joined before they are laid over what follows, so that a long list of them
  // costs little more than its length.
  const pending = new Map<number, PendingConditions>();
  const settle = (slot: number, { outcome, conditions }: PendingConditions) => {
    outcomes[slot] = algebra.choose(joinAll(conditions.reverse(), table), outcome, outcomes[slot]!);
  };
  const apply = (rule: number, slot: number, formula: FormulaId) => {
    if (formula === falseFormula) return;
    const outcome = actions[rule]!;
    if (formula === trueFormula) {
      pending.delete(slot);
      outcomes[slot] = outcome;
      trailOf[slot] = trails.prepend(rule, 0);
      return;
    }
    const waiting = pending.get(slot);
    if (waiting?.outcome === outcome) waiting.conditions.push(formula);
    else {
      if (waiting !== undefined) settle(slot, waiting);
      pending.set(slot, { outcome, conditions: [formula] });
    }
    trailOf[slot] = trails.prepend(rule, trailOf[slot]!);
  };
  const listed = new Uint8Array(space.slots);
  for (let rule = residuals.length - 1; rule >= 0; rule -= 1) {
    const residual = residuals[rule];
    if (residual === undefined) continue;
    const { base, slots, formulas } = residual;
    for (let at = 0; at < slots.length; at += 1) apply(rule, slots[at]!, formulas[at]!);
    if (base === falseFormula) continue;
    listed.fill(0);
    for (const slot of slots) listed[slot] = 1;
    for (let slot = 0; slot < space.slots; slot += 1) if (listed[slot] === 0) apply(rule, slot, base);
  }
  for (const [slot, waiting] of pending) settle(slot, waiting);
  return { space, outcomes, trails: trailOf };
}

interface PendingConditions {
  readonly outcome: Outcome;
  /** From the last rule's to the first's. */
  readonly conditions: FormulaId[];
}

/** The conditions joined by `or`: ranges of one term become one condition, the rest is joined in pairs. */
function joinAll(conditions: readonly FormulaId[], table: FormulaTable): FormulaId {
  let parts = joinRanges(conditions, table);
  while (parts.length > 1) {
    const joined: FormulaId[] = [];
    for (let at = 0; at < parts.length; at += 2) {
      joined.push(at + 1 < parts.length ? table.or(parts[at]!, parts[at + 1]!) : parts[at]!);
    }
    parts = joined;
  }
  return parts[0] ?? falseFormula;
}
