import type { Decision, Effect, Enforceable, Rule } from '../../ir/policy.ts';
import { actionKey, ociAction, permits } from './action.ts';
import { type Call, conditionCubes } from './condition.ts';
import { type Cube, everything, intersectAll, isEverything, subtractAll } from './cube.ts';

/** What becomes of one call: disjoint sets of argument vectors that together are all of them. */
export interface Outcome {
  readonly parts: readonly OutcomePart[];
  /** Rules that are not held exactly here, since cubes cannot say their condition. */
  readonly inexact: readonly Enforceable[];
}

export interface OutcomePart {
  readonly effect: Effect;
  readonly cubes: readonly Cube[];
  readonly by: readonly Enforceable[];
}

/**
 * Turns ordered rules into sets. A condition that has no cubes is widened to every vector where its rule refuses, and
 * narrowed to none where it permits: the fragment may refuse more than the policy, never less.
 */
export function outcomeOf(decision: Decision, call: Call): Outcome {
  const parts: { key: string; effect: Effect; cubes: Cube[]; by: Enforceable[] }[] = [];
  const inexact: Enforceable[] = [];
  const add = (effect: Effect, cubes: readonly Cube[], by: Enforceable) => {
    const key = actionKey(ociAction(effect));
    const known = parts.find((part) => part.key === key);
    if (known === undefined) parts.push({ key, effect, cubes: [...cubes], by: [by] });
    else {
      known.cubes.push(...cubes);
      known.by.push(by);
    }
  };
  let remaining: readonly Cube[] = [everything];
  for (const rule of inOrder(decision)) {
    const cubes = conditionCubes(rule.when, call);
    if (cubes?.length === 0) continue;
    let hit = cubes && intersectAll(remaining, cubes);
    let rest = cubes && (isEverything(cubes) ? [] : subtractAll(remaining, cubes));
    if (hit === undefined || rest === undefined) {
      inexact.push(rule);
      if (permits(rule.effect)) continue;
      hit = remaining;
      rest = [];
    }
    if (hit.length > 0) add(rule.effect, hit, rule);
    remaining = rest;
    if (remaining.length === 0) break;
  }
  if (remaining.length > 0) add(decision.otherwise.effect, remaining, decision.otherwise);
  return { parts, inexact };
}

/** The rules so that the first that holds decides. */
function inOrder({ combine, rules }: Decision): readonly Rule[] {
  if (combine !== 'deny-overrides') return rules;
  return [
    ...rules.filter(({ effect }) => effect.kind !== 'allow'),
    ...rules.filter(({ effect }) => effect.kind === 'allow'),
  ];
}

/** Equal for outcomes that mean the same and were made from the same conditions in the same order. */
export function outcomeKey(outcome: Outcome): string {
  return outcome.parts
    .map(({ effect, cubes }) => `${actionKey(ociAction(effect))}:${cubes.map((cube) => cube.join()).join(' ')}`)
    .sort()
    .join(';');
}

/** The one effect whatever the arguments, undefined where there are several. */
export function wholeEffect(outcome: Outcome): Effect | undefined {
  return outcome.parts.length === 1 ? outcome.parts[0]!.effect : undefined;
}
