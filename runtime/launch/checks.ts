import { type Environment, evaluate } from '../../compiler/expressions/evaluate.ts';
import { not } from '../../compiler/expressions/predicate.ts';
import { type LaunchStep, launchSteps, type StepOutcome, stepOf } from '../../compiler/ir/launch.ts';
import { effectiveLimits, type LimitBody, limitHolds, limitsOf } from '../../compiler/ir/launch-limits.ts';
import type { Policy, Rule } from '../../compiler/ir/policy.ts';
import { limitWords } from './limit-words.ts';
import type { LaunchSubject, LimitWords } from './sayings.ts';

/** What is printed of one limit, or of several that hold and of which the same is said. */
export interface LaunchCheck {
  readonly step: LaunchStep;
  readonly passed: boolean;
  /** `Template in whitelist`. */
  readonly text: string;
  /** What it is said of: `HIPAA approved`. */
  readonly notes: readonly string[];
  /** Of one that passed all that say it; of one that did not, those that refuse. */
  readonly rules: readonly Rule[];
}

/** Why one rule refuses. */
export interface Violation {
  readonly step: LaunchStep;
  readonly rule: Rule;
  readonly outcome: 'denied' | 'unknown';
  /** `Instance type 'c5.4xlarge' not allowed by AMI policy`. */
  readonly text: string;
  /** What people are told beneath the checks. */
  readonly lines: readonly string[];
}

/** The checks that a launch passes and fails, in the order of the steps: one for each limit that its policies leave. */
export function launchChecks(
  policy: Policy,
  environment: Environment,
  outcomes: readonly StepOutcome[],
  subject: LaunchSubject,
): readonly LaunchCheck[] {
  const refusing = new Set(outcomes.flatMap(({ rule, outcome }) => (outcome === 'holds' ? [] : [rule])));
  const told = new Set<Rule>();
  const checks = effectiveLimits(policy).map((limit): LaunchCheck => {
    const holds = evaluate(limitHolds(limit), environment);
    const rules = [...limit.sources, ...limit.looser];
    const refused = rules.filter((rule) => refusing.has(rule));
    if (holds !== true) for (const rule of refused) told.add(rule);
    const blamed = refused[0] ?? limit.sources[0]!;
    return check(blamed, limit, holds, subject, holds === true || refused.length === 0 ? rules : refused);
  });
  // A rule that refuses is told of in any case.
  const others = outcomes
    .filter(({ rule, outcome }) => outcome !== 'holds' && !told.has(rule))
    .map(({ rule }) => check(rule, ...failing(rule, environment), subject, [rule]));
  const all = [...checks, ...others];
  return launchSteps.flatMap((step) => joined(all.filter((each) => each.step === step)));
}

/** Why each rule that refuses does, in the order of the steps. */
export function launchViolations(
  environment: Environment,
  outcomes: readonly StepOutcome[],
  subject: LaunchSubject,
): readonly Violation[] {
  return outcomes.flatMap(({ step, rule, outcome }): readonly Violation[] => {
    if (outcome === 'holds') return [];
    const [limit, holds] = failing(rule, environment);
    const { violation, lines } = limitWords(limit, rule, subject, holds === undefined);
    return [{ step, rule, outcome, text: violation, lines: lines ?? [`Error: ${violation}`] }];
  });
}

function check(
  rule: Rule,
  limit: LimitBody,
  holds: boolean | undefined,
  subject: LaunchSubject,
  rules: readonly Rule[],
): LaunchCheck {
  const words: LimitWords = limitWords(limit, rule, subject, holds === undefined);
  return {
    step: stepOf(rule.id),
    passed: holds === true,
    text: holds === true ? words.holds : words.fails,
    notes: holds === true && words.note !== undefined ? [words.note] : [],
    rules,
  };
}

/** The first of a rule's limits that is not kept, and whether it is known not to be. */
function failing(rule: Rule, environment: Environment): readonly [LimitBody, boolean | undefined] {
  for (const limit of limitsOf(rule)) {
    const holds = evaluate(limitHolds(limit), environment);
    if (holds !== true) return [limit, holds];
  }
  return [{ kind: 'condition', holds: not(rule.when) }, evaluate(not(rule.when), environment)];
}

/** Checks of which the same is said, as one. */
function joined(checks: readonly LaunchCheck[]): readonly LaunchCheck[] {
  const byText = new Map<string, LaunchCheck>();
  for (const each of checks) {
    const key = `${each.passed} ${each.text}`;
    const other = byText.get(key);
    const both = (list: 'notes' | 'rules') => [...new Set<Rule | string>([...(other?.[list] ?? []), ...each[list]])];
    byText.set(
      key,
      other === undefined
        ? each
        : { ...each, notes: both('notes') as readonly string[], rules: both('rules') as readonly Rule[] },
    );
  }
  return [...byText.values()];
}
