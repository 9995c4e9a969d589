import { printPredicate } from '../../../expressions/print.ts';
import type { EnforcementLevel } from '../../../ir/obligation.ts';
import type {
  Adaptive,
  Decision,
  Enforceable,
  Limit,
  Obligation,
  Point,
  Policy,
  PolicyLevel,
  Rule,
} from '../../../ir/policy.ts';
import { printEffect } from '../../../ir/print.ts';
import { printObligation } from '../../../ir/print-obligation.ts';
import { modeRank } from './lowering.ts';

const ascending: readonly EnforcementLevel[] = ['direct', 'sandbox', 'hardened'];

/**
 * The levels that a program can be moved to while it runs; undefined where the policy has no transitions.
 *
 * @param start the policy as it is at its own mode
 * @param at the policy as it would be at another
 */
export function lowerLevels(
  start: Policy,
  mode: EnforcementLevel,
  at: (level: EnforcementLevel) => Policy,
): Adaptive | undefined {
  const wanted = new Set(start.obligations.flatMap((each) => (each.kind === 'transition' ? [each.to] : [])));
  if (wanted.size === 0) return undefined;
  const stricter = ascending.filter((level) => wanted.has(level) && modeRank[level] > modeRank[mode]);
  return { start: mode, levels: stricter.map((level) => otherwiseThan(start, level, at(level))) };
}

/** What a level says that the start does not say in the same words; performance is no matter of levels. */
function otherwiseThan(start: Policy, level: EnforcementLevel, policy: Policy): PolicyLevel {
  const known = new Set([
    ...start.decisions.map(decisionText),
    ...start.limits.map(limitText),
    ...start.obligations.map(printObligation),
  ]);
  const ids = new Map(
    start.decisions.flatMap(({ point, rules, otherwise }) => [
      ...rules.map((rule) => [ruleText(point, rule), rule.id] as const),
      [`${point} ${printEffect(otherwise.effect)}`, otherwise.id] as const,
    ]),
  );
  const named = <Node extends Enforceable>(node: Node): Node => ({
    ...node,
    id: `${level}/${node.id}`,
    topic: `adaptive.${level}.${node.topic}`,
  });
  const taken = new Set<string>();
  const sameOr = <Node extends Enforceable>(id: string | undefined, node: Node): Node => {
    if (id === undefined || taken.has(id)) return named(node);
    taken.add(id);
    return { ...node, id };
  };
  const isRule = ({ kind }: Obligation) => kind !== 'run-with' && kind !== 'transition';
  return {
    level,
    decisions: policy.decisions
      .filter((decision) => !known.has(decisionText(decision)))
      .map((decision) => ({
        ...decision,
        rules: decision.rules.map((rule) => sameOr(ids.get(ruleText(decision.point, rule)), rule)),
        otherwise: sameOr(ids.get(`${decision.point} ${printEffect(decision.otherwise.effect)}`), decision.otherwise),
      })),
    limits: policy.limits.filter((limit) => !known.has(limitText(limit))).map(named),
    obligations: policy.obligations.filter((each) => isRule(each) && !known.has(printObligation(each))).map(named),
  };
}

function ruleText(point: Point, { when, effect, optional, origin }: Rule): string {
  return `${point} ${printEffect(effect)} ${optional ?? false} ${printPredicate(when)} ${origin.span.start}`;
}

function decisionText({ point, combine, rules, otherwise }: Decision): string {
  const lines = rules.map((rule) => ruleText(point, rule));
  return [point, combine, ...lines, printEffect(otherwise.effect)].join('\n');
}

function limitText({ resource, ceiling: { amount, unit } }: Limit): string {
  return `${resource} ${amount} ${unit}`;
}
