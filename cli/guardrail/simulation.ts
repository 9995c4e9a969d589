import type { CompiledCondition } from '../../compiler/backends/guardrail/format.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';
import {
  type CauseEvaluation,
  type EvaluationOptions,
  enrich,
  evaluateGuardrail,
} from '../../runtime/guardrail/evaluate.ts';
import { timelinessOf, whyHeld } from '../../runtime/guardrail/event-age.ts';
import { placeOf } from '../../runtime/guardrail/places.ts';
import type { PlannedResponse } from '../../runtime/guardrail/plan.ts';
import { responseTo } from '../../runtime/guardrail/plan-for.ts';
import { attributeText, unknownText } from './event-wording.ts';
import type { LoadedGuardrail } from './load-policies.ts';

/** What becomes of one event at one policy. */
export interface SimulatedPolicy {
  readonly policy: LoadedGuardrail;
  /** `held`: it calls for a response that the policy does not begin by itself, since the event is old, undated or early. */
  readonly outcome: 'matches' | 'held' | 'passes' | 'exempt' | 'unknown' | 'disabled';
  /** Of `matches` and `held`. */
  readonly plan?: PlannedResponse;
  /** Of `held`: why, as it follows on “the event is”. */
  readonly held?: string;
  /** The condition that lets the event pass, or every one that is unknown. */
  readonly reasons: readonly Reason[];
}

/** Both sides of a condition: what the policy asks, and what the event says. */
export interface Reason {
  readonly condition: CompiledCondition;
  /** Where the event says it, where it is the event that does. */
  readonly eventSpan: Span | undefined;
  readonly eventText: string;
}

export interface SimulatedEvent {
  /** With what the budget map and the history add. */
  readonly event: CostEvent;
  /** In the order of the policies' ids, in which responses are carried out. */
  readonly policies: readonly SimulatedPolicy[];
}

/** Evaluates one event against every policy. */
export function simulate(
  event: CostEvent,
  policies: readonly LoadedGuardrail[],
  options: EvaluationOptions,
): SimulatedEvent {
  const enriched = enrich(event, options);
  return { event: enriched, policies: policies.map((policy) => simulatePolicy(enriched, policy, options)) };
}

function simulatePolicy(event: CostEvent, policy: LoadedGuardrail, options: EvaluationOptions): SimulatedPolicy {
  const { compiled } = policy;
  if (compiled === undefined) return { policy, outcome: 'disabled', reasons: [] };
  // The event has what the map and the history add already; the clock saves a formatter for each policy.
  const { at, clock } = options;
  const evaluation = evaluateGuardrail(compiled, event, { at, ...(clock === undefined ? {} : { clock }) });
  switch (evaluation.outcome) {
    case 'respond': {
      const plan = responseTo(compiled, event);
      const { maxEventAgeMinutes: most } = compiled;
      const timeliness = timelinessOf(event, options.at, most);
      // Whoever is asked looks at the date; to what is still to come no policy responds.
      if (timeliness === 'current' || (plan.mode !== 'auto' && timeliness !== 'future')) {
        return { policy, outcome: 'matches', plan, reasons: [] };
      }
      return { policy, outcome: 'held', plan, held: whyHeld(event, timeliness, options.at, most), reasons: [] };
    }
    case 'passes': {
      const exempt = evaluation.by?.topic.startsWith('exceptions.') === true;
      const reasons = evaluation.by === undefined ? [] : [passedReason(evaluation.by, evaluation, event, options)];
      return { policy, outcome: exempt ? 'exempt' : 'passes', reasons };
    }
    case 'unknown': {
      const reasons = evaluation.undecided.map((condition) => unknownReason(condition, evaluation, event, options));
      return { policy, outcome: 'unknown', reasons };
    }
    default: {
      const unreachable: never = evaluation.outcome;
      return unreachable;
    }
  }
}

function passedReason(
  condition: CompiledCondition,
  { cause, causeIndex }: CauseEvaluation,
  event: CostEvent,
  { at }: EvaluationOptions,
): Reason {
  const name = attributeNamed(condition);
  return {
    condition,
    eventSpan: placeOf(event, name, causeIndex),
    eventText: attributeText(name, event, cause, at),
  };
}

function unknownReason(
  condition: CompiledCondition,
  { missing, causeIndex }: CauseEvaluation,
  event: CostEvent,
  { budgetMap, history }: EvaluationOptions,
): Reason {
  const names = [...mentionedValues([condition.passes]).keys()];
  const name = names.find((each) => missing.includes(each)) ?? attributeNamed(condition);
  const given = { budgetMap: budgetMap !== undefined, history: history !== undefined };
  // What is absent has no place: the event itself has.
  const eventSpan = placeOf(event, 'subject', causeIndex) ?? event.places.get('source');
  return { condition, eventSpan, eventText: unknownText(name, event, given) };
}

/** Every condition is about one attribute, but for windows, whose weekday and minute are one time. */
function attributeNamed({ passes }: CompiledCondition): string {
  const [name = ''] = mentionedValues([passes]).keys();
  return name;
}
