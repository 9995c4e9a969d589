import { withTerms } from '../../../expressions/conditions.ts';
import {
  always,
  and,
  attribute,
  compare,
  literal,
  never,
  not,
  or,
  type Predicate,
} from '../../../expressions/predicate.ts';
import { type Decision, decisionAt, type Effect, type Policy, type Rule } from '../../../ir/policy.ts';
import { fileSystemRights, landlockRight } from '../../../tables/landlock.ts';
import type { Target } from '../../../target.ts';
import { type PathGrant, pathGrants } from '../../landlock/path-grants.ts';
import type { PlannedRule } from '../hook/plan.ts';
import { specialise } from '../hook/specialise.ts';
import { demandingHooks, demandsAt, exchangesAt, isMetadata, mountHooks, movesAt, type PathDemand } from './demands.ts';

/** EACCES, with which Landlock refuses. */
const refusal: Effect = { kind: 'errno', errno: 13 };

/** Whether programs refuse what Landlock lets pass, or all that the decision refuses, where the program came without Landlock. */
export type Holding = 'beside-landlock' | 'alone';

/**
 * The decision about paths where programs hold what Landlock loses of it: on a target that takes programs, beside a Landlock
 * that refuses what no rule grants; or where they hold all of it, since nothing else could.
 */
export function heldDecision(
  policy: Policy,
  { bpfLsm, landlock }: Target,
  holding: Holding = 'beside-landlock',
): Decision | undefined {
  const decision = decisionAt(policy, 'path');
  if (holding !== 'alone' && (!bpfLsm || landlock === 0)) return undefined;
  if (decision?.otherwise.effect.kind !== 'deny') return undefined;
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
export function pathHooks(policy: Policy, target: Target, holding: Holding): readonly string[] {
  if (heldDecision(policy, target, holding) === undefined) return [];
  const hooks = demandingHooks(target.kernel);
  if (holding === 'alone') return [...hooks, ...mountHooks].sort();
  return hooks.filter((hook) => pathRules(policy, target, hook, holding).length > 0);
}

/** The rules by which the program of a hook refuses what Landlock lets pass, or would refuse. */
export function pathRules(policy: Policy, target: Target, hook: string, holding: Holding): readonly PlannedRule[] {
  const decision = heldDecision(policy, target, holding);
  if (decision === undefined) return [];
  if (holding === 'alone') return rulesAlone(decision, hook, target);
  return demandsAt(hook, target.kernel).flatMap((demand) => {
    const denying = decision.rules.flatMap((rule): readonly PlannedRule[] => {
      const when = deniedAt(denialsOf(rule) ?? [], demand);
      return when === never ? [] : [{ node: rule, when: and(demand.given, when), effect: refusal }];
    });
    if (!isLeftAlone(hook, demand.right, target.landlock)) return denying;
    return [...denying, refusedUnlessGranted(decision, demand)];
  });
}

function refusedUnlessGranted(decision: Decision, { field, right, given }: PathDemand): PlannedRule {
  const when = and(given, inTree(field), not(granted(decision, right, field)));
  return { node: decision.otherwise, when, effect: refusal };
}

function inTree(field: string): Predicate {
  return compare(attribute(field), '!=', literal(''));
}

/** Where some rule allows the right to what the field names. */
function granted({ rules }: Decision, right: string, field: string): Predicate {
  return or(
    ...rules
      .filter(({ effect }) => effect.kind === 'allow')
      .map(({ when }) => renamed(specialise(when, { right }), field)),
  );
}

/**
 * All that the decision refuses, where no Landlock is beside: what is denied, and what no rule grants. What has a path of its
 * own only afterwards, by a mount or as a root, is refused altogether.
 */
function rulesAlone(decision: Decision, hook: string, { kernel }: Target): readonly PlannedRule[] {
  const { otherwise } = decision;
  if (mountHooks.includes(hook) || hook === 'path_chroot') {
    return [{ node: otherwise, when: always, effect: { kind: 'errno', errno: 1 } }];
  }
  const moves = movesAt(hook, kernel);
  const denying = [...demandsAt(hook, kernel), ...moves].flatMap((demand) =>
    decision.rules.flatMap((rule): readonly PlannedRule[] => {
      const when = deniedAt(denialsOf(rule) ?? [], demand);
      return when === never ? [] : [{ node: rule, when: and(demand.given, when), effect: refusal }];
    }),
  );
  const ungranted = [...demandsAt(hook, kernel), ...moves]
    .filter(({ right }) => right !== 'any')
    .map((demand) => refusedUnlessGranted(decision, demand));
  const gained = moves.length === 0 ? [] : gainsBy(decision, hook, kernel);
  return [...denying, ...ungranted, ...gained];
}

/** As with Landlock nothing comes by a link or a rename to where more is allowed than where it was (`refer`). */
function gainsBy(decision: Decision, hook: string, kernel: Target['kernel']): readonly PlannedRule[] {
  const { otherwise } = decision;
  const gains = (from: string, to: string): Predicate => {
    const seen = new Set<string>();
    return or(
      ...fileSystemRights().flatMap(({ name }) => {
        const there = granted(decision, name, to);
        // Rights that the same rules grant are gained together.
        const text = JSON.stringify(there);
        if (seen.has(text)) return [];
        seen.add(text);
        return [and(there, not(granted(decision, name, from)))];
      }),
    );
  };
  const rule = (when: Predicate): PlannedRule => ({ node: otherwise, when, effect: refusal });
  const exchanged = exchangesAt(hook, kernel);
  return [
    rule(gains('old_place', 'new_place')),
    ...(exchanged === undefined ? [] : [rule(and(exchanged, gains('new_place', 'old_place')))]),
  ];
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
  return withTerms(predicate, (term) => (term.kind === 'attribute' && term.name === 'path' ? attribute(field) : term));
}
