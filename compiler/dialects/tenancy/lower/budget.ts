import { type Effective, effective, type Layers } from '../settings.ts';

/** The budget that is to be enforced; undefined where there is none, or where it is only kept in the books. */
export function budgetOf(layers: Layers): Effective<number> | undefined {
  if (effective(layers, 'enable_budget_enforcement')?.value === false) return undefined;
  return effective(layers, 'budget_usd_monthly');
}
