import type { CompiledCondition, CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { type Environment, evaluate } from '../../compiler/expressions/evaluate.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { attributeOf } from './attributes.ts';
import { type BudgetMap, withBudgetMap } from './budget-map.ts';
import type { Cause, CostEvent } from './cost-event.ts';
import { type History, withHistory } from './history.ts';
import { LocalClock } from './local-time.ts';

export interface EvaluationOptions {
  /** When: milliseconds since 1970. Time windows are about this instant, not about when the event was sent. */
  readonly at: number;
  /** What the budgets count that notifications do not say. */
  readonly budgetMap?: BudgetMap;
  /** Earlier amounts, for `cost_rate_change`. */
  readonly history?: History;
  /** Kept between evaluations it saves making formatters anew. */
  readonly clock?: LocalClock;
}

/**
 * What a policy makes of an event. It calls for a response where one of the causes does; it is unknown where none does
 * and one of them is unknown; else it is let pass.
 */
export type Evaluation = CauseEvaluation & { readonly event: CostEvent; readonly causes: readonly CauseEvaluation[] };

export interface CauseEvaluation {
  readonly outcome: Outcome;
  readonly cause: Cause;
  /** Which of the event's causes. */
  readonly causeIndex: number;
  /** The first condition that lets the event pass, or the first that is unknown; absent where a response is called for. */
  readonly by?: CompiledCondition;
  /** Of `unknown`: every condition that is unknown, in the policy's order. */
  readonly undecided: readonly CompiledCondition[];
  /** Of `unknown`: the attributes that would have to be known. */
  readonly missing: readonly string[];
}

export type Outcome = 'respond' | 'passes' | 'unknown';

/**
 * Evaluates one event against one policy.
 *
 * @returns the evaluation of the cause that decides, with those of all causes, and the event with what the budget map
 *   and the history add to it
 */
export function evaluateGuardrail(
  compiled: CompiledGuardrail,
  event: CostEvent,
  options: EvaluationOptions,
): Evaluation {
  const enriched = enrich(event, options);
  const clock = options.clock ?? new LocalClock();
  const causes = enriched.causes.map((cause, causeIndex) => {
    const environment: Environment = {
      attribute: (name) => attributeOf(enriched, cause, name, options.at, clock),
      parameter: () => undefined,
    };
    return evaluateCause(compiled, environment, cause, causeIndex);
  });
  const deciding = causes.find(({ outcome }) => outcome === 'respond') ??
    causes.find(({ outcome }) => outcome === 'unknown') ??
    causes[0] ?? {
      // Every reader gives a cause; an event without one says nothing.
      outcome: 'unknown' as const,
      cause: {},
      causeIndex: 0,
      undecided: [],
      missing: [],
    };
  return { ...deciding, event: enriched, causes };
}

/** The event with what the budget map and the history know of it. */
export function enrich(
  event: CostEvent,
  { budgetMap, history }: Pick<EvaluationOptions, 'budgetMap' | 'history'>,
): CostEvent {
  const mapped = budgetMap === undefined ? event : withBudgetMap(event, budgetMap);
  return history === undefined ? mapped : withHistory(mapped, history);
}

function evaluateCause(
  { conditions }: CompiledGuardrail,
  environment: Environment,
  cause: Cause,
  causeIndex: number,
): CauseEvaluation {
  const undecided: CompiledCondition[] = [];
  for (const condition of conditions) {
    const passes = evaluate(condition.passes, environment);
    if (passes === true) return { outcome: 'passes', cause, causeIndex, by: condition, undecided: [], missing: [] };
    if (passes === undefined) undecided.push(condition);
  }
  const [by] = undecided;
  if (by === undefined) return { outcome: 'respond', cause, causeIndex, undecided, missing: [] };
  const names = mentionedValues(undecided.map(({ passes }) => passes)).keys();
  const missing = [...names].filter((name) => environment.attribute(name) === undefined);
  return { outcome: 'unknown', cause, causeIndex, by, undecided, missing };
}
