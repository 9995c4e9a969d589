import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Contribution, Decision, Enforceable, Policy } from '../ir/policy.ts';

export interface PassResult {
  readonly policy: Policy;
  readonly diagnostics: readonly Diagnostic[];
}

/** One optimisation: a pure function of the policy that keeps its meaning and its ids (index.ts says how exactly). */
export interface Pass {
  readonly name: string;
  run(policy: Policy): PassResult;
  /** The same with stops on the way, where it may take long. */
  steps?(policy: Policy): Generator<void, PassResult>;
}

/** A pass that looks at one decision at a time; an unchanged decision, or policy, stays the same object. */
export function decisionPass(name: string, each: (decision: Decision, diagnostics: Diagnostic[]) => Decision): Pass {
  return {
    name,
    run(policy) {
      const diagnostics: Diagnostic[] = [];
      let changed = false;
      const decisions = policy.decisions.map((decision) => {
        const result = each(decision, diagnostics);
        changed ||= result !== decision;
        return result;
      });
      return { policy: changed ? { ...policy, decisions } : policy, diagnostics };
    },
  };
}

/**
 * `node` after it took in others, and what had been merged into them.
 *
 * @param deciding whether the others decided something that `node` decides now
 */
export function absorb<Node extends Enforceable>(node: Node, taken: readonly Contribution[], deciding: boolean): Node {
  if (taken.length === 0) return node;
  const merged = [...(node.merged ?? [])];
  for (const { id, topic, origin, when, overridden, merged: inner } of taken) {
    // Tens of thousands of quotas are taken in at once: each becomes one object.
    const own = deciding && when !== undefined ? { id, topic, origin, when } : { id, topic, origin };
    merged.push(overridden === undefined ? own : { ...own, overridden });
    if (inner !== undefined) merged.push(...inner);
  }
  return { ...node, merged };
}
