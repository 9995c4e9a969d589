import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { hasWildcard } from '../../expressions/glob.ts';
import type { Decision, Rule } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';
import { deniedRules } from './deny-clauses.ts';
import type { DenyDocuments, DenyQuota } from './deny-documents.ts';

/** How a place of deny policies speaks of itself. */
export interface DenyPlace {
  /** `a managed policy`. */
  readonly what: string;
  /** `managed policies`. */
  readonly many: string;
  /** Who can have so many of them: `a role or user`. */
  readonly holder: string;
  /** What is lost of every rule, whatever it says. */
  readonly lost?: string;
}

/** The answer for each rule of the decision and for what no rule denies. */
export function denyCoverage(decision: Decision, made: DenyDocuments, place: DenyPlace): readonly Coverage[] {
  const notes = new Map(deniedRules(decision).map(({ rule, clauses }) => [rule.id, noteOn(clauses)]));
  const answer = (rule: string, enforced: string): Coverage =>
    place.lost === undefined
      ? { rule, status: 'full', enforced }
      : { rule, status: 'partial', enforced, lost: place.lost };
  const rules = decision.rules.map((rule): Coverage => {
    if (made.unsayable.includes(rule)) {
      return { rule: rule.id, status: 'none', lost: 'no statement of an IAM policy says this condition' };
    }
    if (made.tooLong.includes(rule)) {
      return { rule: rule.id, status: 'none', lost: `its conditions do not fit into ${place.what}` };
    }
    const patterns = made.shortened ? ', among patterns that stand for it and its neighbours' : '';
    return answer(rule.id, `denied by ${place.what}${notes.get(rule.id) ?? ''}${patterns}`);
  });
  const { id, effect } = decision.otherwise;
  return [
    ...rules,
    effect.kind === 'allow'
      ? answer(id, 'what no statement names is left alone')
      : { rule: id, status: 'none', lost: 'deny policies name what they deny' },
  ];
}

function noteOn(clauses: ReturnType<typeof deniedRules>[number]['clauses']): string {
  const wild = clauses?.some(({ actions }) => actions.some(hasWildcard)) ?? false;
  return wild ? ', also for actions that AWS adds later under the pattern' : '';
}

/** What the quotas of the target refuse, each with what would help. */
export function denyProblems(
  decision: Decision,
  made: DenyDocuments,
  quota: DenyQuota,
  place: DenyPlace,
): readonly Diagnostic[] {
  const problems: Diagnostic[] = made.tooLong.map((rule) =>
    report('POL7201', rule.origin.span, { topic: rule.topic, what: place.what, most: quota.characters }),
  );
  const [first] = decision.rules;
  if (first === undefined) return problems;
  if (made.exceeds) {
    const values = { count: made.documents.length, many: place.many, holder: place.holder, most: quota.documents };
    problems.push(report('POL7200', first.origin.span, values, { notes: largest(decision.rules) }));
  } else if (made.shortened) {
    problems.push(report('POL6050', first.origin.span, { many: place.many, most: quota.documents }));
  }
  return problems;
}

/** The services that take up most room, since leaving one of them out helps most. */
function largest(rules: readonly Rule[]): readonly string[] {
  const sizes = new Map<string, { actions: number; characters: number }>();
  for (const { clauses } of deniedRules({ rules })) {
    for (const action of clauses?.flatMap(({ actions }) => actions) ?? []) {
      const service = action.slice(0, action.indexOf(':'));
      const size = sizes.get(service) ?? { actions: 0, characters: 0 };
      sizes.set(service, { actions: size.actions + 1, characters: size.characters + action.length + 3 });
    }
  }
  return [...sizes]
    .sort(([, left], [, right]) => right.characters - left.characters)
    .slice(0, 3)
    .map(([service, { actions, characters }]) => `\`${service}\`: ${actions} actions, ${characters} characters`);
}
