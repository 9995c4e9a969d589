import { decide } from './ir/evaluate.ts';
import { decisionAt, type Policy } from './ir/policy.ts';
import { type Architecture, architectures } from './tables/architectures.ts';
import type { Target } from './target.ts';

/**
 * The target with the architectures that the policy lets run: those it names beside the target's come in, and those on
 * which it kills every call whatever it is go out. A policy that says nothing of architectures has the target's.
 */
export function targetServed(policy: Policy, target: Target): Target {
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return target;
  const named = new Set(
    decision.rules.flatMap(({ id, when }) =>
      id === 'syscall/architecture' && when.kind === 'not' && when.of.kind === 'in-set' ? when.of.values : [],
    ),
  );
  const served = architectures.filter((architecture) => {
    if (!target.architectures.includes(architecture) && !named.has(architecture)) return false;
    const verdict = decide(decision, {
      attribute: (name) => (name === 'arch' ? architecture : undefined),
      parameter: () => undefined,
    });
    return verdict?.effect.kind !== 'kill-process' || verdict.by.id === decision.otherwise.id;
  });
  return served.length === 0 ? target : { ...target, architectures: inOrderOf(target, served) };
}

/** The target's own order first, which is that of the artifacts. */
function inOrderOf(target: Target, served: readonly Architecture[]): readonly Architecture[] {
  const own = target.architectures.filter((architecture) => served.includes(architecture));
  return [...own, ...served.filter((architecture) => !own.includes(architecture))];
}
