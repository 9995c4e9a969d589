import { evaluate } from '../expressions/evaluate.ts';
import { mentionedValues } from '../expressions/mentioned-values.ts';
import { decide, sourceOf } from '../ir/evaluate.ts';
import { type Decision, decisionAt, type Origin, type Policy } from '../ir/policy.ts';
import type { Target } from '../target.ts';
import { effectWord, expectedWord, isExpected } from './expected.ts';
import type { PolicyTest, Question, QuestionCase } from './policy-test.ts';

export interface TestResult {
  readonly passed: boolean;
  readonly expected: string;
  /** The answer, as the policy would say it: `errno(EPERM)`, `no-match`; `unknown` where it depends on what was not said. */
  readonly actual: string;
  /** What the answer depends on, or on which architecture it is; empty where there is nothing more to say. */
  readonly because: string;
  /** What decided. */
  readonly by?: { readonly topic: string; readonly origin: Origin };
}

/** Asks a policy a question about a decision, by the reference evaluator. */
export function runDecisionTest(
  { expected }: Pick<PolicyTest, 'expected'>,
  question: Extract<Question, { kind: 'decision' }>,
  policy: Policy,
  target: Target,
): TestResult {
  const wanted = expectedWord(expected.value);
  const cases = question.cases(policy, target);
  if (cases.length === 0) {
    return { passed: false, expected: wanted, actual: 'unknown', because: 'the target has no such call' };
  }
  const decision = decisionAt(policy, question.point);
  let answer: TestResult | undefined;
  for (const each of cases) {
    const { where } = each;
    const found = answerOf(decision, each);
    const passed = found.effect !== undefined && isExpected(expected.value, found.effect);
    const result: TestResult = {
      passed,
      expected: wanted,
      actual: found.effect === undefined ? 'unknown' : effectWord(found.effect),
      because: [where === '' || passed ? '' : `on ${where}`, found.because].filter((part) => part !== '').join(', '),
      ...(found.by === undefined ? {} : { by: found.by }),
    };
    if (!passed) return result;
    answer ??= result;
  }
  return answer!;
}

function answerOf(decision: Decision | undefined, asked: QuestionCase) {
  if (decision === undefined) {
    return { effect: { kind: 'allow' } as const, because: 'the policy says nothing of it', by: undefined };
  }
  const environment = { attribute: asked.attribute, parameter: () => undefined };
  const verdict = decide(decision, environment);
  if (verdict !== undefined) {
    const { topic, origin } = sourceOf(verdict.by, environment);
    return { effect: verdict.effect, because: '', by: { topic, origin } };
  }
  const open = decision.rules.filter(({ when }) => evaluate(when, environment) === undefined);
  const names = [...mentionedValues(open.map(({ when }) => when)).keys()];
  const missing = names.filter((name) => asked.attribute(name) === undefined);
  const { topic, origin } = open[0] ?? decision.otherwise;
  return { effect: undefined, because: `it depends on ${missing.join(', ')}`, by: { topic, origin } };
}
