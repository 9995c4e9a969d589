import type { EnforcementLevel } from '../../ir/obligation.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import { hooksOf } from './hook/plan.ts';
import { pathHooks } from './paths/lower.ts';
import { socketCalls } from './program-kind.ts';
import { questionsOf } from './socket/plan.ts';

/** What programs decide of a stricter level, from when a running program is moved there. */
export interface LevelPart {
  readonly level: EnforcementLevel;
  /** What the level says at hooks, of paths and of sockets otherwise than the start, as a policy of its own. */
  readonly policy: Policy;
}

/**
 * The levels of which programs hold something, the strictest last. What a process must take on itself before it starts, such
 * as Landlock or a network namespace, no level can have later: there programs decide alone of paths and sockets, whether or
 * not the target is said to take them.
 */
export function levelParts({ name, adaptive, obligations }: Policy, target: Target): readonly LevelPart[] {
  return (adaptive?.levels ?? []).flatMap(({ level, decisions, obligations: own }): readonly LevelPart[] => {
    const hook = decisions.some(({ point }) => point === 'hook');
    const policy: Policy = {
      name,
      decisions: decisions.filter(({ point }) => point === 'hook' || point === 'path' || point === 'socket'),
      limits: [],
      obligations: [
        // A decision that is the level's own may ask for counts that the start's asks for too.
        ...(hook ? obligations.filter(({ kind }) => kind === 'count-calls') : []),
        ...own.filter(({ kind }) => kind === 'count-calls' || kind === 'audit-calls'),
      ],
    };
    return decidesLater(policy, target) ? [{ level, policy }] : [];
  });
}

function decidesLater(policy: Policy, target: Target): boolean {
  if (laterHooks(policy, target).length > 0) return true;
  const sockets = decisionAt(policy, 'socket');
  return sockets !== undefined && socketCalls.some((call) => questionsOf(sockets, call).length > 0);
}

function laterHooks(policy: Policy, target: Target): readonly string[] {
  return [...hooksOf(policy), ...pathHooks(policy, target, 'alone')];
}

/** Every hook at which the programs of a policy are attached, whichever level they are of; each once. */
export function attachedHooks(policy: Policy, target: Target): readonly string[] {
  return [
    ...new Set([
      ...hooksOf(policy),
      ...pathHooks(policy, target, 'beside-landlock'),
      ...levelParts(policy, target).flatMap((part) => laterHooks(part.policy, target)),
    ]),
  ];
}
