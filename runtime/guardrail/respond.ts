import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { AuditEntry } from '../audit/record.ts';
import type { CostEvent } from './cost-event.ts';
import { type EvaluationOptions, enrich, evaluateGuardrail } from './evaluate.ts';
import { evaluationRecord, listingRecords, passedRecords } from './evaluation-records.ts';
import { isOfFuture } from './event-age.ts';
import { readEvents } from './events/read-events.ts';
import { type GuardrailSet, guardrailSet } from './guardrail-set.ts';
import { LocalClock } from './local-time.ts';
import type { ApplyOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { respondByMode } from './respond-by-mode.ts';
import { audit, type Guardrails, type ResponseWorld, recordOf } from './world.ts';

/**
 * What one policy did about one event that it does not let pass.
 * - `undecided`: something that the policy asks about is unknown. Nothing is done.
 * - `held`: in the mode auto, the event is too old, or without a date. Nothing is done.
 * - `would_respond`: in the mode dry_run, or in a dry run.
 * - `asked`, `waiting`, `answered`: approval was asked for now, was asked for before, or was given or refused before.
 * - `acted`: carried out, as `outcome` says.
 * - `failed`: nothing was done, as the diagnostics say.
 */
export interface PolicyResponse {
  readonly policy: string;
  readonly mode: Plan['mode'];
  readonly breach: string;
  readonly result: 'undecided' | 'held' | 'would_respond' | 'asked' | 'waiting' | 'answered' | 'acted' | 'failed';
  readonly plan?: Plan;
  /** Of `undecided`: the attributes that are unknown. */
  readonly missing?: readonly string[];
  /** Of `held`: why, as it follows on “the event is”. */
  readonly why?: string;
  /** Of `asked`, where there is nobody to send it to: with it whoever runs this can answer. */
  readonly token?: string;
  /** Of `acted`, and of a dry run. */
  readonly outcome?: ApplyOutcome;
  readonly diagnostics: readonly Diagnostic[];
}

export interface EventResponse {
  readonly event: CostEvent;
  /** In the order of the policies' ids, in which they were carried out. */
  readonly policies: readonly PolicyResponse[];
  /** How many others let the event pass. */
  readonly passed: number;
}

export interface Response {
  readonly events: readonly EventResponse[];
  /** Of reading the events; those of each policy stand with it. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads events and lets every guardrail respond to each by its mode. Every decision is in the audit log before it is
 * carried out. An event that cannot be read is refused, with no call made for it.
 *
 * @param path what messages call the text
 * @throws AuditFailure: what was not carried out by then is not
 */
export async function respondTo(
  text: string,
  path: string,
  guardrails: Guardrails,
  world: ResponseWorld,
  options: Omit<EvaluationOptions, 'at'> = {},
): Promise<Response> {
  const { events, diagnostics } = readEvents(text, path);
  const at = world.now();
  const [early, due] = [events.filter(isEarly(at)), events.filter((event) => !isEarly(at)(event))];
  const found = [...diagnostics, ...early.map((event) => tooEarly(event, path))];
  const refused = found.filter(({ severity }) => severity === 'error');
  audit(
    world,
    refused.map(({ code, message, span }) =>
      recordOf(world, {
        action: 'guardrail.read',
        subject: path,
        decision: 'refused',
        reasons: [{ text: `${code} ${message}`, span }],
        policy_hash: '',
      }),
    ),
  );
  const set = guardrailSet(guardrails);
  const records = due.length === 0 ? [] : [...listingRecords(set, world)];
  const clock = new LocalClock();
  const responses: EventResponse[] = [];
  for (const event of due) responses.push(await respondToEvent(event, set, records, world, { ...options, clock }));
  audit(world, records);
  return { events: responses, diagnostics: found };
}

/** Records of events that nobody responds to are written together. */
const mostRecords = 1000;

/** @param records still to be written: before anything is done, and at the end */
async function respondToEvent(
  event: CostEvent,
  set: GuardrailSet,
  records: AuditEntry[],
  world: ResponseWorld,
  options: Omit<EvaluationOptions, 'at'>,
): Promise<EventResponse> {
  const at = world.now();
  const enriched = enrich(event, options);
  const evaluated = set.index.match(enriched, at).map(({ policy }) => {
    const guardrail = set.ordered[policy]!;
    // The index finds what `evaluateGuardrail` finds, and that says why.
    const evaluation = evaluateGuardrail(guardrail.compiled, enriched, {
      at,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    return { guardrail, evaluation };
  });
  records.push(...evaluated.map(({ guardrail, evaluation }) => evaluationRecord(guardrail, evaluation, world)));
  const others = evaluated.map(({ guardrail }) => guardrail.compiled.policy);
  records.push(...passedRecords(set, enriched, others, world));
  if (evaluated.length > 0 || records.length > mostRecords) audit(world, records.splice(0));
  const policies: PolicyResponse[] = [];
  for (const { guardrail, evaluation } of evaluated) policies.push(await respondByMode(guardrail, evaluation, world));
  return { event: enriched, policies, passed: set.ordered.length - evaluated.length };
}

function isEarly(at: number): (event: CostEvent) => boolean {
  return ({ dated }) => dated !== undefined && isOfFuture(dated, at);
}

function tooEarly({ dated, places }: CostEvent, path: string): Diagnostic {
  const span = places.get('date') ?? places.get('source') ?? { file: path, start: 0, end: 0 };
  return report('POL2052', span, { date: new Date(dated?.from ?? 0).toISOString().slice(0, 16) });
}
