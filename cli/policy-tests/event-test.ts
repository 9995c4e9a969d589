import type { CompiledCondition, CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { decisionAt, type Origin, type Policy } from '../../compiler/ir/policy.ts';
import { expectedWord } from '../../compiler/policy-tests/expected.ts';
import type { PolicyTest, Question, SaidEvent } from '../../compiler/policy-tests/policy-test.ts';
import type { TestResult } from '../../compiler/policy-tests/run.ts';
import { evaluateGuardrail } from '../../runtime/guardrail/evaluate.ts';
import { readEvents } from '../../runtime/guardrail/events/read-events.ts';

type EventQuestion = Extract<Question, { kind: 'event' }>;

/** What a guardrail is asked about events with. */
export interface GuardrailUnderTest {
  readonly policy: Policy;
  /** Undefined where it is switched off. */
  readonly compiled: CompiledGuardrail | undefined;
  /** The text of a file that the policy names; undefined where it cannot be read. */
  read(file: string): string | undefined;
}

/** Asks a guardrail what it makes of an event. */
export function runEventTest(
  { expected }: Pick<PolicyTest, 'expected'>,
  { event, at }: EventQuestion,
  { policy, compiled, read }: GuardrailUnderTest,
): TestResult {
  const wanted = expectedWord(expected.value);
  const answer = (actual: string, because: string, by?: TestResult['by']): TestResult => ({
    passed: actual === wanted,
    expected: wanted,
    actual,
    because,
    ...(by === undefined ? {} : { by }),
  });
  const open = (because: string): TestResult => ({ ...answer('unknown', because), passed: false });
  if (compiled === undefined) return answer('no-match', 'the policy is switched off');
  const { value } = event;
  const name = typeof value === 'string' ? value : 'the event';
  const text = typeof value === 'string' ? read(value) : normalised(value);
  if (text === undefined) return open(`\`${name}\` cannot be read`);
  const { events, diagnostics } = readEvents(text, name);
  const [wrong] = diagnostics.filter(({ severity }) => severity === 'error');
  if (wrong !== undefined) return open(`\`${name}\`: ${wrong.message}`);
  const [only, ...others] = events;
  if (only === undefined || others.length > 0) return open(`\`${name}\` has ${events.length} events, not one`);
  const [timeless, timed] = byClock(compiled);
  if (at === undefined && timed.length > 0) {
    // What lets the event pass at any time needs no time to be said.
    const anytime = evaluateGuardrail({ ...compiled, conditions: timeless }, only, { at: 0 });
    if (anytime.outcome === 'passes') return answer('no-match', '', sourceOf(anytime.by, policy));
    return { ...open('it depends on the time: say `at`'), ...by(timed[0], policy) };
  }
  const found = evaluateGuardrail(compiled, only, { at: at ?? 0 });
  switch (found.outcome) {
    case 'respond':
      return answer('match', '');
    case 'passes':
      return answer('no-match', '', sourceOf(found.by, policy));
    case 'unknown':
      return answer('unknown', `it depends on ${found.missing.join(', ')}`, sourceOf(found.by, policy));
    default: {
      const unreachable: never = found.outcome;
      return unreachable;
    }
  }
}

/** The conditions that do not look at the clock, and those that do. */
function byClock({ conditions }: CompiledGuardrail): readonly [CompiledCondition[], CompiledCondition[]] {
  const looks = ({ passes }: CompiledCondition) =>
    [...mentionedValues([passes]).keys()].some((name) => name.includes('@'));
  return [conditions.filter((each) => !looks(each)), conditions.filter(looks)];
}

function by(condition: CompiledCondition | undefined, policy: Policy): Pick<TestResult, 'by'> {
  const found = sourceOf(condition, policy);
  return found === undefined ? {} : { by: found };
}

function sourceOf(
  condition: CompiledCondition | undefined,
  policy: Policy,
): { readonly topic: string; readonly origin: Origin } | undefined {
  return decisionAt(policy, 'cost-event')?.rules.find(({ id }) => id === condition?.rule);
}

/** As JSON in the form into which every event is brought. */
function normalised({ source, account, amount, service, region, forecast, tags }: SaidEvent): string {
  const details = { service, region, forecast, tags: tags === undefined ? undefined : Object.fromEntries(tags) };
  const head = { event_id: 'test', source, account_id: account, amount, time_window: 'monthly' };
  return JSON.stringify({ ...head, details });
}
