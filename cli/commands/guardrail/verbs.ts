import type { guardrailSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc guardrail`; each is loaded only when it is asked for. */
export const guardrailVerbs: Verbs<keyof typeof guardrailSummaries> = {
  simulate: () => import('./simulate.ts'),
  respond: () => import('./respond.ts'),
  approve: () => import('./approve.ts'),
  reject: () => import('./reject.ts'),
  renew: () => import('./renew.ts'),
  status: () => import('./status.ts'),
  rollback: () => import('./rollback.ts'),
};
