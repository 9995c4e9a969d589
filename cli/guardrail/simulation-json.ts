import { type Place, placeAt, type Sources } from '../../compiler/diagnostics/render/sources.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { Cause, CostEvent } from '../../runtime/guardrail/cost-event.ts';
import { type PlanFields, planFields } from './plan-fields.ts';
import type { Reason, SimulatedEvent, SimulatedPolicy } from './simulation.ts';

/** What `polc simulate --format json` prints. */
export interface SimulationJson {
  /** When, in RFC 3339. */
  readonly at: string;
  readonly events: readonly {
    readonly event: EventFields;
    /** Of the policies that match, in the order in which they would act; of those that are held too, with `held`. */
    readonly plans: readonly PlanFields[];
    readonly policies: readonly {
      readonly policy: string;
      readonly outcome: SimulatedPolicy['outcome'];
      /** Of `held`: why. */
      readonly why?: string;
      readonly reasons: readonly ReasonFields[];
    }[];
  }[];
}

interface EventFields {
  readonly event_id: string;
  readonly source: CostEvent['source'];
  readonly account_id: string;
  readonly amount: number;
  readonly forecast: boolean;
  readonly subject: string;
  readonly time_window: string;
  readonly causes: readonly Cause[];
}

interface ReasonFields {
  readonly field: string;
  readonly policy: { readonly file: string } & Place;
  /** Absent where it is not the event that says it: a time. */
  readonly event?: { readonly file: string } & Partial<Place>;
  readonly because: string;
}

export function simulationJson(simulated: readonly SimulatedEvent[], at: string, sources: Sources): SimulationJson {
  return {
    at,
    events: simulated.map(({ event, policies }) => ({
      event: eventFields(event),
      plans: policies.flatMap(({ plan, policy, held }) =>
        plan === undefined ? [] : [planFields({ ...plan, policyHash: policy.hash() }, policy.policy, held)],
      ),
      policies: policies.map(({ policy, outcome, held, reasons }) => ({
        policy: policy.name,
        outcome,
        ...(held === undefined ? {} : { why: held }),
        reasons: reasons.map((reason) => reasonFields(reason, sources)),
      })),
    })),
  };
}

function eventFields({ id, source, account, amount, forecast, subject, period, causes }: CostEvent): EventFields {
  return { event_id: id, source, account_id: account, amount, forecast, subject, time_window: period, causes };
}

function reasonFields({ condition, eventSpan, eventText }: Reason, sources: Sources): ReasonFields {
  const { file, line, column } = condition.at;
  return {
    field: condition.topic,
    policy: { file, line, column },
    ...(eventSpan === undefined ? {} : { event: placeFields(eventSpan, sources) }),
    because: eventText,
  };
}

function placeFields(span: Span, sources: Sources): { readonly file: string } & Partial<Place> {
  const source = sources(span.file);
  return source === undefined ? { file: span.file } : { file: span.file, ...placeAt(source, span.start) };
}
