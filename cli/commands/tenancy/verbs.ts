import type { tenancySummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc tenancy`; each is loaded only when it is asked for. */
export const tenancyVerbs: Verbs<keyof typeof tenancySummaries> = {
  plan: () => import('./plan.ts'),
  apply: () => import('./apply.ts'),
  status: () => import('./status.ts'),
  drift: () => import('./drift.ts'),
  delete: () => import('./delete.ts'),
  serve: () => import('./serve.ts'),
};
