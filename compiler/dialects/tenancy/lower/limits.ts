import type { Limit } from '../../../ir/policy.ts';
import { effective, type Layers } from '../settings.ts';
import { budgetOf } from './budget.ts';
import type { Lowering } from './lowering.ts';

/**
 * What no rule of a request can say: how many may be open at once, and what may be spent where nobody writes what was.
 * Each field stands once, whatever the number of teams that it holds for.
 */
export function lowerLimits({ tiers, gathered }: Lowering): readonly Limit[] {
  const limits = new Map<string, Limit>();
  const unwritten = gathered.said.spend_writer === undefined;
  const add = (layers: Layers) => {
    const open = effective(layers, 'max_concurrent_requests');
    if (open !== undefined && !limits.has(open.topic)) {
      limits.set(open.topic, {
        id: `limit/${open.topic}`,
        topic: open.topic,
        origin: { span: open.said.span },
        resource: 'open-requests',
        ceiling: { unit: 'count', amount: open.value },
      });
    }
    const budget = unwritten ? budgetOf(layers) : undefined;
    if (budget !== undefined && !limits.has(budget.topic)) {
      limits.set(budget.topic, {
        id: `limit/${budget.topic}`,
        topic: budget.topic,
        origin: { span: budget.said.span },
        resource: 'spending',
        ceiling: { unit: 'dollars', amount: budget.value },
      });
    }
  };
  for (const { layers, teams } of tiers) {
    add(layers);
    for (const team of teams) {
      if (!team.special) continue;
      add(team.layers);
      for (const user of team.users) add(user.layers);
    }
  }
  return [...limits.values()];
}
