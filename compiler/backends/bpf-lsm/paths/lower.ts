import {
  and,
  attribute,
  compare,
  literal,
  never,
  not,
  or,
  type Predicate,
  type Term,
} from '../../../expressions/predicate.ts';
import { type Decision, decisionAt, type Effect, type Policy, type Rule } from '../../../ir/policy.ts';
import { landlockRight } from '../../../tables/landlock.ts';
import type { Target } from '../../../target.ts';
import { type PathGrant, pathGrants } from '../../landlock/path-grants.ts';
import type { PlannedRule } from '../hook/plan.ts';
import { specialise } from '../hook/specialise.ts';
import { demandingHooks, demandsAt, isMetadata, type PathDemand } from './demands.ts';

/** EACCES, with which Landlock refuses. */
const refusal: Effect = { kind: 'errno', errno: 13 };

/**
 * The decision about paths where programs hold what Landlock loses of it: on a target that takes programs, beside a Landlock
 * that refuses what no rule grants.
 */
export function heldDecision(policy: Policy, { bpfLsm, landlock }: Target): Decision | undefined {
  const decision = decisionAt(policy, 'path');
  if (!bpfLsm || landlock === 0 || decision?.otherwise.effect.kind !== 'deny') return undefined;
  return decision.combine === 'first-match' && decision.rules.some(({ effect }) => effect.kind !== 'allow')
    ? undefined
    : decision;
}

/** What a rule denies beneath which paths; undefined for a rule that allows, or denies what cannot be said so. */
export function denialsOf({ effect, when }: Rule): readonly PathGrant[] | undefined {
  return effect.kind === 'deny' ? pathGrants(when) : undefined;
}

/** Whether Landlock leaves the right alone at a hook, so that its program answers for all that the policy says of it. */
function isLeftAlone(hook: string, right: string, abi: number): boolean {
  return isMetadata(hook) || (right === 'truncate' && (landlockRight(right)?.abi ?? 0) > abi);
}

/** The hooks whose programs hold what Landlock loses, sorted. */
export function pathHooks(policy: Policy, target: Target): readonly string[] {
  if (heldDecision(policy, target) === undefined) return [];
  return demandingHooks(target.kernel).filter((hook) => pathRules(policy, target, hook).length > 0);
}

/** The rules by which the program of a hook refuses what Landlock lets pass. */
export function pathRules(policy: Policy, target: Target, hook: string): readonly PlannedRule[] {
  const decision = heldDecision(policy, target);
  if (decision === undefined) return [];
  return demandsAt(hook, target.kernel).flatMap((demand) => {
    const denying = decision.rules.flatMap((rule): readonly PlannedRule[] => {
      const when = deniedAt(denialsOf(rule) ?? [], demand);
      return when === never ? [] : [{ node: rule, when: and(demand.given, when), effect: refusal }];
    });
    if (!isLeftAlone(hook, demand.right, target.landlock)) return denying;
    const { field, right } = demand;
    const allowing = decision.rules
      .filter(({ effect }) => effect.kind === 'allow')
      .map(({ when }) => renamed(specialise(when, { right }), field));
    const inTree = compare(attribute(field), '!=', literal(''));
    const when = and(demand.given, inTree, not(or(...allowing)));
    return [...denying, { node: decision.otherwise, when, effect: refusal }];
  });
}

/** Where a demand meets what is denied; `never` where it does nowhere. */
function deniedAt(denials: readonly PathGrant[], { field, right, above }: PathDemand): Predicate {
  const term = attribute(field);
  const found: Predicate[] = [];
  for (const { pattern, rights } of denials) {
    if (right !== 'any' && rights?.includes(right) === false) continue;
    found.push({ kind: 'beneath', term, pattern });
    if (above !== true) continue;
    const components = pattern.split('/');
    for (let end = 2; end < components.length; end += 1) {
      const folder = components.slice(0, end).join('/');
      found.push(
        and({ kind: 'beneath', term, pattern: folder }, not({ kind: 'beneath', term, pattern: `${folder}/*` })),
      );
    }
  }
  return found.length === 0 ? never : or(...found);
}

/** The predicate with another attribute in the place of the path. */
function renamed(predicate: Predicate, field: string): Predicate {
  const termOf = (term: Term): Term => (term.kind === 'attribute' && term.name === 'path' ? attribute(field) : term);
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind, of: predicate.of.map((each) => renamed(each, field)) };
    case 'not':
      return not(renamed(predicate.of, field));
    case 'compare':
      return { ...predicate, left: termOf(predicate.left), right: termOf(predicate.right) };
    case 'constant':
      return predicate;
    default:
      return { ...predicate, term: termOf(predicate.term) };
  }
}
