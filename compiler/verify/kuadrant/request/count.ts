import {
  type EffectiveLimit,
  type MergePolicy,
  type MergeRule,
  topLevelConditions,
} from '../../../dialects/kuadrant/effective/rules.ts';
import type { Span } from '../../../source/span.ts';
import { scalarText } from '../filter.ts';
import { type Evaluated, holding, type RequestEvaluator, type Scene } from './evaluate.ts';

/** What one limit makes of a request. */
export interface LimitStep {
  readonly name: string;
  readonly span: Span;
  readonly policy: MergePolicy;
  readonly rates: EffectiveLimit['rates'];
  readonly outcome:
    | 'counts'
    | 'does-not-apply'
    | 'unknown'
    /** An expression of it fails: nothing is counted. */
    | 'fails'
    /** An expression of another limit in the same call fails: nothing is counted for this one either. */
    | 'dropped'
    /** The request is refused before it comes to this. */
    | 'not-reached';
  readonly why: string;
  readonly conditions: readonly Evaluated[];
  readonly counters: readonly Evaluated[];
}

/**
 * Follows a request through limits, as the filter sends them: those of requests that do not speak of `auth` in one call
 * before it is authorised and the others in one after that; each of tokens in a call of its own.
 *
 * @param separate whether each limit has a call of its own
 * @param scene what is known before the request is authorised, and after; undefined where it does not come so far
 */
export function countLimits(
  rules: readonly MergeRule[],
  separate: boolean,
  evaluator: RequestEvaluator,
  scene: (early: boolean) => Scene | undefined,
): readonly LimitStep[] {
  const common = topLevelConditions(rules);
  const limits = rules.flatMap((rule) => (rule.kind === 'limit' ? [rule] : []));
  const steps = limits.map((rule) => {
    const { when, counters } = rule.limit;
    // The filter knows by the text what must wait for the authoriser.
    const early = !separate && ![...common, ...when, ...counters].some(({ text }) => text.includes('auth.'));
    const at = scene(early);
    if (at === undefined) return { early, step: unreached(rule) };
    const conditions = [...common, ...when].map((each) => evaluator.evaluate(each, at));
    const counted = counters.map((each) => evaluator.evaluate(each, at));
    return { early, step: stepOf(rule, conditions, counted) };
  });
  if (separate) return steps.map(({ step }) => step);
  return steps.map(({ early, step }) => {
    const others = steps.filter((other) => other.early === early && other.step !== step);
    const failing = others.find((other) => other.step.outcome === 'fails');
    if (step.outcome === 'fails' || step.outcome === 'does-not-apply' || failing === undefined) return step;
    return { ...step, outcome: 'dropped', why: `an expression of \`${failing.step.name}\`, in the same call, fails` };
  });
}

type LimitRule = MergeRule & { readonly kind: 'limit' };

function unreached({ limit, span, from }: LimitRule): LimitStep {
  const own = { name: limit.name, span, policy: from, rates: limit.rates, conditions: [], counters: [] };
  return { ...own, outcome: 'not-reached', why: 'the request is refused before' };
}

function stepOf(
  { limit, span, from }: LimitRule,
  conditions: readonly Evaluated[],
  counters: readonly Evaluated[],
): LimitStep {
  const own = { name: limit.name, span, policy: from, rates: limit.rates, conditions, counters };
  const held = holding(conditions);
  if (held.kind === 'false') return { ...own, outcome: 'does-not-apply', why: 'a condition does not hold' };
  if (held.kind === 'error') return { ...own, outcome: 'fails', why: messageOf(held.by) };
  const counted = counters.map(({ outcome }) => outcome);
  const failing = counters.find(
    ({ outcome }) => outcome.kind === 'error' || (outcome.kind === 'value' && scalarText(outcome.value) === undefined),
  );
  if (held.kind === 'unknown' || counted.some(({ kind }) => kind === 'unknown')) {
    const open = [...conditions, ...counters].find(({ outcome }) => outcome.kind === 'unknown');
    const asks = open?.outcome.kind === 'unknown' ? open.outcome.asks : '';
    return { ...own, outcome: 'unknown', why: `it asks for \`${asks}\`` };
  }
  if (failing !== undefined) return { ...own, outcome: 'fails', why: messageOf(failing) };
  if (limit.rates.length === 0) return { ...own, outcome: 'does-not-apply', why: 'it has no rates' };
  return { ...own, outcome: 'counts', why: '' };
}

function messageOf({ outcome }: Evaluated): string {
  if (outcome.kind === 'error') return outcome.message;
  return 'it gives a value that is of no use here';
}
